"""Has tasks in hand that were another server's. Of several servers that try, one succeeds."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from stockwidget.tasks.adoption import adopt, park
from stockwidget.tasks.archive import Archive
from stockwidget.tasks.clock import Clock
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.hub import Hub
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.ledger import Ledger
from stockwidget.tasks.lifecycle import Happening, Outcome, Trigger, advance
from stockwidget.tasks.performer import Performer
from stockwidget.tasks.store import Store


class TakeOver:
    """What one server does about the tasks of dead ones."""

    def __init__(
        self,
        *,
        store: Store,
        archive: Archive,
        hub: Hub,
        ledger: Ledger,
        performer: Performer,
        kinds: Mapping[str, Kind],
        server_id: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._archive = archive
        self._hub = hub
        self._ledger = ledger
        self._performer = performer
        self._kinds = kinds
        self._server_id = server_id
        self._clock = clock

    async def adopt(self, living: AbstractSet[str]) -> None:
        """Take over every unfinished task whose owner is not among the living."""
        for seen in await self._store.unfinished():
            kind = self._kinds.get(seen.kind)
            if seen.owner in living or seen.id in self._ledger.live or kind is None:
                continue
            now, retention_s = self._clock(), max(kind.retention_s, seen.keep_s)
            if kind.rerun or seen.status in {"queued", "cancelling"}:
                outcome = adopt(seen, owner=self._server_id, ts=now, retention_s=retention_s)
                await self._take(seen, outcome, kind)
            elif parked := park(seen, ts=now, retention_s=retention_s):
                await self._park(seen, parked)

    async def apply(self, seen: TaskRecord, trigger: Trigger) -> None:
        """Resume or cancel an interrupted task, unless somebody else was faster."""
        kind = self._kinds[seen.kind]
        happening = Happening(
            trigger=trigger,
            ts=self._clock(),
            owner=self._server_id,
            retention_s=max(kind.retention_s, seen.keep_s),
        )
        await self._take(seen, advance(seen, happening), kind)

    async def _take(self, seen: TaskRecord, outcome: Outcome, kind: Kind) -> None:
        snapshot = await self._archive.rebuild(seen)
        live = await self._ledger.take_over(snapshot, outcome, kind)
        if live is None or live.let_go:
            return
        if seen.id in await self._store.wishes(self._server_id):
            # Whoever asked the former owner to cancel it must not see it run again.
            await self._ledger.apply(live, self._ledger.when(live, "cancel"))
        if not live.let_go:
            self._performer.enqueue(live)

    async def _park(self, seen: TaskRecord, parked: Outcome) -> None:
        if await self._store.claim(parked.record, parked.events, seen=seen):
            self._hub.publish(parked.events)
