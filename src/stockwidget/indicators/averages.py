"""Moving averages, and MACD that is made of them.

Where TA-Lib and Chinese software differ, ``convention`` chooses: "talib" seeds an average by the
mean of its first window, "tdx" (Tongdaxin, 通达信) by its first value, and doubles MACD's bars.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np

from stockwidget.errors import InvalidRequest
from stockwidget.indicators.arrays import Floats, Numbers, floats, is_tdx, like, whole
from stockwidget.kernels import kernel


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


@kernel
def _sma(x: Floats, window: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    run = 0
    total = 0.0
    lost = 0.0  # Kahan: a price of 1e12 that left the window leaves nothing behind
    for i in range(x.shape[0]):
        if not np.isfinite(x[i]):
            run = 0
            total = 0.0
            lost = 0.0
            continue
        run += 1
        if run > window:
            part = -x[i - window] - lost
            after = total + part
            lost = (after - total) - part
            total = after
        part = x[i] - lost
        after = total + part
        lost = (after - total) - part
        total = after
        if run >= window:
            out[i] = total / window
    return out


@kernel
def _ema(x: Floats, window: int, warm: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    alpha = 2.0 / (window + 1.0)
    run = 0
    value = 0.0
    for i in range(x.shape[0]):
        if not np.isfinite(x[i]):
            run = 0
            value = 0.0
            continue
        run += 1
        if run <= warm:
            value += x[i]
            if run == warm:
                value /= warm
        else:
            value += alpha * (x[i] - value)
        if run >= warm:
            out[i] = value
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
            total += (j + 1) * x[i - window + 1 + j]
        out[i] = total / weights
    return out


@kernel
def _macd(x: Floats, fast: int, slow: int, signal: int) -> Any:
    n = x.shape[0]
    dif = np.full(n, np.nan)
    dea = np.full(n, np.nan)
    hist = np.full(n, np.nan)
    run = 0
    quick = 0.0
    calm = 0.0
    mark = 0.0
    for i in range(n):
        if not np.isfinite(x[i]):
            run = 0
            quick = calm = mark = 0.0
            continue
        run += 1
        if run <= slow:
            calm += x[i]
            if run > slow - fast:
                quick += x[i]
            if run < slow:
                continue
            calm /= slow
            quick /= fast
        else:
            calm += 2.0 / (slow + 1.0) * (x[i] - calm)
            quick += 2.0 / (fast + 1.0) * (x[i] - quick)
        line = quick - calm
        age = run - slow + 1
        if age <= signal:
            mark += line
            if age < signal:
                continue
            mark /= signal
        else:
            mark += 2.0 / (signal + 1.0) * (line - mark)
        dif[i] = line
        dea[i] = mark
        hist[i] = line - mark
    return dif, dea, hist
