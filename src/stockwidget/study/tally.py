"""From replayed days to counts: who was judged, who was a hit, and what followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockwidget.errors import StockwidgetError
from stockwidget.scan.judge import Verdict
from stockwidget.scan.rules import Plan
from stockwidget.scan.vm import finish
from stockwidget.study.replay import Floats, Mask, Rows

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A symbol that was a hit on a day."""

    symbol: str
    order: float
    """What hits are ordered by, NaN without an order."""
    after: tuple[float, ...]
    """Returns that followed, one a horizon, fractions; NaN where not known."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Counts of some symbols on each day; those of several sets of symbols add up."""

    traded: Counts
    """(days,): symbols of the universe that were traded and passed the filters."""
    judged: Counts
    """(days,): of these, those of which the rule said yes or no."""
    known: Counts
    """(days, horizons): judged ones whose return is known."""
    total: Floats
    """(days, horizons): sum of these returns."""
    ups: Counts
    """(days, horizons): how many of them were above zero."""
    hits: tuple[tuple[Hit, ...], ...]
    """By day, in the order of the universe."""

    def plus(self, other: Tally) -> Tally:
        """Return both together, ``other`` behind."""
        return Tally(
            traded=self.traded + other.traded,
            judged=self.judged + other.judged,
            known=self.known + other.known,
            total=self.total + other.total,
            ups=self.ups + other.ups,
            hits=tuple(a + b for a, b in zip(self.hits, other.hits, strict=True)),
        )


def nothing(days: int, horizons: int) -> Tally:
    """Return the tally of no symbols."""
    none, wide = np.zeros(days, np.int64), np.zeros((days, horizons), np.int64)
    return Tally(
        traded=none,
        judged=none,
        known=wide,
        total=np.zeros((days, horizons)),
        ups=wide,
        hits=((),) * days,
    )


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is to be judged: arrays as of ``replay.Replayed``."""

    symbols: Sequence[str]
    member: Mask
    """(days, symbols): in the universe on that day."""
    traded: Mask
    bars: Rows
    values: Floats
    after: Floats


Judge = Callable[[int, int], bool]
"""Place of a day and of a symbol → whether it is a hit; raises StockwidgetError if it abstains."""


def tally(
    plan: Plan, seen: Seen, where: Sequence[str] = (), own: Judge | None = None
) -> tuple[Tally, Mapping[str, StockwidgetError]]:
    """Judge each day by itself; also why symbols that took part were judged on no day.

    With ``rank()`` or ``zscore()`` across symbols, ``seen`` must have all that there are. ``own``
    judges what the plan lets pass.
    """
    days, width = seen.traded.shape[0], seen.after.shape[2]
    taking = seen.traded & seen.member
    judged, hit = np.zeros_like(taking), np.zeros_like(taking)
    order = np.full(taking.shape, np.nan)
    newest: dict[int, Floats | StockwidgetError] = {}
    for day in range(days):
        at = np.flatnonzero(taking[day])
        outputs = finish(plan, seen.values[day, at])
        clear = ~np.isnan(outputs[:, list(plan.judged)]).any(axis=1)
        judged[day, at] = clear
        hit[day, at] = clear if plan.rule is None else clear & (outputs[:, plan.rule] == 1)
        if plan.rank is not None:
            order[day, at] = outputs[:, plan.rank]
        newest.update(zip(at[~clear].tolist(), outputs[~clear], strict=True))
        for k in np.flatnonzero(hit[day]).tolist():
            if own is None:
                break
            try:
                hit[day, k] = own(day, k)
            except StockwidgetError as error:
                hit[day, k] = judged[day, k] = False
                newest[k] = error
    verdict = Verdict(plan, where=where)
    errors = {}
    for k in np.flatnonzero(taking.any(axis=0) & ~judged.any(axis=0)).tolist():
        last, why, symbol = int(np.flatnonzero(taking[:, k])[-1]), newest[k], seen.symbols[k]
        if not isinstance(why, StockwidgetError):
            why = verdict.why(symbol, int(seen.bars[last, k]), why)
        errors[symbol] = why
    base = np.where(judged[:, :, None], seen.after, np.nan)
    return Tally(
        traded=taking.sum(axis=1),
        judged=judged.sum(axis=1),
        known=(~np.isnan(base)).sum(axis=1),
        total=np.nansum(base, axis=1).reshape(days, width),
        ups=(base > 0).sum(axis=1),
        hits=tuple(
            tuple(
                Hit(
                    symbol=seen.symbols[k],
                    order=float(order[day, k]),
                    after=tuple(seen.after[day, k].tolist()),
                )
                for k in np.flatnonzero(hit[day]).tolist()
            )
            for day in range(days)
        ),
    ), errors
