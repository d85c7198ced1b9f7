"""The runner as a child process of the kernel: the same one that a Jupyter server has, over pipes.

One JSON object a line. From the kernel: requests ``{"id": n, "op": …}`` and the messages of
docs/protocol.md (``{"op": "subscribe", …}``, without an id). To the kernel: ``{"id": n, "ok": …}``
or ``{"id": n, "error": {…}}``, and frames. It ends when its standard input or its parent does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.meter import Meter
from stockwidget.delivery.pump import Pump
from stockwidget.delivery.session import Session
from stockwidget.delivery.stats import document
from stockwidget.errors import InvalidRequest, StockwidgetError
from stockwidget.tasks.clock import utc_ms
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.labels import check_labels
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.store import Sought
from stockwidget.tasks.submission import Wanted

PARENT_CHECK_S = 2.0
SUBSCRIPTIONS = 10_000
"""One reader, this user's own kernel: no need to be strict."""


class PipeWriter:
    """A ``Transport`` of lines; a thread writes, since a pipe that is full would block the loop."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[tuple[Sequence[bytes], asyncio.Future[None]]] = (
            queue.SimpleQueue()
        )
        threading.Thread(target=self._write, name="stockwidget-pipe", daemon=True).start()

    def send(self, frames: Sequence[bytes]) -> asyncio.Future[None]:
        """Write each as a line; see ``Transport.send``."""
        written: asyncio.Future[None] = self._loop.create_future()
        self._queue.put((frames, written))
        return written

    def close(self, code: int, reason: str) -> None:
        """A pipe has no close codes: its reader is never too slow for good."""

    def _write(self) -> None:
        while True:
            frames, written = self._queue.get()
            try:
                for frame in frames:
                    self._pipe.write(frame + b"\n")
                self._pipe.flush()
            except OSError:
                return  # the kernel is gone; standard input says so too
            with contextlib.suppress(RuntimeError):  # the loop may have closed meanwhile
                self._loop.call_soon_threadsafe(_done, written)


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Answers:
    """Requests of the kernel, answered by the runner."""

    def __init__(self, runner: Runner, writer: PipeWriter, meter: Meter) -> None:
        self._runner = runner
        self._meter = meter
        self._since = time.monotonic()
        self.followed: Collection[str] = ()
        """The ids of the tasks that the kernel follows; a view."""
        self._writer = writer
        self._running: set[asyncio.Task[None]] = set()

    def take(self, request: dict[str, Any]) -> None:
        """Answer ``request`` when it is done; requests do not wait for each other."""
        task = asyncio.get_running_loop().create_task(self._answer(request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, request: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"id": request["id"]}
        try:
            answer["ok"] = await self._do(request)
        except StockwidgetError as error:
            answer["error"] = error.to_dict()
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            answer["error"] = StockwidgetError(
                f"The local runner failed: {error!r}.",
                hint="Restart the kernel and run the cell again.",
            ).to_dict()
        self._writer.send([orjson.dumps(answer)])

    async def _do(self, request: dict[str, Any]) -> object:
        runner = self._runner
        match request["op"]:
            case "result":
                return orjson.Fragment(await runner.result(request["task"]))
            case "tasks":
                query = dict(request["query"])
                if "status" in query:
                    query["status"] = frozenset(query["status"].split(","))
                return [each.public(runner.epoch) for each in await runner.tasks(Sought(**query))]
            case "info":
                return {"epoch": runner.epoch, "pid": os.getpid()}
            case "stats":
                return document(
                    runner="kernel",
                    server_id=runner.server_id,
                    epoch=runner.epoch,
                    uptime_s=time.monotonic() - self._since,
                    realtime_enabled=None,
                    meter=self._meter,
                    tasks=await runner.tally(),
                    followed=self.followed,
                )
        return (await self._record(request)).public(runner.epoch)

    async def _record(self, request: dict[str, Any]) -> TaskRecord:
        """What is answered by a task's record."""
        runner, task_id = self._runner, str(request.get("task"))
        verbs = {
            "cancel": runner.cancel,
            "resume": runner.resume,
            "retry_failed": runner.retry_failed,
            "unpin": runner.unpin,
        }
        match request["op"]:
            case "submit":
                return (await runner.offer(Wanted(**request["wanted"]))).record
            case "find":
                return await runner.find(request["word"])
            case "label":
                return await runner.label(task_id, check_labels(**request["labels"]))
            case "pin":
                return await runner.pin(task_id, keep_s=request["body"].get("keep_for_s"))
            case op if op in verbs:
                return await verbs[op](task_id)
            case op:
                raise InvalidRequest(f"Unknown request {op!r}.", field="op")


async def serve(runner: Runner, source: BinaryIO, pipe: BinaryIO) -> None:
    """Answer requests from ``source`` on ``pipe`` until ``source`` ends."""
    writer = PipeWriter(pipe)
    meter = Meter(transports=["pipe"])
    answers = Answers(runner, writer, meter)
    session = Session(
        encoder=Encoder(runner.epoch),
        server_id=runner.server_id,
        wall=utc_ms,
        now=time.monotonic(),
        # A kernel that computes holds its interpreter lock for minutes: it reads later, not never.
        limits=Limits(subscriptions=SUBSCRIPTIONS, blocked_s=float("inf")),
    )
    pump = Pump(
        tasks=runner,
        session=session,
        transport=writer,
        name="pipe",
        meter=meter,
    )
    answers.followed = pump.followed
    pump.start()
    async for line in _lines(source):
        message = orjson.loads(line)
        if "id" in message:
            answers.take(message)
        else:
            pump.receive(line)
    pump.stop()


async def _lines(source: BinaryIO) -> Any:
    """Lines of a pipe, read by a thread: asyncio cannot read pipes on every system."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes] = asyncio.Queue()

    def put(line: bytes) -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def read() -> None:
        for line in source:
            put(line)
        put(b"")

    threading.Thread(target=read, name="stockwidget-requests", daemon=True).start()
    parent = os.getppid()
    while True:
        try:
            line = await asyncio.wait_for(lines.get(), PARENT_CHECK_S)
        except TimeoutError:
            # A process forked off the kernel may hold our input open after the kernel has died.
            if os.getppid() != parent:
                return
            continue
        if not line:
            return
        yield line


async def _run(source: BinaryIO, pipe: BinaryIO, folder: Path) -> None:
    from stockwidget.jobs import KINDS
    from stockwidget.tasks.executors import ProcessExecutor
    from stockwidget.tasks.sqlite import SqliteStore

    runner = Runner(
        store=SqliteStore(folder / "tasks.sqlite"),
        executor=ProcessExecutor(),
        kinds=KINDS,
        server_id=f"local-{os.getpid()}",
    )
    await runner.start()
    try:
        await serve(runner, source, pipe)
    finally:
        await runner.stop(grace_s=0)


def main() -> None:
    """Run until standard input ends. Prints go to standard error, not among frames."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # workers must not inherit the kernel's pipe
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - open to the end
    with tempfile.TemporaryDirectory(prefix="stockwidget-", ignore_cleanup_errors=True) as folder:
        asyncio.run(_run(source, pipe, Path(folder)))
    # The reading thread may sit in a read that never returns if the parent died without closing.
    os._exit(0)
