"""Twins of ``crossings.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import by_runs


def _cross(line: Floats, other: Floats, side: int) -> Any:
    sides = np.sign(line - other)
    out = np.zeros(len(sides), dtype=bool)
    apart = np.flatnonzero(sides)
    out[apart[1:]] = (sides[apart[1:]] == side) & (sides[apart[:-1]] == -side)
    return out


@by_runs
def cross_up(line: Floats, other: Floats) -> Any:
    return _cross(line, other, 1)


@by_runs
def cross_down(line: Floats, other: Floats) -> Any:
    return _cross(line, other, -1)
