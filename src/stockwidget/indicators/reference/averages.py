"""Twins of ``averages.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import by_runs, mean_of, rolling, smoothed


@by_runs
def sma(x: Floats, window: int = 20) -> Any:
    return rolling(x, window, mean_of)


@by_runs
def ema(x: Floats, window: int = 20, convention: str = "talib") -> Any:
    return smoothed(x, 2 / (window + 1), 1 if convention == "tdx" else window)


@by_runs
def wma(x: Floats, window: int = 20) -> Any:
    weights = np.arange(1, window + 1) / (window * (window + 1) / 2)
    return rolling(x, window, lambda rows: rows @ weights)


@by_runs
def macd(
    x: Floats, fast: int = 12, slow: int = 26, signal: int = 9, convention: str = "talib"
) -> Any:
    if convention == "tdx":
        dif = smoothed(x, 2 / (fast + 1), 1) - smoothed(x, 2 / (slow + 1), 1)
        dea = smoothed(dif, 2 / (signal + 1), 1)
        return dif, dea, 2 * (dif - dea)
    late = x.copy()
    late[: slow - fast] = np.nan  # so that both averages are seeded on the same bar
    dif = smoothed(late, 2 / (fast + 1), fast) - smoothed(x, 2 / (slow + 1), slow)
    dea = smoothed(dif, 2 / (signal + 1), signal)
    return dif + 0 * dea, dea, dif - dea
