"""Ratios of a price to what is known of the company; definitions are those of ``facts.ITEMS``.

A number of a share is worth nothing beside a price after a split, in another currency, or years
later: then there is no ratio, and the reason is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from stockwidget.facts import Fact

STALE_DAYS = 460
"""A year and the quarter in which its report comes out; an older figure enters no ratio."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """The last bar, as reported."""

    date: str
    close: float
    volume: float
    mean_volume: float | None
    """Of 20 bars; None if there are fewer."""
    currency: str
    splits: Sequence[str]
    """Days of all splits that are known."""
    rescaled: bool
    """Whether later splits, which nobody knew, may have divided the price."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """A ratio, or why there is none."""

    key: str
    value: float | None
    inputs: tuple[Fact, ...]
    reason: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


def ratios(figures: Mapping[str, Fact], quote: Quote) -> list[Ratio]:
    """Ratios that the source does not state itself, of whatever inputs are known."""
    return [ratio for ratio in _all(figures, quote) if ratio.key not in figures]


def stale(fact: Fact, day: str) -> bool:
    """Whether a fact is too old to stand beside a price of ``day``."""
    about = fact.period_end or fact.published
    if about is None:
        return False
    return (date.fromisoformat(day) - date.fromisoformat(about)).days > STALE_DAYS


def _all(figures: Mapping[str, Fact], quote: Quote) -> Iterator[Ratio]:
    close = quote.close
    for key, name in (("pe_ttm", "eps"), ("pb", "book_value_per_share")):
        if (share := figures.get(name)) is not None:
            yield _ratio(key, quote, (share,), lambda values: close / values[0], money=True)
    shares = figures.get("shares_outstanding")
    if shares is not None:
        yield _ratio("market_cap", quote, (shares,), lambda values: close * values[0])
        if (sales := figures.get("revenue")) is not None:
            inputs = (sales, shares)
            yield _ratio("ps_ttm", quote, inputs, lambda v: close * v[1] / v[0], money=True)
    traded = figures.get("float_shares") or shares
    if traded is not None:
        yield _ratio("turnover_rate", quote, (traded,), lambda values: quote.volume / values[0])
        mean = quote.mean_volume
        if mean is not None:
            yield _ratio("turnover_rate_20", quote, (traded,), lambda values: mean / values[0])


def _ratio(
    key: str, quote: Quote, inputs: tuple[Fact, ...], reckon: Any, *, money: bool = False
) -> Ratio:
    why, params = _objection(quote, inputs, money=money)
    if why is not None:
        return Ratio(key=key, value=None, inputs=inputs, reason=why, params=params)
    return Ratio(key=key, value=float(reckon([fact.value for fact in inputs])), inputs=inputs)


def _objection(
    quote: Quote, inputs: tuple[Fact, ...], *, money: bool
) -> tuple[str | None, dict[str, Any]]:
    first = inputs[0]
    if money and first.currency and quote.currency and first.currency != quote.currency:
        return "other_currency", {"theirs": first.currency, "ours": quote.currency}
    if money and not (first.value or 0.0) > 0.0:
        return "not_positive", {}
    for fact in inputs:
        if stale(fact, quote.date):
            return "stale", {"date": fact.period_end or fact.published}
        about = fact.published or fact.period_end or ""  # reports count shares as of their day
        between = [day for day in quote.splits if about < day <= quote.date]
        if between and fact.item != "revenue":
            return "split_between", {"date": between[-1]}
    if quote.rescaled:
        return "rescaled", {"date": quote.date}
    return None, {}
