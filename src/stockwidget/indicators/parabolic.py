"""Parabolic stop and reverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.errors import InvalidRequest
from stockwidget.indicators.arrays import Floats, Numbers, above_zero, columns, like
from stockwidget.kernels import kernel, step


def parabolic_sar(
    high: Numbers, low: Numbers, acceleration: float = 0.02, maximum: float = 0.2
) -> Numbers:
    """Parabolic stop and reverse (Wilder 1978): under a rise, above a fall.

    high, low: float64 (n,), quote currency. Returns (n,); the first is NaN. The first direction is
    that of the second bar: down if its low fell by more than its high rose. Raises InvalidRequest
    if a factor is not above zero, acceleration exceeds maximum or lengths differ. Equals TA-Lib's
    SAR.
    """
    pace = above_zero(acceleration, "acceleration", hint="0.02 is usual.")
    most = above_zero(maximum, "maximum", hint="0.2 is usual.")
    if pace > most:
        raise InvalidRequest(
            f"acceleration ({pace}) must not exceed maximum ({most}).",
            hint="The usual pair is 0.02 and 0.2.",
            field="acceleration",
        )
    h, lo = columns(high=high, low=low)
    return like(high, _parabolic_sar(h, lo, pace, most))


@step
def sar_step(state: Any, high: float, low: float, pace: float, most: float) -> Any:
    """State: bars in a row, last high and low, 1 in a rise, next stop, extreme, factor, this stop.

    It counts from the second bar on.
    """
    run, top, bottom, rising, stop, extreme, factor, _ = state
    if not (np.isfinite(high) and np.isfinite(low)):
        return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    run += 1.0
    if run == 1.0:
        return run, high, low, 0.0, 0.0, 0.0, 0.0, 0.0
    before_high, before_low = top, bottom
    if run == 2.0:
        fall = bottom - low
        rising = 0.0 if fall > 0.0 and fall > high - top else 1.0
        stop = bottom if rising else top
        extreme = high if rising else low
        factor = pace
        before_high, before_low = high, low  # as TA-Lib: the first bar clamps by itself
    shown = stop
    if rising and low <= stop:
        rising = 0.0
        shown = max(extreme, before_high, high)
        extreme, factor = low, pace
    elif not rising and high >= stop:
        rising = 1.0
        shown = min(extreme, before_low, low)
        extreme, factor = high, pace
    elif rising and high > extreme:
        extreme, factor = high, min(factor + pace, most)
    elif not rising and low < extreme:
        extreme, factor = low, min(factor + pace, most)
    stop = shown + factor * (extreme - shown)
    stop = min(stop, before_low, low) if rising else max(stop, before_high, high)
    return run, high, low, rising, stop, extreme, factor, shown


@kernel
def _parabolic_sar(high: Floats, low: Floats, acceleration: float, most: float) -> Any:
    out = np.full(high.shape[0], np.nan)
    state = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for i in range(high.shape[0]):
        state = sar_step(state, high[i], low[i], acceleration, most)
        if state[0] > 1.0:
            out[i] = state[7]
    return out
