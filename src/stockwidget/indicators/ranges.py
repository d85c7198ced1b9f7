"""True range and its averages."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats, Numbers, columns, like, whole
from stockwidget.indicators.averages import wilder_on
from stockwidget.kernels import kernel, step
from stockwidget.vectors import larger


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


@step
def true_range(high: Any, low: Any, before: Any) -> Any:
    """Return how far a bar reaches, the close before included."""
    return larger(larger(high - low, abs(high - before)), abs(low - before))


@step
def atr_step(state: Any, high: float, low: float, close: float, window: float) -> Any:
    """State: bars in a row, last close, average; it counts from window + 1 bars on."""
    run, before, value = state
    if not (np.isfinite(high) and np.isfinite(low) and np.isfinite(close)):
        return 0.0, 0.0, 0.0
    if run == 0.0:
        return 1.0, close, 0.0
    reach = true_range(high, low, before)
    if run <= window:
        value += reach
        if run == window:
            value /= window
    else:
        value = wilder_on(value, reach, window)
    return run + 1.0, close, value


@kernel
def _atr(high: Floats, low: Floats, close: Floats, window: int) -> Any:
    out = np.full(close.shape[0], np.nan)
    state = (0.0, 0.0, 0.0)
    for i in range(close.shape[0]):
        state = atr_step(state, high[i], low[i], close[i], float(window))
        if state[0] > window:
            out[i] = state[2]
    return out
