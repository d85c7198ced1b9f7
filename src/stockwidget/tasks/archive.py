"""Tasks that are not live here: ended ones, and those of other servers on the same journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from stockwidget.errors import WrongTaskState
from stockwidget.tasks.clock import Clock
from stockwidget.tasks.events import Event, Snapshot, TaskRecord
from stockwidget.tasks.lifecycle import Happening, advance
from stockwidget.tasks.retention import TOMBSTONE_MS, due, missing, tombstone
from stockwidget.tasks.store import Caps, Store, Tombstone

_ROUNDS = 10
"""Rounds of removal in one sweep, so that it stays short."""
_LAST = (1 << 53) - 1
"""Above every number an event can have, and exact in JavaScript."""
_HINTS = {
    "queued": "Wait until it is completed.",
    "running": "Wait until it is completed.",
    "cancelling": "It was cancelled; run it again.",
    "cancelled": "Run it again.",
    "interrupted": "It runs again when its server is back.",
}


class Archive:
    """Reads the journal, and removes what retention no longer keeps."""

    def __init__(self, store: Store, clock: Clock, awake: Clock | None = None) -> None:
        self._store = store
        self._clock = clock
        self._awake = awake or clock

    async def find(self, task_id: str) -> TaskRecord:
        """The journalled record. Raises UnknownTask, or TaskExpired even before the sweep."""
        found, now = await self._store.find(task_id), self._awake()
        if isinstance(found, TaskRecord):
            if not due(found, now):
                return found
            raise missing(task_id, tombstone(found, now), now)
        raise missing(task_id, found if isinstance(found, Tombstone) else None, now)

    async def rebuild(self, record: TaskRecord) -> Snapshot:
        """A snapshot from the journal: events give partial and logs, the row has the last word."""
        snapshot = Snapshot(record=replace(record, attempt=0))
        for event in await self._store.events(record.id):
            snapshot = snapshot.apply(event)
        return replace(snapshot, record=record)

    async def result(self, record: TaskRecord) -> bytes:
        """The result as JSON. Raises WrongTaskState, with the task's error, unless completed."""
        document = None
        if record.status == "completed":
            document = await self._store.document(record.id)
        if document is None:
            raise no_result(record)
        return document

    async def gone(self, task_id: str) -> Event | None:
        """What a reader is told of a task that another server removed; None if it never was."""
        stone = await self._store.find(task_id)
        if not isinstance(stone, Tombstone):
            return None
        error = missing(task_id, stone, stone.expired_at)
        data = {"code": error.code, **error.data}
        del data["task_id"]
        # Its own numbers are gone with it; a reader drops what is not newer.
        return Event(task_id=task_id, kind="gone", s=_LAST, q=_LAST, ts=stone.expired_at, data=data)

    async def remove_expired(self, caps: Caps | None = None) -> list[Event]:
        """Remove what is due or too much, and old tombstones; ``gone`` is to be published."""
        now, gone = self._clock(), list[Event]()
        gone += await self._remove_all(await self._store.due(now), now)
        for _ in range(_ROUNDS):
            surplus = await self._store.surplus(caps or Caps(), now)
            gone += await self._remove_all(surplus, now, surplus=True)
            if not surplus:
                break
        await self._store.bury(now - TOMBSTONE_MS)
        return gone

    async def _remove_all(
        self, records: Sequence[TaskRecord], now: int, *, surplus: bool = False
    ) -> list[Event]:
        """Remove them at once: what waits for the disk together goes there together."""
        removing = (self._remove(record, now, surplus=surplus) for record in records)
        return [event for events in await asyncio.gather(*removing) for event in events]

    async def _remove(
        self, record: TaskRecord, now: int, *, surplus: bool = False
    ) -> Sequence[Event]:
        if not await self._store.expire(tombstone(record, now), surplus=surplus):
            return ()
        return advance(record, Happening(trigger="expire", ts=now)).events


def no_result(record: TaskRecord) -> WrongTaskState:
    """Why there is no result, and what to do."""
    error = dict(record.error) if record.error else None
    return WrongTaskState(
        f"Task {record.id} has no result, it is {record.status}"
        + (f": {error['message']}" if error else "."),
        hint=str(error.get("hint", "")) if error else _HINTS.get(record.status, ""),
        task_id=record.id,
        status=record.status,
        error=error,
    )
