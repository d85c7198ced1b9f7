"""Bands around and above the price: Bollinger, Donchian, Keltner."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np

from stockwidget.indicators.arrays import (
    Floats,
    Numbers,
    above_zero,
    columns,
    floats,
    like,
    whole,
)
from stockwidget.indicators.averages import ema_on, mean_with, wilder_on
from stockwidget.indicators.ranges import true_range
from stockwidget.kernels import kernel, step

_USUAL = "It counts standard deviations; 2 is usual."


class Bands(NamedTuple, Generic[Numbers]):
    """Upper, middle and lower band, quote currency."""

    upper: Numbers
    mid: Numbers
    lower: Numbers


def bollinger(close: Numbers, window: int = 20, width: float = 2.0) -> Bands[Numbers]:
    """Bollinger bands: SMA ± ``width`` population deviations (ddof 0; Bollinger 2001).

    close: float64 (n,), quote currency. Returns three (n,); the first ``window`` − 1 are NaN.
    Raises InvalidRequest if window < 2 or width is not above zero. Equals TA-Lib's BBANDS.
    """
    bars = whole(window, "window", least=2)
    reach = above_zero(width, "width", hint=_USUAL)
    return Bands(*(like(close, out) for out in _bollinger(floats(close, "close"), bars, reach)))


def percent_b(close: Numbers, window: int = 20, width: float = 2.0) -> Numbers:
    """Bollinger's %B: 0 at the lower band, 1 at the upper (Bollinger 2001).

    close: float64 (n,), quote currency. Returns (n,), a fraction; the first ``window`` − 1 are NaN,
    and so is a row whose bands have no width. Raises InvalidRequest as ``bollinger`` does.
    """
    x = floats(close, "close")
    upper, mid, lower = bollinger(x, window, width)
    return like(close, (x - lower) / _open(upper - lower, mid))


def bandwidth(close: Numbers, window: int = 20, width: float = 2.0) -> Numbers:
    """Bollinger's band width: (upper − lower) / mid (Bollinger 2001).

    close: float64 (n,), quote currency. Returns (n,), a fraction; the first ``window`` − 1 are NaN,
    and so is a row whose mean is zero. Raises InvalidRequest as ``bollinger`` does.
    """
    upper, mid, lower = bollinger(floats(close, "close"), window, width)
    return like(close, (upper - lower) / np.where(mid == 0.0, np.nan, mid))


def donchian(high: Numbers, low: Numbers, window: int = 20) -> Bands[Numbers]:
    """Donchian channel: highest high, lowest low and their middle, this bar included.

    high, low: float64 (n,), quote currency. Returns three (n,); the first ``window`` − 1 are NaN.
    Raises InvalidRequest if window < 1 or lengths differ. Equals TA-Lib's DONCHIAN.
    """
    w = whole(window, "window", least=1)
    h, lo = columns(high=high, low=low)
    return Bands(*(like(high, out) for out in _donchian(h, lo, w)))


def keltner(
    high: Numbers,
    low: Numbers,
    close: Numbers,
    window: int = 20,
    atr_window: int = 10,
    width: float = 2.0,
) -> Bands[Numbers]:
    """Keltner channel: EMA of the typical price ± ``width`` average true ranges (Keltner 1960).

    high, low, close: float64 (n,), quote currency. Returns three (n,); the first
    max(``window`` − 1, ``atr_window``) are NaN, and both averages are seeded to end there, as in
    TA-Lib's KC, which this equals. Raises InvalidRequest if a window is below 1, width is not above
    zero or lengths differ.
    """
    w = whole(window, "window", least=1)
    a = whole(atr_window, "atr_window", least=1)
    reach = above_zero(width, "width", hint="It counts average true ranges; 2 is usual.")
    h, lo, c = columns(high=high, low=low, close=close)
    found = _keltner(h, lo, c, w, a, reach)
    return Bands(*(like(close, out) for out in found))


def _open(width: Floats, mid: Floats) -> Floats:
    """Return ``width``, NaN where it is no more than the rounding of a flat window's mean."""
    return np.where(width > 1e-12 * np.abs(mid), width, np.nan)


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
            total += x[j] - x[i]  # so that equal prices are their mean, to the last bit
        mean = x[i] + total / window
        squares = 0.0
        for j in range(i - window + 1, i + 1):
            squares += (x[j] - mean) ** 2
        reach = width * np.sqrt(squares / window)
        upper[i] = mean + reach
        mid[i] = mean
        lower[i] = mean - reach
    return upper, mid, lower


@kernel
def _donchian(high: Floats, low: Floats, window: int) -> Any:
    n = high.shape[0]
    upper = np.full(n, np.nan)
    mid = np.full(n, np.nan)
    lower = np.full(n, np.nan)
    run = 0
    for i in range(n):
        run = run + 1 if np.isfinite(high[i]) and np.isfinite(low[i]) else 0
        if run < window:
            continue
        upper[i] = high[i - window + 1 : i + 1].max()
        lower[i] = low[i - window + 1 : i + 1].min()
        mid[i] = (upper[i] + lower[i]) / 2.0
    return upper, mid, lower


@step
def keltner_step(
    state: Any, high: float, low: float, close: float, window: float, atr_window: float
) -> Any:
    """State: bars in a row, last close, mean of the typical price, average true range.

    It counts from max(window, atr_window + 1) bars on, when both averages are seeded.
    """
    run, before, mean, reach = state
    if not (np.isfinite(high) and np.isfinite(low) and np.isfinite(close)):
        return 0.0, 0.0, 0.0, 0.0
    run += 1.0
    ready = max(window, atr_window + 1.0)
    typical = close + ((high - close) + (low - close)) / 3.0  # exact where all are equal
    if run <= ready:
        if run > ready - window:
            mean = mean_with(mean, typical, run - ready + window)
    else:
        mean = ema_on(mean, typical, window)
    if run > ready - atr_window:
        spread = true_range(high, low, before)
        if run <= ready:
            reach = mean_with(reach, spread, run - ready + atr_window)
        else:
            reach = wilder_on(reach, spread, atr_window)
    return run, close, mean, reach


@kernel
def _keltner(
    high: Floats, low: Floats, close: Floats, window: int, atr_window: int, width: float
) -> Any:
    n = close.shape[0]
    upper = np.full(n, np.nan)
    mid = np.full(n, np.nan)
    lower = np.full(n, np.nan)
    state = (0.0, 0.0, 0.0, 0.0)
    for i in range(n):
        state = keltner_step(state, high[i], low[i], close[i], float(window), float(atr_window))
        if state[0] >= max(window, atr_window + 1):
            upper[i] = state[2] + width * state[3]
            mid[i] = state[2]
            lower[i] = state[2] - width * state[3]
    return upper, mid, lower
