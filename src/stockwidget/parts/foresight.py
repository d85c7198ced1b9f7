"""Whether a function knows the future: on bars cut off earlier it must answer as on all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from stockwidget.analysis.lines import Lines
from stockwidget.analysis.quality import Finding
from stockwidget.errors import PartFailed

CUTS = (1.0, 0.9, 0.75, 0.5)
"""Shares of the bars at which they are cut off; one more cut leaves out the last bar alone.

The first one cuts nothing: a function that answers otherwise when asked again has no past either.
"""
EVENTS = 8
"""Marks of a signal after each of which bars are cut off: a rare one says nothing elsewhere."""
LEAST = 30


def foresight(
    name: str, evaluate: Callable[[Lines], npt.NDArray[np.generic]], lines: Lines
) -> Finding | None:
    """What changes in the past once later bars are unknown; None if nothing does.

    Raises PartFailed if the function fails on all bars. One that fails on fewer bars says nothing
    of those dates.
    """
    given = evaluate(lines)
    whole = np.asarray(given, dtype=np.float64)
    count = len(lines)
    frame = lines.frame()
    for cut in _cuts(given, count):
        try:
            then = np.asarray(evaluate(Lines(frame.iloc[:cut])), dtype=np.float64)
        except PartFailed:
            continue
        apart = ~np.isclose(whole[:cut], then, rtol=1e-9, atol=1e-12, equal_nan=True)
        if apart.any():
            row = int(apart.argmax())
            if cut == count:
                return Finding(key="not_repeatable", level="warning", params={"name": name})
            days = {"date": str(lines.dates[row]), "cut": str(lines.dates[cut - 1])}
            return Finding(key="looks_ahead", level="warning", params={"name": name, **days})
    return None


def _cuts(given: npt.NDArray[np.generic], count: int) -> list[int]:
    """Numbers of bars to be left, the most first."""
    cuts = {count - 1, *(round(share * count) for share in CUTS)}
    if given.dtype == np.bool_:
        begins = np.flatnonzero(np.diff(given.astype(np.int8)) > 0) + 1
        places = np.linspace(0, len(begins) - 1, min(EVENTS, len(begins))).round().astype(int)
        cuts |= {int(row) + 1 for row in begins[places]}
    return [cut for cut in sorted(cuts, reverse=True) if cut >= LEAST]
