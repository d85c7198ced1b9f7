"""Changes of the price over a fixed number of bars."""

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


def roc(close: Numbers, bars: int = 10) -> Numbers:
    """Rate of change over ``bars`` bars, percent: 100 · ``ret``.

    close: float64 (n,), quote currency. Returns (n,); the first ``bars`` are NaN, and so is a row
    whose base is zero. Raises InvalidRequest if bars < 1. Equals TA-Lib's ROC.
    """
    lag = whole(bars, "bars", least=1)
    return like(close, 100.0 * _ret(floats(close, "close"), lag))


def momentum(close: Numbers, bars: int = 10) -> Numbers:
    """Change of the price over ``bars`` bars, quote currency.

    close: float64 (n,), quote currency. Returns (n,); the first ``bars`` are NaN.
    Raises InvalidRequest if bars < 1. Equals TA-Lib's MOM.
    """
    lag = whole(bars, "bars", least=1)
    return like(close, _momentum(floats(close, "close"), lag))


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
def _momentum(x: Floats, lag: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    run = 0
    for i in range(x.shape[0]):
        run = run + 1 if np.isfinite(x[i]) else 0
        if run > lag:
            out[i] = x[i] - x[i - lag]
    return out
