"""Whether there is a trend, how strong it is and how old: ADX with ±DI, and Aroon."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np

from stockwidget.indicators.arrays import Floats, Numbers, columns, like, whole
from stockwidget.indicators.averages import wilder_on
from stockwidget.indicators.ranges import true_range
from stockwidget.kernels import kernel, step
from stockwidget.vectors import choose, ratio


class Adx(NamedTuple, Generic[Numbers]):
    """Strength of the trend and the two directions it is made of, 0 to 100."""

    adx: Numbers
    plus_di: Numbers
    minus_di: Numbers


class Aroon(NamedTuple, Generic[Numbers]):
    """How recent the high and the low are, 0 to 100, and their difference."""

    up: Numbers
    down: Numbers
    oscillator: Numbers


def adx(high: Numbers, low: Numbers, close: Numbers, window: int = 14) -> Adx[Numbers]:
    """Average directional index with +DI and −DI (Wilder 1978).

    high, low, close: float64 (n,), quote currency. Returns three (n,): the first 2 · ``window`` − 1
    of adx and the first ``window`` of both directions are NaN. Prices that never moved give 0.
    Raises InvalidRequest if window < 2 or lengths differ. Equals TA-Lib's ADX, PLUS_DI and
    MINUS_DI, whose sums start with ``window`` − 1 bars.
    """
    w = whole(window, "window", least=2)
    h, lo, c = columns(high=high, low=low, close=close)
    found = _adx(h, lo, c, w)
    return Adx(*(like(close, out) for out in found))


def aroon(high: Numbers, low: Numbers, window: int = 14) -> Aroon[Numbers]:
    """Aroon (Chande 1995): 100 · (window − bars since the extreme) / window.

    The extreme is that of the last ``window`` + 1 bars, the latest of equal ones. high, low:
    float64 (n,), quote currency. Returns three (n,); the first ``window`` are NaN. Raises
    InvalidRequest if window < 2 or lengths differ. Equals TA-Lib's AROON and AROONOSC.
    """
    w = whole(window, "window", least=2)
    h, lo = columns(high=high, low=low)
    found = _aroon(h, lo, w)
    return Aroon(*(like(high, out) for out in found))


@step
def adx_step(state: Any, high: float, low: float, close: float, window: float) -> Any:
    """State: bars in a row, last high, low, close, Wilder's sums of rise, fall, true range, mean.

    Both directions count from window + 1 bars on, the mean from 2 · window.
    """
    run, top, bottom, before, up, down, reach, mean = state
    if not (np.isfinite(high) and np.isfinite(low) and np.isfinite(close)):
        return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    run += 1.0
    if run == 1.0:
        return run, high, low, close, 0.0, 0.0, 0.0, 0.0
    if run > window:
        up, down, reach = directions_on(state, high, low, window)
    else:
        rise, fall = directions(top, bottom, high, low)
        up += rise
        down += fall
        reach += true_range(high, low, before)
    if run > 2.0 * window:
        mean = adx_on(mean, up, down, reach, window)
    elif run > window:
        known, strength = strength_of(up, down, reach)
        mean += choose(known, strength, 0.0)
        if run == 2.0 * window:
            mean /= window
    return run, high, low, close, up, down, reach, mean


@step
def directions(top: Any, bottom: Any, high: Any, low: Any) -> Any:
    """Return by how much a bar reaches above the one before and below it, the smaller one as 0."""
    rise = high - top
    fall = bottom - low
    # Chosen without branches, which no processor can foresee: a third faster.
    up = choose((rise > 0.0) & (rise > fall), rise, 0.0)
    return up, choose((fall > 0.0) & (fall > rise), fall, 0.0)


@step
def directions_on(state: Any, high: Any, low: Any, window: float) -> Any:
    """Return Wilder's sums of rise, fall and true range after one more bar; state: ``adx_step``."""
    _, top, bottom, before, up, down, reach, _ = state
    rise, fall = directions(top, bottom, high, low)
    share = 1.0 / window  # a processor divides one number in the time of five products
    spread = true_range(high, low, before)
    return up - up * share + rise, down - down * share + fall, reach - reach * share + spread


@step
def strength_of(up: Any, down: Any, reach: Any) -> Any:
    """Return whether there is a direction, and if so how much one of the two prevails, 0 to 100."""
    # +DI and −DI have the same divisor, which leaves their ratio; TA-Lib's TA_IS_ZERO
    both = up + down
    known = (reach >= 1e-14) & (100.0 * both >= 1e-14 * reach)
    return known, ratio(100.0 * abs(up - down), both)


@step
def adx_on(mean: Any, up: Any, down: Any, reach: Any, window: float) -> Any:
    """Return the mean strength after one more bar; one without direction leaves it."""
    known, strength = strength_of(up, down, reach)
    return choose(known, wilder_on(mean, strength, window), mean)


@step
def direction(moved: float, reach: float) -> float:
    """Return +DI or −DI of two of Wilder's sums."""
    return 100.0 * moved / reach if reach >= 1e-14 else 0.0


@kernel
def _adx(high: Floats, low: Floats, close: Floats, window: int) -> Any:
    n = close.shape[0]
    strength = np.full(n, np.nan)
    plus = np.full(n, np.nan)
    minus = np.full(n, np.nan)
    state = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for i in range(n):
        state = adx_step(state, high[i], low[i], close[i], float(window))
        if state[0] > window:
            plus[i] = direction(state[4], state[6])
            minus[i] = direction(state[5], state[6])
        if state[0] >= 2 * window:
            strength[i] = state[7]
    return strength, plus, minus


@kernel
def _aroon(high: Floats, low: Floats, window: int) -> Any:
    n = high.shape[0]
    up = np.full(n, np.nan)
    down = np.full(n, np.nan)
    balance = np.full(n, np.nan)
    run = 0
    for i in range(n):
        run = run + 1 if np.isfinite(high[i]) and np.isfinite(low[i]) else 0
        if run <= window:
            continue
        top = bottom = i - window
        for j in range(i - window + 1, i + 1):
            if high[j] >= high[top]:
                top = j
            if low[j] <= low[bottom]:
                bottom = j
        up[i] = 100.0 * (window - (i - top)) / window
        down[i] = 100.0 * (window - (i - bottom)) / window
        balance[i] = up[i] - down[i]
    return up, down, balance
