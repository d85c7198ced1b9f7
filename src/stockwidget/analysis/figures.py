"""Figures of a company as a document has them: stated by a source, or made of the last close."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from stockwidget.analysis.events import YEAR_DAYS, Events
from stockwidget.analysis.known import Known
from stockwidget.analysis.ratios import Quote, Ratio, stale
from stockwidget.facts import ITEMS, Fact

Part = dict[str, Any]


def stated(fact: Fact, day: str, source: str) -> Part:
    """A fact as ``source`` has it, on ``day``."""
    return _figure(
        fact.item,
        fact.value,
        currency=fact.currency,
        period_end=fact.period_end,
        published=fact.published,
        source=fact.source or source,
        old=stale(fact, day),
    )


def made(ratio: Ratio, quote: Quote, source: str) -> Part:
    """A ratio of the last close."""
    return _figure(
        ratio.key,
        ratio.value,
        currency=quote.currency if ITEMS[ratio.key].unit == "amount" else "",
        period_end=ratio.inputs[0].period_end,
        published=_newest(ratio.inputs),
        source=_sources(ratio.inputs, source),
        of=[fact.item for fact in ratio.inputs],
        day=quote.date,
    )


def _figure(
    key: str,
    value: float | None,
    *,
    currency: str = "",
    period_end: str | None,
    published: str | None,
    source: str | None,
    of: Sequence[str] = (),
    day: str | None = None,
    old: bool = False,
) -> Part:
    """A figure; ``of`` names what it was made of, at the close of ``day``."""
    return {
        "key": key,
        "value": value,
        "unit": ITEMS[key].unit,
        "currency": currency,
        "period_end": period_end,
        "published": published,
        "source": source,
        "of": list(of),
        "date": day,
        "stale": old,
    }


def _newest(facts: Sequence[Fact]) -> str | None:
    """Day on which the last of them was published; None if that is unknown of one."""
    days = [fact.published for fact in facts]
    return None if None in days else max(str(day) for day in days)


def _sources(facts: Sequence[Fact], source: str) -> str:
    return ", ".join(dict.fromkeys(fact.source or source for fact in facts))


def dividend_yield(
    held: Known, implied: Events, quote: Quote, source: str, *, rescaled: bool
) -> Part | None:
    """Of the dividends that the source states, else of those that adjusted closes imply."""
    paid = [fact for fact in held.events if fact.item == "dividend"]
    paid = [fact for fact in paid if str(fact.period_end) <= quote.date]
    since = (date.fromisoformat(quote.date) - timedelta(days=YEAR_DAYS)).isoformat()
    recent = [fact for fact in paid if str(fact.period_end) > since]
    whole = len(recent) < len(paid)
    alike = all(fact.currency in {"", quote.currency} for fact in recent)
    split = any(since < day <= quote.date for day in quote.splits)
    if recent and whole and alike and not split and not rescaled:
        paid_out = math.fsum(fact.value or 0.0 for fact in recent)
        return _figure(
            "dividend_yield",
            paid_out / quote.close,
            period_end=recent[-1].period_end,
            published=_newest(recent),
            source=_sources(recent, source),
            of=("dividend",),
            day=quote.date,
        )
    if implied.dividend_yield is None:
        return None
    last = implied.dividends[-1][0]
    return _figure(
        "dividend_yield",
        implied.dividend_yield,
        period_end=last,
        published=last,
        source=None,
        of=("dividend",),
        day=quote.date,
    )
