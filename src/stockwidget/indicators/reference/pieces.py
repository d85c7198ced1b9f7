"""What the twins are made of: runs of finite rows, rolling windows, recursions, lags and ratios."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from stockwidget.indicators.arrays import Floats

Twin = Callable[..., Any]


def by_runs(function: Twin, *, positive: bool = False) -> Twin:
    """Apply ``function`` to each run of rows whose inputs are all finite (and above zero)."""

    @wraps(function)
    def twin(*inputs: Any, **settings: Any) -> Any:
        table = np.asarray(inputs, dtype=np.float64)
        fine: npt.NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(table), axis=0)
        if positive:
            fine &= (table > 0.0).all(axis=0)
        empty = function(*table[:, :0], **settings)
        outputs = empty if isinstance(empty, tuple) else (empty,)
        whole = [
            np.full(len(fine), False if part.dtype == bool else np.nan, part.dtype)
            for part in outputs
        ]
        edges = np.flatnonzero(np.diff(np.concatenate([[0], fine.astype(int), [0]])))
        for start, end in edges.reshape(-1, 2):
            found = function(*table[:, start:end], **settings)
            for out, part in zip(
                whole, found if isinstance(found, tuple) else (found,), strict=True
            ):
                out[start:end] = part
        return tuple(whole) if isinstance(empty, tuple) else whole[0]

    return twin


def rolling(x: Floats, window: int, reduce: Callable[[Floats], Floats]) -> Floats:
    """``reduce`` the rows of all full windows; the first ``window`` − 1 are NaN."""
    out = np.full(len(x), np.nan)
    if len(x) >= window:
        out[window - 1 :] = reduce(sliding_window_view(x, window))
    return out


def smoothed(x: Floats, alpha: float, warm: int) -> Floats:
    """Y = y before + alpha · (x − y before), seeded by the mean of the first ``warm`` values.

    Leading NaN are skipped.
    """
    out = np.full(len(x), np.nan)
    known = np.flatnonzero(~np.isnan(x))
    if len(known) < warm:
        return out
    first = known[warm - 1]
    out[first] = x[known[:warm]].mean()
    for i in range(first + 1, len(x)):
        out[i] = out[i - 1] + alpha * (x[i] - out[i - 1])
    return out


def lagged(x: Floats, bars: int) -> Floats:
    """``x`` of ``bars`` bars before, NaN where there is none."""
    out = np.full(len(x), np.nan)
    out[bars:] = x[: max(len(x) - bars, 0)]
    return out


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """NaN on the first bar, which has no close before."""
    before = lagged(close, 1)
    return np.maximum(high, before) - np.minimum(low, before) + 0.0 * before


def ratio(above: Floats, below: Floats, otherwise: float = np.nan) -> Floats:
    """``above / below``, and ``otherwise`` where ``below`` is zero."""
    out = np.where(np.isnan(above) | np.isnan(below), np.nan, otherwise)
    np.divide(above, below, out=out, where=~np.isnan(below) & (below != 0.0))
    return out


def highest_of(rows: Floats) -> Any:
    return rows.max(axis=1)


def lowest_of(rows: Floats) -> Any:
    return rows.min(axis=1)


def mean_of(rows: Floats) -> Any:
    return rows.mean(axis=1)


def sum_of(rows: Floats) -> Any:
    return rows.sum(axis=1)
