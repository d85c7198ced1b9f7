"""The runner: takes tasks in, runs them first come first served, and answers what became of them.

``lifecycle`` decides, ``ledger`` journals and publishes, an ``Executor`` does the work,
``archive`` answers for what is not live here. The runner lives on one asyncio loop and never
blocks it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
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
from stockwidget.tasks.adoption import adopt
from stockwidget.tasks.archive import Archive
from stockwidget.tasks.census import Census
from stockwidget.tasks.clock import Clock, utc_ms
from stockwidget.tasks.eta import Eta
from stockwidget.tasks.events import Event, Snapshot, Status, TaskRecord
from stockwidget.tasks.executors import Executor
from stockwidget.tasks.frames import Ending, Failed, Finished
from stockwidget.tasks.hub import Callback, Hub
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.ledger import Ledger, Live
from stockwidget.tasks.lifecycle import Outcome, allows, submitted
from stockwidget.tasks.protection import Protection
from stockwidget.tasks.store import Caps, Store
from stockwidget.tasks.tally import Tally

T = TypeVar("T")
log = logging.getLogger(__name__)
NAME_LIMIT = 200


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
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        sweep_s: float = 5.0,
        caps: Caps | None = None,
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
        self._archive = Archive(store, clock)
        self._protection = Protection(store, self._archive, self._hub, clock)
        self._caps = caps or Caps()
        self._census = Census(server_id)
        self._queue: deque[str] = deque()
        self._performing: dict[str, asyncio.Task[None]] = {}
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
            await self._adopt(living)
            self._hub.publish(await self._archive.remove_expired(self._caps))
        except BaseException:
            await self.stop(grace_s=0)
            raise
        self._housekeeping = asyncio.create_task(self._keep_house())

    async def stop(self, *, grace_s: float = 5) -> None:
        """Give running tasks ``grace_s`` to end, leave the rest to the next start. Bounded."""
        self._stopping = True
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            await asyncio.gather(self._housekeeping, return_exceptions=True)
        if self._performing:
            await asyncio.wait(self._performing.values(), timeout=grace_s)
        left = [live for i, live in self._ledger.live.items() if i in self._performing]
        when = partial(self._ledger.when, trigger="interrupt", reason="The server stopped.")
        await self._bounded(asyncio.gather(*(self._ledger.apply(t, when(t)) for t in left)))
        await self._bounded(self._executor.stop())
        under_way = [*self._performing.values(), *self._shielded]
        await self._bounded(asyncio.gather(*under_way, return_exceptions=True))
        await self._bounded(self._protection.stop())
        await self._bounded(self._store.beat(self._census.row(self._clock(), stopped=True)))
        await self._bounded(self._store.close())

    async def submit(
        self, kind: str, params: Mapping[str, Any], *, name: str | None = None
    ) -> TaskRecord:
        """Check, journal and queue a task; returns before it runs.

        Raises InvalidRequest (with ``field``), StoreUnavailable, or ServerError while stopping.
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
        record = TaskRecord(
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
        )
        return await self._shield(self._take_in(submitted(record, ts=now), known))

    async def get(self, task_id: str) -> TaskRecord:
        """The task as published. Raises UnknownTask or TaskExpired."""
        live = self._hub.snapshot(task_id)
        return live.record if live is not None else await self._archive.find(task_id)

    async def tasks(
        self, *, status: Status | None = None, kind: str | None = None, limit: int = 100
    ) -> list[TaskRecord]:
        """Tasks of all servers on the journal, newest first."""
        stored = await self._store.recent(status=status, kind=kind, limit=limit)
        found = [live.record if (live := self._hub.snapshot(r.id)) else r for r in stored]
        return [r for r in found if status in {None, r.status}]

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
        record = live.record if live is not None else await self.get(task_id)
        if live is None or not allows(record.status, "cancel"):
            raise _not_cancellable(record)
        await self._shield(self._ledger.apply(live, self._ledger.when(live, "cancel")))
        return await self.get(task_id)

    def subscribe(self, task_id: str, callback: Callback) -> Callable[[], None]:
        """Call back on each event of the task from now on, on the loop; returns what ends it.

        Until then the task counts as followed, and is kept.
        """
        return self._protection.subscribe(task_id, callback)

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
        await self._adopt(self._census.living(await self._store.servers()))
        # First those who follow, then what nobody follows.
        self._hub.publish(await self._protection.renew())
        self._hub.publish(await self._archive.remove_expired(self._caps))

    async def _take_in(self, outcome: Outcome, kind: Kind) -> TaskRecord:
        live = await self._ledger.begin(outcome, kind)
        self._enqueue(live)
        return live.record

    def _enqueue(self, live: Live) -> None:
        self._queue.append(live.record.id)
        self._pump()

    def _pump(self) -> None:
        """Begin queued tasks while there are free slots."""
        while self._queue and len(self._performing) < self._executor.slots and not self._stopping:
            live = self._ledger.live.get(self._queue.popleft())
            if live is not None and live.record.status == "queued":
                task = asyncio.create_task(self._perform(live))
                self._performing[live.record.id] = task
                task.add_done_callback(partial(self._performed, live.record.id))

    def _performed(self, task_id: str, _: asyncio.Task[None]) -> None:
        self._performing.pop(task_id, None)
        self._pump()

    async def _perform(self, live: Live) -> None:
        """Follow one task from its start to its end."""
        ledger = self._ledger
        try:
            live.eta = Eta(self._clock())
            await ledger.apply(live, ledger.when(live, "start"))
            if live.record.status == "running":
                await self._follow(live)
            else:
                await ledger.apply(live, ledger.when(live, "stop"))
        except Exception as error:
            if isinstance(error, StockwidgetError):
                failure = error
            else:
                log.exception("Task %s could not be followed.", live.record.id)
                failure = JobFailed(f"The runner failed: {error!r}", hint="Report this.")
            if live.work is not None:
                await live.work.stop(grace_s=0)
            await ledger.apply(live, ledger.said(live, Failed(error=failure.to_dict())))

    async def _follow(self, live: Live) -> None:
        live.work = await self._executor.launch(live.kind.entry, live.record.params)
        if live.record.status != "running" or live.let_go:
            await live.work.stop(grace_s=0)
        over = False
        while not over:
            said = await live.work.receive()
            over = bool(said) and isinstance(said[-1], Ending)
            document = said[-1].document if said and isinstance(said[-1], Finished) else None
            happenings = [self._ledger.said(live, item) for item in said]
            await self._ledger.apply(live, *happenings, document=document)

    async def _adopt(self, living: set[str]) -> None:
        """Take over every unfinished task whose owner is not among the living."""
        for seen in await self._store.unfinished():
            kind = self._kinds.get(seen.kind)
            if seen.owner in living or seen.id in self._ledger.live or kind is None:
                continue
            outcome = adopt(
                seen, owner=self.server_id, ts=self._clock(), retention_s=kind.retention_s
            )
            snapshot = await self._archive.rebuild(seen)
            live = await self._ledger.take_over(snapshot, outcome, kind)
            if live is not None:
                self._enqueue(live)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_s)
            try:
                await self.sweep()
            except StoreUnavailable as error:
                log.warning("%s", error)

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

    async def _bounded(self, work: Awaitable[Any], *, limit_s: float = 5) -> None:
        """Wait for one step of stopping, but not for ever: the server that hosts us must go."""
        try:
            await asyncio.wait_for(work, limit_s)
        except (TimeoutError, StockwidgetError) as error:
            log.warning("While stopping: %s", str(error) or "out of time")


def task_key(kind: str, params: Mapping[str, Any]) -> str:
    """Digest of kind and canonical parameters: equal keys mean equal results."""
    canonical = orjson.dumps([kind, dict(params)], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()[:32]


def _not_cancellable(record: TaskRecord) -> WrongTaskState:
    elsewhere = not record.terminal
    where = " on another server." if elsewhere else ", so it cannot be cancelled."
    return WrongTaskState(
        f"Task {record.id} is {record.status}{where}",
        hint="Cancel it on the server that runs it." if elsewhere else "",
        task_id=record.id,
        status=record.status,
        owner=record.owner if elsewhere else None,
    )
