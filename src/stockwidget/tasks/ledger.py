"""Journal before publish: the one place where what was decided becomes known.

Two views of a live task exist for a moment. ``Live.record`` is what was decided, the hub's
snapshot is what the journal holds. Everybody outside sees the second.

One exception: if the journal cannot be written, the task fails with StoreUnavailable. That end is
told at once, kept in memory, and journalled when the disk is well again.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stockwidget.errors import StockwidgetError, StoreUnavailable, from_dict
from stockwidget.tasks.clock import Clock
from stockwidget.tasks.eta import Eta
from stockwidget.tasks.events import Event, Snapshot, TaskRecord
from stockwidget.tasks.executors import Work
from stockwidget.tasks.frames import Ending, Failed, Finished, Stopped
from stockwidget.tasks.hub import Hub
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.lifecycle import LEAP, Command, Happening, Outcome, Trigger, advance
from stockwidget.tasks.steps import Log, Partial, Step
from stockwidget.tasks.store import NotOwner, Request, Store, StoredChunk

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Live:
    """A task in this server's hands."""

    record: TaskRecord
    kind: Kind
    work: Work | None = None
    eta: Eta | None = None
    broke: StockwidgetError | None = None
    """The bound it exceeded, for which its work is being stopped."""
    let_go: bool = False
    """Nothing more may be published: it ended, or another server has it."""

    def may_retry(self, failure: Failed) -> bool:
        """Whether the failure is transient and the task may be tried again."""
        left = self.record.retries - self.record.retried
        return left > 0 and type(from_dict(failure.error)).transient


