"""Volume: flow, weight and liveliness. A halted day is a bar with volume 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget.indicators.arrays import Floats, Numbers, columns, floats, like, whole
from stockwidget.kernels import kernel, step
from stockwidget.vectors import choose


def obv(close: Numbers, volume: Numbers) -> Numbers:
    """On-balance volume (Granville 1963): volume added on a rise, taken off on a fall, in shares.

    close: float64 (n,), quote currency; volume: float64 (n,), shares. Returns (n,), which starts as
    the first volume; only its changes mean something. Raises InvalidRequest if lengths differ.
    Equals TA-Lib's OBV.
    """
    c, v = columns(close=close, volume=volume)
    return like(close, _obv(c, v))


def mfi(high: Numbers, low: Numbers, close: Numbers, volume: Numbers, window: int = 14) -> Numbers:
    """Money flow index, 0 to 100: RSI's idea on typical price times volume (Quong, Soudack 1989).

    high, low, close: float64 (n,), quote currency; volume: float64 (n,), shares. Returns (n,); the
    first ``window`` are NaN; a window without flow (no trade, or prices that never moved) gives 0,
    as in TA-Lib's MFI, which this equals. Raises InvalidRequest if window < 2 or lengths differ.
    """
    w = whole(window, "window", least=2)
    h, lo, c, v = columns(high=high, low=low, close=close, volume=volume)
    return like(close, _mfi(h, lo, c, v, w))


def vwap(high: Numbers, low: Numbers, close: Numbers, volume: Numbers, window: int = 20) -> Numbers:
    """Rolling volume-weighted average of the typical price (high + low + close) / 3.

    high, low, close: float64 (n,), quote currency; volume: float64 (n,), shares. Returns (n,); the
    first ``window`` − 1 are NaN, and so is a window without any trade. Raises InvalidRequest if
    window < 1 or lengths differ. Equals TA-Lib's VWMA of the typical price; TA-Lib's VWAP sums up
    from the first bar instead.
    """
    w = whole(window, "window", least=1)
    h, lo, c, v = columns(high=high, low=low, close=close, volume=volume)
    return like(close, _vwap(h, lo, c, v, w))


def volume_ratio(volume: Numbers, window: int = 5) -> Numbers:
    """Volume ratio (量比) of daily bars: volume / mean volume of the ``window`` bars before.

    volume: float64 (n,), shares. Returns (n,); the first ``window`` are NaN, and so is a row after
    ``window`` bars without any trade; a halted day itself has 0. Raises InvalidRequest if
    window < 1. Equals TA-Lib's RVOL.
    """
    w = whole(window, "window", least=1)
    return like(volume, _volume_ratio(floats(volume, "volume"), w))


def turnover(volume: Numbers, shares: Numbers | float) -> Numbers:
    """Turnover rate (换手率): volume / shares outstanding, a fraction.

    volume: float64 (n,), shares; shares: float64 (n,) or one number, shares. Returns (n,); NaN
    where the number of shares is not known (NaN) or not above zero. Raises InvalidRequest if
    lengths differ.
    """
    sold = floats(volume, "volume")
    if isinstance(shares, np.ndarray | pd.Series):
        sold, count = columns(volume=sold, shares=shares)
    else:
        count = np.full(sold.shape, float(shares))
    known = np.isfinite(sold) & np.isfinite(count) & (count > 0.0)
    out: npt.NDArray[np.float64] = np.full(sold.shape, np.nan)
    np.divide(sold, count, out=out, where=known)
    return like(volume, out)


@step
def obv_on(total: Any, before: Any, close: Any, volume: Any) -> Any:
    """Return the sum after one more bar."""
    # Chosen without a branch, which nobody can predict: ten times as fast.
    fallen = choose(close < before, 0.0 - volume, 0.0)
    return total + choose(close > before, volume, fallen)


@step
def obv_step(state: Any, close: float, volume: float) -> Any:
    """State: 1 after a whole bar (else 0), its close, the sum."""
    run, before, total = state
    if not (np.isfinite(close) and np.isfinite(volume)):
        return 0.0, 0.0, 0.0
    if run == 0.0:
        return 1.0, close, volume
    return 1.0, close, obv_on(total, before, close, volume)


@kernel
def _obv(close: Floats, volume: Floats) -> Any:
    out = np.full(close.shape[0], np.nan)
    state = (0.0, 0.0, 0.0)
    for i in range(close.shape[0]):
        state = obv_step(state, close[i], volume[i])
        if state[0] > 0.0:
            out[i] = state[2]
    return out


@kernel
def _mfi(high: Floats, low: Floats, close: Floats, volume: Floats, window: int) -> Any:
    n = close.shape[0]
    out = np.full(n, np.nan)
    typical = (high + low + close) / 3.0
    run = 0
    for i in range(n):
        run = run + 1 if np.isfinite(typical[i]) and np.isfinite(volume[i]) else 0
        if run <= window:
            continue
        rise = 0.0
        fall = 0.0
        for j in range(i - window + 1, i + 1):
            change = typical[j] - typical[j - 1]
            # Equal sums of other prices differ by a rounding (89.65, MSFT in 2009): no move.
            if abs(change) <= 1e-14 * abs(typical[j]):
                continue
            if change > 0.0:
                rise += typical[j] * volume[j]
            else:
                fall += typical[j] * volume[j]
        flow = rise + fall
        out[i] = 100.0 * rise / flow if flow > 0.0 else 0.0
    return out


@kernel
def _vwap(high: Floats, low: Floats, close: Floats, volume: Floats, window: int) -> Any:
    n = close.shape[0]
    out = np.full(n, np.nan)
    typical = close + ((high - close) + (low - close)) / 3.0  # exact where all are equal
    run = 0
    for i in range(n):
        run = run + 1 if np.isfinite(typical[i]) and np.isfinite(volume[i]) else 0
        if run < window:
            continue
        money = 0.0
        sold = 0.0
        for j in range(i - window + 1, i + 1):
            money += (typical[j] - typical[i]) * volume[j]  # nothing where the price stood still
            sold += volume[j]
        if sold > 0.0:
            out[i] = typical[i] + money / sold
    return out


@kernel
def _volume_ratio(volume: Floats, window: int) -> Any:
    out = np.full(volume.shape[0], np.nan)
    run = 0
    for i in range(volume.shape[0]):
        run = run + 1 if np.isfinite(volume[i]) else 0
        if run <= window:
            continue
        before = volume[i - window : i].sum()
        if before > 0.0:
            out[i] = volume[i] * window / before
    return out
