"""Segments that stay mapped in this process, so that the next opening of a store need not map them.

A segment never changes, and most of a store's belong to the next version too: the scan after an
appended day finds all but one of them mapped, and their pages in place. They cost no memory of
their own, since the system takes back the pages of files as it needs them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from pathlib import Path

from stockwidget.store.files import identity
from stockwidget.store.manifest import Segment
from stockwidget.store.segment import MappedSegment

KEPT = 128
"""Of all stores; those that were not asked for for longest go. Each holds a file open."""

_lock = threading.Lock()
_kept: OrderedDict[Path, MappedSegment] = OrderedDict()


def mapped(path: Path, segment: Segment) -> MappedSegment:
    """A segment, mapped. Raises DamagedStore if it is gone or of another size."""
    with _lock:
        found = _kept.get(path)
        if found is None or found.identity != _identity(path) or found.size != segment.size:
            found = _kept[path] = MappedSegment(path, segment)
        _kept.move_to_end(path)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return found


def release(folder: Path, used: Collection[str]) -> None:
    """Let go of the segments in ``folder`` but the ``used`` ones.

    A removed file keeps its room on the disk for as long as it is mapped.
    """
    with _lock:
        for path in [p for p in _kept if p.parent == folder and p.name not in used]:
            del _kept[path]


def _identity(path: Path) -> list[int] | None:
    try:
        return identity(path.stat())
    except OSError:
        return None
