"""The runner: takes tasks in, has them done, and answers what became of them.

``lifecycle`` decides, ``ledger`` journals and publishes, ``performer`` hands the work to an
``Executor``, ``archive`` answers for what is not live here, ``protection`` says what is kept. The
runner lives on one asyncio loop and never blocks it.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from stockwidget.errors import (
    InvalidRequest,
    ServerError,
    StockwidgetError,
    StoreUnavailable,
    WrongTaskState,
)
from stockwidget.tasks.archive import Archive
from stockwidget.tasks.census import Census
from stockwidget.tasks.clock import Awake, Clock, steady_ms, utc_ms
from stockwidget.tasks.code import Code, code_refused, digest_of
from stockwidget.tasks.elsewhere import Elsewhere
from stockwidget.tasks.events import Event, Snapshot, TaskRecord
from stockwidget.tasks.executors import Executor
from stockwidget.tasks.finding import LAST, choose, newest
from stockwidget.tasks.hub import Callback, Hub
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.ledger import Ledger, Live
from stockwidget.tasks.lifecycle import allows, submitted
from stockwidget.tasks.performer import Performer, backoff_s
from stockwidget.tasks.protection import Protection
from stockwidget.tasks.store import Caps, Labels, Request, Sought, Store
from stockwidget.tasks.submission import Wanted, find_kind, prepare, succeed
from stockwidget.tasks.takeover import TakeOver
from stockwidget.tasks.tally import Tally

T = TypeVar("T")
log = logging.getLogger(__name__)
_ALL = Sought(limit=1_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of a submission."""

    record: TaskRecord
    new: bool
    """False if a task that was there already will do."""


