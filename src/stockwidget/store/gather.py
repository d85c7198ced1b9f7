"""Bars of a symbol that lie in several places, brought together and adjusted on the way."""

from __future__ import annotations

from typing import Any

from stockwidget.kernels import kernel
from stockwidget.store.segment import Dates, Floats, Rows


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
    dates: Dates, opening: Floats, high: Floats, low: Floats, close: Floats, volume: Floats,
    adj_close: Floats, basis: Floats,
    to_dates: Dates, to_open: Floats, to_high: Floats, to_low: Floats, to_close: Floats,
    to_volume: Floats,
) -> Any:  # fmt: skip
    """The same with prices as ``bars.adjusted`` has them, to the last bit."""
    for k in range(start.shape[0]):
        shift = into[k] - start[k]
        for i in range(start[k], stop[k]):
            j = i + shift
            factor = adj_close[i] / basis[k] / close[i]
            to_dates[j] = dates[i]
            to_open[j] = opening[i] * factor
            to_high[j] = high[i] * factor
            to_low[j] = low[i] * factor
            to_close[j] = close[i] * factor
            to_volume[j] = volume[i]
