"""One tqdm line while ``result()`` waits, where a line is wanted: a terminal or a headless run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import Any

from stockwidget.notebook import environment
from stockwidget.notebook.followed import Followed

_DELAY_S = {"plain": 0.2, "ipython": 0.2, "headless": 1.0}
"""A short task needs no line; in a report, which keeps what is printed, less so."""
_FORMAT = "{desc} {percentage:3.0f}%|{bar:20}| {elapsed}{postfix}"


def wanted() -> float | None:
    """Seconds after which a line is due, or None where there is no place for one."""
    frontend = environment.frontend()
    if frontend == "headless":
        return _DELAY_S[frontend]
    if frontend in _DELAY_S and sys.stderr is not None and sys.stderr.isatty():
        return _DELAY_S[frontend]
    return None


@contextmanager
def progress_line(followed: Followed) -> Iterator[Callable[[], None]]:
    """Give a function that draws the line as of now, and take the line away at the end."""
    delay = wanted()
    if delay is None:
        yield lambda: None
        return
    from tqdm import tqdm

    start = time.monotonic()
    bar: tqdm[Any] | None = None

    def draw() -> None:
        nonlocal bar
        if time.monotonic() - start < delay:
            return
        record = followed.snapshot.record
        if bar is None:
            size = get_terminal_size()
            bar = tqdm(
                total=100,
                desc=record.name or record.title,
                leave=False,
                bar_format=_FORMAT,
                # Where a terminal does not tell its size, tqdm draws nothing; this says 80 × 24.
                ncols=size.columns,
                nrows=size.lines,
            )
            bar.start_t -= delay
        count = record.counters
        done = f"{count['processed']}/{count['total']}" if count.get("total") else ""
        bar.n = record.progress
        bar.set_postfix_str(f"{record.stage or record.status} {done}".strip())

    try:
        yield draw
    finally:
        if bar is not None:
            bar.close()
