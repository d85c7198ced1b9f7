"""Daily bars: the frame every source must hand over, its rules, and the adjusted view.

A bars frame has a tz-naive ``DatetimeIndex`` called ``date`` (ascending, midnight, one row a
trading day: suspended days are missing rows, never NaN rows) and these float64 columns:

``open high low close``  as the vendor reports them, quote currency
``volume``               shares, as reported
``adj_close``            the close after later splits and dividends, quote currency
"""

from __future__ import annotations

from typing import Any, Literal

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
    "index": "Index the frame by a tz-naive DatetimeIndex at midnight: "
    "frame.index.tz_localize(None).normalize().",
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
    if (wrong := _wrong_columns(frame)) is not None:
        raise _invalid(symbol, "columns", wrong)
    index = _dates(frame.index, symbol)
    if not len(frame):
        raise _invalid(symbol, "empty", "there is no bar")
    _check_order(index, symbol)
    table = frame.to_numpy().T  # whole rows at once: five times faster than column by column
    for rule, rows in offences(table).items():
        if rows.any():
            row = int(rows.argmax())
            what = cells(table[:, row]) + _others(rows)
            raise _invalid(symbol, rule, what, row=row, index=index)
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


def as_known(frame: pd.DataFrame) -> pd.DataFrame:
    """Bars whose adjustment knows nothing after the last of them: its factor there is one.

    A vendor's ``adj_close`` of a day already contains all later splits and dividends, as one factor
    to all earlier days. Without it the adjusted prices are those that were shown on that day.
    """
    factor = frame["close"].iloc[-1] / frame["adj_close"].iloc[-1]
    return frame.assign(adj_close=frame["adj_close"] * factor)


def view(frame: pd.DataFrame, adjust: Literal["adjusted", "raw"]) -> pd.DataFrame:
    """OHLCV of a bars frame, adjusted or as reported."""
    return adjusted(frame) if adjust == "adjusted" else frame[OHLCV]


def _misplaced(opening: Floats, high: Floats, low: Floats, close: Floats) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):  # infinite cells are another rule's business
        slack = ROUNDING * close
        under = high < np.maximum(np.maximum(opening, close), low) - slack
        over = low > np.minimum(opening, close) + slack
    return under | over


def _wrong_columns(frame: pd.DataFrame) -> str | None:
    """What is wrong with names, order or types of the columns."""
    names = frame.columns.tolist()
    if missing := [name for name in COLUMNS if name not in names]:
        return f"missing: {', '.join(missing)}; there are {', '.join(map(str, names)) or 'none'}"
    if extra := [str(name) for name in names if name not in COLUMNS]:
        return f"too many: {', '.join(extra)}"
    if names != COLUMNS:
        return f"their order is {', '.join(names)}"
    types = [f"{n} is {d}" for n, d in frame.dtypes.items() if d != np.float64]
    return "; ".join(types) or None


def _dates(index: pd.Index[Any], symbol: str) -> pd.DatetimeIndex:
    """``index`` itself if it holds plain dates."""
    if not isinstance(index, pd.DatetimeIndex):
        raise _invalid(symbol, "index", f"its index holds {index.dtype} instead of dates")
    if index.tz is not None:
        raise _invalid(symbol, "index", f"its index has the time zone {index.tz}")
    times = index.to_numpy()
    odd = times != times.astype("datetime64[D]")  # NaT differs from itself
    if odd.any():
        row = int(odd.argmax())
        what = f"{index[row]} is no plain date"
        raise _invalid(symbol, "index", what + _others(odd), row=row)
    return index


def _others(rows: NDArray[np.bool_]) -> str:
    """How many more rows break the same rule."""
    more = int(rows.sum()) - 1
    return f" (and {more} more row{'s' if more > 1 else ''})" if more else ""


def _check_order(index: pd.DatetimeIndex, symbol: str) -> None:
    step = np.diff(index.to_numpy())
    wrong = {
        "unsorted": (step < np.timedelta64(0, "ns"), "its date is before the row above"),
        "duplicate": (step == np.timedelta64(0, "ns"), "its date stands twice"),
    }
    for rule, (rows, what) in wrong.items():
        if rows.any():
            row = int(rows.argmax()) + 1
            raise _invalid(symbol, rule, what + _others(rows), row=row, index=index)


def _invalid(
    symbol: str,
    rule: str,
    what: str,
    *,
    row: int | None = None,
    index: pd.DatetimeIndex | None = None,
) -> InvalidBars:
    date = None if row is None or index is None else index[row].date().isoformat()
    place = "" if row is None else f" in row {row}" + (f" ({date})" if date else "")
    return InvalidBars(
        f"The bars of {symbol} break the rule {rule}{place}: {what}.",
        hint=HINTS[rule],
        symbol=symbol,
        rule=rule,
        row=row,
        date=date,
    )
