"""Stops a job that runs too long or takes too much memory, from outside: it may be in C code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stockwidget.errors import MemoryLimitExceeded, StockwidgetError, TimeLimitExceeded

_OWN = ("RssAnon:", "RssShmem:")
LOOK_S = 0.1
"""Memory can be taken at some gigabytes a second."""
MEBI = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What a job may use; None is no bound."""

    time_s: float | None = None
    memory: int | None = None
    """Bytes resident, of the worker and its children."""


async def exceeded(
    bounds: Bounds,
    memory: Callable[[], int | None],
    *,
    monotonic: Callable[[], float] = time.monotonic,
    look_s: float = LOOK_S,
) -> StockwidgetError:
    """Return once a bound is exceeded: the error that says so. Never returns otherwise."""
    begin = monotonic()
    while True:
        await asyncio.sleep(look_s)
        if bounds.time_s is not None and monotonic() - begin > bounds.time_s:
            return TimeLimitExceeded(
                f"The task was stopped: it ran for more than {bounds.time_s:g} s.",
                hint="Ask for less, or raise its time limit in the server's configuration.",
                limit_s=bounds.time_s,
            )
        used = memory() if bounds.memory is not None else None
        if used is not None and bounds.memory is not None and used > bounds.memory:
            return MemoryLimitExceeded(
                f"The task was stopped: it took {used // MEBI} MiB of memory, "
                f"more than the {bounds.memory // MEBI} MiB it may.",
                hint="Ask for fewer symbols, or raise the memory limit in the configuration.",
                limit=bounds.memory,
                used=used,
            )


def resident(pid: int) -> int | None:
    """Resident bytes of a process and its children; None where the system does not tell.

    Mapped files do not count: their pages are the system's, which takes them back when it needs
    them. A scan maps a whole market and holds a chunk of it.
    """
    total = _resident(pid)
    if total is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        total += sum(resident(int(child)) or 0 for child in children.split())
    return total


def _resident(pid: int) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = [line.split() for line in lines.splitlines() if line.startswith(_OWN)]
    return sum(int(line[1]) for line in found) * 1024 if found else None


def memory_here() -> int | None:
    """Bytes of memory this container, or this machine, has; None if that cannot be told."""
    found = []
    with contextlib.suppress(OSError, ValueError):
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(found, default=None)
