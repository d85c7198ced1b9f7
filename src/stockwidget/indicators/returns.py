"""Rolling statistics of returns, and the fall from the highest close."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats, Numbers, columns, floats, like, whole
from stockwidget.kernels import kernel, step


def volatility(close: Numbers, window: int = 252) -> Numbers:
    """Annualised historical volatility, a fraction: deviation (ddof 1) of log returns times √252.

    close: float64 (n,), above zero, quote currency. Returns (n,); the first ``window`` are NaN, and
    a price that is not above zero counts as NaN. Raises InvalidRequest if window < 2. Hull,
    "Options, Futures, and Other Derivatives", on estimating volatility from historical data.
    """
    width = whole(window, "window", least=2)
    return like(close, _volatility(floats(close, "close"), width))


def beta(close: Numbers, benchmark: Numbers, window: int = 252) -> Numbers:
    """Slope of the simple returns of ``close`` on those of ``benchmark``.

    close, benchmark: float64 (n,), above zero, same bars. Returns (n,); the first ``window`` are
    NaN, a price that is not above zero counts as NaN, and a benchmark that never moved gives NaN
    (TA-Lib: 0). Raises InvalidRequest if window < 2 or lengths differ. Equals TA-Lib's BETA, whose
    first argument is the benchmark.
    """
    w = whole(window, "window", least=2)
    c, b = columns(close=close, benchmark=benchmark)
    return like(close, _comoving(c, b, w, False))


def correlation(close: Numbers, benchmark: Numbers, window: int = 252) -> Numbers:
    """Pearson correlation of the simple returns of two price series, −1 to 1.

    close, benchmark: float64 (n,), above zero, same bars. Returns (n,); the first ``window`` are
    NaN, a price that is not above zero counts as NaN, and a series that never moved gives NaN.
    Raises InvalidRequest if window < 2 or lengths differ. Equals TA-Lib's CORREL of two ROCP.
    """
    w = whole(window, "window", least=2)
    c, b = columns(close=close, benchmark=benchmark)
    return like(close, _comoving(c, b, w, True))


def drawdown(close: Numbers) -> Numbers:
    """Fall of the close below its highest so far, a fraction from −1 to 0.

    close: float64 (n,), above zero, quote currency. Returns (n,), from the first bar on; a price
    that is not above zero counts as NaN.
    """
    return like(close, _drawdown(floats(close, "close")))


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


@kernel
def _comoving(close: Floats, benchmark: Floats, window: int, scaled: bool) -> Any:
    n = close.shape[0]
    out = np.full(n, np.nan)
    ours = np.full(n, np.nan)
    theirs = np.full(n, np.nan)
    run = 0
    for i in range(n):
        fine = np.isfinite(close[i]) and np.isfinite(benchmark[i])
        run = run + 1 if fine and close[i] > 0.0 and benchmark[i] > 0.0 else 0
        if run > 1:
            ours[i] = close[i] / close[i - 1] - 1.0
            theirs[i] = benchmark[i] / benchmark[i - 1] - 1.0
        if run <= window:
            continue
        mean_ours = ours[i - window + 1 : i + 1].sum() / window
        mean_theirs = theirs[i - window + 1 : i + 1].sum() / window
        both = var_ours = var_theirs = 0.0
        for j in range(i - window + 1, i + 1):
            a = ours[j] - mean_ours
            b = theirs[j] - mean_theirs
            both += a * b
            var_ours += a * a
            var_theirs += b * b
        # A deviation of 1e-14 is the rounding of prices that did not move.
        least = window * 1e-28
        if var_theirs <= least or (scaled and var_ours <= least):
            continue
        if scaled:
            out[i] = max(-1.0, min(1.0, both / np.sqrt(var_ours * var_theirs)))
        else:
            out[i] = both / var_theirs
    return out


@step
def peak_step(state: Any, x: float) -> Any:
    """State: the highest price so far, 0 if there is none, and the last."""
    peak = state[0]
    if not (np.isfinite(x) and x > 0.0):
        return 0.0, 0.0
    return max(peak, x), x


@kernel
def _drawdown(x: Floats) -> Any:
    out = np.full(x.shape[0], np.nan)
    state = (0.0, 0.0)
    for i in range(x.shape[0]):
        state = peak_step(state, x[i])
        if state[0] > 0.0:
            out[i] = x[i] / state[0] - 1.0
    return out
