"""Twins of ``changes.py``."""

from __future__ import annotations

from typing import Any

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import by_runs, lagged, ratio


@by_runs
def ret(x: Floats, bars: int = 1) -> Any:
    return ratio(x, lagged(x, bars)) - 1


@by_runs
def roc(x: Floats, bars: int = 10) -> Any:
    return 100 * (ratio(x, lagged(x, bars)) - 1)


@by_runs
def momentum(x: Floats, bars: int = 10) -> Any:
    return x - lagged(x, bars)
