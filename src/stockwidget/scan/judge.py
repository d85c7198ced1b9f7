"""From last values to hits: what a plan says of each symbol, or why it says nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.errors import InsufficientHistory, NoValue, StockwidgetError
from stockwidget.scan.findings import Row
from stockwidget.scan.rules import Plan, why_missing
from stockwidget.scan.rules.scorecard import LEAST_COVERAGE, SCORE
from stockwidget.scan.vm import empty, evaluate, finish
from stockwidget.store.snapshot import EPOCH, Block

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Last values of some symbols, with what a row says beside them."""

    symbols: Sequence[str]
    names: Sequence[str | None]
    bars: Sequence[int]
    lasts: Sequence[str]
    """ISO date of each symbol's last bar."""
    values: Floats
    """float64 (symbols, slots of the plan)."""

    def plain(self) -> list[list[Any]]:
        """One line a symbol, as JSON can hold it."""
        parts = (self.symbols, self.names, self.bars, self.lasts, _cells(self.values))
        return [list(line) for line in zip(*parts, strict=True)]

    @classmethod
    def read(cls, lines: Sequence[Sequence[Any]], plan: Plan) -> Judged:
        """Read what ``plain`` wrote."""
        values = empty(plan, len(lines))
        for row, line in zip(values, lines, strict=True):
            row[:] = [math.nan if value is None else value for value in line[4]]
        return cls(
            symbols=[line[0] for line in lines],
            names=[line[1] for line in lines],
            bars=[line[2] for line in lines],
            lasts=[line[3] for line in lines],
            values=values,
        )


def last_values(plan: Plan, block: Block) -> Floats:
    """Evaluate a plan over a block; does not hold the GIL while it counts."""
    count = len(block.symbols)
    values = empty(plan, count)
    evaluate(
        plan,
        *(block.open, block.high, block.low, block.close, block.volume),
        *(block.dates, block.offsets, 0, count, values),
    )
    return values


def judged(
    values: Floats, block: Block, names: Sequence[str | None], bars: Sequence[int]
) -> Judged:
    """Values with what is said beside them; of ``block`` only the last bars are looked at."""
    count = len(block.symbols)
    lasts = EPOCH + block.dates[block.offsets[1:] - 1] if count else np.empty(0, "datetime64[D]")
    return Judged(
        symbols=block.symbols,
        names=names,
        bars=bars,
        lasts=np.datetime_as_string(lasts).tolist(),
        values=values,
    )


class Verdict:
    """Hits and abstentions by a plan."""

    def __init__(self, plan: Plan, *, where: Sequence[str] = ()) -> None:
        """``where`` are columns that the rule needs, to be named first if they are missing."""
        self._plan = plan
        labels = [output.label for output in plan.outputs]
        named = [labels.index(label) for label in where if label in labels]
        self._blamed = (*named, *reversed(plan.judged))

    def rows(self, found: Judged) -> tuple[list[Row], dict[str, StockwidgetError]]:
        """Rows of hits, and errors of the symbols that cannot be judged."""
        plan, outputs = self._plan, finish(self._plan, found.values)
        unknown: Mask = np.logical_or.reduce(np.isnan(outputs[:, list(plan.judged)]), axis=1)
        hit: Mask = ~unknown if plan.rule is None else ~unknown & (outputs[:, plan.rule] == 1)
        errors = {
            found.symbols[k]: self.why(found.symbols[k], found.bars[k], outputs[k])
            for k in _places(unknown)
        }
        at = _places(hit)
        rows: list[Row] = [
            (found.symbols[k], found.names[k], found.lasts[k], *line)
            for k, line in zip(at, _cells(outputs[np.ix_(at, plan.columns)]), strict=True)
        ]
        return rows, errors

    def why(self, symbol: str, bars: int, outputs: Floats) -> StockwidgetError:
        """Say why a symbol with so many bars cannot be judged by its ``outputs``, (outputs,)."""
        place = next(p for p in self._blamed if np.isnan(outputs[p]))
        missing = why_missing(self._plan, place, bars)
        if missing.bars >= missing.needed:
            why = "there is a gap, or a division by zero"
            if missing.expression == SCORE:
                why = f"less than {LEAST_COVERAGE:.0%} of its points can be judged"
            return NoValue(
                f"{missing.expression} has no value on the last bar of {symbol}: {why}.",
                hint="Leave the symbol out, or look at its bars.",
                symbol=symbol,
            )
        return InsufficientHistory(
            f"{missing.expression} needs {missing.needed} bars; {symbol} has {bars}.",
            hint=f"Leave out {missing.expression}, or the symbols with less history.",
            symbol=symbol,
            bars=bars,
            needed=missing.needed,
        )


def _cells(values: Floats) -> list[list[float | None]]:
    """As JSON can hold them: None for NaN."""
    cells: list[list[float | None]] = values.tolist()
    for row, column in np.argwhere(np.isnan(values)).tolist():
        cells[row][column] = None
    return cells


def _places(mask: Mask) -> list[int]:
    return np.flatnonzero(mask).tolist()
