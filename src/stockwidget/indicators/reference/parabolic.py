"""The twin of ``parabolic.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import by_runs


@by_runs
def parabolic_sar(
    high: Floats, low: Floats, acceleration: float = 0.02, maximum: float = 0.2
) -> Any:
    out = np.full(len(high), np.nan)
    if len(high) < 2:
        return out
    fall = low[0] - low[1]
    side = -1 if fall > 0 and fall > high[1] - high[0] else 1
    # A fall is a rise of the mirrored prices: near and far edge change places and sign.
    edges = {1: (low, high), -1: (-high, -low)}
    near, far = edges[side]
    stop, extreme, factor = near[0], far[1], acceleration
    for i in range(1, len(high)):
        near, far = edges[side]
        before = max(i - 1, 1)
        if near[i] <= stop:
            side = -side
            near, far = edges[side]
            stop = min(-extreme, near[before], near[i])
            out[i] = side * stop
            extreme, factor = far[i], acceleration
        else:
            out[i] = side * stop
            if far[i] > extreme:
                extreme, factor = far[i], min(factor + acceleration, maximum)
        stop = min(stop + factor * (extreme - stop), near[before], near[i])
    return out
