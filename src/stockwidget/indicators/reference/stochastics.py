"""Twins of ``stochastics.py``."""

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
)


@by_runs
def stochastic(
    high: Floats, low: Floats, close: Floats, window: int = 14, smooth: int = 3, signal: int = 3
) -> Any:
    bottom = rolling(low, window, lowest_of)
    raw = 100 * ratio(close - bottom, rolling(high, window, highest_of) - bottom, 0.0)
    k = rolling(raw, smooth, mean_of)
    d = rolling(k, signal, mean_of)
    return k + 0 * d, d


@by_runs
def kdj(
    high: Floats,
    low: Floats,
    close: Floats,
    window: int = 9,
    smooth: int = 3,
    signal: int = 3,
    convention: str = "tdx",
) -> Any:
    bottom = rolling(low, window, lowest_of)
    reach = rolling(high, window, highest_of) - bottom
    if convention == "talib":
        rsv = 100 * ratio(close - bottom, reach, 0.0)
        k = smoothed(rsv, 1 / smooth, smooth)
        d = smoothed(k, 1 / signal, signal)
        return k + 0 * d, d, 3 * k - 2 * d
    has_range = reach > 0  # K and D of the other rows are those of the row before
    k, d = np.full(len(close), np.nan), np.full(len(close), np.nan)
    rsv = 100 * ratio(close - bottom, reach)[has_range]
    k[has_range] = smoothed(rsv, 1 / smooth, 1)
    d[has_range] = smoothed(k[has_range], 1 / signal, 1)
    for i in range(1, len(close)):
        if not has_range[i]:
            k[i], d[i] = k[i - 1], d[i - 1]
    return k, d, 3 * k - 2 * d


@by_runs
def williams_r(high: Floats, low: Floats, close: Floats, window: int = 14) -> Any:
    top = rolling(high, window, highest_of)
    return -100 * ratio(top - close, top - rolling(low, window, lowest_of), 0.0)
