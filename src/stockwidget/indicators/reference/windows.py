"""Twins of ``windows.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import (
    by_runs,
    highest_of,
    lowest_of,
    mean_of,
    ratio,
    rolling,
)


@by_runs
def highest(x: Floats, window: int = 20) -> Any:
    return rolling(x, window, highest_of)


@by_runs
def lowest(x: Floats, window: int = 20) -> Any:
    return rolling(x, window, lowest_of)


@by_runs
def zscore(x: Floats, window: int = 20) -> Any:
    deviation = rolling(x, window, lambda rows: rows.std(axis=1))
    flat = rolling(x, window, lambda rows: np.ptp(rows, axis=1)) == 0.0
    return np.where(flat, np.nan, ratio(x - rolling(x, window, mean_of), deviation))
