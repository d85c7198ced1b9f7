"""``evaluate``: a plan over the bars of many symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.scan.rules.functions import COLUMNS
from stockwidget.scan.rules.plan import Plan
from stockwidget.scan.vm import reference
from stockwidget.scan.vm.across import slots

Floats = npt.NDArray[np.float64]


def empty(plan: Plan, symbols: int) -> Floats:
    """Return room for the last values of ``symbols`` symbols, float64 (symbols, slots), all NaN."""
    return np.full((symbols, len(slots(plan))), np.nan)


def evaluate(
    plan: Plan,
    opens: Floats,
    highs: Floats,
    lows: Floats,
    closes: Floats,
    volumes: Floats,
    dates: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.int64],
    lo: int,
    hi: int,
    out: Floats,
    *,
    ends: npt.NDArray[np.int64] | None = None,
) -> None:
    """Write the last values of symbols ``lo`` to ``hi`` − 1 into their rows of ``out``.

    opens … volumes: float64 (bars,), contiguous, all bars of one symbol after those of another;
    they may be read-only (memory-mapped). dates: int32 (bars,), days since 1970-01-01. offsets:
    int64 (symbols + 1,): symbol s has the rows ``offsets[s]`` to ``offsets[s + 1]`` − 1. ends:
    int64 (symbols,), judges symbol s as of row ``ends[s]`` − 1 instead of its last. out: see
    ``empty``. The rest of ``out`` is not touched, and the GIL is not held, so that threads can
    share one ``out``.

    NaN: a value that is missing (too little history, a gap, a division by zero), or no bar at all.
    Columns that are not among ``plan.inputs`` are not read and may be empty; so may dates unless
    ``plan.dated``.
    """
    arrays: dict[str, Any] = dict(zip(COLUMNS, (opens, highs, lows, closes, volumes), strict=True))
    wanted = slots(plan)
    for symbol in range(lo, hi):
        start = int(offsets[symbol])
        end = int(offsets[symbol + 1] if ends is None else ends[symbol])
        if end <= start:
            out[symbol] = np.nan
            continue
        columns = {name: np.array(arrays[name][start:end]) for name in plan.inputs}
        days = dates[start:end] if plan.dated else np.zeros(end - start, dtype=np.int32)
        rows = reference.series(plan, columns, days)
        for place, (node, part) in enumerate(wanted):
            out[symbol, place] = rows[node][part][-1]
