"""The part of a result document on the company: figures, events, and what is not known of it.

Figures and announced events come from the source, as of the day of the analysis. Dividends and
splits that no source states are read from adjusted closes (``events``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from stockwidget.analysis.company_events import listed
from stockwidget.analysis.events import events
from stockwidget.analysis.figures import dividend_yield, made, stated
from stockwidget.analysis.known import Known, known
from stockwidget.analysis.ratios import Quote, Ratio, ratios
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
    happened = listed(held, implied, bars, newest)
    splits = sorted(each["date"] for each in happened if each["key"] == "split")
    rescaled = origin.raw_is_split_adjusted
    quote = _quote(frame, newest, bars.currency, splits, last is not None and rescaled)
    figures = [stated(fact, held.day, origin.source) for fact in held.figures.values()]
    reckoned = ratios(held.figures, quote)
    figures += [made(ratio, quote, origin.source) for ratio in reckoned if _holds(ratio)]
    paid = dividend_yield(held, implied, quote, origin.source, rescaled=rescaled)
    if paid is not None and "dividend_yield" not in held.figures:
        figures.append(paid)
    place = {name: number for number, name in enumerate(ITEMS)}
    figures.sort(key=lambda figure: place[figure["key"]])
    if not figures and not happened:
        return {"available": False, "reason": _nothing(bars, facts, held, past=last is not None)}
    return {
        "available": True,
        "as_of": held.day,
        "figures": figures,
        "abstained": [
            {"key": ratio.key, "reason": {"key": ratio.reason, "params": dict(ratio.params)}}
            for ratio in reckoned
            if not _holds(ratio)
        ],
        "lacking": [] if facts is None else _lacking(figures, reckoned),
        "events": happened,
        "notes": _notes(bars, facts, held, figures, happened, past=last is not None),
    }


def _holds(ratio: Ratio) -> bool:
    return ratio.reason is None


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


def _lacking(figures: Sequence[Part], reckoned: Sequence[Ratio]) -> list[str]:
    """Expected figures that are neither there nor explained."""
    told = {figure["key"] for figure in figures} | {ratio.key for ratio in reckoned}
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
    happened: Sequence[Part],
    *,
    past: bool,
) -> list[Part]:
    """What a reader should know of these facts, and of those that are not there."""
    notes: list[Part] = []

    def note(key: str, **params: Any) -> None:
        notes.append({"key": key, "params": params})

    source = bars.provenance.source
    if any(each["source"] is None for each in (*happened, *figures)):
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
