"""Extremes of a window, and how far the last value is from its mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats, Numbers, floats, like, whole
from stockwidget.kernels import kernel


def highest(values: Numbers, window: int = 20) -> Numbers:
    """Largest of the last ``window`` values, this one included.

    values: float64 (n,), any unit. Returns (n,), same unit; the first ``window`` − 1 are NaN.
    Raises InvalidRequest if window < 1. Equals TA-Lib's MAX.
    """
    w = whole(window, "window", least=1)
    return like(values, _highest(floats(values, "values"), w))


def lowest(values: Numbers, window: int = 20) -> Numbers:
    """Smallest of the last ``window`` values, this one included.

    values: float64 (n,), any unit. Returns (n,), same unit; the first ``window`` − 1 are NaN.
    Raises InvalidRequest if window < 1. Equals TA-Lib's MIN.
    """
    w = whole(window, "window", least=1)
    return like(values, -_highest(-floats(values, "values"), w))


def zscore(values: Numbers, window: int = 20) -> Numbers:
    """Distance from the window's mean in population deviations (ddof 0).

    values: float64 (n,), any unit. Returns (n,), a pure number; the first ``window`` − 1 are NaN,
    and so is a row whose window never moved. Raises InvalidRequest if window < 2. Equals
    (values − SMA) / STDDEV of TA-Lib.
    """
    w = whole(window, "window", least=2)
    return like(values, _zscore(floats(values, "values"), w))


@kernel
def _highest(x: Floats, window: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    run = 0
    top = -1  # row of the largest value: the window is searched only when that leaves it
    for i in range(x.shape[0]):
        run = run + 1 if np.isfinite(x[i]) else 0
        if run == 0:
            continue
        start = i - min(run, window) + 1
        if run == 1 or x[i] >= x[top]:
            top = i
        elif top < start:
            top = start + int(x[start : i + 1].argmax())
        if run >= window:
            out[i] = x[top]
    return out


@kernel
def _zscore(x: Floats, window: int) -> Any:
    out = np.full(x.shape[0], np.nan)
    run = 0
    for i in range(x.shape[0]):
        run = run + 1 if np.isfinite(x[i]) else 0
        if run < window:
            continue
        total = 0.0
        for j in range(i - window + 1, i + 1):
            total += x[j] - x[i]  # so that equal values are their mean, to the last bit
        mean = x[i] + total / window
        squares = 0.0
        for j in range(i - window + 1, i + 1):
            squares += (x[j] - mean) ** 2
        deviation = np.sqrt(squares / window)
        if deviation > 1e-14 * abs(mean):  # less is the rounding of a flat window's mean
            out[i] = (x[i] - mean) / deviation
    return out
