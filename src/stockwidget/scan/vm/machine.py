"""``evaluate``: a plan over the bars of many symbols."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stockwidget.bars import OHLCV
from stockwidget.kernels import locked
from stockwidget.scan.rules.plan import Plan
from stockwidget.scan.vm.kernel import run
from stockwidget.scan.vm.program import program
from stockwidget.scan.vm.slots import slots

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
    state: Floats | None = None,
    seen: npt.NDArray[np.int64] | None = None,
    short: npt.NDArray[np.bool_] | None = None,
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

    **Repeating a scan when bars were added.** state: float64 (symbols, ``state_size(plan)``), seen:
    int64 (symbols,), both zeros at first, give them to each call: they are read and then
    overwritten. ``seen[s]`` is the number of bars of symbol s, from its first, that ``state[s]``
    has taken in. Only bars from there on, and those of the longest finite window, are read; the
    result has the same bytes as without them. They are right only for the same plan and as long as
    no bar before ``seen[s]`` changes (zero ``seen[s]`` if one did, as when prices are adjusted
    anew). Where there are fewer bars than ``seen[s]`` says, all are read.

    The bars may then begin later than those that ``state`` has taken in, as long as there are
    ``reach(plan, new)`` of them or all. short: bool (symbols,), set where that is not enough after
    all (a crossing whose sides were equal for so long): what was written of such a symbol is void.
    """
    code = program(plan)
    if out.shape[1:] != code.slots.shape:
        raise ValueError(
            f"out has {out.shape[1:]} columns, the plan {code.slots.shape}: see empty()"
        )
    starts = np.ascontiguousarray(offsets[:-1], dtype=np.int64)
    stops = np.ascontiguousarray(offsets[1:] if ends is None else ends, dtype=np.int64)
    bars = stops[lo:hi] - starts[lo:hi]
    news = np.full(len(starts), -1, dtype=np.int64)
    if seen is not None:
        later = (seen[lo:hi] > 0) & (seen[lo:hi] <= bars)
        news[lo:hi] = np.where(later, bars - seen[lo:hi], -1)
    out[lo:hi][bars <= 0] = np.nan
    order = lo + np.lexsort((bars, news[lo:hi]))
    order = order[bars[order - lo] > 0]
    run(
        locked(opens),
        locked(highs),
        locked(lows),
        locked(closes),
        locked(volumes),
        locked(dates),
        starts,
        stops,
        news,
        order,
        (code.nodes, code.args, code.settings, code.demands, code.slots),
        out,
        np.empty((0, 0)) if state is None else state,
        np.empty(0, dtype=np.bool_) if short is None else short,
    )
    if seen is not None:
        seen[lo:hi] = np.maximum(bars, 0)


def state_size(plan: Plan) -> int:
    """How many float64 a symbol's row of ``state`` has."""
    return program(plan).state_size


def reach(plan: Plan, new: int) -> int:
    """How many of a symbol's newest bars are read where its state has not seen ``new`` of them."""
    return int(_wanted(plan, new).max(initial=1)) + 1


def depths(plan: Plan, new: int) -> dict[str, int]:
    """How many of them are read of each column; ``plan.inputs`` are named alone."""
    wanted = _wanted(plan, new)
    return {name: int(wanted[OHLCV.index(name)]) for name in plan.inputs}


def _wanted(plan: Plan, new: int) -> npt.NDArray[np.int64]:
    """Last values wanted of each row of the program."""
    finite, beyond = program(plan).demands[0].T
    wanted: npt.NDArray[np.int64] = np.where(beyond < 0, finite, np.maximum(finite, new + beyond))
    return wanted
