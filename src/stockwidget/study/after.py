"""What followed the hits, beside what followed the universe on the same days.

Each day counts once: the mean return of its hits less the mean of all symbols judged that day, as
equal parts bought at the next open would have had it. Hits of one day move together, and returns
over h bars from days less than h bars apart share bars; so the interval comes from the circular
block bootstrap over days (Künsch 1989; Politis and Romano 1992): blocks of as many successive days
as share bars are drawn with replacement, whole days and never single hits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stockwidget.analysis.record import DRAWS, SEED, SMALL, interval
from stockwidget.analysis.universe import BUSINESS
from stockwidget.study.dates import Days
from stockwidget.study.replay import Floats
from stockwidget.study.tally import Hit, Tally

LEAST = 5
"""With fewer independent days an interval says nothing, and none is given."""


def means(tally: Tally, hits: Sequence[Sequence[Hit]]) -> tuple[Floats, Floats]:
    """Mean return of the hits, and of all judged, on each day; (days, horizons) each.

    NaN where none is known.
    """
    width = tally.total.shape[1]
    own = np.full(tally.total.shape, np.nan)
    for day, found in enumerate(hits):
        after = np.array([hit.after for hit in found]).reshape(len(found), width)
        own[day] = _mean(np.nansum(after, axis=0), (~np.isnan(after)).sum(axis=0))
    return own, _mean(tally.total, tally.known)


def forward(
    days: Days, tally: Tally, hits: Sequence[Sequence[Hit]], horizons: Sequence[int]
) -> list[dict[str, Any]]:
    """One row a horizon; returns and differences are fractions, None where not known.

    ``unknown`` are hits without a return; of these, ``ended`` on days from which most other symbols
    have one: their bars end (delisted, halted), which is no matter of waiting.
    """
    own, base = means(tally, hits)
    up_base = _mean(tally.ups, tally.known)
    due = (tally.known > 0) & (2 * tally.known >= tally.judged[:, None])
    rows = []
    for place, horizon in enumerate(horizons):
        after = [np.array([hit.after[place] for hit in found]) for found in hits]
        known = [values[~np.isnan(values)] for values in after]
        some = np.array([len(values) > 0 for values in known], dtype=bool)
        lacking = [int(np.isnan(values).sum()) for values in after]
        edges = own[some, place] - base[some, place]
        up = np.array([(values > 0).mean() for values in known if len(values)])
        block = overlap(days[some], horizon)
        independent = len(edges) // block
        low, high = _interval(edges, block, horizon) if independent >= LEAST else (None, None)
        rows.append(
            {
                "horizon": horizon,
                "n": sum(map(len, known)),
                "days": len(edges),
                "block": block,
                "independent": independent,
                "mean": _of(own[some, place]),
                "base_mean": _of(base[some, place]),
                "edge": _of(edges),
                "edge_low": low,
                "edge_high": high,
                "up": _of(up),
                "base_up": _of(up_base[some, place]),
                "unknown": sum(lacking),
                "ended": sum(
                    lack
                    for lack, known_to_most in zip(lacking, due[:, place], strict=True)
                    if known_to_most
                ),
                "warnings": _warnings(independent, low, high),
            }
        )
    return rows


def overlap(days: Days, horizon: int) -> int:
    """How many successive days share bars of their returns: the length of a block, 1 or more."""
    if not len(days):
        return 1
    beyond = np.searchsorted(days, days + horizon * BUSINESS, side="left")
    return int((beyond - np.arange(len(days))).max())


def resampled_means(values: Floats, block: int, draws: np.random.Generator) -> Floats:
    """Return means of ``DRAWS`` samples made of blocks of ``values`` (n,) joined to a circle."""
    n = len(values)
    starts = draws.integers(0, n, (DRAWS, -(-n // block)))
    rows = (starts[:, :, None] + np.arange(block)) % n
    return np.asarray(values[rows.reshape(DRAWS, -1)[:, :n]].mean(axis=1))


def _interval(edges: Floats, block: int, horizon: int) -> tuple[float, float]:
    draws = np.random.default_rng([SEED, horizon])
    return interval(resampled_means(edges, block, draws))


def _warnings(independent: int, low: float | None, high: float | None) -> list[str]:
    found = ["few"] if independent < SMALL else []
    if low is None or high is None or low <= 0.0 <= high:
        found.append("spans_zero")
    return found


def _of(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _mean(total: Any, count: Any) -> Floats:
    out: Floats = np.full(np.shape(total), np.nan)
    return np.asarray(np.divide(total, count, out=out, where=count > 0))
