"""What was known of a company on a day: facts by the day of their publication, never before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockwidget.facts import ITEMS, Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Facts as of ``day``."""

    day: str
    figures: Mapping[str, Fact]
    """Item → its fact of the newest period, as it was published last."""
    events: Sequence[Fact]
    """By date; some may lie ahead, as they were announced."""
    undated: int
    """Facts without a day of publication: used for the present, left out for the past."""
    later: int
    """Facts that were published after ``day``."""


def known(facts: Iterable[Fact], day: str, *, past: bool) -> Known:
    """Facts that were known at the close of ``day``; ``past`` if more may be known by now."""
    figures: dict[str, Fact] = {}
    events: dict[tuple[str, str], Fact] = {}
    undated = later = 0
    for fact in facts:
        if fact.published is None:
            undated += 1
            if past:
                continue
        elif fact.published > day:
            later += 1
            continue
        if ITEMS[fact.item].event:
            key = (fact.item, str(fact.period_end))
            events[key] = max(events.get(key, fact), fact, key=_age)
        else:
            figures[fact.item] = max(figures.get(fact.item, fact), fact, key=_age)
    return Known(
        day=day,
        figures={name: figures[name] for name in ITEMS if name in figures},
        events=sorted(events.values(), key=lambda fact: (str(fact.period_end), fact.item)),
        undated=undated,
        later=later,
    )


def series(
    facts: Iterable[Fact], days: npt.NDArray[np.datetime64]
) -> dict[str, npt.NDArray[np.float64]]:
    """Item → its value as it was known at the close of each of ``days`` (n,), ascending.

    NaN before the first publication; facts without a day of publication and events are left out.
    """
    by_item: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.published is not None and not ITEMS[fact.item].event:
            by_item.setdefault(fact.item, []).append(fact)
    found = {}
    for name in ITEMS:
        if name not in by_item:
            continue
        values, newest = [np.nan], None
        out = sorted(by_item[name], key=lambda fact: str(fact.published))
        for fact in out:
            newest = fact if newest is None else max(newest, fact, key=_age)
            values.append(np.nan if newest.value is None else newest.value)
        published = np.array([fact.published for fact in out], "datetime64[D]")
        rows = np.searchsorted(published, days.astype("datetime64[D]"), side="right")
        found[name] = np.array(values)[rows]
    return found


def _age(fact: Fact) -> tuple[bool, str, str]:
    """Orders facts of an item: dated ones go before others, then period, then publication."""
    published = fact.published or ""
    return fact.published is not None, fact.period_end or published, published
