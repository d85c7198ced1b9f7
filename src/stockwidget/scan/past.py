"""Bars as they were known on a day of the past: none that came later, adjusted by no later factor.

A symbol takes part on a day on which it was traded: its newest bar until then is less than
``IDLE_DAYS`` old. Who came to the market later, or had left it, does not.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stockwidget.bars import OHLCV
from stockwidget.errors import InsufficientHistory, StockwidgetError
from stockwidget.scan.supply import Loaded, Supply, paid
from stockwidget.store.segment import Run
from stockwidget.store.snapshot import EPOCH, Block

Rows = npt.NDArray[np.int64]
IDLE_DAYS = 30
"""Calendar days without a bar after which a symbol is taken to be off the market."""


def number_of(day: str) -> int:
    """Days from 1970-01-01 to an ISO date."""
    return int((np.datetime64(day, "D") - EPOCH).astype(np.int64))


def ends_at(run: Run, day: int) -> Rows:
    """For each symbol the row after its newest bar until ``day``, (symbols,)."""
    dates, offsets = run.dates, run.offsets
    return np.array(
        [
            start + np.searchsorted(dates[start:stop], day, side="right")
            for start, stop in itertools.pairwise(offsets.tolist())
        ],
        np.int64,
    )


def known(run: Run, which: Rows, ends: Rows) -> Block:
    """Adjusted bars of symbols number ``which``, each up to its row ``ends[k]``, one or more bars.

    As ``bars.adjusted(bars.as_known(frame))``, to the last bit. A symbol may be asked for often.
    """
    starts = run.offsets[which]
    offsets = np.concatenate([[0], np.cumsum(ends - starts)]).astype(np.int64)
    counts = np.diff(offsets)
    at = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], counts)
    columns = [column[at] for column in run.columns]
    basis = run.columns[3][ends - 1] / run.columns[5][ends - 1]
    factor = columns[5] * np.repeat(basis, counts) / columns[3]
    prices = [column * factor for column in columns[:4]]
    return Block(
        symbols=[run.symbols[k] for k in which.tolist()],
        offsets=offsets,
        dates=run.dates[at],
        **dict(zip(OHLCV, [*prices, columns[4]], strict=True)),
    )


def load(supply: Supply, symbols: Sequence[str], day: str) -> Loaded:
    """Bars of ``symbols`` as they were known on ``day``, an ISO date; what was not traded fails."""
    found = supply.history(symbols)
    run, number = found.run, number_of(day)
    ends = ends_at(run, number)
    fresh = _fresh(run, ends, number)
    errors: dict[str, StockwidgetError] = dict(found.errors)
    for k in np.flatnonzero(~fresh).tolist():
        errors[run.symbols[k]] = _absent(run, k, int(ends[k]), day)
    kept = np.flatnonzero(fresh)
    block = known(run, kept, ends[kept])
    return Loaded(
        block=block,
        names=[found.names[k] for k in kept.tolist()],
        bars=np.diff(block.offsets).tolist(),
        errors=errors,
        origins=found.origins,
    )


def counts(supply: Supply, symbols: Sequence[str], day: str) -> dict[str, int]:
    """Bars of each symbol that was traded on ``day``, until then."""
    loaded = load(supply, symbols, day)
    return dict(zip(loaded.block.symbols, loaded.bars, strict=True))


def traded(supply: Supply, symbols: Sequence[str], day: str, bars: int) -> dict[str, float]:
    """Mean of close × volume over the last ``bars`` bars until ``day``, quote currency."""
    run, number = supply.history(symbols).run, number_of(day)
    ends = ends_at(run, number)
    kept = np.flatnonzero(_fresh(run, ends, number)).tolist()
    return {run.symbols[k]: paid(run, k, int(ends[k]), bars) for k in kept}


def _fresh(run: Run, ends: Rows, number: int) -> npt.NDArray[np.bool_]:
    """Whether the newest bar of each until day ``number`` is less than ``IDLE_DAYS`` old."""
    fresh: npt.NDArray[np.bool_] = ends > run.offsets[:-1]
    fresh[fresh] = run.dates[ends[fresh] - 1] > number - IDLE_DAYS
    return fresh


def _absent(run: Run, k: int, end: int, day: str) -> InsufficientHistory:
    symbol, bars = run.symbols[k], end - int(run.offsets[k])
    said = (
        f"its last bar until then is of {np.datetime64(int(run.dates[end - 1]), 'D')}"
        if bars
        else f"its first bar is of {np.datetime64(int(run.dates[run.offsets[k]]), 'D')}"
    )
    return InsufficientHistory(
        f"{symbol} was not traded on {day}: {said}.",
        hint="Scan another day, or leave the symbol out.",
        symbol=symbol,
        bars=bars,
        needed=1,
    )