class Ledger:
    """The live tasks of one server, each written to ``store`` and then told to ``hub``."""

    def __init__(self, store: Store, hub: Hub, clock: Clock) -> None:
        self.live: dict[str, Live] = {}
        self._store = store
        self._hub = hub
        self._clock = clock
        self._unsaved: dict[str, Outcome] = {}

    def unsaved(self, task_id: str) -> bool:
        """Whether the task's end is known here but not in the journal yet."""
        return task_id in self._unsaved

    async def begin(self, outcome: Outcome, kind: Kind, request: Request) -> Live | str | None:
        """Journal a new task, unless another one will do: then its id. None if there is no room."""
        found = await self._store.create(outcome.record, outcome.events, request)
        if found != outcome.record.id:
            return found
        return self._hold(Snapshot(record=outcome.record), outcome, kind)

    async def take_over(self, seen: Snapshot, outcome: Outcome, kind: Kind) -> Live | None:
        """Journal that an adopted task is ours; None if somebody was faster."""
        if not await self._store.claim(outcome.record, outcome.events, seen=seen.record):
            return None
        ours = replace(seen.record, owner=outcome.record.owner, s=seen.record.s + LEAP)
        return self._hold(replace(seen, record=ours), outcome, kind)

    def apply(
        self,
        live: Live,
        *happenings: Happening,
        document: bytes | None = None,
        chunks: Sequence[StoredChunk] = (),
    ) -> Coroutine[Any, Any, None]:
        """Advance the record at once, to be awaited: journal it in one transaction, publish.

        What is applied to a task one after the other is journalled and published in that order,
        even if nothing waits in between.
        """
        before, events, then = live.record, list[Event](), None
        for happening in happenings:
            outcome = advance(live.record, happening)
            live.record = outcome.record
            events += outcome.events
            then = outcome.then or then
        if (events or chunks) and not live.let_go:
            finished = before.status == "running" and live.record.status == "completed"
            write = self._store.write(
                live.record,
                events,
                after=before.s,
                document=document if finished else None,
                chunks=chunks,
            )
            return self._commit(live, events, write, then)
        return _nothing()

    async def save_unsaved(self) -> None:
        """Journal the ends that could not be journalled. Raises StoreUnavailable again."""
        for task_id, outcome in tuple(self._unsaved.items()):
            with contextlib.suppress(NotOwner):
                await self._store.write(outcome.record, outcome.events)
            del self._unsaved[task_id]
            self._hub.close(task_id)

    def when(self, live: Live, trigger: Trigger, *, reason: str | None = None) -> Happening:
        """A happening to the task, now."""
        retention_s = max(live.kind.retention_s, live.record.keep_s)
        return Happening(trigger=trigger, ts=self._clock(), retention_s=retention_s, reason=reason)

    def said(self, live: Live, item: Step | Partial | Log | Ending) -> Happening:
        """What a job said, as a happening."""
        if isinstance(item, Finished | Failed | Stopped):
            return self._ended(live, item)
        match item:
            case Step():
                now = self.when(live, "step")
                eta_s = live.eta.update(item.progress, now.ts) if live.eta else None
                return replace(now, item=item, eta_s=eta_s)
            case Partial():
                return replace(self.when(live, "partial"), item=item)
            case Log():
                return replace(self.when(live, "log"), item=item)

    def _ended(self, live: Live, ending: Ending) -> Happening:
        match ending:
            case Finished():
                return replace(self.when(live, "finish"), summary=ending.summary)
            case Failed() if live.may_retry(ending):
                return replace(self.when(live, "retry"), reason=_again(ending))
            case Failed():
                return replace(self.when(live, "fail"), error=ending.error)
            case Stopped() if live.broke is not None:
                return replace(self.when(live, "fail"), error=live.broke.to_dict())
            case Stopped():
                return self.when(live, "stop")

    def _hold(self, snapshot: Snapshot, outcome: Outcome, kind: Kind) -> Live:
        live = Live(record=outcome.record, kind=kind)
        self.live[live.record.id] = live
        self._hub.open(snapshot)
        self._publish(live, outcome.events)
        if live.record.terminal:
            self._let_go(live)
        return live

    async def _commit(
        self, live: Live, events: Sequence[Event], write: Awaitable[None], then: Command | None
    ) -> None:
        record = live.record
        try:
            await write
        except NotOwner:
            # Let go before: what came first could not be journalled.
            if not live.let_go:
                log.warning("Task %s was taken over by another server.", record.id)
                self._let_go(live)
            then = "stop_work"
        except StoreUnavailable as error:
            self._fail_unsaved(live, error)
            then = "stop_work"
        else:
            if not live.let_go:
                self._publish(live, events)
            if record.terminal:
                self._let_go(live)
        if then == "stop_work" and live.work is not None:
            await live.work.stop(grace_s=0 if live.let_go else None)

    def _let_go(self, live: Live) -> None:
        live.let_go = True
        self.live.pop(live.record.id, None)
        if live.record.id not in self._unsaved:
            self._hub.close(live.record.id)

    def _fail_unsaved(self, live: Live, error: StoreUnavailable) -> None:
        """End the task from what readers know already, since nothing later was journalled."""
        published = self._hub.snapshot(live.record.id)
        if published is None or live.let_go:
            return
        outcome = advance(published.record, self.said(live, Failed(error=error.to_dict())))
        live.record = outcome.record
        self._unsaved[live.record.id] = outcome
        self._let_go(live)
        self._publish(live, outcome.events)

    def _publish(self, live: Live, events: Sequence[Event]) -> None:
        self._hub.publish(events)
        for event in events:
            if event.kind in {"state", "end"}:
                _log(live.record, event)


def _log(record: TaskRecord, event: Event) -> None:
    """Say where a task is in its life. No parameter: they may be long, and are the user's own."""
    status = event.data["status"]
    error = event.data.get("error")
    reason = error["code"] if error else event.data.get("reason")
    log.info(
        "Task %s (%s) is %s%s",
        record.id,
        record.kind,
        status,
        f": {reason}" if reason else ".",
        extra={
            "task": record.id,
            "transport": None,
            "cursor": {"s": event.s, "q": event.q},
            "reason": reason,
            "status": status,
        },
    )


async def _nothing() -> None:
    """What is left to do if nothing is to be journalled."""


def _again(failure: Failed) -> str:
    return f"It is tried again: {failure.error.get('message', 'it failed for the moment')}"
