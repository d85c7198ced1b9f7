"""Recursions over four symbols at once.

An average waits on each bar for its own value of the bar before; four symbols that are stepped in
turn keep the processor busy meanwhile. Lanes lie one after the other in a row, aligned at their
last bars; where a lane has no bars it holds NaN, after which a recursion starts anew, so that lanes
of different length need no care.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.kernels import routine

LANES = 4
MEMORY = 8
"""Numbers that the largest recursion remembers."""

Floats = npt.NDArray[np.float64]


@routine
def _read(memory: Floats, lane: int) -> Any:
    m = memory[lane]
    return m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]


@routine
def _keep(memory: Floats, lane: int, state: Any) -> None:
    for place in range(MEMORY):
        memory[lane, place] = state[place]


@routine
def _write(out: Floats, size: int, parts: int, at: int, values: Any) -> None:
    for part in range(parts):
        out[part * LANES * size + at] = values[part]


def lanes(step: Callable[..., Any], value: Callable[..., Any]) -> Callable[..., None]:
    """Return the loop of one recursion over three series of four lanes.

    ``step(state, x, y, z, p)`` gives the next state, ``value(state, p)`` three parts of the output.
    The loop takes x, y, z: (LANES · m,) each, of which the last ``count`` of each lane are stepped
    over; out: (parts · LANES · size,), of which each lane's last ``count`` are written; memory:
    (LANES, MEMORY), read before and written after; p: the settings.
    """

    @routine
    def loop(
        x: Floats, y: Floats, z: Floats, count: int, out: Floats, parts: int, memory: Floats, p: Any
    ) -> None:
        m, u, w = x.shape[0] // LANES, y.shape[0] // LANES, z.shape[0] // LANES
        x0, y0, z0 = x[m - count : m], y[u - count : u], z[w - count : w]
        x1, y1, z1 = x[2 * m - count : 2 * m], y[2 * u - count : 2 * u], z[2 * w - count : 2 * w]
        x2, y2, z2 = x[3 * m - count : 3 * m], y[3 * u - count : 3 * u], z[3 * w - count : 3 * w]
        x3, y3, z3 = x[4 * m - count :], y[4 * u - count :], z[4 * w - count :]
        a, b, c, d = _read(memory, 0), _read(memory, 1), _read(memory, 2), _read(memory, 3)
        size = out.shape[0] // (LANES * parts)
        skip = count - size
        for i in range(count):
            a = step(a, x0[i], y0[i], z0[i], p)
            b = step(b, x1[i], y1[i], z1[i], p)
            c = step(c, x2[i], y2[i], z2[i], p)
            d = step(d, x3[i], y3[i], z3[i], p)
            if i >= skip:
                j = i - skip
                _write(out, size, parts, j, value(a, p))
                _write(out, size, parts, j + size, value(b, p))
                _write(out, size, parts, j + 2 * size, value(c, p))
                _write(out, size, parts, j + 3 * size, value(d, p))
        _keep(memory, 0, a)
        _keep(memory, 1, b)
        _keep(memory, 2, c)
        _keep(memory, 3, d)

    return loop
