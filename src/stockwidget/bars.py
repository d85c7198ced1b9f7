"""Daily bars: the frame every source must hand over, its rules, and the adjusted view.

A bars frame has a tz-naive ``DatetimeIndex`` called ``date`` (ascending, midnight, one row a trading
day: suspended days are missing rows, never NaN rows) and these float64 columns:

``open high low close``  as the vendor reports them, quote currency
``volume``               shares, as reported
``adj_close``            the close after later splits and dividends, quote currency
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from stockwidget.errors import InvalidBars

PRICES = ["open", "high", "low", "close"]
OHLCV = [*PRICES, "volume"]
COLUMNS = [*OHLCV, "adj_close"]

ROUNDING = 1e-6
"""Share of the price by which vendors' rounding may put a close above its high; more is an error."""

_HINTS = {
    "columns": f"A bars frame has the columns {', '.join(COLUMNS)}, all of float64.",
    "index": "Index the frame by a tz-naive DatetimeIndex at midnight.",
    "empty": "Ask for a range that holds bars.",
    "unsorted": "Sort the rows by date first.",
    "duplicate": "Keep one row a date.",
    "non_finite": "Drop days without a trade instead of filling them with NaN.",
    "non_positive": "Prices are above zero; a zero often stands for a missing value.",
    "negative_volume": "Volumes are zero or more.",
    "high_low": "A day's high is its largest price and its low the smallest.",
}


def validate(frame: pd.DataFrame, *, symbol: str) -> pd.DataFrame:
    """Return ``frame`` itself if it keeps every rule of the module's docstring.

    Raises InvalidBars with ``rule``, ``row`` (position, from 0) and ``date`` of the first offender.
    """
    if list(frame.columns) != COLUMNS or any(d != np.float64 for d in frame.dtypes):
        raise _invalid(symbol, "columns", f"columns are {dict(frame.dtypes.astype(str))}")
    index = frame.index
    if (
        not isinstance(index, pd.DatetimeIndex)
        or index.tz is not None
        or not bool((index == index.normalize()).all())
    ):
        raise _invalid(symbol, "index", "index holds something else than plain dates")
    if not len(frame):
        raise _invalid(symbol, "empty", "there is no bar")
    _check_order(index, symbol)
    values = {c: frame[c].to_numpy() for c in COLUMNS}
    prices = np.stack([values[c] for c in (*PRICES, "adj_close")])
    bottom = np.minimum(values["open"], values["close"])
    top = np.maximum(values["open"], values["close"])
    slack = ROUNDING * values["close"]
    broken = {
        "non_finite": ~(np.isfinite(prices).all(axis=0) & np.isfinite(values["volume"])),
        "non_positive": (prices <= 0).any(axis=0),
        "negative_volume": values["volume"] < 0,
        "high_low": (values["high"] < np.maximum(top, values["low"]) - slack)
        | (values["low"] > bottom + slack),
    }
    for rule, rows in broken.items():
        if rows.any():
            row = int(rows.argmax())
            cells = ", ".join(f"{c} {values[c][row]:g}" for c in COLUMNS)
            raise _invalid(symbol, rule, cells, row=row, index=index)
    return frame


def adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    """OHLCV with prices times ``adj_close / close``, so that returns include splits and dividends.

    Close is multiplied like the rest, not replaced, so that rounding keeps low ≤ close ≤ high.
    Volume stays as reported: scaling it by a factor that contains dividends would invent trades.
    """
    factor = (frame["adj_close"] / frame["close"]).to_numpy()
    view = frame[OHLCV].copy()
    for column in PRICES:
        view[column] = view[column].to_numpy() * factor
    return view


def view(frame: pd.DataFrame, adjust: Literal["adjusted", "raw"]) -> pd.DataFrame:
    """OHLCV of a bars frame, adjusted or as reported."""
    return adjusted(frame) if adjust == "adjusted" else frame[OHLCV]


def _check_order(index: pd.DatetimeIndex, symbol: str) -> None:
    step = np.diff(index.to_numpy())
    zero = np.timedelta64(0)
    if (step < zero).any():
        row = int((step < zero).argmax()) + 1
        raise _invalid(symbol, "unsorted", "its date is before the row above", row=row, index=index)
    if (step == zero).any():
        row = int((step == zero).argmax()) + 1
        raise _invalid(symbol, "duplicate", "its date stands twice", row=row, index=index)


def _invalid(
    symbol: str,
    rule: str,
    what: str,
    *,
    row: int | None = None,
    index: pd.DatetimeIndex | None = None,
) -> InvalidBars:
    date = None if row is None or index is None else index[row].date().isoformat()
    place = "" if row is None else f" in row {row} ({date})"
    return InvalidBars(
        f"The bars of {symbol} break the rule {rule}{place}: {what}.",
        hint=_HINTS[rule],
        symbol=symbol,
        rule=rule,
        row=row,
        date=date,
    )
