"""The runner: takes tasks in, runs them in order, journals what happens and only then tells.

It performs what ``lifecycle.advance`` decides. Two views of a live task exist for a moment: ``_Live.record``
is what was decided, the hub's snapshot is what the journal holds. Everybody outside sees the second.

The one exception to journal before publish: if the journal cannot be written, the task fails with
StoreUnavailable. That end is told at once, kept in memory and journalled when the disk is well again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import orjson

from stockwidget.errors import (
    InvalidRequest,
    JobFailed,
    ServerError,
    StockwidgetError,
    StoreUnavailable,
    WrongTaskState,
    nearest,
)
from stockwidget.tasks.census import Census
from stockwidget.tasks.clock import Clock, utc_ms
from stockwidget.tasks.eta import Eta
from stockwidget.tasks.events import Event, Snapshot, Status, TaskRecord
from stockwidget.tasks.executors import Executor, Work
from stockwidget.tasks.frames import Ending, Failed, Finished, Said, Stopped
from stockwidget.tasks.hub import Callback, Hub
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.lifecycle import LEAP, Happening, Outcome, advance, allows, submitted
from stockwidget.tasks.retention import TOMBSTONE_MS, due, missing, tombstone
from stockwidget.tasks.steps import Log, Partial, Step
from stockwidget.tasks.store import NotOwner, Store, Tombstone

T = TypeVar("T")
_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""A task that was running when its server died this often is not tried again: it may be the cause."""
NAME_LIMIT = 200


@dataclass(slots=True, kw_only=True)
class _Live:
    """A task in this server's hands."""

    record: TaskRecord
    kind: Kind
    work: Work | None = None
    eta: Eta | None = None
    let_go: bool = False
    """Nothing more may be published: another server has it, or it ended without the journal."""


