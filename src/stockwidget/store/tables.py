"""Bars as users have them, read into one checked form; what is wrong is named with its row."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stockwidget.bars import COLUMNS, HINTS, OHLCV, cells, offences
from stockwidget.errors import InvalidBars, InvalidRequest
from stockwidget.params.reading import day_of
from stockwidget.store.segment import Dates, Floats, Rows
from stockwidget.symbols import normalize

_SPELT = {
    **{name: name for name in (*COLUMNS, "symbol", "date")},
    **dict.fromkeys(("ticker", "code", "asset", "instrument"), "symbol"),
    **dict.fromkeys(("datetime", "timestamp", "time", "day", "trade_date"), "date"),
    **dict.fromkeys(("adjclose", "adjusted_close", "adjusted"), "adj_close"),
    "vol": "volume",
}
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?\s*$")
_TIME = re.compile(r"\d:\d\d")
_FORM = (
    "Pass one row a symbol and day: columns symbol, date, open, high, low, close, volume and, "
    "if known, adj_close. Symbol and date may be the index."
)


@dataclass(frozen=True, kw_only=True)
class Table:
    """Bars of many symbols: sorted by symbol as first met, then by date; every rule is kept."""

    symbols: tuple[str, ...]
    offsets: Rows
    dates: Dates
    columns: tuple[Floats, ...]
    """As ``bars.COLUMNS``; without adjusted closes the last one is the close."""
    adjusted: bool
    """Whether adjusted closes were given."""

    def __len__(self) -> int:
        return len(self.dates)


def read(frame: pd.DataFrame, *, symbol: str | None = None) -> Table:
    """Check a frame of bars: long, indexed by symbol and date, or with a column level of symbols.

    ``symbol`` is whose bars they are if the frame does not say. Rows of a symbol come by date,
    symbols in any order. A date with a time zone is the day that it names there; one with a time of
    day is refused. Raises InvalidBars with ``rule``, ``symbol``, ``date`` and ``row`` (position in
    the frame, from 0).
    """
    if not isinstance(frame, pd.DataFrame):
        raise InvalidRequest(
            f"Bars come as a pandas DataFrame, not as {type(frame).__name__}.",
            hint=_FORM,
            field="bars",
        )
    if frame.columns.nlevels == 2:
        frame = _stacked(frame)
    columns = _named(frame)
    if symbol is not None and "symbol" not in columns:
        codes, names = np.zeros(len(frame), np.int64), [symbol]
    else:
        codes, names = _codes(_column(columns, "symbol"))
    dates = _dates(_column(columns, "date"))
    table = np.empty((len(COLUMNS), len(frame)))
    for number, name in enumerate(OHLCV):
        table[number] = _floats(_column(columns, name), name)
    given = "adj_close" in columns
    table[5] = _floats(columns["adj_close"], "adj_close") if given else table[3]
    _check_order(names, codes, dates)
    return _checked(names, codes, dates, table, adjusted=given)


def symbols_of(frame: pd.DataFrame) -> list[str]:
    """Symbols of a frame of bars as ``read`` takes it; none if it does not say."""
    if frame.columns.nlevels == 2:
        frame = _stacked(frame)
    columns = _named(frame)
    return _codes(columns["symbol"])[1] if "symbol" in columns else []


def join(tables: list[Table]) -> Table:
    """One table of several; a symbol may be in more than one of them."""
    names = list(dict.fromkeys(symbol for table in tables for symbol in table.symbols))
    place = {name: k for k, name in enumerate(names)}
    codes = [
        np.repeat([place[s] for s in table.symbols], np.diff(table.offsets)) for table in tables
    ]
    return _checked(
        names,
        np.concatenate(codes),
        np.concatenate([table.dates for table in tables]),
        np.concatenate([np.stack(table.columns) for table in tables], axis=1),
        adjusted=all(table.adjusted for table in tables),
    )


def _checked(
    names: list[str], codes: Rows, dates: Dates, table: Floats, *, adjusted: bool
) -> Table:
    rows: Rows = np.arange(len(dates))
    if not len(rows):
        raise InvalidBars("There is no bar.", hint=HINTS["empty"], rule="empty")
    for rule, bad in offences(table).items():
        if bad.any():
            row = int(bad.argmax())
            raise _offence(rule, names[codes[row]], dates[row], row, cells(table[:, row]))
    ahead = codes[1:].astype(np.int64) * (1 << 32) + dates[1:]
    behind = codes[:-1].astype(np.int64) * (1 << 32) + dates[:-1]
    if (ahead <= behind).any():
        rows = np.lexsort((dates, codes))
        codes, dates, table = codes[rows], dates[rows], table[:, rows]
        twice = (codes[1:] == codes[:-1]) & (dates[1:] == dates[:-1])
        if twice.any():
            at = int(twice.argmax()) + 1
            text = f"the date stands in row {rows[at - 1]} too"
            raise _offence("duplicate", names[codes[at]], dates[at], int(rows[at]), text)
    offsets = np.searchsorted(codes, np.arange(len(names) + 1)).astype(np.int64)
    return Table(
        symbols=tuple(names),
        offsets=offsets,
        dates=np.ascontiguousarray(dates),
        columns=tuple(np.ascontiguousarray(column) for column in table),
        adjusted=adjusted,
    )


def _check_order(names: list[str], codes: Rows, dates: Dates) -> None:
    """Raise InvalidBars unless the dates of each symbol rise from row to row."""
    rows = np.argsort(codes, kind="stable")
    step = np.diff(dates[rows].astype(np.int64))
    same = np.diff(codes[rows]) == 0
    for rule, bad, text in (
        ("unsorted", same & (step < 0), "its date is before that of row {}"),
        ("duplicate", same & (step == 0), "the date stands in row {} too"),
    ):
        if bad.any():
            at = int(bad.argmax())
            row, before = int(rows[at + 1]), int(rows[at])
            raise _offence(rule, names[codes[row]], dates[row], row, text.format(before))


def is_symbol_column(name: Hashable) -> bool:
    """Whether a column of this name says whose bars they are."""
    return spelling(name) == "symbol"


def _stacked(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of two levels, one of them symbols, as a long frame; days without a bar go."""
    fields = set(OHLCV)
    for level in (0, 1):
        found = {spelling(name) for name in frame.columns.get_level_values(level)}
        if fields <= found:
            long = frame.stack(1 - level, future_stack=True).dropna(how="all")  # noqa: PD013
            return pd.DataFrame(long).rename_axis(["date", "symbol"])
    raise InvalidRequest(
        f"No level of the columns holds {', '.join(OHLCV)}.", hint=_FORM, field="bars"
    )


