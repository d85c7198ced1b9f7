"""Twins of ``bands.py``."""

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
    smoothed,
    true_range,
)


@by_runs
def bollinger(x: Floats, window: int = 20, width: float = 2.0) -> Any:
    mid = rolling(x, window, mean_of)
    reach = width * rolling(x, window, lambda rows: rows.std(axis=1))
    return mid + reach, mid, mid - reach


@by_runs
def percent_b(x: Floats, window: int = 20, width: float = 2.0) -> Any:
    upper, _, lower = bollinger(x, window=window, width=width)
    flat = rolling(x, window, lambda rows: np.ptp(rows, axis=1)) == 0.0
    return np.where(flat, np.nan, ratio(x - lower, upper - lower))


@by_runs
def bandwidth(x: Floats, window: int = 20, width: float = 2.0) -> Any:
    upper, mid, lower = bollinger(x, window=window, width=width)
    return ratio(upper - lower, mid)


@by_runs
def donchian(high: Floats, low: Floats, window: int = 20) -> Any:
    upper, lower = rolling(high, window, highest_of), rolling(low, window, lowest_of)
    return upper, (upper + lower) / 2, lower


@by_runs
def keltner(
    high: Floats,
    low: Floats,
    close: Floats,
    window: int = 20,
    atr_window: int = 10,
    width: float = 2.0,
) -> Any:
    ready = max(window - 1, atr_window)
    typical, spread = (high + low + close) / 3, true_range(high, low, close)
    typical[: ready - window + 1] = np.nan
    spread[: ready - atr_window + 1] = np.nan
    mid = smoothed(typical, 2 / (window + 1), window)
    reach = width * smoothed(spread, 1 / atr_window, atr_window)
    return mid + reach, mid, mid - reach
