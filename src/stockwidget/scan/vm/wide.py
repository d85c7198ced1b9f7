"""The steady part of a recursion, as vectors of eight symbols.

Once all eight averages are warm and as long as no number is missing, each bar is the same few
operations on all lanes. Where that does not hold, ``lanes`` steps on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.kernels import routine, woven
from stockwidget.vectors import LANES, any_unknown, each, eight_of, put, turned

TILE = 64
"""Bars whose numbers are brought side by side at a time; three inputs of them fit into the first
cache with room to spare."""

Floats = npt.NDArray[np.float64]


@routine
def _side_by_side(x: Floats, first: int, bars: int, tile: Floats) -> bool:
    """Write eight lanes bar by bar, each beside the others; False if one number is missing.

    x: (LANES · m,), of whose lanes the bars from ``first`` on are taken; tile: (LANES · bars,).
    """
    m = x.shape[0] // LANES
    zero = each(0.0)
    for i in range(0, bars, LANES):
        at = first + i
        square = turned(
            (
                eight_of(x, at),
                eight_of(x, at + m),
                eight_of(x, at + 2 * m),
                eight_of(x, at + 3 * m),
                eight_of(x, at + 4 * m),
                eight_of(x, at + 5 * m),
                eight_of(x, at + 6 * m),
                eight_of(x, at + 7 * m),
            )
        )
        for row in range(LANES):
            bar = square[row]
            zero = zero + (bar - bar)  # NaN if one is NaN or infinite
            put(tile, (i + row) * LANES, bar)
    return not any_unknown(zero)


def wide(on: Callable[..., Any], ready: Callable[..., bool], inputs: int) -> Callable[..., int]:
    """Return the loop over the bars from ``at`` on for which ``on`` is enough; it returns the next.

    ``on(state, x, y, z, p)`` gives the next state, all vectors, if ``ready(state, p)`` of each
    lane, which stays so, and all numbers are finite. ``inputs``: how many of x, y, z are read.
    For the rest see ``lanes``; at most the bars before ``end`` are stepped over.
    """

    @woven
    def loop(
        x: Floats,
        y: Floats,
        z: Floats,
        count: int,
        at: int,
        end: int,
        memory: Floats,
        p: Any,
        tiles: Floats,
    ) -> int:
        for lane in range(LANES):
            if not ready(memory[:, lane], p):
                return at
        first, second, third = tiles[0], tiles[1], tiles[2]
        x_first = x.shape[0] // LANES - count
        y_first = y.shape[0] // LANES - count
        z_first = z.shape[0] // LANES - count
        while at + LANES <= end:
            bars = min(TILE, (end - at) // LANES * LANES)
            if not _side_by_side(x, x_first + at, bars, first):
                return at
            if inputs > 1 and not _side_by_side(y, y_first + at, bars, second):
                return at
            if inputs > 2 and not _side_by_side(z, z_first + at, bars, third):
                return at
            state = (
                eight_of(memory, 0),
                eight_of(memory, LANES),
                eight_of(memory, 2 * LANES),
                eight_of(memory, 3 * LANES),
                eight_of(memory, 4 * LANES),
                eight_of(memory, 5 * LANES),
                eight_of(memory, 6 * LANES),
                eight_of(memory, 7 * LANES),
            )
            for i in range(0, bars * LANES, LANES):
                a = eight_of(first, i)
                b = eight_of(second, i) if inputs > 1 else a
                c = eight_of(third, i) if inputs > 2 else a
                state = on(state, a, b, c, p)
            for place in range(LANES):
                put(memory, place * LANES, state[place])
            at += bars
        return at

    return loop
