"""What the runner asks of a journal. ``sqlite.py`` is the embedded one.

Every write is durable when its future resolves, and all of one call is written or nothing is. A
write names its owner through ``record.owner``: a server that slept while another adopted its task
gets ``NotOwner`` instead of overwriting the adopter's work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from stockwidget.tasks.code import Code
from stockwidget.tasks.events import Event, Status, TaskRecord
from stockwidget.tasks.tally import Tally


class NotOwner(Exception):  # noqa: N818 - a signal to the runner, never shown to a user
    """The task is over, gone, or in another server's hands: this server must let go of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """One server that uses the journal."""

    id: str
    host: str
    pid: int
    beat: int
    """When it last said that it lives, UTC ms."""
    stopped: bool = False
    """It went in peace, and its unfinished tasks wait for the next start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tombstone:
    """What is left of an expired task."""

    id: str
    kind: str
    title: str
    params: Mapping[str, Any]
    expired_at: int
    name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """Somebody followed the task ``at`` a time, and counts as present ``until`` another."""

    task_id: str
    at: int
    until: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredChunk:
    """A checkpoint in the journal."""

    chunk: str
    data: bytes
    """JSON."""
    retry: bool = False
    """What failed in it is to be tried again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a submission asks besides a new task."""

    alike: bool = False
    """A task alike, running or kept, will do."""
    idempotency_key: str | None = None
    """A second request with this key gets the task of the first one."""
    digest: str = ""
    """Of all that was asked: a key must not be used for something else."""
    successor_of: str | None = None
    """Take over the chunks of this task; a successor that already does it will do."""
    retry: bool = False
    """Try again what failed in them."""
    same_data: bool = True
    """Whether the chunks still hold: neither data nor code have changed."""
    room: bool = True
    """Whether a new task may be taken in."""
    code: Code | None = None
    """Functions of the user, to be kept as long as a task needs them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """What a reader calls a task by; None leaves what is there, ``""`` takes a text away."""

    name: str | None = None
    tags: tuple[str, ...] | None = None
    notes: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """Which tasks are asked for; None is any."""

    status: frozenset[Status] | None = None
    kind: str | None = None
    name: str | None = None
    tag: str | None = None
    limit: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Caps:
    """What ended tasks may take; beyond it the oldest unwatched ones go."""

    tasks: int = 5_000
    size: int = 2 << 30
    """Bytes of the whole journal."""


class Store(Protocol):
    """The journal. All methods raise StoreUnavailable when the medium fails."""

    @property
    def epoch(self) -> str:
        """Identity of the journal; changes only if the journal is lost."""

    async def open(self) -> None:
        """Open or create the journal; before it, no other method may be called."""

    async def close(self) -> None:
        """Finish the writes under way and let go of the file."""

    async def create(
        self, record: TaskRecord, events: Sequence[Event], request: Request | None = None
    ) -> str | None:
        """Journal a new task and return its id, or that of one that ``request`` accepts instead.

        None if there is neither one nor room. Raises InvalidRequest if the idempotency key was
        used for another request.
        """

    async def write(
        self,
        record: TaskRecord,
        events: Sequence[Event] = (),
        *,
        after: int | None = None,
        document: bytes | None = None,
        chunks: Sequence[StoredChunk] = (),
    ) -> None:
        """Journal what happened to a task of ``record.owner``; ``document`` is a packed result.

        Events that may be conflated only update the record. ``after`` is the ``s`` at which it
        follows on: where that was not journalled, this must not be either. Raises NotOwner.
        """

    async def claim(self, record: TaskRecord, events: Sequence[Event], *, seen: TaskRecord) -> bool:
        """Take a task over, unless anything happened to it since it was ``seen``."""

    async def lease(self, leases: Sequence[Lease], now: int) -> list[str]:
        """Protect followed tasks; returns those that are not there, or expired, any more."""

    async def pin(self, task_id: str, *, pinned: bool, keep_until: int | None, now: int) -> bool:
        """Set both protections; False if the task is not there, or expired, any more."""

    async def surplus(self, caps: Caps, now: int) -> list[TaskRecord]:
        """Ended tasks beyond the caps, oldest first, none that is protected or followed."""

    async def expire(self, stone: Tombstone, *, surplus: bool = False) -> bool:
        """Remove an ended task with all it has; leave ``stone``. False if gone or protected."""

    async def bury(self, before: int) -> None:
        """Remove tombstones from before (UTC ms), and servers and requests not heard of since."""

    async def find(self, task_id: str) -> TaskRecord | Tombstone | None:
        """The task, or what is left of it."""

    async def label(self, task_id: str, labels: Labels, now: int) -> bool:
        """Set what ``labels`` has; False if the task is not there, or expired, any more."""

    async def recent(self, sought: Sought | None = None) -> list[TaskRecord]:
        """Tasks, newest first."""

    async def called(self, word: str) -> list[TaskRecord | Tombstone]:
        """What ``word`` may mean, newest first: an id, the beginning of one, or a name."""

    async def unfinished(self) -> list[TaskRecord]:
        """All tasks that have not ended, of all servers, oldest first."""

    async def tally(self, now: int) -> Tally:
        """How many tasks there are, by state and by what keeps them."""

    async def due(self, now: int) -> list[TaskRecord]:
        """Ended tasks that nothing protects any more, a bounded number."""

    async def events(self, task_id: str, *, after: int = 0) -> list[Event]:
        """The never-dropped events with ``s > after``, in order."""

    async def version(self) -> int:
        """A number that changes when anything was written."""

    async def positions(self, task_ids: Sequence[str]) -> dict[str, tuple[int, Status]]:
        """``s`` and status of those that are there."""

    async def ask_cancel(self, task_id: str) -> bool:
        """Leave the wish to cancel for the task's owner; False if it has ended."""

    async def wishes(self, owner: str) -> list[str]:
        """Unfinished tasks of ``owner`` that somebody wants cancelled."""

    async def chunks(self, task_id: str) -> list[StoredChunk]:
        """The checkpoints of a task."""

    async def code(self, digest: str) -> Code | None:
        """What was submitted with a task that is still kept."""

    async def document(self, task_id: str) -> bytes | None:
        """The result, as JSON."""

    async def beat(self, server: Server) -> None:
        """Say that a server lives, or that it stopped."""

    async def servers(self) -> list[Server]:
        """All servers that ever wrote and were not buried."""
