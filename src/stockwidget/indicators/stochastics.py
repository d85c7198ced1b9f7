"""Where the close lies in the range of the last bars: stochastic, KDJ, Williams %R."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np

from stockwidget.indicators.arrays import Floats, Numbers, columns, is_tdx, like, whole
from stockwidget.kernels import kernel


class Stochastic(NamedTuple, Generic[Numbers]):
    """Slow %K and its average %D, 0 to 100."""

    k: Numbers
    d: Numbers


class Kdj(NamedTuple, Generic[Numbers]):
    """K and D, 0 to 100, and J = 3K − 2D, which leaves that range."""

    k: Numbers
    d: Numbers
    j: Numbers


def stochastic(
    high: Numbers, low: Numbers, close: Numbers, window: int = 14, smooth: int = 3, signal: int = 3
) -> Stochastic[Numbers]:
    """Slow stochastic oscillator (Lane): raw %K averaged over ``smooth``, then ``signal`` bars.

    high, low, close: float64 (n,), quote currency. Returns two (n,); the first ``window + smooth +
    signal`` − 3 are NaN in both. A window without any range counts as 0. Raises InvalidRequest if
    a window is below 1 or lengths differ. Equals TA-Lib's STOCH with simple averages.
    """
    w = whole(window, "window", least=1)
    s = whole(smooth, "smooth", least=1)
    g = whole(signal, "signal", least=1)
    h, lo, c = columns(high=high, low=low, close=close)
    found = _stochastic(h, lo, c, w, s, g)
    return Stochastic(*(like(close, out) for out in found))


def kdj(
    high: Numbers,
    low: Numbers,
    close: Numbers,
    window: int = 9,
    smooth: int = 3,
    signal: int = 3,
    *,
    convention: str = "tdx",
) -> Kdj[Numbers]:
    """KDJ (随机指标), as Chinese software draws it.

    RSV = 100 · (close − lowest low) / (highest high − lowest low) over ``window`` bars;
    K = (RSV + (smooth − 1) · K before) / smooth, D the same of K by ``signal``, J = 3K − 2D.

    high, low, close: float64 (n,), quote currency. Returns three (n,). "tdx": K starts as the first
    RSV and D as the first K (Tongdaxin's SMA(X, N, 1)), so that the first ``window`` − 1 are NaN;
    in a window without range, where there is no RSV, K and D stay as they were. "talib": equals
    TA-Lib's KDJ, which seeds by plain means (``window + smooth + signal`` − 3 NaN) and takes RSV as
    0 there. Raises InvalidRequest if a window is below 1 or lengths differ.
    """
    w = whole(window, "window", least=1)
    s = whole(smooth, "smooth", least=1)
    g = whole(signal, "signal", least=1)
    h, lo, c = columns(high=high, low=low, close=close)
    found = _kdj(h, lo, c, w, s, g, is_tdx(convention))
    return Kdj(*(like(close, out) for out in found))


def williams_r(high: Numbers, low: Numbers, close: Numbers, window: int = 14) -> Numbers:
    """Williams %R, −100 to 0 (Williams 1979).

    high, low, close: float64 (n,), quote currency. Returns (n,); the first ``window`` − 1 are NaN;
    a window without range gives 0. Raises InvalidRequest if window < 1 or lengths differ. Equals
    TA-Lib's WILLR.
    """
    w = whole(window, "window", least=1)
    h, lo, c = columns(high=high, low=low, close=close)
    return like(close, _williams_r(h, lo, c, w))


@kernel
def _stochastic(
    high: Floats, low: Floats, close: Floats, window: int, smooth: int, signal: int
) -> Any:
    n = close.shape[0]
    raw = np.full(n, np.nan)
    slow = np.full(n, np.nan)
    k = np.full(n, np.nan)
    d = np.full(n, np.nan)
    run = 0
    for i in range(n):
        fine = np.isfinite(high[i]) and np.isfinite(low[i]) and np.isfinite(close[i])
        run = run + 1 if fine else 0
        if run < window:
            continue
        top = high[i - window + 1 : i + 1].max()
        bottom = low[i - window + 1 : i + 1].min()
        raw[i] = 100.0 * (close[i] - bottom) / (top - bottom) if top != bottom else 0.0
        if run < window + smooth - 1:
            continue
        slow[i] = raw[i - smooth + 1 : i + 1].sum() / smooth
        if run < window + smooth + signal - 2:
            continue
        k[i] = slow[i]
        d[i] = slow[i - signal + 1 : i + 1].sum() / signal
    return k, d


@kernel
def _kdj(  # noqa: C901 (one loop: splitting a kernel costs more than it clears up)
    high: Floats, low: Floats, close: Floats, window: int, smooth: int, signal: int, tdx: bool
) -> Any:
    n = close.shape[0]
    k = np.full(n, np.nan)
    d = np.full(n, np.nan)
    j = np.full(n, np.nan)
    warm_k = 1 if tdx else smooth
    warm_d = 1 if tdx else signal
    run = 0
    seen_k = seen_d = 0
    fast = slow = 0.0
    for i in range(n):
        if not (np.isfinite(high[i]) and np.isfinite(low[i]) and np.isfinite(close[i])):
            run = seen_k = seen_d = 0
            fast = slow = 0.0
            continue
        run += 1
        if run < window:
            continue
        top = high[i - window + 1 : i + 1].max()
        bottom = low[i - window + 1 : i + 1].min()
        if top != bottom or not tdx:
            rsv = 100.0 * (close[i] - bottom) / (top - bottom) if top != bottom else 0.0
            seen_k += 1
            if seen_k <= warm_k:
                fast += rsv
                if seen_k == warm_k:
                    fast /= warm_k
            else:
                fast = (fast * (smooth - 1) + rsv) / smooth
            if seen_k >= warm_k:
                seen_d += 1
                if seen_d <= warm_d:
                    slow += fast
                    if seen_d == warm_d:
                        slow /= warm_d
                else:
                    slow = (slow * (signal - 1) + fast) / signal
        if seen_d >= warm_d:
            k[i] = fast
            d[i] = slow
            j[i] = 3.0 * fast - 2.0 * slow
    return k, d, j


@kernel
def _williams_r(high: Floats, low: Floats, close: Floats, window: int) -> Any:
    out = np.full(close.shape[0], np.nan)
    run = 0
    for i in range(close.shape[0]):
        fine = np.isfinite(high[i]) and np.isfinite(low[i]) and np.isfinite(close[i])
        run = run + 1 if fine else 0
        if run < window:
            continue
        top = high[i - window + 1 : i + 1].max()
        bottom = low[i - window + 1 : i + 1].min()
        out[i] = -100.0 * (top - close[i]) / (top - bottom) if top != bottom else 0.0
    return out
