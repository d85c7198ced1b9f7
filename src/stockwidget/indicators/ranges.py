"""True range and its averages."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats, Numbers, columns, like, whole
from stockwidget.kernels import kernel


def atr(high: Numbers, low: Numbers, close: Numbers, window: int = 14) -> Numbers:
    """Average true range (Wilder 1978).

    high, low, close: float64 (n,), quote currency. Returns (n,); the first ``window`` are NaN: the
    true range needs the close before, and TA-Lib's ATR, which this equals, leaves out the first bar
    (TradingView counts its high − low). Raises InvalidRequest if window < 1 or lengths differ.
    """
    width = whole(window, "window", least=1)
    h, lo, c = columns(high=high, low=low, close=close)
    return like(close, _atr(h, lo, c, width))


def natr(high: Numbers, low: Numbers, close: Numbers, window: int = 14) -> Numbers:
    """Normalised average true range: 100 · ATR / close, percent.

    high, low, close: float64 (n,), quote currency. Returns (n,); the first ``window`` are NaN, and
    so is a row whose close is zero. Raises InvalidRequest if window < 1 or lengths differ. Equals
    TA-Lib's NATR.
    """
    width = whole(window, "window", least=1)
    h, lo, c = columns(high=high, low=low, close=close)
    base = np.where(c == 0.0, np.nan, c)
    return like(close, 100.0 * _atr(h, lo, c, width) / base)


@kernel
def _atr(high: Floats, low: Floats, close: Floats, window: int) -> Any:
    out = np.full(close.shape[0], np.nan)
    run = 0
    value = 0.0
    for i in range(close.shape[0]):
        if not (np.isfinite(high[i]) and np.isfinite(low[i]) and np.isfinite(close[i])):
            run = 0
            value = 0.0
            continue
        run += 1
        if run == 1:
            continue
        before = close[i - 1]
        reach = max(high[i] - low[i], abs(high[i] - before), abs(low[i] - before))
        ranges = run - 1
        if ranges <= window:
            value += reach
            if ranges < window:
                continue
            value /= window
        else:
            value = (value * (window - 1) + reach) / window
        out[i] = value
    return out
