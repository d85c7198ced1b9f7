"""Momentum: how far and how steadily prices moved."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats, Numbers, floats, like, whole
from stockwidget.kernels import kernel


def ret(close: Numbers, bars: int = 1) -> Numbers:
    """Simple return over ``bars`` bars, as a fraction.

    close: float64 (n,), quote currency. Returns (n,); the first ``bars`` are NaN, and so is a row
    whose base is zero. Raises InvalidRequest if bars < 1. Equals TA-Lib's ROCP.
    """
    lag = whole(bars, "bars", least=1)
    return like(close, _ret(floats(close, "close"), lag))


def rsi(close: Numbers, window: int = 14) -> Numbers:
    """Relative strength index, 0 to 100 (Wilder 1978).

    close: float64 (n,), quote currency. Returns (n,); the first ``window`` are NaN. Gains and
    losses are averaged by Wilder's smoothing, seeded by their plain mean over the first
    ``window`` changes. Prices that never moved give 0, as in TA-Lib's RSI, which this equals.
    Raises InvalidRequest if window < 2.
    """
    width = whole(window, "window", least=2)
    return like(close, _rsi(floats(close, "close"), width))


@kernel
def _ret(x: Floats, lag: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    run = 0
    for i in range(x.shape[0]):
        run = run + 1 if np.isfinite(x[i]) else 0
        if run > lag and x[i - lag] != 0.0:
            out[i] = x[i] / x[i - lag] - 1.0
    return out


@kernel
def _rsi(x: Floats, window: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    run = 0
    gain = 0.0
    loss = 0.0
    for i in range(x.shape[0]):
        if not np.isfinite(x[i]):
            run = 0
            gain = loss = 0.0
            continue
        run += 1
        if run == 1:
            continue
        change = x[i] - x[i - 1]
        up = max(change, 0.0)
        down = max(-change, 0.0)
        changes = run - 1
        if changes <= window:
            gain += up
            loss += down
            if changes < window:
                continue
            gain /= window
            loss /= window
        else:
            gain = (gain * (window - 1) + up) / window
            loss = (loss * (window - 1) + down) / window
        both = gain + loss
        out[i] = 100.0 * gain / both if both >= 1e-14 else 0.0  # TA-Lib's TA_IS_ZERO
    return out
