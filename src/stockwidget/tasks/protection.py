"""What keeps an ended task: followers, pins, and being asked to keep it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from stockwidget.errors import InvalidRequest, StoreUnavailable
from stockwidget.tasks.archive import Archive
from stockwidget.tasks.clock import Clock
from stockwidget.tasks.events import Event, TaskRecord
from stockwidget.tasks.hub import Callback, Hub
from stockwidget.tasks.leases import LEASE_MS, Leases
from stockwidget.tasks.store import Store

log = logging.getLogger(__name__)
KEEP_LIMIT_S = 366 * 24 * 3600


class Protection:
    """Writes leases and pins to the journal, where every server honours them."""

    def __init__(
        self, store: Store, archive: Archive, hub: Hub, clock: Clock, awake: Clock
    ) -> None:
        self._store = store
        self._archive = archive
        self._hub = hub
        self._clock = clock
        self._awake = awake
        self._leases = Leases()
        self._writing: asyncio.Task[list[Event]] | None = None
        self._open = False

    def start(self) -> None:
        """Leases may be written from now on."""
        self._open = True

    async def stop(self) -> None:
        """Write what is left: a follower of a second ago must not find the task gone."""
        if self._open:
            await self.renew()
            self._open = False

    def lease(self, task_id: str, ttl_s: float = LEASE_MS / 1_000) -> None:
        """Note that somebody follows the task; the journal hears of it soon."""
        urgent = self._leases.touch(task_id, self._clock(), round(1_000 * ttl_s))
        if urgent and self._open and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write_soon())

    def subscribe(self, task_id: str, callback: Callback) -> Callable[[], None]:
        """Subscribe to the hub, as a follower until it is ended."""
        self.lease(task_id)
        leave = self._hub.subscribe(task_id, callback)

        def left() -> None:
            if task_id in self._hub.followed:
                self._leases.touch(task_id, self._clock())
            leave()

        return left

    async def renew(self) -> list[Event]:
        """Write the leases of all who are present; ``gone`` of those that are removed already."""
        now = self._clock()
        self._leases.present(self._hub.followed, now)
        leases = self._leases.take()
        if not leases:
            return []
        try:
            missing = set(await self._store.lease(leases, self._awake()))
        except StoreUnavailable:
            self._leases.unwritten(leases)
            raise
        self._leases.written((x for x in leases if x.task_id not in missing), now)
        return [
            event
            for task_id in missing & self._hub.followed
            if (event := await self._archive.gone(task_id)) is not None
        ]

    async def pin(self, task_id: str, *, keep_s: float | None = None) -> TaskRecord:
        """Keep a task for ``keep_s`` from now, or until ``unpin``. Raises UnknownTask, TaskExpired.

        A longer time that was asked for earlier stands.
        """
        record = await self._archive.find(task_id)
        if keep_s is None:
            return await self._set(record, pinned=True, keep_until=record.keep_until)
        until = self._clock() + round(1_000 * check_keep(keep_s))
        longest = max(until, record.keep_until or 0)
        return await self._set(record, pinned=record.pinned, keep_until=longest)

    async def unpin(self, task_id: str) -> TaskRecord:
        """Let the ordinary retention decide again; whoever asks counts as a follower."""
        record = await self._archive.find(task_id)
        self._leases.touch(task_id, self._clock())
        await self.renew()
        return await self._set(record, pinned=False, keep_until=None)

    async def _set(self, record: TaskRecord, *, pinned: bool, keep_until: int | None) -> TaskRecord:
        now = self._awake()
        await self._store.pin(record.id, pinned=pinned, keep_until=keep_until, now=now)
        self._hub.amend(record.id, pinned=pinned, keep_until=keep_until)
        return await self._archive.find(record.id)

    async def _write_soon(self) -> list[Event]:
        try:
            return await self.renew()
        except StoreUnavailable as error:
            log.warning("%s", error)
            return []


def check_keep(keep_s: float) -> float:
    """Seconds to keep a task, if they can be meant. Raises InvalidRequest."""
    if not 0 < keep_s <= KEEP_LIMIT_S:
        raise InvalidRequest(
            f"A task cannot be kept for {keep_s} seconds.",
            hint=f"Ask for up to {KEEP_LIMIT_S} seconds (a year), or pin it.",
            field="keep_for_s",
        )
    return keep_s
