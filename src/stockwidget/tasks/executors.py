"""Where jobs run. The runner knows this protocol alone; ``ProcessExecutor`` is the local one."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson

from stockwidget.errors import InterpreterUnusable, StockwidgetError, WorkerCrashed
from stockwidget.tasks.code import Code, versions
from stockwidget.tasks.frames import Ending, Failed, Said, Stopped
from stockwidget.tasks.process import WorkerProcess
from stockwidget.tasks.store import StoredChunk
from stockwidget.tasks.watchdog import resident

log = logging.getLogger(__name__)
EXIT_S = 1.0
"""A worker that closed its pipe is about to end; how it ends tells why."""
NICENESS = 5
"""A third of the time that a page, a kernel or the server gets beside it on a busy machine."""
SPARE_AFTER_S = 0.5
"""A short job gives its worker back before; to warm up another one would only slow it down."""


class Work(Protocol):
    """One job under way."""

    async def receive(self) -> Sequence[Said]:
        """What the job said since the last call; waits. The last item of all is an ``Ending``."""

    def memory(self) -> int | None:
        """Bytes of memory it takes now; None if that cannot be told."""

    async def stop(self, *, grace_s: float | None = None) -> None:
        """Ask it to stop, make it stop after a grace; ``receive`` then ends with ``Stopped``."""


class Executor(Protocol):
    """Runs jobs, at most ``slots`` at a time and ``reserve`` short ones more."""

    @property
    def slots(self) -> int:
        """How many jobs may run at once."""

    @property
    def reserve(self) -> int:
        """How many short jobs may run beside them."""

    async def start(self) -> None:
        """Get ready; returns soon, warming up goes on in the background."""

    async def stop(self) -> None:
        """End everything that runs, at once; returns when nothing is left."""

    async def launch(
        self,
        entry: str,
        params: Mapping[str, Any],
        done: Sequence[StoredChunk] | None = None,
        *,
        code: Code | None = None,
    ) -> Work:
        """Begin a job; ``done`` is for one that can resume, ``code`` for one that needs a user's.

        Raises WorkerCrashed or InterpreterUnusable if it cannot.
        """


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


class ProcessExecutor:
    """Warm, reused processes on this machine.

    A process that crashed or had to be killed is replaced; the others never notice.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        warm_workers: int = 1,
        reserve: int = 1,
        warm: str | None = "stockwidget.jobs:get_ready",
        grace_s: float = 0.7,
        niceness: int = NICENESS,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._slots = max(1, cores() if workers is None else workers)
        self._reserve = max(0, reserve)
        self._warm_workers = min(warm_workers, self._slots)
        self._warm = warm
        self._grace_s = grace_s
        self._niceness = niceness
        self._env = dict(env or {})
        self._idle: list[WorkerProcess] = []
        self._all: set[WorkerProcess] = set()
        self._background: set[asyncio.Task[None]] = set()
        self._going: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self._stopping = False

    @property
    def slots(self) -> int:
        """Workers at most."""
        return self._slots

    @property
    def reserve(self) -> int:
        """Workers more, for short jobs."""
        return self._reserve

    @property
    def pids(self) -> list[int]:
        """The processes now alive."""
        return [w.pid for w in self._all if w.alive]

    async def start(self) -> None:
        """Start the warm workers in the background."""
        for _ in range(self._warm_workers):
            self._later_one_more()

    async def stop(self) -> None:
        """Kill every worker and wait until all are gone."""
        self._stopping = True
        await asyncio.gather(*self._background)
        await asyncio.gather(*(worker.gone() for worker in self._all), *self._going)
        self._all.clear()
        self._idle.clear()

    async def launch(
        self,
        entry: str,
        params: Mapping[str, Any],
        done: Sequence[StoredChunk] | None = None,
        *,
        code: Code | None = None,
    ) -> ProcessWork:
        """Hand the job to an idle worker, or to a new one.

        A worker that is given ``code`` is started by its interpreter if that is another one, and
        ends with the job.
        """
        foreign = code is not None and code.foreign
        worker = await self._spawn(code) if foreign else await self._free_one()
        worker.once = code is not None
        asyncio.get_running_loop().call_later(SPARE_AFTER_S, self._keep_one_warm)
        run = next(self._numbers)
        # Chunks are JSON already: they pass through as they are.
        chunks = None
        if done is not None:
            chunks = [[each.chunk, orjson.Fragment(each.data), each.retry] for each in done]
        request = {"op": "run", "run": run, "entry": entry, "params": dict(params), "done": chunks}
        if code is not None:
            request |= {"code": code.about, "version": versions().get("stockwidget")}
        worker.send(request, b"" if code is None else code.payload)
        return ProcessWork(self, worker, run, self._grace_s, code=code if foreign else None)

    async def _free_one(self) -> WorkerProcess:
        worker = self._idle_one()
        while worker is None and self._background:
            # One is on its way already: a second one would be a process too many.
            await asyncio.wait(self._background, return_when=asyncio.FIRST_COMPLETED)
            worker = self._idle_one()
        # The job that waits loads what it needs; all the rest would only keep it waiting.
        return worker or await self._spawn(warm=False)

    def release(self, worker: WorkerProcess) -> None:
        """Take a worker back after its job; a dead one is replaced by a warm one."""
        if worker.alive and not self._stopping and not worker.once:
            self._idle.append(worker)
            return
        worker.kill()
        self._all.discard(worker)
        going = asyncio.create_task(worker.gone())
        self._going.add(going)
        going.add_done_callback(self._going.discard)
        if not self._stopping and len(self._all) < self._warm_workers:
            self._later_one_more()

    def _idle_one(self) -> WorkerProcess | None:
        """An idle worker, the most recently used one: its caches are warm."""
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._all.discard(worker)
        return None

    async def _spawn(self, code: Code | None = None, *, warm: bool = True) -> WorkerProcess:
        entry = self._warm if warm and code is None else None
        try:
            worker = await WorkerProcess.spawn(
                warm=entry, env=self._env, code=code, niceness=self._niceness
            )
        except OSError as error:
            if code is not None:
                raise unusable(code.executable, error.strerror or str(error)) from error
            raise WorkerCrashed(
                f"No worker process could be started: {error.strerror or error}.",
                hint="Free some memory or processes, then run it again.",
                exit="not started",
            ) from error
        except NotImplementedError as error:
            # Jupyter's loop on Windows waits for sockets alone.
            raise WorkerCrashed(
                "No worker process could be started: the server's event loop cannot do it here.",
                hint="Set STOCKWIDGET_SERVER=off and restart the kernel: it then runs its tasks "
                "itself.",
                exit="not started",
            ) from error
        if self._stopping:
            await worker.gone()
            raise WorkerCrashed("The workers were stopped.", exit="stopped")
        self._all.add(worker)
        return worker

    def _keep_one_warm(self) -> None:
        """While a long job runs, the next one should find a worker that is ready."""
        room = len(self._all) < self._slots + self._reserve
        if self._warm_workers and room and not (self._idle or self._background or self._stopping):
            self._later_one_more()

    def _later_one_more(self) -> None:
        task = asyncio.create_task(self._one_more())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _one_more(self) -> None:
        try:
            self._idle.append(await self._spawn())
        except WorkerCrashed as error:
            log.log(logging.DEBUG if self._stopping else logging.WARNING, "%s", error)


