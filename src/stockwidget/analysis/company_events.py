"""Events of a company as a document lists them: stated, or implied by adjusted closes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from stockwidget.analysis.events import Events
from stockwidget.analysis.known import Known
from stockwidget.facts import Fact
from stockwidget.sources.base import Bars

Part = dict[str, Any]


def listed(held: Known, implied: Events, bars: Bars, newest: str) -> list[Part]:
    """What the source states; a kind of which it states nothing is read from adjusted closes."""
    kinds = {fact.item for fact in held.events if str(fact.period_end) <= newest}
    source = bars.provenance.source
    found = [
        _event(
            fact.item,
            str(fact.period_end),
            fact.value,
            currency=fact.currency or (bars.currency if fact.item == "dividend" else ""),
            fraction=_fraction(fact, bars),
            published=fact.published,
            source=fact.source or source,
        )
        for fact in held.events
    ]
    if "dividend" not in kinds:
        found += [
            _event("dividend", day, amount, currency=bars.currency, fraction=fraction)
            for day, amount, fraction in implied.dividends
        ]
    if "split" not in kinds:
        found += [_event("split", day, ratio) for day, ratio in implied.splits]
    return sorted(found, key=lambda each: (each["date"], each["key"]))


def _event(
    key: str,
    day: str,
    value: float | None,
    *,
    currency: str = "",
    fraction: float | None = None,
    published: str | None = None,
    source: str | None = None,
) -> Part:
    """An event; without a ``source`` it is implied by adjusted closes."""
    return {
        "key": key,
        "date": day,
        "value": value,
        "currency": currency,
        "fraction": fraction,
        "published": published,
        "source": source,
    }


def _fraction(fact: Fact, bars: Bars) -> float | None:
    """A dividend as a part of the close before, where the two can be compared."""
    other = fact.currency and bars.currency and fact.currency != bars.currency
    if (
        fact.item != "dividend"
        or fact.value is None
        or other
        or bars.provenance.raw_is_split_adjusted
    ):
        return None
    row = int(bars.frame.index.searchsorted(pd.Timestamp(str(fact.period_end))))
    if not 0 < row < len(bars.frame):
        return None
    return fact.value / float(bars.frame["close"].iloc[row - 1])
