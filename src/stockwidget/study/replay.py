"""A plan on many days over the bars of some symbols, as a scan of each day would see them.

One pass: the days come in order, the interpreter keeps the state of every recursion (as a repeated
scan of a store does), and each day reads the bars since the day before and the longest finite
window. Where a dividend between two days moved the basis of the adjusted prices, the symbol's
history is read anew on the new basis, since a scan of that day would have seen other prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockwidget.analysis.record import gained
from stockwidget.scan.past import IDLE_DAYS
from stockwidget.scan.rules import Plan
from stockwidget.scan.supply import paid
from stockwidget.scan.universe import TURNOVER_BARS
from stockwidget.scan.vm import empty, evaluate, state_size
from stockwidget.store.segment import Run
from stockwidget.study.dates import Days

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
CLOSE, ADJUSTED = 3, 5
"""Places among ``bars.COLUMNS``."""


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a symbol must have on a day to take part in it; None asks for nothing."""

    min_bars: int | None = None
    min_turnover: float | None = None


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What the days saw of some symbols."""

    present: Mask
    """(days, symbols): was traded then, as ``past`` defines it."""
    traded: Mask
    """(days, symbols): and passes the filters."""
    bars: Rows
    """(days, symbols): bars until then."""
    values: Floats
    """(days, symbols, slots of the plan); NaN also where the symbol takes no part."""
    after: Floats
    """(days, symbols, horizons): returns that followed, fractions; NaN where not known."""


def replay(plan: Plan, run: Run, days: Days, horizons: Sequence[int], filters: Filters) -> Replayed:
    """Evaluate ``plan`` on each of ``days``, rising, over bars as reported."""
    ends = ends_on(run, days)
    bars = ends - run.offsets[:-1]
    present = bars > 0
    newest = run.dates[np.maximum(ends - 1, 0)] if len(run.dates) else np.zeros_like(ends)
    present &= newest > days[:, None] - IDLE_DAYS
    traded = present.copy()
    if filters.min_bars is not None:
        traded &= bars >= filters.min_bars
    values = np.full((*ends.shape, empty(plan, 0).shape[1]), np.nan)
    known = _Adjusted(run, ends)
    state = np.zeros((len(run.symbols), state_size(plan)))
    seen = np.zeros(len(run.symbols), np.int64)
    opens, highs, lows, closes, volumes = known.columns
    for day, end in enumerate(ends):
        seen[known.on(day)] = 0
        if filters.min_turnover is not None:
            for k in np.flatnonzero(traded[day]).tolist():
                traded[day, k] = paid(run, k, int(end[k]), TURNOVER_BARS) >= filters.min_turnover
        out: Floats = values[day]
        evaluate(
            plan,
            *(opens, highs, lows, closes, volumes),
            *(run.dates, run.offsets, 0, len(run.symbols), out),
            ends=end,
            state=state,
            seen=seen,
        )
    values[~traded] = np.nan
    return Replayed(
        present=present,
        traded=traded,
        bars=bars,
        values=values,
        after=returns_after(run, ends, horizons),
    )


def ends_on(run: Run, days: Days) -> Rows:
    """The row after the newest bar until each day, (days, symbols); as ``past.ends_at``."""
    ends = np.empty((len(days), len(run.symbols)), np.int64)
    for k, start in enumerate(run.offsets[:-1].tolist()):
        dates = run.dates[start : run.offsets[k + 1]]
        ends[:, k] = start + np.searchsorted(dates, days, side="right")
    return ends


def returns_after(run: Run, ends: Rows, horizons: Sequence[int]) -> Floats:
    """From the open of the next bar to the close ``horizon`` bars on, (days, symbols, horizons).

    As ``analysis.record.forward_returns``: what is known at a close can be acted on at the next
    open. Dividends count, since prices are adjusted; by which basis does not matter to a ratio.
    NaN where the bars end before.
    """
    out = np.full((*ends.shape, len(horizons)), np.nan)
    opens, close, adjusted = run.columns[0], run.columns[CLOSE], run.columns[ADJUSTED]
    stops = run.offsets[1:]
    for place, horizon in enumerate(horizons):
        there = (ends > run.offsets[:-1]) & (ends - 1 + horizon < stops)
        entry = ends[there]
        bought = opens[entry] * (adjusted[entry] / close[entry])
        out[there, place] = gained(bought, adjusted[entry - 1 + horizon])
    return out


class _Adjusted:
    """Prices on the basis of one day after the other, as ``past.known`` gives them."""

    def __init__(self, run: Run, ends: Rows) -> None:
        self._run = run
        self._ends = ends
        close, adjusted = run.columns[CLOSE], run.columns[ADJUSTED]
        last = np.maximum(ends - 1, 0)
        some = ends > run.offsets[:-1]
        self._basis = np.where(some, close[last] / adjusted[last], np.nan) if some.any() else None
        self._now = np.full(len(run.symbols), np.nan)
        self.columns = [np.array(column) for column in run.columns[:5]]
        """OHLCV; of each symbol only the bars until the day are to be read."""

    def on(self, day: int) -> Rows:
        """Go on to a day; return the symbols whose earlier prices are others now."""
        if self._basis is None:
            return np.empty(0, np.int64)
        basis = self._basis[day]
        changed = np.flatnonzero(~np.isnan(basis) & (basis != self._now))
        for k in changed.tolist():
            rows = slice(int(self._run.offsets[k]), self._needed(day, k))
            adjusted, close = self._run.columns[ADJUSTED][rows], self._run.columns[CLOSE][rows]
            factor = adjusted * basis[k] / close
            for column, reported in zip(self.columns[:4], self._run.columns, strict=False):
                column[rows] = reported[rows] * factor
        self._now[changed] = basis[changed]
        return changed

    def _needed(self, day: int, k: int) -> int:
        """The row after the last bar that a day on the same basis reads."""
        assert self._basis is not None
        other = np.flatnonzero(self._basis[day:, k] != self._basis[day, k])
        last = day + int(other[0]) - 1 if len(other) else len(self._ends) - 1
        return int(self._ends[last, k])
