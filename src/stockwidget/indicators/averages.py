"""Moving averages, and MACD that is made of them.

Where TA-Lib and Chinese software differ, ``convention`` chooses: "talib" seeds an average by the
mean of its first window, "tdx" (Tongdaxin, 通达信) by its first value, and doubles MACD's bars.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np

from stockwidget.errors import InvalidRequest
from stockwidget.indicators.arrays import Floats, Numbers, floats, is_tdx, like, whole
from stockwidget.kernels import kernel, step


class Macd(NamedTuple, Generic[Numbers]):
    """MACD line, its signal, and their difference (doubled by convention="tdx")."""

    dif: Numbers
    dea: Numbers
    hist: Numbers


def sma(close: Numbers, window: int = 20) -> Numbers:
    """Simple moving average.

    close: float64 (n,), quote currency. Returns (n,); the first ``window`` − 1 are NaN.
    Raises InvalidRequest if window < 1. Equals TA-Lib's SMA.
    """
    width = whole(window, "window", least=1)
    return like(close, _sma(floats(close, "close"), width))


def ema(close: Numbers, window: int = 20, *, convention: str = "talib") -> Numbers:
    """Exponential moving average with α = 2 / (window + 1).

    close: float64 (n,), quote currency. Returns (n,). "talib" seeds by the SMA of the first window,
    so that the first ``window`` − 1 are NaN; "tdx" by the first value, so that none is (pandas:
    ``ewm(span=window, adjust=False)``). Raises InvalidRequest if window < 1.
    """
    width = whole(window, "window", least=1)
    warm = 1 if is_tdx(convention) else width
    return like(close, _ema(floats(close, "close"), width, warm))


def wma(close: Numbers, window: int = 20) -> Numbers:
    """Linearly weighted moving average: the newest close weighs ``window``, the oldest 1.

    close: float64 (n,), quote currency. Returns (n,); the first ``window`` − 1 are NaN.
    Raises InvalidRequest if window < 1. Equals TA-Lib's WMA.
    """
    width = whole(window, "window", least=1)
    return like(close, _wma(floats(close, "close"), width))


def macd(
    close: Numbers, fast: int = 12, slow: int = 26, signal: int = 9, *, convention: str = "talib"
) -> Macd[Numbers]:
    """Moving average convergence/divergence (Appel 1979).

    close: float64 (n,), quote currency. Returns three (n,). "talib": the first
    ``slow + signal`` − 2 are NaN in all of them, and both averages are seeded at bar ``slow`` − 1,
    as in TA-Lib's MACD, which this equals (TradingView seeds each at its own window). "tdx":
    averages start with the first close, and ``hist`` is 2 · (dif − dea). Raises InvalidRequest if
    fast ≥ slow or if a window is below 2 (signal: 1).
    """
    f = whole(fast, "fast", least=2)
    s = whole(slow, "slow", least=2)
    g = whole(signal, "signal", least=1)
    if f >= s:
        raise InvalidRequest(
            f"fast ({f}) must be below slow ({s}).",
            hint="The usual pair is 12 and 26.",
            field="fast",
        )
    x = floats(close, "close")
    if is_tdx(convention):
        dif = _ema(x, f, 1) - _ema(x, s, 1)
        dea = _ema(dif, g, 1)
        found = (dif, dea, 2.0 * (dif - dea))
    else:
        found = _macd(x, f, s, g)
    return Macd(*(like(close, out) for out in found))


@step
def plus(total: float, lost: float, x: float) -> tuple[float, float]:
    """Add ``x`` to the exact sum ``total + lost`` (Knuth's two-sum).

    With 106 bits, sums of prices are exact: what left a window leaves nothing behind, whatever its
    size, and a window's sum does not depend on how it was reached.
    """
    after = total + x
    part = after - total
    return after, lost + ((total - (after - part)) + (x - part))


@step
def share(total: float, lost: float, window: int) -> float:
    """Return the exact sum ``total + lost`` by ``window``, rounded once.

    So the mean of equal prices is that price: rounding twice lays one in ten of them above or below
    it, and ``close > sma(20)`` would then hold of a price that stands still. What the quotient
    leaves is found by Dekker's product: 26 bits of it times a window are exact.
    """
    mean = (total + lost) / window
    if abs(mean) > 1e290:  # its split would overflow
        return mean
    split = 134217729.0 * mean
    high = split - (split - mean)
    left = ((total - high * window) - (mean - high) * window) + lost
    return mean + left / window


@kernel
def _sma(x: Floats, window: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    run = 0
    total = lost = 0.0
    for i in range(x.shape[0]):
        if not np.isfinite(x[i]):
            run = 0
            total = lost = 0.0
            continue
        run += 1
        if run > window:
            total, lost = plus(total, lost, -x[i - window])
        total, lost = plus(total, lost, x[i])
        if run >= window:
            out[i] = share(total, lost, window)
    return out


@step
def mean_with(mean: float, x: float, count: float) -> float:
    """Return the mean of ``count`` values, of which ``x`` is the last; equal ones are their mean.

    A sum that is divided may lie beside them by a rounding: ``close > ema(20)`` would then hold of
    one in three prices that stand still.
    """
    return mean + (x - mean) / count


@step
def ema_on(mean: Any, x: Any, window: float) -> Any:
    """Return the exponential mean after one more value."""
    return mean + 2.0 / (window + 1.0) * (x - mean)


@step
def wilder_on(mean: Any, x: Any, window: float) -> Any:
    """Return Wilder's mean, which is Chinese software's SMA(X, window, 1), after one more value."""
    return (mean * (window - 1.0) + x) / window


@step
def ema_step(state: Any, x: float, window: float, warm: float) -> Any:
    """State: finite values in a row, average; it counts from ``warm`` values on."""
    run, value = state
    if not np.isfinite(x):
        return 0.0, 0.0
    run += 1.0
    value = mean_with(value, x, run) if run <= warm else ema_on(value, x, window)
    return run, value


@kernel
def _ema(x: Floats, window: int, warm: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    state = (0.0, 0.0)
    for i in range(x.shape[0]):
        state = ema_step(state, x[i], float(window), float(warm))
        if state[0] >= warm:
            out[i] = state[1]
    return out


@kernel
def _wma(x: Floats, window: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    weights = window * (window + 1) / 2
    run = 0
    for i in range(x.shape[0]):
        run = run + 1 if np.isfinite(x[i]) else 0
        if run < window:
            continue
        total = 0.0
        for j in range(window):
            total += (j + 1) * (x[i - window + 1 + j] - x[i])
        out[i] = x[i] + total / weights
    return out


@step
def macd_step(state: Any, x: float, fast: float, slow: float, signal: float) -> Any:
    """State: values in a row, both averages, signal; it counts from slow + signal − 1 values on."""
    run, quick, calm, mark = state
    if not np.isfinite(x):
        return 0.0, 0.0, 0.0, 0.0
    run += 1.0
    if run <= slow:
        calm = mean_with(calm, x, run)
        if run > slow - fast:
            quick = mean_with(quick, x, run - slow + fast)
        if run < slow:
            return run, quick, calm, mark
    else:
        calm = ema_on(calm, x, slow)
        quick = ema_on(quick, x, fast)
    line = quick - calm
    age = run - slow + 1.0
    mark = mean_with(mark, line, age) if age <= signal else ema_on(mark, line, signal)
    return run, quick, calm, mark


@kernel
def _macd(x: Floats, fast: int, slow: int, signal: int) -> Any:
    n = x.shape[0]
    dif = np.full(n, np.nan)
    dea = np.full(n, np.nan)
    hist = np.full(n, np.nan)
    state = (0.0, 0.0, 0.0, 0.0)
    for i in range(n):
        state = macd_step(state, x[i], float(fast), float(slow), float(signal))
        if state[0] >= slow + signal - 1:
            dif[i] = state[1] - state[2]
            dea[i] = state[3]
            hist[i] = dif[i] - dea[i]
    return dif, dea, hist