class Runner:
    """Runs tasks on the running asyncio loop. See the module's docstring for the order of things."""

    def __init__(
        self,
        *,
        store: Store,
        executor: Executor,
        kinds: Mapping[str, Kind],
        server_id: str,
        clock: Clock = utc_ms,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        sweep_s: float = 5.0,
    ) -> None:
        self.server_id = server_id
        self._store = store
        self._executor = executor
        self._kinds = dict(kinds)
        self._clock = clock
        self._new_id = new_id
        self._sweep_s = sweep_s
        self._hub = Hub()
        self._census = Census(server_id)
        self._live: dict[str, _Live] = {}
        self._queue: deque[str] = deque()
        self._performing: dict[str, asyncio.Task[None]] = {}
        self._shielded: set[asyncio.Task[Any]] = set()
        self._unsaved: dict[str, Outcome] = {}
        self._housekeeping: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def epoch(self) -> str:
        """Identity of the journal; known after ``start``."""
        return self._store.epoch

    @property
    def active(self) -> int:
        """Tasks queued, running or cancelling here."""
        return len(self._live)

    async def start(self) -> None:
        """Open the journal, adopt what dead servers left, and begin. Raises StoreUnavailable."""
        await self._store.open()
        now = self._clock()
        living = self._census.living_at_start(await self._store.servers(), now)
        await self._store.beat(self._census.row(now))
        await self._executor.start()
        await self._adopt(living)
        await self._remove_expired()
        self._housekeeping = asyncio.create_task(self._keep_house())

    async def stop(self, *, grace_s: float = 5) -> None:
        """Give running tasks ``grace_s`` to end, then leave the rest to the next start. Bounded."""
        self._stopping = True
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            await asyncio.gather(self._housekeeping, return_exceptions=True)
        if self._performing:
            await asyncio.wait(self._performing.values(), timeout=grace_s)
        left = [self._live[i] for i in self._performing if i in self._live]
        cut = Happening(trigger="interrupt", ts=self._clock(), reason="The server stopped.")
        await self._bounded(asyncio.gather(*(self._apply(live, cut) for live in left)))
        await self._bounded(self._executor.stop())
        await self._bounded(asyncio.gather(*self._performing.values(), *self._shielded))
        await self._bounded(self._store.beat(self._census.row(self._clock(), stopped=True)))
        await self._bounded(self._store.close())

    async def submit(
        self, kind: str, params: Mapping[str, Any], *, name: str | None = None
    ) -> TaskRecord:
        """Check, journal and queue a task; returns before it runs.

        Raises InvalidRequest (``field`` names the culprit), StoreUnavailable, or ServerError while stopping.
        """
        if self._stopping:
            raise ServerError("The server is stopping.", hint="Submit again once it is back.")
        known = self._kind(kind)
        if name is not None and (not isinstance(name, str) or len(name) > NAME_LIMIT):
            raise InvalidRequest(
                f"A name is a text of at most {NAME_LIMIT} characters.",
                hint="Shorten it, or leave it away.",
                field="name",
            )
        canonical, title = known.prepare(params)
        now = self._clock()
        outcome = submitted(
            TaskRecord(
                id=self._new_id(),
                kind=kind,
                title=title,
                params=canonical,
                key=task_key(kind, canonical),
                status="queued",
                created_at=now,
                name=name,
                stages=known.stages,
                owner=self.server_id,
            ),
            ts=now,
        )
        return await self._shield(self._take_in(outcome, known))

    async def get(self, task_id: str) -> TaskRecord:
        """The task as published. Raises UnknownTask or TaskExpired."""
        snapshot = self._hub.snapshot(task_id)
        if snapshot is not None:
            return snapshot.record
        found = await self._store.find(task_id)
        if isinstance(found, TaskRecord) and not due(found, self._clock()):
            return found
        stone = found if isinstance(found, Tombstone) else None
        if isinstance(found, TaskRecord):
            stone = tombstone(found, self._clock())
        raise missing(task_id, stone, self._clock())

    async def tasks(
        self, *, status: Status | None = None, kind: str | None = None, limit: int = 100
    ) -> list[TaskRecord]:
        """Tasks of all servers on the journal, newest first."""
        return await self._store.recent(status=status, kind=kind, limit=limit)

    async def snapshot(self, task_id: str) -> Snapshot:
        """Record, merged partial result and log tail. Raises UnknownTask or TaskExpired."""
        live = self._hub.snapshot(task_id)
        return live if live is not None else await self._rebuild(await self.get(task_id))

    async def tail(self, task_id: str, s: int) -> list[Event] | None:
        """The never-dropped events after ``s``, in order; None if they are no longer kept."""
        found = await self._store.find(task_id)
        if not isinstance(found, TaskRecord) or task_id in self._unsaved:
            return None
        return await self._store.events(task_id, after=s)

    async def result(self, task_id: str) -> bytes:
        """The result document as JSON. Raises WrongTaskState unless completed (with the task's ``error``)."""
        record = await self.get(task_id)
        document = None
        if record.status == "completed":
            document = await self._store.document(task_id)
        if document is not None:
            return document
        why = f": {record.error['message']}" if record.error else "."
        raise WrongTaskState(
            f"Task {task_id} has no result, it is {record.status}{why}",
            hint=str(record.error.get("hint", ""))
            if record.error
            else _HINTS.get(record.status, ""),
            task_id=task_id,
            status=record.status,
            error=dict(record.error) if record.error else None,
        )

    async def cancel(self, task_id: str) -> TaskRecord:
        """Ask a task to stop; it is ``cancelled`` once nothing of it runs. Raises WrongTaskState."""
        live = self._live.get(task_id)
        record = live.record if live is not None else await self.get(task_id)
        if live is None or not allows(record.status, "cancel"):
            elsewhere = not record.terminal
            raise WrongTaskState(
                f"Task {task_id} is {record.status}"
                + (" on another server." if elsewhere else ", so it cannot be cancelled."),
                hint="Cancel it on the server that runs it." if elsewhere else "",
                task_id=task_id,
                status=record.status,
                owner=record.owner if elsewhere else None,
            )
        await self._shield(self._apply(live, Happening(**self._now(live), trigger="cancel")))
        return await self.get(task_id)

    def subscribe(self, task_id: str, callback: Callback) -> Callable[[], None]:
        """Call back on each event of the task from now on, on the loop; returns what ends it."""
        return self._hub.subscribe(task_id, callback)

    async def sweep(self) -> None:
        """One round of housekeeping: say that this server lives, save, adopt, remove what expired."""
        await self._store.beat(self._census.row(self._clock()))
        for task_id, outcome in tuple(self._unsaved.items()):
            with contextlib.suppress(NotOwner):
                await self._store.write(outcome.record, outcome.events)
            del self._unsaved[task_id]
            self._hub.close(task_id)
        await self._adopt(self._census.living(await self._store.servers()))
        await self._remove_expired()

    async def _take_in(self, outcome: Outcome, kind: Kind) -> TaskRecord:
        record = outcome.record
        await self._store.create(record, outcome.events)
        self._live[record.id] = _Live(record=record, kind=kind)
        self._hub.open(Snapshot(record=record))
        self._hub.publish(outcome.events)
        self._queue.append(record.id)
        self._pump()
        return record

    def _pump(self) -> None:
        """Begin queued tasks, first come first served, while there are free slots."""
        while self._queue and len(self._performing) < self._executor.slots and not self._stopping:
            live = self._live.get(self._queue.popleft())
            if live is not None and live.record.status == "queued":
                task = asyncio.create_task(self._perform(live))
                self._performing[live.record.id] = task
                task.add_done_callback(lambda _, i=live.record.id: self._performed(i))

    def _performed(self, task_id: str) -> None:
        self._performing.pop(task_id, None)
        self._pump()

    async def _perform(self, live: _Live) -> None:
        """Follow one task from its start to its end."""
        try:
            live.eta = Eta(self._clock())
            await self._apply(live, Happening(**self._now(live), trigger="start"))
            if live.record.status == "running":
                await self._follow(live)
            elif live.record.status == "cancelling":
                await self._apply(live, Happening(**self._now(live), trigger="stop"))
        except Exception as error:
            known = isinstance(error, StockwidgetError)
            if not known:
                _log.exception("Task %s could not be followed.", live.record.id)
            failure = (
                error if known else JobFailed(f"The runner failed: {error!r}", hint="Report it.")
            )
            if live.work is not None:
                await live.work.stop(grace_s=0)
            await self._apply(live, self._happening(live, Failed(error=failure.to_dict())))

    async def _follow(self, live: _Live) -> None:
        live.work = await self._executor.launch(live.kind.entry, live.record.params)
        if live.record.status != "running" or live.let_go:
            await live.work.stop(grace_s=0)
        over = False
        while not over:
            said = await live.work.receive()
            over = bool(said) and isinstance(said[-1], Ending)
            document = said[-1].document if said and isinstance(said[-1], Finished) else None
            await self._apply(live, *(self._happening(live, i) for i in said), document=document)

    async def _apply(
        self, live: _Live, *happenings: Happening, document: bytes | None = None
    ) -> None:
        """Advance the record, journal in one transaction, publish, then do what follows."""
        before, events, then = live.record, list[Event](), None
        for happening in happenings:
            outcome = advance(live.record, happening)
            live.record = outcome.record
            events += outcome.events
            then = outcome.then or then
        if not events or live.let_go:
            return
        record = live.record
        kept = document if record.status == "completed" and before.status == "running" else None
        try:
            await self._store.write(record, events, document=kept)
        except NotOwner:
            _log.warning("Task %s was taken over by another server.", record.id)
            self._let_go(live)
            then = "stop_work"
        except StoreUnavailable as error:
            self._fail_unsaved(live, error)
            then = "stop_work"
        else:
            if not live.let_go:
                self._hub.publish(events)
            if record.terminal:
                self._let_go(live)
        if then == "stop_work" and live.work is not None:
            await live.work.stop(grace_s=0 if live.let_go else None)

    def _let_go(self, live: _Live) -> None:
        live.let_go = True
        self._live.pop(live.record.id, None)
        if live.record.id not in self._unsaved:
            self._hub.close(live.record.id)

    def _fail_unsaved(self, live: _Live, error: StoreUnavailable) -> None:
        """End the task from what readers know already, since nothing later was journalled."""
        published = self._hub.snapshot(live.record.id)
        if published is None or live.let_go:
            return
        live.record = published.record
        outcome = advance(live.record, self._happening(live, Failed(error=error.to_dict())))
        live.record = outcome.record
        self._unsaved[live.record.id] = outcome
        self._let_go(live)
        self._hub.publish(outcome.events)

    def _now(self, live: _Live) -> dict[str, Any]:
        return {"ts": self._clock(), "retention_s": live.kind.retention_s}

    def _happening(self, live: _Live, item: Said) -> Happening:
        now = self._now(live)
        match item:
            case Step():
                eta_s = live.eta.update(item.progress, now["ts"]) if live.eta else None
                return Happening(**now, trigger="step", item=item, eta_s=eta_s)
            case Partial():
                return Happening(**now, trigger="partial", item=item)
            case Log():
                return Happening(**now, trigger="log", item=item)
            case Finished():
                return Happening(**now, trigger="finish", summary=item.summary)
            case Failed():
                return Happening(**now, trigger="fail", error=item.error)
            case Stopped():
                return Happening(**now, trigger="stop")

    async def _adopt(self, living: set[str]) -> None:
        """Take over every unfinished task whose owner is not among the living."""
        for seen in await self._store.unfinished():
            kind = self._kinds.get(seen.kind)
            if seen.owner in living or seen.id in self._live or kind is None:
                continue
            live = _Live(record=seen, kind=kind)
            reason = None if seen.status == "queued" else "Its server stopped; it runs again."
            adopted = Happening(
                **self._now(live), trigger="adopt", owner=self.server_id, reason=reason
            )
            outcome = advance(seen, adopted)
            if seen.status == "running" and seen.attempt >= MAX_ATTEMPTS:
                outcome = self._give_up(live, outcome)
            snapshot = await self._rebuild(seen)
            if not await self._store.claim(outcome.record, outcome.events, seen=seen):
                continue
            live.record = outcome.record
            owned = replace(seen, owner=self.server_id, s=seen.s + LEAP)
            self._hub.open(replace(snapshot, record=owned))
            self._hub.publish(outcome.events)
            if live.record.terminal:
                self._hub.close(seen.id)
                continue
            self._live[seen.id] = live
            self._queue.append(seen.id)
        self._pump()

    def _give_up(self, live: _Live, adopted: Outcome) -> Outcome:
        error = JobFailed(
            f"Its server died {MAX_ATTEMPTS} times while it ran.",
            hint="It may need more memory than there is: ask for less.",
        )
        last = advance(adopted.record, self._happening(live, Failed(error=error.to_dict())))
        return Outcome(record=last.record, events=(*adopted.events, *last.events))

    async def _remove_expired(self) -> None:
        now = self._clock()
        for record in await self._store.due(now):
            if await self._store.expire(tombstone(record, now)):
                self._hub.publish(advance(record, Happening(trigger="expire", ts=now)).events)
        await self._store.bury(now - TOMBSTONE_MS)

    async def _rebuild(self, record: TaskRecord) -> Snapshot:
        """A snapshot from the journal: the events give partial and logs, the row has the last word."""
        snapshot = Snapshot(record=replace(record, attempt=0))
        for event in await self._store.events(record.id):
            snapshot = snapshot.apply(event)
        return replace(snapshot, record=record)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_s)
            try:
                await self.sweep()
            except StoreUnavailable as error:
                _log.warning("%s", error)

    def _kind(self, name: str) -> Kind:
        if name in self._kinds:
            return self._kinds[name]
        near = nearest(str(name), self._kinds) or sorted(self._kinds)
        raise InvalidRequest(
            f"Unknown kind of task {name!r}.", hint=f"Try {' or '.join(near)}.", field="kind"
        )

    async def _shield(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end even if the caller is cancelled: what is journalled must be published."""
        task = asyncio.create_task(work)
        self._shielded.add(task)
        task.add_done_callback(self._shielded.discard)
        return await asyncio.shield(task)

    async def _bounded(self, work: Any, *, limit_s: float = 5) -> None:
        """Wait for one step of stopping, but not for ever: the server that hosts us wants to go."""
        try:
            await asyncio.wait_for(work, limit_s)
        except (TimeoutError, StockwidgetError) as error:
            _log.warning("While stopping: %s", error or "out of time")


_HINTS = {
    "queued": "Wait until it is completed.",
    "running": "Wait until it is completed.",
    "cancelling": "It was cancelled; run it again.",
    "cancelled": "Run it again.",
    "interrupted": "It runs again when its server is back.",
}


def task_key(kind: str, params: Mapping[str, Any]) -> str:
    """Digest of kind and canonical parameters: equal keys mean equal results."""
    canonical = orjson.dumps([kind, dict(params)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()[:32]
