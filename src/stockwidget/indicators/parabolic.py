"""Parabolic stop and reverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.errors import InvalidRequest
from stockwidget.indicators.arrays import Floats, Numbers, above_zero, columns, like
from stockwidget.kernels import kernel


def parabolic_sar(
    high: Numbers, low: Numbers, acceleration: float = 0.02, maximum: float = 0.2
) -> Numbers:
    """Parabolic stop and reverse (Wilder 1978): under a rise, above a fall.

    high, low: float64 (n,), quote currency. Returns (n,); the first is NaN. The first direction is
    that of the second bar: down if its low fell by more than its high rose. Raises InvalidRequest
    if a factor is not above zero, acceleration exceeds maximum or lengths differ. Equals TA-Lib's
    SAR.
    """
    step = above_zero(acceleration, "acceleration", hint="0.02 is usual.")
    most = above_zero(maximum, "maximum", hint="0.2 is usual.")
    if step > most:
        raise InvalidRequest(
            f"acceleration ({step}) must not exceed maximum ({most}).",
            hint="The usual pair is 0.02 and 0.2.",
            field="acceleration",
        )
    h, lo = columns(high=high, low=low)
    return like(high, _parabolic_sar(h, lo, step, most))


@kernel
def _parabolic_sar(high: Floats, low: Floats, step: float, most: float) -> Any:
    out = np.full(high.shape[0], np.nan)
    run = 0
    rising = True
    stop = extreme = factor = 0.0
    for i in range(high.shape[0]):
        if not (np.isfinite(high[i]) and np.isfinite(low[i])):
            run = 0
            continue
        run += 1
        if run == 1:
            continue
        if run == 2:
            fall = low[i - 1] - low[i]
            rising = not (fall > 0.0 and fall > high[i] - high[i - 1])
            stop = low[i - 1] if rising else high[i - 1]
            extreme = high[i] if rising else low[i]
            factor = step
            before_low, before_high = low[i], high[i]  # as TA-Lib: the first bar clamps by itself
        else:
            before_low, before_high = low[i - 1], high[i - 1]
        if rising and low[i] <= stop:
            rising = False
            stop = max(extreme, before_high, high[i])
            out[i] = stop
            extreme, factor = low[i], step
            stop = max(stop + factor * (extreme - stop), before_high, high[i])
        elif not rising and high[i] >= stop:
            rising = True
            stop = min(extreme, before_low, low[i])
            out[i] = stop
            extreme, factor = high[i], step
            stop = min(stop + factor * (extreme - stop), before_low, low[i])
        elif rising:
            out[i] = stop
            if high[i] > extreme:
                extreme, factor = high[i], min(factor + step, most)
            stop = min(stop + factor * (extreme - stop), before_low, low[i])
        else:
            out[i] = stop
            if low[i] < extreme:
                extreme, factor = low[i], min(factor + step, most)
            stop = max(stop + factor * (extreme - stop), before_high, high[i])
    return out