def unusable(executable: str, why: str) -> InterpreterUnusable:
    """The error for a kernel's interpreter that cannot be started, or lacks what it needs."""
    return InterpreterUnusable(
        f"The kernel's Python, {executable}, cannot run your functions here: {why}.",
        hint="Install stockwidget in the kernel's environment, in the server's version. If kernel "
        "and server do not share their files, set STOCKWIDGET_SERVER=off: the kernel then runs "
        "its tasks itself.",
        executable=executable,
    )


class ProcessWork:
    """A job in a worker process."""

    def __init__(
        self,
        executor: ProcessExecutor,
        worker: WorkerProcess,
        run: int,
        grace_s: float,
        *,
        code: Code | None = None,
    ) -> None:
        self._unheard = code
        """Of an interpreter that has not said a word yet: maybe it cannot import this package."""
        self._executor = executor
        self._worker = worker
        self._run = run
        self._grace_s = grace_s
        self._killer: asyncio.TimerHandle | None = None
        self._stopping = False
        self._over = False

    async def receive(self) -> Sequence[Said]:
        """The next frame's items; a dead worker means ``Failed``, or ``Stopped`` if asked to."""
        while True:
            frame = await self._worker.receive()
            if frame is None:
                return [await self._dead()]
            run, said = frame
            self._unheard = None
            if run != self._run:
                continue
            if said and isinstance(said[-1], Ending):
                self._end()
            return said

    def memory(self) -> int | None:
        """Resident bytes of its process and that one's children."""
        return resident(self._worker.pid)

    async def stop(self, *, grace_s: float | None = None) -> None:
        """Ask the job to stop between two yields, and kill its process if it does not in time."""
        if self._over or self._stopping:
            return
        self._stopping = True
        grace = self._grace_s if grace_s is None else grace_s
        self._killer = asyncio.get_running_loop().call_later(grace, self._worker.kill)
        self._worker.send({"op": "cancel", "run": self._run})

    async def _dead(self) -> Failed | Stopped:
        await self._worker.gone(within_s=EXIT_S)
        self._end()
        if self._stopping:
            return Stopped()
        error: StockwidgetError = self._worker.crash()
        if self._unheard is not None:
            error = unusable(self._unheard.executable, self._worker.last_words())
        return Failed(error=error.to_dict())

    def _end(self) -> None:
        if self._killer is not None:
            self._killer.cancel()
        if not self._over:
            self._over = True
            self._executor.release(self._worker)
