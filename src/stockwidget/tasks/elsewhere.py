"""Tasks that another server runs: their events for followers here, and wishes of others for ours.

The journal is what servers have in common. While somebody here follows a foreign task, or tasks of
ours run, it is asked five times a second whether anything was committed at all, which costs a few
microseconds; only then are rows read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping

from stockwidget.errors import StoreUnavailable, WrongTaskState
from stockwidget.tasks.events import TERMINAL, Event, TaskRecord
from stockwidget.tasks.hub import Hub
from stockwidget.tasks.ledger import Live
from stockwidget.tasks.store import Store

LOOK_S = 0.2
log = logging.getLogger(__name__)


class Elsewhere:
    """``grant`` is called with a task of ours that somebody elsewhere wants cancelled."""

    def __init__(
        self,
        store: Store,
        hub: Hub,
        ours: Mapping[str, Live],
        *,
        server_id: str,
        grant: Callable[[Live], Awaitable[None]],
        look_s: float = LOOK_S,
    ) -> None:
        self._store = store
        self._hub = hub
        self._ours = ours
        self._server_id = server_id
        self._grant = grant
        self._look_s = look_s
        self._version = -1
        self._placed = False
        """Whether a task was placed since the last look began."""
        self._over: set[str] = set()
        """Followed tasks that have ended, and whose followers know."""
        self._placing: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.create_task(self._look_again_and_again())

    async def stop(self) -> None:
        """Look no more."""
        tasks = [*self._placing, *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def followed(self, task_id: str) -> None:
        """Somebody began to follow a task: find out where it stands.

        The journal is read in the order it is asked. Whoever reads a snapshot after this call
        therefore sees the task there or further on, and what comes between is told twice.
        """
        if task_id not in self._ours and self._looking is not None:
            task = asyncio.create_task(self._place(task_id))
            self._placing.add(task)
            task.add_done_callback(self._placing.discard)

    async def look(self) -> None:
        """One look."""
        placed, self._placed = self._placed, False
        followed = [i for i in self._hub.followed if i not in self._ours]
        self._over.intersection_update(followed)
        followed = [i for i in followed if i not in self._over]
        if not followed and not self._ours:
            return
        version = await self._store.version()
        if version == self._version and not placed:
            return
        for task_id in await self._store.wishes(self._server_id):
            if (live := self._ours.get(task_id)) is not None:
                with contextlib.suppress(WrongTaskState):  # its end is on its way to the disk
                    await self._grant(live)
        for task_id, (s, status) in (await self._store.positions(followed)).items():
            known = self._hub.position(task_id)
            if known is not None and s > known:
                await self._tell(task_id, known)
            elif known is not None and status in TERMINAL:
                self._over.add(task_id)
        # Last: what failed is looked at again.
        self._version = version

    async def _tell(self, task_id: str, known: int) -> None:
        record = await self._store.find(task_id)
        events = await self._store.events(task_id, after=known)
        if not isinstance(record, TaskRecord) or task_id in self._ours:
            return
        last = events[-1].s if events else known
        if record.s > last and record.status == "running":
            events.append(_progress(record))
        self._hub.publish(events)
        self._hub.place(task_id, record.s)

    async def _place(self, task_id: str) -> None:
        try:
            found = await self._store.positions([task_id])
        except StoreUnavailable as error:
            log.debug("%s", error)
            return
        if task_id in found:
            self._hub.place(task_id, found[task_id][0])
            self._placed = True

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            try:
                await self.look()
            except StoreUnavailable as error:
                log.debug("%s", error)
            except Exception:
                log.exception("Tasks of other servers could not be looked at.")


def _progress(record: TaskRecord) -> Event:
    """The progress that the record holds; its own events are not journalled one by one."""
    data = {
        "progress": record.progress,
        "stage": record.stage,
        "counters": dict(record.counters),
        "eta_s": record.eta_s,
    }
    return Event(
        task_id=record.id, kind="progress", s=record.s, q=record.q, ts=record.created_at, data=data
    )
