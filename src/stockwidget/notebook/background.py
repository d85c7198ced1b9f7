"""One daemon thread with an asyncio loop for all that goes on behind the cells.

It starts on first use and costs nothing while nothing happens. At the end of the process what still
runs is cancelled, so that a script ends without a word about it.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

END_S = 3.0
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def loop() -> asyncio.AbstractEventLoop:
    """The loop, running."""
    global _loop  # noqa: PLW0603 - one a process is the point
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            thread = threading.Thread(
                target=_serve, args=(_loop,), name="stockwidget-background", daemon=True
            )
            thread.start()
            atexit.register(_end, _loop, thread)
        return _loop


def soon(call: Callable[..., object], *arguments: Any) -> None:
    """Call it on the loop; silently not, once the process ends."""
    with contextlib.suppress(RuntimeError):
        loop().call_soon_threadsafe(call, *arguments)


def run(work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
    """Run a coroutine on the loop and wait for it, from any other thread. Raises what it raises."""
    done = asyncio.run_coroutine_threadsafe(work, loop())
    try:
        return done.result(timeout)
    except BaseException:
        done.cancel()
        raise


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(loop.stop)
    thread.join(END_S)


def _after_fork() -> None:
    """The thread has stayed on the other side; its loop and sockets belong there."""
    global _loop, _lock  # noqa: PLW0603
    if _loop is not None:
        atexit.unregister(_end)
    _lock = threading.Lock()
    _loop = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
