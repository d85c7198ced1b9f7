"""The result of a study as a document of ``docs/protocol.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from stockwidget.analysis.record import HORIZONS
from stockwidget.params import StudyParams
from stockwidget.study.after import forward, means
from stockwidget.study.dates import Days
from stockwidget.study.replay import Floats
from stockwidget.study.tally import Hit, Tally
from stockwidget.study.words import words

SCHEMA = 1
MOST_EVENTS = 100_000
"""Hits that are listed one by one at most; counts and mean returns are always there."""


def document(
    *,
    universe: str | Sequence[str],
    label: str,
    params: StudyParams,
    provenance: Mapping[str, Any],
    members: Sequence[int],
    dated: bool,
    days: Days,
    tally: Tally,
    hits: Sequence[Sequence[Hit]],
    failures: Sequence[Mapping[str, Any]],
    excluded: Mapping[str, int],
    counters: Mapping[str, int],
) -> dict[str, Any]:
    """Put together what is shown; ``dated`` says that the universe knows its members by day."""
    own, base = means(tally, hits)
    changes = turnover([{hit.symbol for hit in day} for day in hits])
    rows = forward(days, tally, hits, HORIZONS)
    warnings = [] if dated or provenance["synthetic"] else ["survivors"]
    if any(row["ended"] for row in rows):
        warnings.append("ended")
    few = sum(map(len, hits)) <= MOST_EVENTS
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": "study",
        "universe": universe,
        "label": label,
        "params": params.shown(),
        "provenance": dict(provenance),
        "horizons": list(HORIZONS),
        "dates": [str(np.datetime64(int(day), "D")) for day in days],
        "days": {
            "members": list(members),
            "traded": tally.traded.tolist(),
            "judged": tally.judged.tolist(),
            "hits": [len(day) for day in hits],
            **changes,
        },
        "after": {
            str(horizon): {"hits": cells(own[:, place]), "base": cells(base[:, place])}
            for place, horizon in enumerate(HORIZONS)
        },
        "forward": rows,
        "events": _events(hits) if few else None,
        "failures": list(failures),
        "excluded": dict(excluded),
        "warnings": warnings,
        "counters": dict(counters),
    }
    found["words"] = {locale: words(found, locale) for locale in ("en", "zh")}
    return found


def turnover(days: Sequence[set[str]]) -> dict[str, list[Any]]:
    """Hits that are new since the day before, and hits of the day before that are gone.

    ``new_share`` is the part of the day's hits, ``gone_share`` that of the hits of the day before;
    None on the first day, and where there were none.
    """
    before = [None, *days[:-1]]
    pairs = [(now, then) for now, then in zip(days, before, strict=True)]
    new = [None if then is None else len(now - then) for now, then in pairs]
    gone = [None if then is None else len(then - now) for now, then in pairs]
    return {
        "new": new,
        "gone": gone,
        "new_share": [
            None if count is None or not now else count / len(now)
            for count, (now, _) in zip(new, pairs, strict=True)
        ],
        "gone_share": [
            None if count is None or not then else count / len(then)
            for count, (_, then) in zip(gone, pairs, strict=True)
        ],
    }


def cells(values: Floats) -> list[float | None]:
    """As JSON can hold it: a missing number is None."""
    return [None if np.isnan(value) else value for value in values.tolist()]


def _events(hits: Sequence[Sequence[Hit]]) -> dict[str, Any]:
    """One list a column: the place of the day, the symbol, and the return after each horizon."""
    flat = [(day, hit) for day, found in enumerate(hits) for hit in found]
    after = np.array([hit.after for _, hit in flat]).reshape(len(flat), len(HORIZONS))
    return {
        "day": [day for day, _ in flat],
        "symbol": [hit.symbol for _, hit in flat],
        "after": {str(h): cells(after[:, place]) for place, h in enumerate(HORIZONS)},
    }