class Runner:
    """Runs tasks on the running asyncio loop; all methods are called on it."""

    def __init__(
        self,
        *,
        store: Store,
        executor: Executor,
        kinds: Mapping[str, Kind],
        server_id: str,
        clock: Clock = utc_ms,
        steady: Clock | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        sweep_s: float = 5.0,
        caps: Caps | None = None,
        max_queued: int = 1_000,
        allow_code: bool = True,
        backoff: Callable[[int], float] = backoff_s,
    ) -> None:
        self.server_id = server_id
        self._store = store
        self._executor = executor
        self._kinds = dict(kinds)
        self._clock = clock
        self._new_id = new_id
        self._sweep_s = sweep_s
        self._hub = Hub()
        self._ledger = Ledger(store, self._hub, clock)
        # A clock that is set by hand has no sleep, if nothing else is said.
        self._awake = Awake(clock, steady or (steady_ms if clock is utc_ms else clock))
        self._archive = Archive(store, clock, self._awake)
        self._protection = Protection(store, self._archive, self._hub, clock, self._awake)
        self._allow_code = allow_code
        self._caps = caps or Caps()
        self._census = Census(server_id)
        self._performer = Performer(
            store=store,
            executor=executor,
            ledger=self._ledger,
            clock=clock,
            most=max_queued,
            allow_code=allow_code,
            backoff=backoff,
        )
        self._take_over = TakeOver(
            store=store,
            archive=self._archive,
            hub=self._hub,
            ledger=self._ledger,
            performer=self._performer,
            kinds=self._kinds,
            server_id=server_id,
            clock=clock,
        )
        self._elsewhere = Elsewhere(
            store, self._hub, self._ledger.live, server_id=server_id, grant=self._cancel_ours
        )
        self._shielded: set[asyncio.Task[Any]] = set()
        self._housekeeping: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def epoch(self) -> str:
        """Identity of the journal; known after ``start``."""
        return self._store.epoch

    @property
    def active(self) -> int:
        """Tasks queued, running or cancelling here."""
        return len(self._ledger.live)

    async def start(self) -> None:
        """Open the journal, adopt what dead servers left, and begin. Raises StoreUnavailable."""
        await self._store.open()
        try:
            now = self._clock()
            living = self._census.living_at_start(await self._store.servers(), now)
            await self._store.beat(self._census.row(now))
            self._protection.start()
            await self._executor.start()
            await self._take_over.adopt(living)
            self._hub.publish(await self._archive.remove_expired(self._caps))
        except BaseException:
            await self.stop(grace_s=0)
            raise
        self._elsewhere.start()
        self._housekeeping = asyncio.create_task(self._keep_house())

    async def stop(self, *, grace_s: float = 5) -> None:
        """Give running tasks ``grace_s`` to end, leave the rest to the next start. Bounded."""
        self._stopping = True
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            await asyncio.gather(self._housekeeping, return_exceptions=True)
        left = await self._performer.stop(grace_s)
        await self._elsewhere.stop()
        when = partial(self._ledger.when, trigger="interrupt", reason="The server stopped.")
        await self._bounded(asyncio.gather(*(self._ledger.apply(t, when(t)) for t in left)))
        await self._bounded(self._executor.stop())
        await self._bounded(self._performer.over())
        await self._bounded(asyncio.gather(*self._shielded, return_exceptions=True))
        await self._bounded(self._ledger.save_unsaved())
        await self._bounded(self._protection.stop())
        await self._bounded(self._store.beat(self._census.row(self._clock(), stopped=True)))
        await self._bounded(self._store.close())

    async def submit(
        self, kind: str, params: Mapping[str, Any], *, name: str | None = None, force: bool = False
    ) -> TaskRecord:
        """Check, journal and queue a task; returns before it runs. Raises as ``offer``."""
        wanted = Wanted(kind=kind, params=params, name=name, force=force)
        return (await self.offer(wanted)).record

    async def offer(self, wanted: Wanted) -> Taken:
        """Take a submission in, or answer it with a task that will do: running, kept, or its own.

        Raises InvalidRequest (with ``field``), QueueFull, StoreUnavailable, TaskExpired (if the
        idempotency key's task is gone), or ServerError while stopping.
        """
        self._not_stopping()
        return await self._shield(self._offer(wanted))

    async def resume(self, task_id: str) -> TaskRecord:
        """Go on with a task: itself if it was interrupted, a successor if it has ended.

        Raises WrongTaskState unless it was interrupted or cancelled, or failed.
        """
        self._not_stopping()
        return await self._shield(self._continue(task_id, retry=False))

    async def retry_failed(self, task_id: str) -> TaskRecord:
        """Try again what failed in a completed task: its successor. Raises WrongTaskState."""
        self._not_stopping()
        return await self._shield(self._continue(task_id, retry=True))

    async def get(self, task_id: str) -> TaskRecord:
        """The task as published. Raises UnknownTask or TaskExpired."""
        live = self._hub.snapshot(task_id)
        return live.record if live is not None else await self._archive.find(task_id)

    async def tasks(self, sought: Sought | None = None) -> list[TaskRecord]:
        """Tasks of all servers on the journal, newest first."""
        wanted = sought or Sought()
        stored = await self._store.recent(wanted)
        found = [live.record if (live := self._hub.snapshot(r.id)) else r for r in stored]
        return [r for r in found if wanted.status is None or r.status in wanted.status]

    async def find(self, word: str) -> TaskRecord:
        """The task that is meant: by its id, the beginning of it, its name, or ``last``.

        Whoever asks is about to follow it, so that it stays. Raises UnknownTask, AmbiguousTask or
        TaskExpired.
        """
        all_ = await self._store.recent(_ALL)
        if word == LAST:
            record = newest(all_, self._clock())
        else:
            names = [task.name for task in all_ if task.name]
            record = choose(word, await self._store.called(word), self._clock(), names=names)
        self.lease(record.id)
        return await self.get(record.id)

    async def label(self, task_id: str, labels: Labels) -> TaskRecord:
        """Name, tag or annotate a task, also one that ended. Raises UnknownTask or TaskExpired."""
        await self._shield(self._store.label(task_id, labels, self._awake()))
        return await self._labelled(task_id)

    async def tally(self) -> Tally:
        """How many tasks the journal holds, of all servers."""
        return await self._store.tally(self._clock())

    async def snapshot(self, task_id: str) -> Snapshot:
        """Record, merged partial result and log tail. Raises UnknownTask or TaskExpired."""
        live = self._hub.snapshot(task_id)
        if live is not None:
            return live
        return await self._archive.rebuild(await self._archive.find(task_id))

    async def tail(self, task_id: str, s: int) -> list[Event] | None:
        """The never-dropped events after ``s``, in order; None if they are no longer kept."""
        found = await self._store.find(task_id)
        if not isinstance(found, TaskRecord) or self._ledger.unsaved(task_id):
            return None
        return await self._store.events(task_id, after=s)

    async def result(self, task_id: str) -> bytes:
        """The result as JSON. Raises WrongTaskState, with the task's error, unless completed."""
        return await self._archive.result(await self.get(task_id))

    async def cancel(self, task_id: str) -> TaskRecord:
        """Ask a task to stop; ``cancelled`` means nothing of it runs. Raises WrongTaskState."""
        live = self._ledger.live.get(task_id)
        if live is not None:
            await self._shield(self._cancel_ours(live))
            if live.record.terminal or not live.let_go:
                return await self.get(task_id)
        record = await self.get(task_id)
        if not allows(record.status, "cancel"):
            raise _not_cancellable(record)
        if record.status == "interrupted":
            await self._shield(self._take_over.apply(record, "cancel"))
        else:
            await self._shield(self._store.ask_cancel(task_id))
            await self._asked(record)
        return await self.get(task_id)

    def subscribe(self, task_id: str, callback: Callback) -> Callable[[], None]:
        """Call back on each event of the task from now on, on the loop; returns what ends it.

        Until then the task counts as followed, and is kept.
        """
        leave = self._protection.subscribe(task_id, callback)
        self._elsewhere.followed(task_id)
        return leave

    def lease(self, task_id: str, ttl_s: float = 180.0) -> None:
        """Note that somebody who holds no subscription follows the task, by polling for instance.

        It is then kept for ``ttl_s``, and at least ten minutes from now.
        """
        self._protection.lease(task_id, ttl_s)

    async def pin(self, task_id: str, *, keep_s: float | None = None) -> TaskRecord:
        """Keep a task until ``unpin``, or for ``keep_s``. Raises UnknownTask or TaskExpired."""
        return await self._shield(self._protection.pin(task_id, keep_s=keep_s))

    async def unpin(self, task_id: str) -> TaskRecord:
        """Let retention decide again, ten minutes from now at the earliest. Raises as ``pin``."""
        return await self._shield(self._protection.unpin(task_id))

    async def sweep(self) -> None:
        """One round of housekeeping: beat, save what could not be, adopt, remove what expired."""
        await self._store.beat(self._census.row(self._clock()))
        await self._ledger.save_unsaved()
        await self._take_over.adopt(self._census.living(await self._store.servers()))
        # First those who follow, then what nobody follows.
        slept = self._awake.slept
        self._hub.publish(await self._protection.renew())
        self._awake.looked()
        if not slept:  # else other servers may not have noted their followers yet
            self._hub.publish(await self._archive.remove_expired(self._caps))

    async def _offer(self, wanted: Wanted) -> Taken:
        # In a thread: a source may have to look at a folder of any size to know its version.
        record, request = await asyncio.to_thread(
            prepare,
            wanted,
            self._kinds,
            task_id=self._new_id(),
            owner=self.server_id,
            now=self._clock(),
        )
        if (digest := digest_of(record.params)) is not None:
            if not self._allow_code:
                raise code_refused()
            if request.code is None:
                # Run again from a card or by a handle: the code is known by its name alone.
                request = replace(request, code=await self._code(digest))
        return await self._take_in(record, request)

    async def _take_in(self, record: TaskRecord, request: Request) -> Taken:
        request = replace(request, room=not self._performer.full)
        outcome = submitted(record, ts=record.created_at)
        live = await self._ledger.begin(outcome, self._kinds[record.kind], request)
        if live is None:
            raise self._performer.refusal()
        if isinstance(live, str):
            self.lease(live)
            return Taken(record=await self._labelled(live), new=False)
        self._performer.enqueue(live)
        return Taken(record=live.record, new=True)

    async def _labelled(self, task_id: str) -> TaskRecord:
        """The task, with the labels it has in the journal by now."""
        there = await self._archive.find(task_id)
        self._hub.amend(task_id, name=there.name, tags=there.tags, notes=there.notes)
        return await self.get(task_id)

    async def _continue(self, task_id: str, *, retry: bool) -> TaskRecord:
        old = await self.get(task_id)
        kind = find_kind(old.kind, self._kinds)
        if old.status == "interrupted" and not retry:
            await self._take_over.apply(old, "resume")
            return await self.get(task_id)
        record, request = await asyncio.to_thread(
            succeed,
            old,
            kind,
            retry=retry,
            task_id=self._new_id(),
            owner=self.server_id,
            now=self._clock(),
        )
        return (await self._take_in(record, request)).record

    async def _code(self, digest: str) -> Code:
        found = await self._store.code(digest)
        if found is None:
            raise InvalidRequest(
                "The functions that this task ran are kept no longer than its result.",
                hint="Run its cell again.",
                field="code",
            )
        return found

    async def _cancel_ours(self, live: Live) -> None:
        if not allows(live.record.status, "cancel"):
            raise _not_cancellable(live.record)
        await self._ledger.apply(live, self._ledger.when(live, "cancel"))
        self._performer.withdraw(live.record.id)

    async def _asked(self, record: TaskRecord) -> None:
        """Wait a moment until the task's owner has heard of it."""
        for _ in range(20):
            if (await self.get(record.id)).status != record.status:
                return
            await asyncio.sleep(0.05)

    def _not_stopping(self) -> None:
        if self._stopping:
            raise ServerError("The server is stopping.", hint="Submit again once it is back.")

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_s)
            try:
                await self.sweep()
            except StoreUnavailable as error:
                log.warning("%s", error)
            except Exception:
                # Without its beat this server would count as dead, and its tasks be taken over.
                log.exception("A round of housekeeping failed; the next one tries again.")

    async def _shield(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end even if the caller is cancelled: what is journalled must be published."""
        task = asyncio.create_task(work)
        self._shielded.add(task)
        task.add_done_callback(self._shielded.discard)
        return await asyncio.shield(task)

    async def _bounded(self, work: Awaitable[Any], *, limit_s: float = 5) -> None:
        """Wait for one step of stopping, but not for ever: the server that hosts us must go."""
        try:
            await asyncio.wait_for(work, limit_s)
        except (TimeoutError, StockwidgetError) as error:
            log.warning("While stopping: %s", str(error) or "out of time")


def _not_cancellable(record: TaskRecord) -> WrongTaskState:
    return WrongTaskState(
        f"Task {record.id} is {record.status}, so it cannot be cancelled.",
        task_id=record.id,
        status=record.status,
    )
