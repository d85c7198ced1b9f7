"""Daily bars: the frame every source must hand over, its rules, and the adjusted view.

A bars frame has a tz-naive ``DatetimeIndex`` called ``date`` (ascending, midnight, one row a
trading day: suspended days are missing rows, never NaN rows) and these float64 columns:

``open high low close``  as the vendor reports them, quote currency
``volume``               shares, as reported
``adj_close``            the close after later splits and dividends, quote currency
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stockwidget.errors import InvalidBars

Floats = NDArray[np.float64]
PRICES = ["open", "high", "low", "close"]
OHLCV = [*PRICES, "volume"]
COLUMNS = [*OHLCV, "adj_close"]

ROUNDING = 1e-6
"""Share of the price by which rounding by a vendor may put a close above its high."""

HINTS = {
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
    if frame.columns.tolist() != COLUMNS or any(d != np.float64 for d in frame.dtypes):
        raise _invalid(symbol, "columns", f"columns are {dict(frame.dtypes.astype(str))}")
    index = frame.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or not _midnight(index):
        raise _invalid(symbol, "index", "index holds something else than plain dates")
    if not len(frame):
        raise _invalid(symbol, "empty", "there is no bar")
    _check_order(index, symbol)
    table = frame.to_numpy().T  # whole rows at once: five times faster than column by column
    for rule, rows in offences(table).items():
        if rows.any():
            row = int(rows.argmax())
            raise _invalid(symbol, rule, cells(table[:, row]), row=row, index=index)
    return frame


def offences(table: Floats) -> dict[str, NDArray[np.bool_]]:
    """Rule of a single bar → the bars that break it; ``table`` is float64 (6, n) as ``COLUMNS``."""
    opening, high, low, close, volume, adj_close = table
    prices = np.vstack([table[:4], adj_close])
    return {
        "non_finite": ~np.isfinite(table).all(axis=0),
        "non_positive": (prices <= 0).any(axis=0),
        "negative_volume": volume < 0,
        "high_low": _misplaced(opening, high, low, close),
    }


def cells(row: Floats) -> str:
    """A bar in words."""
    return ", ".join(f"{name} {cell:g}" for name, cell in zip(COLUMNS, row, strict=True))


def adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    """OHLCV with prices times ``adj_close / close``, so that returns include splits and dividends.

    Close is multiplied like the rest, not replaced, so that rounding keeps low ≤ close ≤ high.
    Volume stays as reported: scaling it by a factor that contains dividends would invent trades.
    """
    table = frame[COLUMNS].to_numpy()
    factor = table[:, 5] / table[:, 3]
    prices = table[:, :4] * factor[:, np.newaxis]
    return pd.DataFrame(np.column_stack([prices, table[:, 4]]), index=frame.index, columns=OHLCV)


def view(frame: pd.DataFrame, adjust: Literal["adjusted", "raw"]) -> pd.DataFrame:
    """OHLCV of a bars frame, adjusted or as reported."""
    return adjusted(frame) if adjust == "adjusted" else frame[OHLCV]


def _misplaced(opening: Floats, high: Floats, low: Floats, close: Floats) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):  # infinite cells are another rule's business
        slack = ROUNDING * close
        under = high < np.maximum(np.maximum(opening, close), low) - slack
        over = low > np.minimum(opening, close) + slack
    return under | over


def _midnight(index: pd.DatetimeIndex) -> bool:
    times = index.to_numpy()
    return bool((times == times.astype("datetime64[D]")).all())


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
        hint=HINTS[rule],
        symbol=symbol,
        rule=rule,
        row=row,
        date=date,
    )
