"""Writing so that a crash leaves the old or the new, and finding out what a disk has done since."""

from __future__ import annotations

import contextlib
import mmap
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # not POSIX: a second writer is then noticed by the version's file alone
    fcntl = None  # type: ignore[assignment]

_STRIDE = 1 << 24


def identity(found: os.stat_result) -> list[int]:
    """What tells a file from another one at the same place, or from what it was before."""
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def crc32(path: Path) -> int:
    """Checksum of a file's bytes, about 4 GB/s."""
    found = 0
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            return found
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            for start in range(0, len(mapped), _STRIDE):
                found = zlib.crc32(mapped[start : start + _STRIDE], found)
    return found


def to_disk(path: Path) -> None:
    """Return once the content of ``path``, a file or a folder, has reached the disk."""
    with contextlib.suppress(PermissionError):  # Windows opens no folders
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def publish(path: Path, content: bytes) -> None:
    """Make ``content`` appear as ``path``, all at once, and survive a power cut from then on."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    to_disk(draft)
    draft.replace(path)
    to_disk(path.parent)


@contextlib.contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Wait until no other process writes below ``folder``; a killed one holds nothing up."""
    with (folder / "lock").open("a") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
