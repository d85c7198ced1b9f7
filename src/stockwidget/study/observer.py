"""What a study finds in some symbols on all of its days, here or in a worker of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from stockwidget.analysis.record import HORIZONS
from stockwidget.errors import InsufficientHistory, StockwidgetError
from stockwidget.params import StudyParams
from stockwidget.scan.cluster import Opened, Plain, supply_at
from stockwidget.scan.columns import compile_params
from stockwidget.scan.past import known
from stockwidget.scan.supply import Judge, Supply, frame_of
from stockwidget.store.segment import Run
from stockwidget.study.dates import Days
from stockwidget.study.findings import Findings
from stockwidget.study.replay import Filters, Mask, Replayed, replay
from stockwidget.study.tally import Seen, Tally, tally

Times = Mapping[str, Sequence[tuple[int, int]]]
"""Symbol → first and last days of its times in the universe; see ``universe.Universe``."""


class Observer:
    """Reads symbols of ``supply`` and judges them on ``days``.

    ``members`` says when each was in the universe, None that all of them always are. ``own`` judges
    what the rule lets pass, by the bars that were known on the day.
    """

    def __init__(
        self,
        *,
        params: StudyParams,
        days: Days,
        supply: Supply,
        members: Times | None,
        own: Judge | None = None,
    ) -> None:
        scan = params.scan
        self.filters = Filters(min_bars=scan.min_bars, min_turnover=scan.min_turnover)
        self.plan = compile_params(replace(scan, columns=()))
        self._where = [condition.column for condition in scan.where]
        self._days = days
        self._supply = supply
        self._members = members
        self._own = own

    def findings(self, symbols: Sequence[str]) -> Findings:
        """Read and replay some symbols, in their order."""
        history = self._supply.history(symbols)
        run = history.run
        replayed = replay(self.plan, run, self._days, HORIZONS, self.filters)
        member = self.member(run.symbols)
        present, traded = replayed.present & member, replayed.traded & member
        found = Findings(
            symbols=tuple(run.symbols),
            errors={**history.errors, **self._absent(run, present)},
            origins=list(history.origins),
            filtered=int((present.any(axis=0) & ~traded.any(axis=0)).sum()),
        )
        if self.plan.across:
            for numbers in (replayed.values, replayed.after):
                numbers[~traded] = np.nan  # they count for nothing, and need not be kept
            found.replayed = replayed
        else:
            found.tally, errors = self.tally(run.symbols, replayed, run)
            found.errors.update(errors)
        place = {symbol: k for k, symbol in enumerate(symbols)}
        found.errors = dict(sorted(found.errors.items(), key=lambda item: place[item[0]]))
        return found

    def tally(
        self, symbols: Sequence[str], replayed: Replayed, run: Run | None = None
    ) -> tuple[Tally, Mapping[str, StockwidgetError]]:
        """Judge them; ``run`` has their bars, which ``own`` is asked by."""
        seen = Seen(
            symbols=symbols,
            member=self.member(symbols),
            traded=replayed.traded,
            bars=replayed.bars,
            values=replayed.values,
            after=replayed.after,
        )
        own = None if self._own is None or run is None else _asking(self._own, run, seen)
        return tally(self.plan, seen, self._where, own)

    def member(self, symbols: Sequence[str]) -> Mask:
        """(days, symbols): in the universe on that day."""
        member = np.full((len(self._days), len(symbols)), self._members is None)
        for k, symbol in enumerate(symbols if self._members is not None else ()):
            for first, last in (self._members or {})[symbol]:
                member[:, k] |= (first <= self._days) & (self._days <= last)
        return member

    def _absent(self, run: Run, present: Mask) -> dict[str, StockwidgetError]:
        """Why symbols took part on no day: they were not traded."""
        errors: dict[str, StockwidgetError] = {}
        days = "day of the study" if self._members is None else "day that it is a member on"
        for k in np.flatnonzero(~present.any(axis=0)).tolist():
            symbol = run.symbols[k]
            first, last = run.dates[run.offsets[k]], run.dates[run.offsets[k + 1] - 1]
            errors[symbol] = InsufficientHistory(
                f"{symbol} was traded on no {days}: its bars run from "
                f"{np.datetime64(int(first), 'D')} to {np.datetime64(int(last), 'D')}.",
                hint="Study other days, or leave the symbol out.",
                symbol=symbol,
                bars=int(run.offsets[k + 1] - run.offsets[k]),
                needed=1,
            )
        return errors


def observe(
    params: Plain,
    symbols: Sequence[str],
    opened: Opened,
    days: Sequence[int],
    members: Times | None,
) -> Plain:
    """Observe a chunk, in a worker of a cluster."""
    asked = StudyParams.from_dict({**params, "cluster": None})
    supply = supply_at(asked.scan, opened, symbols)
    observer = Observer(params=asked, days=np.array(days, np.int64), supply=supply, members=members)
    return observer.findings(symbols).plain()


def _asking(own: Judge, run: Run, seen: Seen) -> Callable[[int, int], bool]:
    """``own`` by the places of a day and of a symbol."""
    traced = False

    def judge(day: int, k: int) -> bool:
        nonlocal traced
        block = known(run, np.array([k]), run.offsets[[k]] + seen.bars[day, k])
        try:
            return own(run.symbols[k], frame_of(block, 0))
        except StockwidgetError as error:
            if traced:
                error.data.pop("traceback", None)  # that of the first one is enough
            traced = traced or "traceback" in error.data
            raise

    return judge
