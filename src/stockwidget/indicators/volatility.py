"""Bands and volatility: how widely prices move."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np

from stockwidget.errors import InvalidRequest
from stockwidget.indicators.arrays import Floats, Numbers, floats, like, same_length, whole
from stockwidget.kernels import kernel


class Bollinger(NamedTuple, Generic[Numbers]):
    """Bands around a moving average, quote currency."""

    upper: Numbers
    mid: Numbers
    lower: Numbers


def bollinger(close: Numbers, window: int = 20, width: float = 2.0) -> Bollinger[Numbers]:
    """Bollinger bands: SMA ± ``width`` population deviations (ddof 0; Bollinger 2001).

    close: float64 (n,), quote currency. Returns three (n,); the first ``window`` − 1 are NaN.
    Raises InvalidRequest if window < 2 or width is not above zero. Equals TA-Lib's BBANDS.
    """
    bars = whole(window, "window", least=2)
    if not (np.isfinite(width) and width > 0):
        raise InvalidRequest(
            f"width must be a number above zero, not {width!r}.",
            hint="It counts standard deviations; 2 is usual.",
            field="width",
        )
    return Bollinger(
        *(like(close, out) for out in _bollinger(floats(close, "close"), bars, float(width)))
    )


def atr(high: Numbers, low: Numbers, close: Numbers, window: int = 14) -> Numbers:
    """Average true range (Wilder 1978).

    high, low, close: float64 (n,), quote currency. Returns (n,); the first ``window`` are NaN: the
    true range needs the close before, and TA-Lib's ATR, which this equals, leaves out the first bar
    (TradingView counts its high − low). Raises InvalidRequest if window < 1 or lengths differ.
    """
    width = whole(window, "window", least=1)
    h, lo, c = floats(high, "high"), floats(low, "low"), floats(close, "close")
    same_length(high=h, low=lo, close=c)
    return like(close, _atr(h, lo, c, width))


def volatility(close: Numbers, window: int = 252) -> Numbers:
    """Annualised historical volatility, a fraction: deviation (ddof 1) of log returns times √252.

    close: float64 (n,), above zero, quote currency. Returns (n,); the first ``window`` are NaN, and
    a price that is not above zero counts as NaN. Raises InvalidRequest if window < 2. Hull,
    "Options, Futures, and Other Derivatives", on estimating volatility from historical data.
    """
    width = whole(window, "window", least=2)
    return like(close, _volatility(floats(close, "close"), width))


@kernel
def _bollinger(x: Floats, window: int, width: float) -> Any:
    n = x.shape[0]
    upper = np.full(n, np.nan)
    mid = np.full(n, np.nan)
    lower = np.full(n, np.nan)
    run = 0
    for i in range(n):
        run = run + 1 if np.isfinite(x[i]) else 0
        if run < window:
            continue
        # Two passes a window: running squares lose calm windows of high prices to cancellation.
        total = 0.0
        for j in range(i - window + 1, i + 1):
            total += x[j]
        mean = total / window
        squares = 0.0
        for j in range(i - window + 1, i + 1):
            squares += (x[j] - mean) ** 2
        reach = width * np.sqrt(squares / window)
        upper[i] = mean + reach
        mid[i] = mean
        lower[i] = mean - reach
    return upper, mid, lower


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


@kernel
def _volatility(x: Floats, window: int) -> Any:
    n = x.shape[0]
    out = np.full(n, np.nan)
    moves = np.full(n, np.nan)
    run = 0
    for i in range(n):
        run = run + 1 if np.isfinite(x[i]) and x[i] > 0.0 else 0
        if run > 1:
            moves[i] = np.log(x[i] / x[i - 1])
        if run <= window:
            continue
        total = 0.0
        for j in range(i - window + 1, i + 1):
            total += moves[j]
        mean = total / window
        squares = 0.0
        for j in range(i - window + 1, i + 1):
            squares += (moves[j] - mean) ** 2
        out[i] = np.sqrt(squares / (window - 1) * 252.0)
    return out
