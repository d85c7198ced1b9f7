"""A worker process: ``python -m stockwidget.tasks.worker``. Runs jobs, one at a time.

The pipes to the server are moved away from 0 and 1 first, and 1 becomes stderr: a job that prints
cannot break the protocol. A thread reads what the server says; when the server is gone the
process ends at once, whatever the job is doing.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import orjson

from stockwidget.errors import JobFailed, StockwidgetError
from stockwidget.tasks.code import enter
from stockwidget.tasks.documents import pack, to_json
from stockwidget.tasks.frames import LENGTHS, Ending, Failed, Finished, Stopped
from stockwidget.tasks.outbox import Outbox
from stockwidget.tasks.steps import Checkpoint, Done, Log, Partial, Result, Step

TRACEBACK_LIMIT = 20_000
PR_SET_PDEATHSIG = 1
"""Of Linux's ``prctl``."""


class Requests:
    """The server's wishes, read by a thread: runs in a queue, cancels in a set."""

    def __init__(self, pipe: BinaryIO) -> None:
        self.runs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.cancelled: set[int] = set()
        self._pipe = pipe
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def _read(self) -> None:
        while len(lengths := self._pipe.read(LENGTHS.size)) == LENGTHS.size:
            head, body = LENGTHS.unpack(lengths)
            request = orjson.loads(self._pipe.read(head))
            request["body"] = self._pipe.read(body)
            if request["op"] == "run":
                self.runs.put(request)
            else:
                self.cancelled.add(request["run"])
        os._exit(0)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Load what stays for good: the collector is off meanwhile, and leaves it alone from then on.

    It would look through the same modules again and again, which takes a tenth of the time that a
    fresh worker needs, and once more in every full collection of a job.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if on:
            gc.enable()


def load(entry: str) -> Callable[..., Any]:
    """Import ``"module:function"``."""
    module, _, name = entry.partition(":")
    if module not in sys.modules:
        with uncollected():
            importlib.import_module(module)
    found: Callable[..., Any] = getattr(sys.modules[module], name)
    return found


def perform(request: dict[str, Any], outbox: Outbox, stop: Callable[[], bool]) -> Ending:
    """Run one job to its end; what it raises becomes a ``Failed``."""
    arguments = [request["params"]]
    if request["done"] is not None:
        arguments.append([Done(chunk=c, data=data, retry=r) for c, data, r in request["done"]])
    try:
        if (head := request.get("code")) is None:
            job = load(request["entry"])(*arguments)
        else:
            enter(head, server=request["version"])
            job = load(request["entry"])(*arguments, code=request["body"])
        return _follow(job, outbox, stop)
    except StockwidgetError as error:
        return Failed(error=orjson.loads(orjson.dumps(error.to_dict(), default=str)))
    except BaseException as error:  # noqa: BLE001 - SystemExit of a job must not end the worker either
        return Failed(error=_unexpected(error).to_dict())


def _follow(job: Iterator[Any], outbox: Outbox, stop: Callable[[], bool]) -> Ending:
    with contextlib.closing(job) as yields:  # type: ignore[type-var]
        for item in yields:
            if stop():
                return Stopped()
            match item:
                case Result():
                    document = pack(to_json(item.data))
                    summary = orjson.loads(to_json(item.summary))
                    return Finished(document=document, summary=summary)
                case Step() | Partial() | Log() | Checkpoint():
                    outbox.put(item)
                case _:
                    raise TypeError(
                        f"A job yields Step, Partial, Log, Checkpoint or Result, not {item!r:.80}."
                    )
    if stop():
        return Stopped()
    raise RuntimeError("The job ended without a Result.")


def _unexpected(error: BaseException) -> JobFailed:
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return JobFailed(
        f"The job failed: {type(error).__name__}: {error}"[:1_000],
        hint="This is not a fault of your request; the traceback says where it happened.",
        traceback="".join(lines)[-TRACEBACK_LIMIT:],
    )


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the protocol's pipes out of the way of everything that reads 0 or prints to 1."""
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(source, "rb"), os.fdopen(sink, "wb", buffering=0)


def _die_with_the_server() -> None:
    """Have Linux end this process with the server that started it.

    The thread that reads would never know of it while a job keeps the interpreter to itself.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _warm(entry: str) -> None:
    try:
        with uncollected():
            load(entry)()
    except Exception:  # noqa: BLE001 - the first job will meet the same error and report it
        traceback.print_exc()


def main(warm: str | None) -> None:
    """Serve runs until the server goes away."""
    source, sink = _pipes()
    _die_with_the_server()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = Requests(source)

    def write(frame: bytes) -> None:
        view = memoryview(frame)
        while view:
            view = view[sink.write(view) :]

    if warm:
        _warm(warm)
    while True:
        request = requests.runs.get()
        run = int(request["run"])
        outbox = Outbox(run, write)
        stop = lambda run=run: run in requests.cancelled  # noqa: E731 - bound to this run
        outbox.end(perform(request, outbox, stop))
        requests.cancelled.discard(run)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
