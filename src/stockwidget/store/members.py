"""Who was in an index, and when: rows of symbol, first day and last day, checked and looked up.

Days are inclusive; no last day means that the symbol is in it still. A symbol that left and came
back has a row for each time.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from stockwidget.errors import InvalidRequest, StockwidgetError, nearest
from stockwidget.params.reading import day_of
from stockwidget.params.universes import INDEX_NAME
from stockwidget.symbols import normalize

Time = tuple[str, str, str | None]
"""Symbol, ISO day of its coming, and of its leaving."""
Members = Mapping[str, Sequence[Time]]
"""Index → times of its members, sorted."""
_SPELT = {
    **dict.fromkeys(("index", "index_code", "universe"), "index"),
    **dict.fromkeys(("symbol", "ticker", "code", "con_code"), "symbol"),
    **dict.fromkeys(("from", "start", "in_date", "date_added", "added"), "from"),
    **dict.fromkeys(("to", "end", "out_date", "date_removed", "removed"), "to"),
}

_FORM = "Pass one row a time of membership: columns index, symbol, from and to."


def read(
    frame: pd.DataFrame, *, index: str | None = None, otherwise: str | None = None
) -> dict[str, list[Time]]:
    """Check a frame of memberships of ``index``; None: of those that it names, or ``otherwise``.

    Raises InvalidRequest, with ``row`` (position in the frame, from 0) where one is wrong.
    """
    columns = _columns(frame)
    if index is not None or ("index" not in columns and otherwise is not None):
        columns["index"] = [index or otherwise] * len(frame)
    for name in ("index", "symbol", "from"):
        if name not in columns:
            raise InvalidRequest(
                f"The members have no column {name!r}.", hint=_FORM, field="members"
            )
    columns.setdefault("to", [None] * len(frame))
    found: dict[str, list[tuple[Time, int]]] = {}
    spelt: dict[str, str] = {}
    for row in range(len(frame)):
        name = columns["index"][row]
        if not isinstance(name, str) or not INDEX_NAME.fullmatch(name.strip()):
            hint = "Use letters, digits, blanks and . & + - _, 40 at most."
            raise _wrong(row, f"index is {name!r}", hint)
        first = _day(columns["from"][row], "from", row)
        last = _day(columns["to"][row], "to", row)
        if first is None:
            raise _wrong(row, "from is missing", "Without its first day nobody knows the past.")
        if last is not None and last < first:
            raise _wrong(row, f"to ({last}) is before from ({first})", "Swap the days.")
        time = (_symbol(columns["symbol"][row], row), first, last)
        known = spelt.setdefault(name.strip().casefold(), name.strip())
        found.setdefault(known, []).append((time, row))
    return {name: _apart(times) for name, times in found.items()}


def named(members: Members, index: str) -> Sequence[Time]:
    """The times of an index, its name in any case. Raises InvalidRequest with the nearest names."""
    for name, times in members.items():
        if name.casefold() == index.strip().casefold():
            return times
    near = nearest(index, list(members))
    known = ", ".join(sorted(members))
    raise InvalidRequest(
        f"There are no members of an index {index!r}.",
        hint=f"Did you mean {near[0]!r}?"
        if near
        else f"Known: {known}."
        if known
        else "Say who was in it, and when: by store.put_members(frame), in a file members.csv in "
        "the folder of the bars, or in members= beside a DataFrame.",
        field="universe",
        nearest=near,
    )


def merge(stored: Members, given: Mapping[str, Sequence[Time]]) -> dict[str, tuple[Time, ...]]:
    """Those stored and those given, which take the place of all that was known of their indices."""
    new = {name.casefold() for name in given}
    kept = {name: tuple(each) for name, each in stored.items() if name.casefold() not in new}
    return kept | {name: tuple(each) for name, each in given.items()}


def on(times: Sequence[Time], day: str) -> tuple[str, ...]:
    """Who was in it on an ISO day."""
    return tuple(s for s, first, last in times if first <= day and (last is None or day <= last))


def frame(members: Members) -> pd.DataFrame:
    """All of it: ``index symbol from to``, the days as dates, NaT if there is no last one."""
    rows = [(name, *time) for name, times in members.items() for time in times]
    found = pd.DataFrame(rows, columns=["index", "symbol", "from", "to"])
    return found.assign(**{name: pd.to_datetime(found[name]) for name in ("from", "to")})


def _columns(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns by their usual names."""
    if not isinstance(frame, pd.DataFrame):
        raise InvalidRequest(
            f"Members come as a pandas DataFrame, not as {type(frame).__name__}.",
            hint="pd.read_csv(path, dtype=str) makes one of a file.",
            field="members",
        )
    found: dict[str, list[Any]] = {}
    for label in frame.columns:
        name = _SPELT.get(str(label).strip().lower().replace(" ", "_"))
        if name in found:
            raise InvalidRequest(
                f"Two columns of the members are a {name!r}.", hint=_FORM, field="members"
            )
        if name is not None:
            found[name] = frame[label].tolist()
    return found


def _apart(times: Sequence[tuple[Time, int]]) -> list[Time]:
    ordered = sorted(times, key=lambda each: each[0][:2])
    for ((before, _, left), _), ((symbol, came, _), row) in pairwise(ordered):
        if symbol == before and (left is None or came <= left):
            raise _wrong(
                row, f"{symbol} is in it already on {came}", "Give each time its last day in to."
            )
    return [time for time, _ in ordered]


def _symbol(value: Hashable, row: int) -> str:
    try:
        return normalize(value)
    except StockwidgetError as error:
        raise _wrong(row, error.message.rstrip("."), error.hint) from None


def _day(value: Any, name: str, row: int) -> str | None:
    if pd.isna(value) or value == "":
        return None
    day = day_of(value)
    if day is None:
        raise _wrong(row, f"{name} is {value!r}, no plain date", "Write it as '2024-01-31'.")
    return day.isoformat()


def _wrong(row: int, what: str, hint: str) -> InvalidRequest:
    return InvalidRequest(f"Row {row} of the members: {what}.", hint=hint, field="members", row=row)
