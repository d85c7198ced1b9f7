"""Does the queued tasks: a slot, a worker, bounds, an end, and another try if that may help."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from functools import partial

from stockwidget.errors import (
    JobFailed,
    MemoryLimitExceeded,
    QueueFull,
    StockwidgetError,
    StoreUnavailable,
)
from stockwidget.tasks.clock import Clock
from stockwidget.tasks.code import Code, code_refused, digest_of
from stockwidget.tasks.documents import to_json
from stockwidget.tasks.eta import Eta
from stockwidget.tasks.executors import Executor, Work
from stockwidget.tasks.frames import Ending, Failed, Finished
from stockwidget.tasks.ledger import Ledger, Live
from stockwidget.tasks.schedule import Schedule
from stockwidget.tasks.steps import Checkpoint
from stockwidget.tasks.store import Store, StoredChunk
from stockwidget.tasks.submission import task_key
from stockwidget.tasks.watchdog import exceeded

log = logging.getLogger(__name__)


def backoff_s(tries: int) -> float:
    """Seconds before try number ``tries`` + 1: 1 to 2, 2 to 4, … at most a minute."""
    longest = min(60.0, 2.0**tries)
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, guards nothing


class Performer:
    """The tasks of one server that wait or run."""

    def __init__(
        self,
        *,
        store: Store,
        executor: Executor,
        ledger: Ledger,
        clock: Clock,
        most: int,
        allow_code: bool,
        backoff: Callable[[int], float],
    ) -> None:
        self._store = store
        self._executor = executor
        self._ledger = ledger
        self._clock = clock
        self._backoff = backoff
        self._allow_code = allow_code
        self._schedule = Schedule(slots=executor.slots, reserve=executor.reserve, most=most)
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._performing: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    @property
    def full(self) -> bool:
        """Whether no new task should be taken in."""
        return self._schedule.full

    def refusal(self) -> QueueFull:
        """What to tell whoever brings one."""
        return self._schedule.refusal()

    def enqueue(self, live: Live) -> None:
        """Do it when its turn comes."""
        self._later.pop(live.record.id, None)
        self._schedule.add(live.record.id, long=live.kind.long)
        self._pump()

    def withdraw(self, task_id: str) -> None:
        """It was cancelled while it waited."""
        self._schedule.withdraw(task_id)
        if (timer := self._later.pop(task_id, None)) is not None:
            timer.cancel()

    async def stop(self, grace_s: float) -> list[Live]:
        """Begin nothing more; give what runs ``grace_s`` to end. Returns what still runs."""
        self._stopping = True
        for timer in self._later.values():
            timer.cancel()
        if self._performing:
            await asyncio.wait(self._performing.values(), timeout=grace_s)
        return [live for i, live in self._ledger.live.items() if i in self._performing]

    async def over(self) -> None:
        """Return when nothing is being followed any more."""
        await asyncio.gather(*self._performing.values(), return_exceptions=True)

    def _pump(self) -> None:
        """Begin queued tasks while there are free slots."""
        while not self._stopping and (task_id := self._schedule.take()) is not None:
            live = self._ledger.live.get(task_id)
            if live is None or live.record.status != "queued":
                self._schedule.ended(task_id)
                continue
            task = asyncio.create_task(self._perform(live))
            self._performing[task_id] = task
            task.add_done_callback(partial(self._performed, live))

    def _performed(self, live: Live, _: asyncio.Task[None]) -> None:
        task_id = live.record.id
        self._performing.pop(task_id, None)
        self._schedule.ended(task_id)
        if live.record.status == "queued" and not live.let_go and not self._stopping:
            delay_s = self._backoff(live.record.retried)
            timer = asyncio.get_running_loop().call_later(delay_s, self.enqueue, live)
            self._later[task_id] = timer
        self._pump()

    async def _perform(self, live: Live) -> None:
        """Follow one attempt from its start to its end."""
        ledger = self._ledger
        live.work = live.broke = None
        try:
            live.eta = Eta(self._clock())
            # The worker need not wait for the disk: what it says is journalled after this anyway.
            starting = asyncio.create_task(ledger.apply(live, ledger.when(live, "start")))
            await asyncio.sleep(0)
            try:
                if live.record.status == "running":
                    await self._follow(live)
                else:
                    await ledger.apply(live, ledger.when(live, "stop"))
            finally:
                await starting
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
        done = await self._done(live) if live.kind.resumable else None
        code = await self._code(live)
        work = live.work = await self._executor.launch(
            live.kind.entry, live.record.params, done, **({} if code is None else {"code": code})
        )
        if live.record.status != "running" or live.let_go:
            await work.stop(grace_s=0)
        guard = asyncio.create_task(self._guard(live, work))
        try:
            await self._listen(live, work, guard)
        finally:
            guard.cancel()

    async def _listen(self, live: Live, work: Work, guard: asyncio.Task[None]) -> None:
        over = False
        while not over:
            said = await work.receive()
            over = bool(said) and isinstance(said[-1], Ending)
            document = said[-1].document if said and isinstance(said[-1], Finished) else None
            chunks = [
                StoredChunk(chunk=item.chunk, data=to_json(item.data))
                for item in said
                if isinstance(item, Checkpoint)
            ]
            if over:
                # Its worker is free already, while its end is on the way to the disk.
                guard.cancel()
                self._schedule.ended(live.record.id)
                self._pump()
            happenings = [
                self._ledger.said(live, item) for item in said if not isinstance(item, Checkpoint)
            ]
            await self._ledger.apply(live, *happenings, document=document, chunks=chunks)

    async def _done(self, live: Live) -> list[StoredChunk]:
        """The chunks not to be done again, unless data or code have changed since."""
        record = live.record
        version = await asyncio.to_thread(live.kind.version, record.params)
        if record.key != task_key(record.kind, record.params, version):
            return []
        return await self._store.chunks(record.id)

    async def _code(self, live: Live) -> Code | None:
        """Functions of the user that the task needs.

        Raises StoreUnavailable if they are lost, or CodeNotAllowed: a task may be older than the
        setting.
        """
        digest = digest_of(live.record.params)
        if digest is None:
            return None
        if not self._allow_code:
            raise code_refused()
        code = await self._store.code(digest)
        if code is None:
            raise StoreUnavailable(
                "The functions of this task are not in the journal any more.",
                hint="Run its cell again.",
            )
        return code

    async def _guard(self, live: Live, work: Work) -> None:
        bounds = live.kind.bounds
        if bounds.time_s is None and bounds.memory is None:
            return
        live.broke = await exceeded(bounds, work.memory)
        # Memory runs out within the second that a job would get to close its files.
        await work.stop(grace_s=0 if isinstance(live.broke, MemoryLimitExceeded) else None)
