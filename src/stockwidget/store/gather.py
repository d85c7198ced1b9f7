"""Bars of a symbol that lie in several places, brought together and adjusted on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.bars import OHLCV
from stockwidget.kernels import kernel, locked, routine
from stockwidget.store.segment import Dates, Floats, Rows

Columns = tuple[Floats, ...]
Mask = npt.NDArray[np.bool_]
CLOSE, VOLUME = OHLCV.index("close"), OHLCV.index("volume")


@kernel
def copy_raw(
    start: Rows, stop: Rows, into: Rows,
    dates: Dates, opening: Floats, high: Floats, low: Floats, close: Floats, volume: Floats,
    adj_close: Floats, basis: Floats,
    to_dates: Dates, to_open: Floats, to_high: Floats, to_low: Floats, to_close: Floats,
    to_volume: Floats, to_adj_close: Floats,
) -> Any:  # fmt: skip
    """Rows ``start[k]:stop[k]`` to ``into[k]``; the adjusted close by today's ``basis[k]``."""
    for k in range(start.shape[0]):
        shift = into[k] - start[k]
        for i in range(start[k], stop[k]):
            j = i + shift
            to_dates[j] = dates[i]
            to_open[j] = opening[i]
            to_high[j] = high[i]
            to_low[j] = low[i]
            to_close[j] = close[i]
            to_volume[j] = volume[i]
            to_adj_close[j] = adj_close[i] / basis[k]


@kernel
def copy_adjusted(
    start: Rows, stop: Rows, into: Rows,
    dates: Dates, columns: Columns, adj_close: Floats, basis: Floats,
    plain: Mask, ends: Rows, depths: Rows,
    to_dates: Dates, to_columns: Columns,
) -> Any:  # fmt: skip
    """The same with prices as ``bars.adjusted`` has them, to the last bit.

    columns, to_columns: five arrays, OHLCV. plain: (symbols,), whether the adjusted closes are the
    closes, so that nothing need be multiplied. ends: (symbols,), where each one's rows end in
    ``to_columns``, of which column c gets the last ``depths[c]`` before it and NaN further back; a
    column of length 0 is left alone.
    """
    factors = np.empty(0)
    for k in range(start.shape[0]):
        first, last, at = start[k], stop[k], into[k]
        bars = last - first
        _copy(dates[first:last], to_dates[at : at + bars])
        if not plain[k]:
            if factors.shape[0] < bars:
                factors = np.empty(bars)
            _factors(adj_close[first:last], columns[CLOSE][first:last], basis[k], factors)
        for c in range(len(columns)):
            to = to_columns[c]
            if to.shape[0] == 0:
                continue
            skipped = min(max(ends[k] - at - depths[c], 0), bars)
            _fill(to[at : at + skipped])
            source, to = columns[c][first + skipped : last], to[at + skipped : at + bars]
            if plain[k] or c == VOLUME:
                _copy(source, to)
            else:
                _scale(source, factors[skipped:], to)


@routine
def _copy(source: Any, to: Any) -> None:
    for i in range(source.shape[0]):  # several at a time; a slice that is assigned goes one by one
        to[i] = source[i]


@routine
def _fill(to: Floats) -> None:
    for i in range(to.shape[0]):
        to[i] = np.nan


@routine
def _factors(adj_close: Floats, close: Floats, basis: float, out: Floats) -> None:
    for i in range(close.shape[0]):
        out[i] = adj_close[i] / basis / close[i]


@routine
def _scale(source: Floats, factors: Floats, to: Floats) -> None:
    for i in range(source.shape[0]):
        to[i] = source[i] * factors[i]


def compile_both() -> None:
    """Have both compiled for columns as mapped files have them, or fetched from numba's cache."""
    none, ints, days = np.empty(0), np.empty(0, np.int64), np.empty(0, np.int32)
    mapped, apart = locked(none), locked(days)
    raw: Callable[..., Any] = copy_raw
    raw(ints, ints, ints, apart, *(mapped,) * 6, none, days, *(none,) * 6)
    scaled: Callable[..., Any] = copy_adjusted
    scaled(
        *(ints, ints, ints),
        *(apart, (mapped,) * 5, mapped, none),
        *(np.empty(0, np.bool_), ints, ints, days, (none,) * 5),
    )