def _named(frame: pd.DataFrame) -> dict[str, Any]:
    """Columns and index levels by their usual names."""
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for number, level in enumerate(frame.index.names):
        name = spelling(level) if level is not None else ""
        values = frame.index.get_level_values(number)
        if name in {"symbol", "date"}:
            found[name] = values
        elif isinstance(values, pd.DatetimeIndex):
            found["date"] = values
    for column in frame.columns:
        if (name := spelling(column)) in _SPELT.values():
            if name in seen:
                raise InvalidRequest(
                    f"Two columns of the bars are a {name}.", hint=_FORM, field=f"bars.{name}"
                )
            seen.add(name)
            found[name] = frame[column]
    return found


def spelling(name: Hashable) -> str:
    """The usual name of a column."""
    plain = str(name).strip().lower().replace(" ", "_")
    return _SPELT.get(plain, plain)


def _column(columns: dict[str, Any], name: str) -> Any:
    if name in columns:
        return columns[name]
    there = ", ".join(columns) or "none that is known"
    raise InvalidRequest(
        f"The bars have no column {name}; there are {there}.", hint=_FORM, field=f"bars.{name}"
    )


def _codes(values: Any) -> tuple[Rows, list[str]]:
    codes, found = pd.factorize(pd.Series(values).reset_index(drop=True))
    numbers = np.array([*(isinstance(each, Real) for each in found), False])[codes]
    if numbers.any():  # 1 may have been 000001
        row = int(numbers.argmax())
        raise InvalidBars(
            f"The symbol of row {row} is a number, {found[codes[row]]}: it may have lost zeros.",
            hint="Read symbols as text, pd.read_csv(path, dtype={'symbol': str}), and write them "
            "with their exchange: 000001.SZ, 0700.HK.",
            rule="symbol",
            row=row,
        )
    if (codes < 0).any():
        row = int((codes < 0).argmax())
        raise InvalidBars(
            f"Row {row} has no symbol.",
            hint="Name the symbol of every bar.",
            rule="symbol",
            row=row,
        )
    names = [normalize(str(each), field="bars.symbol") for each in found]
    if len(set(names)) < len(names):  # spelt in two ways
        unique = list(dict.fromkeys(names))
        place = {name: k for k, name in enumerate(unique)}
        return np.array([place[name] for name in names])[codes], unique
    return codes.astype(np.int64), names


