"""What a commentator is told of an analysis, and the numbers that it may therefore use.

The long series stay behind: among thousands of prices every number would find its like, and a
check against them would mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from stockwidget.commentary.numbers import numbers

LATEST = 8
"""Signals that are told, newest last."""
HORIZON = 20
"""Bars after a signal whose record is told."""
_WHOLE = ("schema", "kind", "symbol", "name", "market", "currency", "provenance", "summary",
          "levels", "trend", "risk", "sizing", "quality")  # fmt: skip
_PERCENT_ALREADY = ("natr", "roc", "rsi", "mfi", "kdj", "stochastic", "williams", "adx", "aroon")
"""Indicators that count from 0 to 100, or in percent."""
_CONFIDENCE = re.compile(r"var_(\d\d)")
_WINDOW = re.compile(r"(?:^|_|\()(\d{1,3})(?=[_dwmy),]|$)")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_SCALE = (0.0, 100.0)
"""The ends of scores and oscillators."""
_WINDOWS = frozenset({9, 12, 26, 252})
"""Of MACD and of a year, which no name shows."""


def facts_of(document: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """The document of an analysis without its series: last values, latest signals, the report."""
    facts = {name: document[name] for name in _WHOLE if name in document}
    for name in ("bars", "indicators"):
        part = document.get(name) or {}
        facts[name] = {key: values[-1] for key, values in part.items() if len(values)}
    facts["score"] = {k: v for k, v in (document.get("score") or {}).items() if k != "history"}
    facts["signals"], facts["record"] = _signals(document)
    company = document.get("fundamentals") or {}
    latest = {"events": company["events"][-LATEST:]} if "events" in company else {}
    facts["fundamentals"] = {**company, **latest}
    facts["report"] = (document.get("report") or {}).get(locale, [])
    return facts


def _signals(document: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[Any]]:
    part = document.get("signals") or {}
    names = [name for name in part if name != "row"]
    columns = [list(part[name])[-LATEST:] for name in names]
    latest = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    told = {row["key"] for row in latest} | {(document.get("score") or {}).get("band")}
    record = document.get("record") or {}
    past = [*record.get("signals", ()), *record.get("score", ())]
    return latest, [row for row in past if row["key"] in told and row["horizon"] == HORIZON]


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """All numbers and dates of some facts."""

    values: tuple[float, ...]
    percents: tuple[float, ...]
    """What else a percent may stand for, as fractions: RSI 40 is 0.40."""
    windows: frozenset[int]
    """Lengths that names of indicators and figures carry: 14 of ``rsi_14``."""
    dates: frozenset[date]
    first: int
    """Years of the bars, both inclusive."""
    last: int


def known(facts: Mapping[str, Any]) -> Known:
    """Collect what may be said."""
    values: set[float] = set(_SCALE)
    percents: set[float] = set()
    windows: set[int] = set(_WINDOWS)
    dates: set[date] = set()
    for name, value in _leaves(facts):
        for found in _WINDOW.findall(name):
            windows.add(int(found))
        percents.update(int(found) / 100 for found in _CONFIDENCE.findall(name))
        if isinstance(value, str):
            dates.update(_date(found) for found in _ISO.findall(value))
            if name == "lines":
                values.update(each.value * (each.sign or 1) for each in numbers(value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            values.add(float(value))
            if name.startswith(_PERCENT_ALREADY):
                percents.add(float(value) / 100)
    origin = facts.get("provenance") or {}
    bounds = [int(str(origin[end])[:4]) for end in ("first", "last") if origin.get(end)]
    years = bounds or sorted({each.year for each in dates}) or [1, 0]
    return Known(
        values=tuple(sorted(values)),
        percents=tuple(sorted(percents)),
        windows=frozenset(windows),
        dates=frozenset(dates),
        first=years[0],
        last=years[-1],
    )


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        about = value.get("key")
        for key, each in value.items():
            named = about if isinstance(about, str) and key in {"value", "threshold"} else str(key)
            yield from _leaves(each, named)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _leaves(each, name)
    else:
        yield name, value
        if isinstance(value, str) and name == "key":
            yield value, None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:  # a note may hold anything
        return date.min
