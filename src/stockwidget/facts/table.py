"""Facts as users have them, read into one checked form; what is wrong is named with its row."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from stockwidget.errors import InvalidFacts, InvalidRequest, nearest
from stockwidget.facts.items import EVENTS, FIGURES, ITEMS, Fact
from stockwidget.params.reading import day_of
from stockwidget.symbols import normalize

COLUMNS = ("symbol", "item", "value", "currency", "period_end", "published", "source")
TYPES = {
    **dict.fromkeys(COLUMNS, "object"),
    "value": "float64",
    **dict.fromkeys(("period_end", "published"), "datetime64[s]"),
}
KEY = ["symbol", "item", "period_end", "published"]
"""What tells two facts apart: a later publication about the same period is another fact."""
_SPELT = {
    **{name: name for name in (*COLUMNS, "unit")},
    **dict.fromkeys(("ticker", "code"), "symbol"),
    **dict.fromkeys(("name", "fact", "field"), "item"),
    **dict.fromkeys(("period", "end_date", "date"), "period_end"),
    **dict.fromkeys(("announced", "ann_date", "filed", "publish_date"), "published"),
}
_FORM = (
    "Pass one row a fact: columns symbol, item, value, period_end, published and, if known, "
    "currency and source."
)
_AT_MOST_ONE = ("gross_margin", "dividend_yield")
"""Fractions that cannot exceed one, so that a percent is noticed."""
HINTS = {
    "symbol": "Name the symbol of every fact, as AAPL, 0700.HK or 600519.SS.",
    "item": f"Known figures: {', '.join(FIGURES)}; events: {', '.join(EVENTS)}.",
    "value": "Leave out the rows that have no number.",
    "unit": "Fractions: 0.15 is 15 %. Say unit='percent' in a column where 15 is 15 %.",
    "currency": "Write the code of three letters, as USD or CNY.",
    "date": "Write the day, as 2024-01-31. What came out after the close was known at the next "
    "day's.",
    "order": "Figures and results are published when their period has ended: see whether the "
    "columns are swapped.",
    "duplicate": "Keep one row for a symbol, item, period and day of publication.",
    "revised": "Append what was published later as a row with its own published date; "
    "replace=True takes in the facts of the symbol anew.",
}


def read(frame: pd.DataFrame, *, symbol: str | None = None) -> pd.DataFrame:
    """Check a frame of facts; return columns ``COLUMNS``, sorted, dates without time.

    ``symbol`` is whose facts they are if the frame does not say. Raises InvalidFacts with ``rule``
    and ``row`` (position in the frame, from 0), InvalidRequest for a missing column.
    """
    columns = _named(frame)
    rows = len(frame)
    found = pd.DataFrame(index=range(rows))
    found["symbol"] = _symbols(columns.get("symbol"), symbol, rows)
    found["item"] = _items(_column(columns, "item"))
    unit = _words(columns.get("unit"), rows)
    found["value"] = _values(_column(columns, "value"), found["item"], unit)
    found["currency"] = _currencies(_words(columns.get("currency"), rows))
    for name in ("period_end", "published"):
        found[name] = _dates(columns.get(name), name, rows)
    found["source"] = _words(columns.get("source"), rows)
    _check_dates(found)
    twice = found.duplicated(KEY)
    if twice.any():
        row = int(twice.to_numpy().argmax())
        same = found.groupby(KEY, dropna=False, sort=False).ngroup()
        first = int((same == same[row]).to_numpy().argmax())
        raise offence("duplicate", row, found, f"the same stands in row {first}")
    return found.sort_values(KEY, kind="stable", ignore_index=True)[list(COLUMNS)]


def nothing() -> pd.DataFrame:
    """No facts, in the form of ``read``."""
    return pd.DataFrame(columns=list(COLUMNS)).astype(TYPES)


def facts_of(frame: pd.DataFrame) -> tuple[Fact, ...]:
    """Rows of a checked frame as plain facts."""
    days = {
        name: [None if pd.isna(day) else day.date().isoformat() for day in frame[name]]
        for name in ("period_end", "published")
    }
    values = [None if np.isnan(value) else value for value in frame["value"].tolist()]
    columns = (frame["item"], values, days["period_end"], days["published"])
    rest = (frame["currency"], frame["source"])
    return tuple(
        Fact(item=item, value=value, period_end=end, published=out, currency=money, source=source)
        for item, value, end, out, money, source in zip(*columns, *rest, strict=True)
    )


def offence(rule: str, row: int, found: pd.DataFrame, what: str) -> InvalidFacts:
    """The error that names a row."""
    about = " ".join(str(found[name].iloc[row]) for name in ("symbol", "item") if name in found)
    return _offence(rule, row, f"{about}: {what}" if about else what)


def _offence(rule: str, row: int, what: str) -> InvalidFacts:
    return InvalidFacts(
        f"The facts break the rule {rule} in row {row}: {what}.",
        hint=HINTS[rule],
        rule=rule,
        row=row,
    )


def _named(frame: pd.DataFrame) -> dict[str, Any]:
    if not isinstance(frame, pd.DataFrame):
        raise InvalidRequest(
            f"Facts come as a pandas DataFrame, not as {type(frame).__name__}.",
            hint=_FORM,
            field="facts",
        )
    found: dict[str, Any] = {}
    for level, name in enumerate(frame.index.names):
        if (usual := _usual(name)) in COLUMNS:
            found[usual] = frame.index.get_level_values(level)
    for column in frame.columns:
        if (usual := _usual(column)) in _SPELT.values():
            if usual in found:
                raise InvalidRequest(
                    f"Two columns of the facts are a {usual}.", hint=_FORM, field=f"facts.{usual}"
                )
            found[usual] = frame[column]
    return {name: pd.Series(np.asarray(each, object)) for name, each in found.items()}


def _usual(name: Hashable) -> str:
    plain = str(name).strip().lower().replace(" ", "_")
    return _SPELT.get(plain, plain)


def _column(columns: dict[str, Any], name: str) -> pd.Series[Any]:
    if name in columns:
        found: pd.Series[Any] = columns[name]
        return found
    raise InvalidRequest(f"The facts have no column {name}.", hint=_FORM, field=f"facts.{name}")


def _symbols(given: pd.Series[Any] | None, symbol: str | None, rows: int) -> pd.Series[Any]:
    if given is None:
        if symbol is None:
            raise InvalidRequest("The facts have no column symbol.", hint=_FORM, field="facts")
        return pd.Series([normalize(symbol)] * rows, dtype=object)
    missing = given.isna()
    if missing.any():
        raise _offence("symbol", int(missing.to_numpy().argmax()), "it has none")
    names = {}
    for each in given.unique():
        try:
            names[each] = normalize(str(each), field="facts.symbol")
        except InvalidRequest as error:
            row = int((given == each).to_numpy().argmax())
            raise _offence("symbol", row, error.message.rstrip(".")) from None
    return given.map(names).astype(object)


def _items(given: pd.Series[Any]) -> pd.Series[Any]:
    names = given.map(lambda each: str(each).strip().lower())
    known = names.isin([*FIGURES, *EVENTS])
    if not known.all():
        row = int((~known).to_numpy().argmax())
        near = nearest(names[row], [*FIGURES, *EVENTS], n=1)
        guess = f"; did you mean {near[0]}?" if near else ""
        raise _offence("item", row, f"{given[row]!r} is no item{guess}".rstrip("?"))
    return names.astype(object)


def _values(given: pd.Series[Any], items: pd.Series[Any], unit: pd.Series[Any]) -> pd.Series[Any]:
    numbers = pd.to_numeric(given, errors="coerce").astype("float64")
    about = pd.DataFrame({"item": items})
    odd = given.notna() & numbers.isna() | np.isinf(numbers)
    odd |= numbers.isna() & (items != "earnings")
    if odd.any():
        row = int(odd.to_numpy().argmax())
        raise offence("value", row, about, f"{given[row]!r} is no number")
    units = items.map({name: item.unit for name, item in ITEMS.items()})
    percent = unit == "percent"
    wrong = (unit != "") & (unit != units) & ~(percent & (units == "fraction"))
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise offence("unit", row, about, f"its unit is {units[row]}, not {unit[row]!r}")
    numbers = numbers.where(~percent, numbers / 100.0)
    above = items.isin(_AT_MOST_ONE) & (numbers > 1.0)
    if above.any():
        row = int(above.to_numpy().argmax())
        raise offence("unit", row, about, f"{numbers[row]:g} is more than the whole")
    positive = items.isin(["split", "dividend"]) | (units == "shares")
    below = positive & (numbers <= 0.0)
    if below.any():
        row = int(below.to_numpy().argmax())
        raise offence("value", row, about, f"{numbers[row]:g} is not above zero")
    return numbers


def _words(given: pd.Series[Any] | None, rows: int) -> pd.Series[Any]:
    if given is None:
        return pd.Series([""] * rows, dtype=object)
    return given.map(lambda each: "" if pd.isna(each) else str(each).strip()).astype(object)


def _currencies(given: pd.Series[Any]) -> pd.Series[Any]:
    codes = given.str.upper()
    fits = (codes == "") | codes.str.fullmatch("[A-Z]{3}")
    if not fits.all():
        row = int((~fits).to_numpy().argmax())
        raise _offence("currency", row, f"{given[row]!r} is no code of a currency")
    return codes.astype(object)


def _dates(given: pd.Series[Any] | None, name: str, rows: int) -> pd.Series[Any]:
    if given is None:
        return pd.Series(pd.NaT, index=range(rows), dtype="datetime64[s]")
    given = given.where(given != "", None)
    times = given.map(day_of, na_action="ignore")
    odd = given.notna() & times.isna()
    if odd.any():
        row = int(odd.to_numpy().argmax())
        raise _offence("date", row, f"{name} {given[row]!r} is no plain date")
    return pd.to_datetime(times).astype("datetime64[s]")


def _check_dates(found: pd.DataFrame) -> None:
    event = found["item"].isin(EVENTS)
    nowhere = event & found["period_end"].isna()
    if nowhere.any():
        row = int(nowhere.to_numpy().argmax())
        raise offence("date", row, found, "an event has a day, as period_end or date")
    result = ~event | ((found["item"] == "earnings") & found["value"].notna())
    early = result & (found["published"] < found["period_end"])
    if early.any():
        row = int(early.to_numpy().argmax())
        out, end = (str(found[name].iloc[row].date()) for name in ("published", "period_end"))
        raise offence("order", row, found, f"published {out}, before its period ends on {end}")
