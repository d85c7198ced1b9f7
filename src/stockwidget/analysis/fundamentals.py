"""The part of a result document on the company: figures, events, and what is not known of it.

Figures and announced events come from the source, as of the day of the analysis. Dividends and
splits that no source states are read from adjusted closes (``events``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from stockwidget.analysis.events import YEAR_DAYS, Events, events
from stockwidget.analysis.known import Known, known
from stockwidget.analysis.ratios import Quote, Ratio, ratios, stale
from stockwidget.facts import ITEMS, Fact
from stockwidget.sources.base import Bars

Part = dict[str, Any]
EXPECTED = ("pe_ttm", "pb", "ps_ttm", "dividend_yield", "market_cap", "revenue_growth",
            "earnings_growth", "roe", "gross_margin", "net_margin", "debt_to_equity",
            "free_cash_flow")  # fmt: skip
"""Figures that a reader looks for; those that are missing are named."""
MEAN_BARS = 20


def fundamentals(bars: Bars, facts: Sequence[Fact] | None, last: str | None) -> Part:
    """What was known of the company at the close of ``last``, by default of the last bar.

    ``facts`` is None if the source has none of any company.
    """
    frame, origin = bars.frame, bars.provenance
    newest = str(np.datetime_as_string(frame.index.to_numpy()[-1], unit="D"))
    held = known(facts or (), last or newest, past=last is not None)
    implied = events(frame)
    listed = _events(held, implied, bars, newest)
    splits = sorted(each["date"] for each in listed if each["key"] == "split")
    quote = _quote(frame, newest, bars.currency, splits, last is not None and _rescaled(bars))
    stated = [_stated(fact, held.day, origin.source) for fact in held.figures.values()]
    made = ratios(held.figures, quote)
    figures = [*stated, *(_made(ratio, quote, origin.source) for ratio in made if _holds(ratio))]
    paid = _dividend_yield(held, implied, quote, origin.source, rescaled=_rescaled(bars))
    if paid is not None and "dividend_yield" not in held.figures:
        figures.append(paid)
    place = {name: number for number, name in enumerate(ITEMS)}
    figures.sort(key=lambda figure: place[figure["key"]])
    if not figures and not listed:
        return {"available": False, "reason": _nothing(bars, facts, held, past=last is not None)}
    return {
        "available": True,
        "as_of": held.day,
        "figures": figures,
        "abstained": [
            {"key": ratio.key, "reason": {"key": ratio.reason, "params": dict(ratio.params)}}
            for ratio in made
            if not _holds(ratio)
        ],
        "lacking": [] if facts is None else _lacking(figures, made),
        "events": listed,
        "notes": _notes(bars, facts, held, figures, listed, past=last is not None),
    }


def _rescaled(bars: Bars) -> bool:
    return bars.provenance.raw_is_split_adjusted


def _holds(ratio: Ratio) -> bool:
    return ratio.reason is None


def _stated(fact: Fact, day: str, source: str) -> Part:
    return _figure(
        fact.item,
        fact.value,
        currency=fact.currency,
        period_end=fact.period_end,
        published=fact.published,
        source=fact.source or source,
        stale=stale(fact, day),
    )


def _made(ratio: Ratio, quote: Quote, source: str) -> Part:
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
    stale: bool = False,
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
        "stale": stale,
    }


def _newest(facts: Sequence[Fact]) -> str | None:
    """Day on which the last of them was published; None if that is unknown of one."""
    days = [fact.published for fact in facts]
    return None if None in days else max(str(day) for day in days)


def _sources(facts: Sequence[Fact], source: str) -> str:
    return ", ".join(dict.fromkeys(fact.source or source for fact in facts))


def _quote(
    frame: pd.DataFrame, day: str, currency: str, splits: Sequence[str], rescaled: bool
) -> Quote:
    volume = frame["volume"].to_numpy()
    return Quote(
        date=day,
        close=float(frame["close"].iloc[-1]),
        volume=float(volume[-1]),
        mean_volume=float(volume[-MEAN_BARS:].mean()) if len(volume) >= MEAN_BARS else None,
        currency=currency,
        splits=splits,
        rescaled=rescaled,
    )


def _events(held: Known, implied: Events, bars: Bars, newest: str) -> list[Part]:
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
    if fact.item != "dividend" or fact.value is None or other or _rescaled(bars):
        return None
    row = int(bars.frame.index.searchsorted(pd.Timestamp(str(fact.period_end))))
    if not 0 < row < len(bars.frame):
        return None
    return fact.value / float(bars.frame["close"].iloc[row - 1])


def _dividend_yield(
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
        total = sum(fact.value or 0.0 for fact in recent)
        return _figure(
            "dividend_yield",
            total / quote.close,
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


def _lacking(figures: Sequence[Part], made: Sequence[Ratio]) -> list[str]:
    """Expected figures that are neither there nor explained."""
    told = {figure["key"] for figure in figures} | {ratio.key for ratio in made}
    return [name for name in EXPECTED if name not in told]


def _nothing(bars: Bars, facts: Sequence[Fact] | None, held: Known, *, past: bool) -> Part:
    source = {"source": bars.provenance.source}
    if facts is None:
        return {"key": "no_events", "params": source}
    if held.undated and past:
        return {"key": "undated_left", "params": {"count": held.undated}}
    return {
        "key": "none_known",
        "params": {**source, "symbol": bars.symbol, "date": held.day},
    }


def _notes(
    bars: Bars,
    facts: Sequence[Fact] | None,
    held: Known,
    figures: Sequence[Part],
    listed: Sequence[Part],
    *,
    past: bool,
) -> list[Part]:
    """What a reader should know of these facts, and of those that are not there."""
    notes: list[Part] = []

    def note(key: str, **params: Any) -> None:
        notes.append({"key": key, "params": params})

    source = bars.provenance.source
    if any(each["source"] is None for each in (*listed, *figures)):
        note("implied")
    if facts is None:
        note("only_events", source=source)
    elif not held.figures and not held.events:
        note("none_known", source=source, symbol=bars.symbol, date=held.day)
    if held.undated:
        note("undated_left" if past else "undated_used", count=held.undated)
    if held.later and not past:
        note("later_facts", count=held.later, date=held.day)
    old = [figure for figure in figures if figure["stale"]]
    if old:
        note("old_figures", count=len(old))
    return notes
