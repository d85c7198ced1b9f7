"""Arithmetic, comparisons and logic, bar by bar; NaN: not known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stockwidget.kernels import routine

Floats = npt.NDArray[np.float64]


@routine
def alone(code: int, x: Floats, out: Floats) -> None:
    """Write −x, |x|, log x, √x, sign x or not x, as ``code`` (from 0) says."""
    for i in range(out.shape[0]):
        a = x[i]
        value = np.nan
        if np.isfinite(a):
            if code == 0:
                value = -a
            elif code == 1:
                value = abs(a)
            elif code == 2:
                value = np.log(a) if a > 0.0 else np.nan
            elif code == 3:
                value = np.sqrt(a) if a >= 0.0 else np.nan
            elif code == 4:
                value = np.sign(a)
            else:
                value = 1.0 if a == 0.0 else 0.0
        out[i] = value


@routine
def pair(code: int, x: Floats, y: Floats, out: Floats) -> None:
    """Write x + y, −, ·, /, smaller, larger, <, ≤, >, ≥, =, ≠ as ``code`` (from 0) says."""
    for i in range(out.shape[0]):
        a, b = x[i], y[i]
        value = np.nan
        if np.isfinite(a) and np.isfinite(b):
            if code == 0:
                value = a + b
            elif code == 1:
                value = a - b
            elif code == 2:
                value = a * b
            elif code == 3:
                value = a / b if b != 0.0 else np.nan
            elif code == 4:
                value = min(a, b)
            elif code == 5:
                value = max(a, b)
            elif code == 6:
                value = 1.0 if a < b else 0.0
            elif code == 7:
                value = 1.0 if a <= b else 0.0
            elif code == 8:
                value = 1.0 if a > b else 0.0
            elif code == 9:
                value = 1.0 if a >= b else 0.0
            elif code == 10:
                value = 1.0 if a == b else 0.0
            else:
                value = 1.0 if a != b else 0.0
        out[i] = value if np.isfinite(value) else np.nan


@routine
def logic(decides: float, x: Floats, y: Floats, out: Floats) -> None:
    """Write x and y (``decides`` 0) or x or y (1), by Kleene: one that decides does so alone."""
    for i in range(out.shape[0]):
        if x[i] == decides or y[i] == decides:
            out[i] = decides
        elif np.isnan(x[i]) or np.isnan(y[i]):
            out[i] = np.nan
        else:
            out[i] = 1.0 - decides


@routine
def tally(
    given: Floats, judged: Floats, x: Floats, points: float, to_given: Floats, to_judged: Floats
) -> None:
    """Add ``points`` to what was given where x holds, and to what was judged where x is known."""
    for i in range(to_given.shape[0]):
        to_given[i] = given[i] + points if x[i] == 1.0 else given[i]
        to_judged[i] = judged[i] if np.isnan(x[i]) else judged[i] + points


@routine
def verdict(given: Floats, judged: Floats, possible: float, least: float, out: Floats) -> None:
    """Write percent of the judged points that were given, NaN below the least share judged."""
    for i in range(out.shape[0]):
        enough = judged[i] > 0.0 and judged[i] / possible >= least
        out[i] = min(100.0 * given[i] / judged[i], 100.0) if enough else np.nan
