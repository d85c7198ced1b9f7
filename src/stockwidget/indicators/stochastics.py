"""Where the close lies in the range of the last bars: stochastic, KDJ, Williams %R."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np

from stockwidget.indicators.arrays import Floats, Numbers, columns, is_tdx, like, whole
from stockwidget.indicators.averages import wilder_on
from stockwidget.kernels import kernel, step
from stockwidget.vectors import choose, ratio


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


@step
def rsv_of(close: Any, top: Any, bottom: Any) -> Any:
    """Return where the close lies between the extremes, 0 to 100; 0 if they are one."""
    share = ratio(100.0 * (close - bottom), top - bottom)
    return choose(top == bottom, 0.0, share)


@step
def kdj_step(
    state: Any,
    place: tuple[float, float, float],
    fine: bool,
    window: float,
    smooth: float,
    signal: float,
    tdx: bool,
) -> Any:
    """State: whole bars in a row, RSVs and Ks averaged so far, K, D; see ``_kdj``.

    place: close, highest high and lowest low of the window, which are read when it is full.
    """
    run, seen_k, seen_d, fast, slow = state
    close, top, bottom = place
    if not fine:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    run += 1.0
    if run >= window and (top != bottom or not tdx):
        rsv = rsv_of(close, top, bottom)
        seen_k += 1.0
        if seen_k <= (1.0 if tdx else smooth):
            fast += rsv
            if not tdx and seen_k == smooth:
                fast /= smooth
        else:
            fast = wilder_on(fast, rsv, smooth)
        if tdx or seen_k >= smooth:
            seen_d += 1.0
            if seen_d <= (1.0 if tdx else signal):
                slow += fast
                if not tdx and seen_d == signal:
                    slow /= signal
            else:
                slow = wilder_on(slow, fast, signal)
    return run, seen_k, seen_d, fast, slow


@kernel
def _kdj(
    high: Floats, low: Floats, close: Floats, window: int, smooth: int, signal: int, tdx: bool
) -> Any:
    n = close.shape[0]
    k = np.full(n, np.nan)
    d = np.full(n, np.nan)
    j = np.full(n, np.nan)
    state = (0.0, 0.0, 0.0, 0.0, 0.0)
    warm = 1.0 if tdx else float(signal)
    for i in range(n):
        fine = np.isfinite(high[i]) and np.isfinite(low[i]) and np.isfinite(close[i])
        top = bottom = 0.0
        if fine and state[0] + 1.0 >= window:
            top = high[i - window + 1 : i + 1].max()
            bottom = low[i - window + 1 : i + 1].min()
        place = (close[i], top, bottom)
        state = kdj_step(state, place, fine, float(window), float(smooth), float(signal), tdx)
        if state[0] >= window and state[2] >= warm:
            k[i] = state[3]
            d[i] = state[4]
            j[i] = 3.0 * state[3] - 2.0 * state[4]
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
