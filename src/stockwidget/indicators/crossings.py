"""Where one line passes another."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget.indicators.arrays import Floats, Numbers, columns, floats
from stockwidget.kernels import kernel


def cross_up(line: Numbers, other: Numbers | float) -> Any:
    """Bars on which ``line`` comes to lie above ``other``, having been below it.

    line: float64 (n,); other: float64 (n,) or one number, same unit. Returns bool (n,), a Series if
    ``line`` is one. A touch is no passage: equal bars between are skipped, and what counts is the
    last bar on which the two differed. A NaN is False and starts anew. Raises InvalidRequest if
    lengths differ.
    """
    return _passages(line, other, 1.0)


def cross_down(line: Numbers, other: Numbers | float) -> Any:
    """Bars on which ``line`` comes to lie below ``other``, having been above it; see cross_up."""
    return _passages(line, other, -1.0)


def _passages(line: Numbers, other: Numbers | float, sign: float) -> Any:
    x = floats(line, "line")
    if isinstance(other, np.ndarray | pd.Series):
        x, y = columns(line=x, other=other)
    else:
        y = np.full(x.shape, float(other))
    found: npt.NDArray[np.bool_] = _cross(x, y, sign)
    return pd.Series(found, index=line.index) if isinstance(line, pd.Series) else found


@kernel
def _cross(x: Floats, y: Floats, sign: float) -> Any:
    out = np.zeros(x.shape[0], dtype=np.bool_)
    side = 0.0  # where x lay on the last bar on which the two differed
    for i in range(x.shape[0]):
        if not (np.isfinite(x[i]) and np.isfinite(y[i])):
            side = 0.0
            continue
        now = np.sign(x[i] - y[i])
        if now != 0.0:
            out[i] = now == sign and side == -sign
            side = now
    return out
