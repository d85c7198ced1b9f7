"""One tqdm line while ``result()`` waits, where a line is wanted: a terminal or a headless run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stockwidget.notebook import environment
from stockwidget.notebook.followed import Followed

_DELAY_S = {"plain": 0.2, "ipython": 0.2, "headless": 1.0}
"""A short task needs no line; in a report, which keeps what is printed, less so."""


def wanted() -> float | None:
    """Seconds after which a line is due, or None where there is no place for one."""
    frontend = environment.frontend()
    if frontend == "headless":
        return _DELAY_S[frontend]
    if frontend in _DELAY_S and sys.stderr is not None and sys.stderr.isatty():
        return _DELAY_S[frontend]
    return None


@contextmanager
def progress_line(followed: Followed) -> Iterator[None]:
    """Show the progress of ``followed`` on standard error, and take the line away at the end."""
    delay = wanted()
    if delay is None:
        yield
        return
    from tqdm import tqdm

    record = followed.snapshot.record
    bar: tqdm[Any] = tqdm(
        total=100,
        desc=record.name or record.title,
        leave=False,
        delay=delay,
        mininterval=0.1,
        bar_format="{desc} {percentage:3.0f}%|{bar:20}| {elapsed}{postfix}",
    )

    def draw() -> None:
        now = followed.snapshot.record
        counters = now.counters
        count = f"{counters['processed']}/{counters['total']}" if counters.get("total") else ""
        bar.set_postfix_str(f"{now.stage or now.status} {count}".strip(), refresh=False)
        bar.update(max(0.0, now.progress - bar.n))

    undo = followed.on_change(draw)
    try:
        yield
    finally:
        undo()
        bar.close()
