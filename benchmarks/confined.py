"""A process held to as much memory as a small container has, and what it takes of it."""

from __future__ import annotations

import atexit
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stockwidget.tasks.watchdog import resident

LIMIT = 1 << 30
"""Bytes that the process may take."""
CGROUPS = Path("/sys/fs/cgroup")


def confined() -> str:
    """Hold this process to ``LIMIT``; return what does."""
    for parent, bound in memory_groups():
        group = parent / f"stockwidget-{os.getpid()}"
        try:
            group.mkdir()
            (group / bound).write_text(str(LIMIT))
            (group / "cgroup.procs").write_text(str(os.getpid()))
        except OSError:
            with suppress(OSError):
                group.rmdir()
            continue
        # Only an empty group can be removed: the process goes back before it ends.
        atexit.register(group.rmdir)
        atexit.register((parent / "cgroup.procs").write_text, str(os.getpid()))
        return "cgroup"
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
    return "rlimit"


def memory_groups() -> Iterator[tuple[Path, str]]:
    """The cgroup of this process, and the file of its bound; version 1 or 2."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "memory":
                yield CGROUPS / "memory" / path.lstrip("/"), "memory.limit_in_bytes"
            elif not controllers:
                yield CGROUPS / path.lstrip("/"), "memory.max"


@contextmanager
def peak_of_own() -> Iterator[list[int]]:
    found = [resident(os.getpid()) or 0] * 2
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            found[1] = max(found[1], resident(os.getpid()) or 0)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
