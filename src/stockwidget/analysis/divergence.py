"""Divergences between the price and an oscillator, at confirmed turning points."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from stockwidget.analysis.levels import SPAN, turning_points
from stockwidget.analysis.lines import Mask
from stockwidget.indicators.arrays import Floats

APART = 60
"""Turning points further apart are no longer compared."""


def divergences(price: Floats, oscillator: Floats, *, highs: bool, span: int = SPAN) -> Mask:
    """Bars on which a divergence became known: ``span`` bars after the later turning point.

    Two neighbouring turning points of ``price`` (n,), of which the later is more extreme, while
    ``oscillator`` (n,) is less so. Returns bool (n,).
    """
    out = np.zeros(len(price), dtype=np.bool_)
    side = 1.0 if highs else -1.0
    rows = turning_points(price, span=span, highs=highs)
    for old, new in pairwise(rows):
        further = side * (price[new] - price[old]) > 0
        weaker = side * (oscillator[new] - oscillator[old]) < 0
        if further and weaker and new - old <= APART:
            out[new + span] = True
    return out
