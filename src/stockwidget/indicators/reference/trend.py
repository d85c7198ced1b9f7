"""Twins of ``trend.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import by_runs, lagged, ratio, rolling, true_range


@by_runs
def adx(high: Floats, low: Floats, close: Floats, window: int = 14) -> Any:
    rise, fall = high - lagged(high, 1), lagged(low, 1) - low
    first = 0 * rise
    up = np.where((rise > fall) & (rise > 0), rise, 0.0) + first
    down = np.where((fall > rise) & (fall > 0), fall, 0.0) + first
    sums = [_wilder_sum(x, window) for x in (up, down, true_range(high, low, close))]
    plus, minus = (np.where(sums[2] < 1e-14, 0.0, 100 * ratio(x, sums[2], 0.0)) for x in sums[:2])
    known = ~(plus + minus < 1e-14)
    direction = np.where(known, 100 * ratio(np.abs(plus - minus), plus + minus, 0.0), 0.0)
    strength = np.full(len(close), np.nan)
    for i in range(2 * window - 1, len(close)):
        if i == 2 * window - 1:
            strength[i] = direction[window : i + 1].mean()
        elif known[i]:
            strength[i] = strength[i - 1] + (direction[i] - strength[i - 1]) / window
        else:
            strength[i] = strength[i - 1]
    return strength, plus, minus


def _wilder_sum(x: Floats, window: int) -> Floats:
    """Seeded by the sum of ``window`` − 1 bars; each later bar takes 1/window of it away first."""
    out = np.full(len(x), np.nan)
    if len(x) > window:
        value = x[1:window].sum()
        for i in range(window, len(x)):
            value = value - value / window + x[i]
            out[i] = value
    return out


@by_runs
def aroon(high: Floats, low: Floats, window: int = 14) -> Any:
    def age(rows: Floats) -> Any:
        return rows[:, ::-1].argmax(axis=1)  # the latest of equal ones

    up = 100 * (window - rolling(high, window + 1, age)) / window
    down = 100 * (window - rolling(-low, window + 1, age)) / window
    return up, down, up - down
