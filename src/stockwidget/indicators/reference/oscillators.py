"""Twins of ``oscillators.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import (
    by_runs,
    lagged,
    mean_of,
    ratio,
    rolling,
    smoothed,
)


@by_runs
def rsi(x: Floats, window: int = 14, convention: str = "talib") -> Any:
    change = x - lagged(x, 1)
    warm = 1 if convention == "tdx" else window
    gain = smoothed(np.maximum(change, 0), 1 / window, warm)
    loss = smoothed(np.maximum(-change, 0), 1 / window, warm)
    both = gain + loss
    return np.where(both < 1e-14, 0.0, 100 * ratio(gain, both, 0.0))


@by_runs
def cci(high: Floats, low: Floats, close: Floats, window: int = 20) -> Any:
    typical = (high + low + close) / 3
    mean = rolling(typical, window, mean_of)
    spread = rolling(
        typical, window, lambda rows: np.abs(rows - mean_of(rows)[:, None]).mean(axis=1)
    )
    flat = rolling(typical, window, lambda rows: np.ptp(rows, axis=1)) == 0.0
    return np.where(flat, 0.0, ratio(typical - mean, 0.015 * spread, 0.0))
