"""Twins of ``ranges.py``."""

from __future__ import annotations

from typing import Any

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import by_runs, ratio, smoothed, true_range


@by_runs
def atr(high: Floats, low: Floats, close: Floats, window: int = 14) -> Any:
    return smoothed(true_range(high, low, close), 1 / window, window)


@by_runs
def natr(high: Floats, low: Floats, close: Floats, window: int = 14) -> Any:
    return 100 * ratio(smoothed(true_range(high, low, close), 1 / window, window), close)
