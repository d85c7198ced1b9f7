"""The kinds of tasks and the generators that do them: the one place where computing meets tasks.

Importing this package is cheap, since the server does it to validate requests; numpy, pandas and
numba come in when a job starts, or earlier in a worker that was told to ``warm()``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from stockwidget.jobs.analyses import EARLY, PREVIEW, analysis
from stockwidget.jobs.compiling import COMPILING
from stockwidget.jobs.requests import (
    allowing,
    prepare_analysis,
    prepare_scan,
    prepare_study,
    version_of_analysis,
    version_of_scan,
    version_of_study,
)
from stockwidget.jobs.scans import scan, study
from stockwidget.jobs.warming import get_ready, warm
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.watchdog import Bounds, memory_here

__all__ = [
    "COMPILING",
    "EARLY",
    "KINDS",
    "PREVIEW",
    "allowing",
    "analysis",
    "get_ready",
    "prepare_analysis",
    "prepare_scan",
    "prepare_study",
    "scan",
    "study",
    "version_of_analysis",
    "version_of_scan",
    "version_of_study",
    "warm",
]

HOUR_S = 3600


def memory_bound() -> int:
    """Bytes that one task may take: 4 GiB, or three quarters of what there is."""
    return min(4 << 30, (memory_here() or 1 << 40) * 3 // 4)


_of_many = partial(
    Kind,
    retention_s=4 * HOUR_S,
    long=True,
    resumable=True,
    bounds=Bounds(time_s=4 * HOUR_S, memory=memory_bound()),
    retries=3,
)

KINDS: Mapping[str, Kind] = {
    "analysis": Kind(
        name="analysis",
        stages=("bars", "indicators", "score", "record", "summary"),
        retention_s=2 * HOUR_S,
        entry="stockwidget.jobs:analysis",
        prepare=prepare_analysis,
        bounds=Bounds(time_s=600, memory=memory_bound()),
        retries=3,
        version=version_of_analysis,
    ),
    "scan": _of_many(
        name="scan",
        stages=("universe", "scan", "rank"),
        entry="stockwidget.jobs:scan",
        prepare=prepare_scan,
        version=version_of_scan,
    ),
    "study": _of_many(
        name="study",
        stages=("universe", "scan", "record"),
        entry="stockwidget.jobs:study",
        prepare=prepare_study,
        version=version_of_study,
    ),
}