def _dates(values: Any) -> Dates:
    series = pd.Series(values).reset_index(drop=True)
    if isinstance(series.dtype, pd.PeriodDtype):  # a week or a month, unless it is a day
        series = series.astype("string")
    if not pd.api.types.is_datetime64_any_dtype(series):
        times, given = _read_days(series), series
    else:
        times, given = series, series
        _refuse_dates(times.isna(), given, "is no date")
    if times.dt.tz is not None:
        times = times.dt.tz_localize(None)  # the day it was where it was traded
    days: NDArray[Any] = times.to_numpy().astype("datetime64[D]")
    _refuse_dates(pd.Series(days != times.to_numpy()), given, "is no plain date")
    return days.astype(np.int64).astype(np.int32)


def _read_days(given: pd.Series[Any]) -> pd.Series[Any]:
    """Days of cells; no day is guessed, as ``day_of`` says. Each is read once: symbols share it."""
    codes, cells = pd.factorize(given)
    days = [_day(cell) for cell in cells]
    odd = np.array([*(day is None for day in days), True])[codes]  # -1 is a missing cell
    if odd.any():
        timed = _TIME.search(str(given[int(odd.argmax())]))
        _refuse_dates(pd.Series(odd), given, "is no plain date" if timed else "is no date")
    return pd.Series(np.array(days, "datetime64[D]").astype("datetime64[s]")[codes])


def _day(cell: Any) -> date | None:
    """The day a cell names, of a midnight with a time zone the one that it is there."""
    if isinstance(cell, str):
        cell = _MIDNIGHT.sub("", cell)
    elif isinstance(cell, datetime):
        cell = cell.replace(tzinfo=None)
    return day_of(cell)


def _refuse_dates(odd: pd.Series[Any], given: pd.Series[Any], what: str) -> None:
    if odd.any():
        row = int(odd.to_numpy(bool).argmax())
        raise InvalidBars(
            f"The date of row {row} {what}: {given[row]}.",
            hint="Write the day of trade as 2024-01-31 or 20240131; of a time, "
            "frame.index.tz_convert('Asia/Shanghai').normalize() has the day where it was traded.",
            rule="index",
            row=row,
        )


def _floats(values: Any, name: str) -> Floats:
    series = pd.Series(values).reset_index(drop=True)
    if series.dtype.kind in "bcmM":  # pandas makes numbers of days and of truth, too
        series = series.astype(object)
        odd = series.notna()
    else:
        numbers = pd.to_numeric(series, errors="coerce")
        odd = numbers.isna() & series.notna()
    if odd.any():
        row = int(odd.to_numpy().argmax())
        raise InvalidBars(
            f"{name} of row {row} is no number: {series[row]!r}.",
            hint=HINTS["columns"],
            rule="columns",
            row=row,
        )
    return numbers.to_numpy(np.float64, na_value=np.nan)


def _offence(rule: str, symbol: str, day: Any, row: int, what: str) -> InvalidBars:
    date = str(np.datetime64(int(day), "D"))
    return InvalidBars(
        f"The bars of {symbol} break the rule {rule} in row {row} ({date}): {what}.",
        hint=HINTS[rule],
        symbol=symbol,
        rule=rule,
        row=row,
        date=date,
    )
