"""Oscillators of the close or the typical price: RSI and CCI."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import (
    Floats,
    Numbers,
    columns,
    floats,
    is_tdx,
    like,
    whole,
)
from stockwidget.indicators.averages import wilder_on
from stockwidget.kernels import kernel, step
from stockwidget.vectors import larger


def rsi(close: Numbers, window: int = 14, *, convention: str = "talib") -> Numbers:
    """Relative strength index, 0 to 100 (Wilder 1978).

    close: float64 (n,), quote currency. Returns (n,). Gains and losses are averaged by Wilder's
    smoothing. "talib" seeds it by their plain mean over the first ``window`` changes, so that the
    first ``window`` are NaN; "tdx" by the first change: only the first is NaN. Prices that never
    moved give 0, as in TA-Lib's RSI, which the former equals. Raises InvalidRequest if window < 2.
    """
    width = whole(window, "window", least=2)
    warm = 1 if is_tdx(convention) else width
    return like(close, _rsi(floats(close, "close"), width, warm))


def cci(high: Numbers, low: Numbers, close: Numbers, window: int = 20) -> Numbers:
    """Commodity channel index (Lambert 1980).

    Distance of the typical price (high + low + close) / 3 from its mean, in units of 0.015 mean
    absolute deviations. high, low, close: float64 (n,), quote currency. Returns (n,); the first
    ``window`` − 1 are NaN; prices that never moved give 0. Raises InvalidRequest if window < 2 or
    lengths differ. Equals TA-Lib's CCI.
    """
    width = whole(window, "window", least=2)
    h, lo, c = columns(high=high, low=low, close=close)
    return like(close, _cci(h, lo, c, width))


@step
def moves(before: Any, x: Any) -> Any:
    """Return the gain and the loss of one bar, one of which is 0."""
    return larger(x - before, 0.0), larger(before - x, 0.0)


@step
def rsi_step(state: Any, x: float, window: float, warm: float) -> Any:
    """State: values in a row, the last, mean gain and loss; it counts from warm + 1 values on."""
    run, before, gain, loss = state
    if not np.isfinite(x):
        return 0.0, 0.0, 0.0, 0.0
    if run == 0.0:
        return 1.0, x, 0.0, 0.0
    up, down = moves(before, x)
    if run <= warm:
        gain += up
        loss += down
        if run == warm:
            gain /= warm
            loss /= warm
    else:
        gain = wilder_on(gain, up, window)
        loss = wilder_on(loss, down, window)
    return run + 1.0, x, gain, loss


@step
def rsi_of(gain: float, loss: float) -> float:
    """Return the index of two mean changes."""
    both = gain + loss
    return 100.0 * gain / both if both >= 1e-14 else 0.0  # TA-Lib's TA_IS_ZERO


@kernel
def _rsi(x: Floats, window: int, warm: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    state = (0.0, 0.0, 0.0, 0.0)
    for i in range(x.shape[0]):
        state = rsi_step(state, x[i], float(window), float(warm))
        if state[0] > warm:
            out[i] = rsi_of(state[2], state[3])
    return out


@kernel
def _cci(high: Floats, low: Floats, close: Floats, window: int) -> Any:
    n = close.shape[0]
    out = np.full(n, np.nan)
    typical = (high + low + close) / 3.0
    run = 0
    for i in range(n):
        run = run + 1 if np.isfinite(typical[i]) else 0
        if run < window:
            continue
        total = 0.0
        for j in range(i - window + 1, i + 1):
            total += typical[j]
        mean = total / window
        spread = 0.0
        for j in range(i - window + 1, i + 1):
            spread += abs(typical[j] - mean)
        # A flat window's mean may be off by a rounding, which would be read as a deviation.
        flat = spread <= 1e-14 * window * abs(mean)
        out[i] = 0.0 if flat else (typical[i] - mean) / (0.015 * spread / window)
    return out
