"""The second pass: ranks and scores across symbols, and all that is computed from them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stockwidget.scan.rules.graph import ACROSS, Ref
from stockwidget.scan.rules.plan import Plan
from stockwidget.scan.vm.reference import MEANING
from stockwidget.scan.vm.slots import late, slots

Floats = npt.NDArray[np.float64]


def finish(plan: Plan, values: Floats) -> Floats:
    """Return the outputs, float64 (symbols, outputs), of ``values``, float64 (symbols, slots).

    ``rank`` is the share of the other symbols with a value that lie below, equal ones counted half,
    0 to 100; ``zscore`` the distance from their mean in population deviations. Both are NaN where
    fewer than two symbols have a value; zscore also where all are equal.
    """
    places = slots(plan)
    known: dict[Ref, Floats] = {ref: values[:, place] for place, ref in enumerate(places)}
    for number in sorted(late(plan)):
        node = plan.nodes[number]
        args = [known[arg] for arg in node.args]
        known[number, 0] = (
            ACROSS_MEANING[node.op](args[0]) if node.op in ACROSS else MEANING[node.op](*args)
        )
    return np.column_stack([known[output.ref] for output in plan.outputs])


def _rank(x: Floats) -> Floats:
    out = np.full(len(x), np.nan)
    known = np.isfinite(x)
    count = int(known.sum())
    if count < 2:
        return out
    row = x[known]
    line = np.sort(row)
    below, upto = np.searchsorted(line, row, "left"), np.searchsorted(line, row, "right")
    out[known] = 100.0 * (below + 0.5 * (upto - below - 1)) / (count - 1)
    return out


def _zscore(x: Floats) -> Floats:
    out = np.full(len(x), np.nan)
    known = np.isfinite(x)
    if int(known.sum()) < 2:
        return out
    row = x[known]
    mean = row.mean()
    deviation = np.sqrt(np.mean((row - mean) ** 2))
    if deviation > 1e-14 * abs(mean):
        out[known] = (row - mean) / deviation
    return out


ACROSS_MEANING = {"rank": _rank, "zscore_across": _zscore}
