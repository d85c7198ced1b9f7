"""Functions of the last bars: the indicators' own kernels on no more rows than they need.

Each takes whole series and gives whole series; the interpreter hands over short ones. What is not
an indicator is defined here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.indicators.averages import plus
from stockwidget.kernels import kernel

Floats = npt.NDArray[np.float64]


@kernel
def total(x: Floats, window: int) -> Any:
    """Sum of the window, rounded once."""
    out = np.full(x.shape[0], np.nan)
    run = 0
    high = low = 0.0
    for i in range(x.shape[0]):
        if not np.isfinite(x[i]):
            run = 0
            high = low = 0.0
            continue
        run += 1
        if run > window:
            high, low = plus(high, low, -x[i - window])
        high, low = plus(high, low, x[i])
        if run >= window:
            out[i] = high + low
    return out


@kernel
def stdev(x: Floats, window: int) -> Any:
    """Population deviation (ddof 0) of the window."""
    out = np.full(x.shape[0], np.nan)
    for i in range(window - 1, x.shape[0]):
        sums = 0.0
        for j in range(i - window + 1, i + 1):
            sums += x[j] - x[i]  # so that equal values are their mean, to the last bit
        mean = x[i] + sums / window
        squares = 0.0
        for j in range(i - window + 1, i + 1):
            squares += (x[j] - mean) ** 2
        out[i] = np.sqrt(squares / window)
    return out


@kernel
def percentile(x: Floats, window: int) -> Any:
    """Share of the window's other values below the last, equal ones counted half, 0 to 100."""
    out = np.full(x.shape[0], np.nan)
    run = 0
    for i in range(x.shape[0]):
        run = run + 1 if np.isfinite(x[i]) else 0
        if run < window:
            continue
        below = equal = 0
        for j in range(i - window + 1, i):
            below += x[j] < x[i]
            equal += x[j] == x[i]
        out[i] = 100.0 * (below + 0.5 * equal) / (window - 1)
    return out


@kernel
def within(x: Floats, bars: int) -> Any:
    """1 if the condition held on one of the bars, NaN if it may have on one where it is unknown.

    Unknown it is too on bars before the first: what held since is true of a young symbol as well.
    """
    out = np.full(x.shape[0], np.nan)
    for i in range(x.shape[0]):
        first = i - bars + 1
        found = 0.0 if first >= 0 else np.nan
        for j in range(max(first, 0), i + 1):
            if x[j] == 1.0:
                found = 1.0
                break
            if np.isnan(x[j]):
                found = np.nan
        out[i] = found
    return out


@kernel
def count(x: Floats, bars: int) -> Any:
    """Bars on which the condition held, NaN if it is unknown on one of them."""
    out = np.full(x.shape[0], np.nan)
    for i in range(bars - 1, x.shape[0]):
        found = 0.0
        for j in range(i - bars + 1, i + 1):
            found += x[j]
        out[i] = found
    return out


@kernel
def moving(x: Floats, bars: int, sign: float) -> Any:
    """1 if each of the last ``bars`` changes has the sign, else 0."""
    out = np.full(x.shape[0], np.nan)
    run = 0
    row = 0  # changes in a row that have the sign
    for i in range(x.shape[0]):
        if not np.isfinite(x[i]):
            run = row = 0
            continue
        run += 1
        if run > 1:
            row = row + 1 if sign * (x[i] - x[i - 1]) > 0.0 else 0
        if run > bars:
            out[i] = 1.0 if row >= bars else 0.0
    return out


@kernel
def shifted(x: Floats, bars: int) -> Any:
    """Value of ``bars`` bars before."""
    out = np.full(x.shape[0], np.nan)
    for i in range(bars, x.shape[0]):
        out[i] = x[i - bars]
    return out


@kernel
def crossed(x: Floats, y: Floats, whole: bool, up: Floats, down: Floats) -> Any:
    """Write where x comes to lie above and below y; False if more rows are needed to tell.

    up, down: (m,), of the last m rows. ``whole`` says that x and y begin with the history. NaN
    where this bar or the one before is not known. As ``stockwidget.indicators.cross_up``: what
    counts is the last bar on which the two differed.
    """
    n, m = x.shape[0], up.shape[0]
    for j in range(m):
        i = n - m + j
        up[j] = down[j] = np.nan
        if i < 1 or not _known(x, y, i) or not _known(x, y, i - 1):
            continue
        now = np.sign(x[i] - y[i])
        side = 0.0
        k = i
        while now != 0.0 and side == 0.0:
            k -= 1
            if k < 0:
                if not whole:
                    return False
                break
            if not _known(x, y, k):
                break
            side = np.sign(x[k] - y[k])
        up[j] = 1.0 if now > 0.0 > side else 0.0
        down[j] = 1.0 if now < 0.0 < side else 0.0
    return True


@kernel
def _known(x: Floats, y: Floats, i: int) -> Any:
    return np.isfinite(x[i]) and np.isfinite(y[i])
