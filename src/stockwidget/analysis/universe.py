"""The record of signals and scores across all symbols of a small source.

Symbols move together, so events of many symbols in the same weeks are no independent evidence:
days are cut into blocks as long as the horizon, and each block counts once, with the median of the
returns that its events were followed by. The base rate counts blocks alike, with the median of all
bars in each: years with few symbols weigh as much in one as in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget.analysis import record, signals
from stockwidget.analysis.known import series
from stockwidget.analysis.lines import Lines, Mask
from stockwidget.analysis.score import history
from stockwidget.analysis.scorecard import RULES, Scorecard
from stockwidget.bars import as_known, validate, view
from stockwidget.errors import StockwidgetError
from stockwidget.indicators.arrays import Floats
from stockwidget.sources.base import Source, facts_of

MOST = 64
"""Larger sources are for scans: reading them all would take minutes."""
BUSINESS = 7.0 / 5.0
"""Calendar days a bar, so that blocks of days hold about as many bars as the horizon."""


def pooled(
    source: Source,
    card: Scorecard,
    adjust: Literal["adjusted", "raw"],
    last: str | None,
    version: str | None = None,
    *,
    table: Sequence[signals.Signal] = signals.TABLE,
) -> dict[str, Any]:
    """Records across all symbols of ``source`` up to ``last``, or why there are none.

    Kept for the process while the ``version`` of the source's data stays the same, since every
    analysis needs the same; without a version they are taken anew each time.
    """
    symbols = source.symbols()
    if not 1 < len(symbols) <= MOST:
        return {"available": False, "reason": {"key": "no_universe", "params": {}}}
    if card.rules is not RULES or table is not signals.TABLE:
        return taken(source, symbols, card, adjust, last, table=table)
    weights = tuple(card.weights.items())
    take = _kept if version else _kept.__wrapped__
    return take(source, tuple(symbols), weights, adjust, last, version)  # type: ignore[arg-type]  # mypy: a Protocol has no hash


def forget() -> None:
    """Forget what is kept for the process."""
    _kept.cache_clear()


@lru_cache(maxsize=8)
def _kept(
    source: Source,
    symbols: tuple[str, ...],
    weights: tuple[tuple[str, float], ...],
    adjust: Literal["adjusted", "raw"],
    last: str | None,
    _version: str | None,
) -> dict[str, Any]:
    card = Scorecard(weights=dict(weights))
    return taken(source, symbols, card, adjust, last, table=signals.TABLE)


def taken(
    source: Source,
    symbols: Sequence[str],
    card: Scorecard,
    adjust: Literal["adjusted", "raw"],
    last: str | None,
    *,
    table: Sequence[signals.Signal],
) -> dict[str, Any]:
    """Take the records; missing are symbols without bars, and where a user's function fails."""
    charts = {}
    masks: list[Mapping[str, Mask]] = []
    bands: list[Mapping[str, Mask]] = []
    for symbol in symbols:
        try:
            frame = validate(source.bars(symbol, None, last).frame, symbol=symbol)
            chart = Lines(view(as_known(frame), adjust), partial(_facts, source, symbol, frame))
            given, scores = signals.masks(chart, table), history(chart, card)
        except StockwidgetError:
            continue
        charts[symbol] = chart
        masks.append(given)
        bands.append(record.band_masks(scores, card.bands))
    lines = list(charts.values())
    directions = {signal.name: signal.direction for signal in table}
    return {
        "available": True,
        "source": source.name,
        "symbols": list(charts),
        "missing": [symbol for symbol in symbols if symbol not in charts],
        "warnings": ["survivors"],
        "last": max((str(each.dates[-1]) for each in lines), default=None),
        "signals": _records(lines, masks, directions),
        "score": _records(lines, bands, record.band_directions(card.bands)),
    }


def _facts(source: Source, symbol: str, frame: pd.DataFrame) -> Mapping[str, Floats]:
    return series(facts_of(source, symbol) or (), frame.index.to_numpy())


def _records(
    charts: Sequence[Lines], masks: Sequence[Mapping[str, Mask]], directions: Mapping[str, int]
) -> list[dict[str, Any]]:
    whole = {name: np.concatenate([each[name] for each in masks]) for name in directions}
    found = []
    for horizon in record.HORIZONS:
        after = np.concatenate([record.forward_returns(lines, horizon) for lines in charts])
        blocks = np.concatenate([_blocks(lines, horizon) for lines in charts])
        known = np.flatnonzero(np.isfinite(after))
        # Sorted once: what is chosen of it stays sorted.
        rows = known[np.lexsort((after[known], blocks[known]))]
        after, blocks = after[rows], blocks[rows]
        base = record.Base(block_medians(after, blocks))
        for name, direction in directions.items():
            chosen = whole[name][rows]
            sample = block_medians(after[chosen], blocks[chosen])
            draws = np.random.default_rng([record.SEED, horizon, *name.encode()])
            n = int(chosen.sum())
            row = record.measure(name, direction, horizon, n, sample, base, draws).to_dict()
            found.append({"key": row.pop("name"), **row, "warnings": list(row["warnings"])})
    return found


def _blocks(lines: Lines, horizon: int) -> npt.NDArray[np.int64]:
    """Number of the block of days that each bar lies in; the same for all symbols."""
    days = lines.dates.astype(np.int64)
    return np.asarray(days // round(horizon * BUSINESS))


def block_medians(values: Floats, blocks: npt.NDArray[np.int64]) -> Floats:
    """Median in each block; both (n,), sorted by block and within it by value."""
    if not len(values):
        return values
    starts = np.flatnonzero(np.concatenate([[True], blocks[1:] != blocks[:-1]]))
    counts = np.diff(np.append(starts, len(blocks)))
    low, high = starts + (counts - 1) // 2, starts + counts // 2
    return np.asarray((values[low] + values[high]) / 2.0)
