"""Recursions over eight symbols at once.

While any of them is still warming up or lacks a number, four are stepped in turn: an average waits
on each bar for its own value of the bar before, and other symbols keep the processor busy
meanwhile. Else ``wide`` takes all eight in one go.

Lanes lie one after the other in a row, aligned at their last bars; where a lane has no bars it
holds NaN, after which a recursion starts anew, so that lanes of different length need no care.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.kernels import routine, woven
from stockwidget.scan.vm.wide import TILE
from stockwidget.vectors import LANES

MEMORY = 8
"""Numbers that the largest recursion remembers."""

Floats = npt.NDArray[np.float64]


@routine
def _read(memory: Floats, lane: int) -> Any:
    m = memory[:, lane]
    return m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7]


@routine
def _keep(memory: Floats, lane: int, state: Any) -> None:
    for place in range(MEMORY):
        memory[place, lane] = state[place]


@routine
def _write(out: Floats, size: int, parts: int, at: int, values: Any) -> None:
    for part in range(parts):
        out[part * LANES * size + at] = values[part]


def lanes(
    step: Callable[..., Any], value: Callable[..., Any], wide: Callable[..., Any] | None = None
) -> Callable[..., None]:
    """Return the loop of one recursion over three series of eight lanes.

    ``step(state, x, y, z, p)`` gives the next state, ``value(state, p)`` three parts of the output;
    ``wide`` takes over where it can, see there.
    The loop takes x, y, z: (LANES · m,) each, of which the last ``count`` of each lane are stepped
    over; out: (parts · LANES · size,), of which each lane's last ``count`` are written; memory:
    (MEMORY, LANES), read before and written after; p: the settings.
    """

    @woven
    def turns(
        x: Floats,
        y: Floats,
        z: Floats,
        count: int,
        at: int,
        end: int,
        out: Floats,
        parts: int,
        memory: Floats,
        p: Any,
    ) -> None:
        m, u, w = x.shape[0] // LANES, y.shape[0] // LANES, z.shape[0] // LANES
        size = out.shape[0] // (LANES * parts)
        skip = count - size
        for lane in range(0, LANES, 4):
            j, k, n = (lane + 1) * m - count, (lane + 1) * u - count, (lane + 1) * w - count
            into = lane * size - skip
            a, b = _read(memory, lane), _read(memory, lane + 1)
            c, d = _read(memory, lane + 2), _read(memory, lane + 3)
            for i in range(at, end):
                a = step(a, x[j + i], y[k + i], z[n + i], p)
                b = step(b, x[j + m + i], y[k + u + i], z[n + w + i], p)
                c = step(c, x[j + 2 * m + i], y[k + 2 * u + i], z[n + 2 * w + i], p)
                d = step(d, x[j + 3 * m + i], y[k + 3 * u + i], z[n + 3 * w + i], p)
                if i >= skip:
                    _write(out, size, parts, into + i, value(a, p))
                    _write(out, size, parts, into + i + size, value(b, p))
                    _write(out, size, parts, into + i + 2 * size, value(c, p))
                    _write(out, size, parts, into + i + 3 * size, value(d, p))
            _keep(memory, lane, a)
            _keep(memory, lane + 1, b)
            _keep(memory, lane + 2, c)
            _keep(memory, lane + 3, d)

    if wide is None:

        @routine
        def loop(
            x: Floats,
            y: Floats,
            z: Floats,
            count: int,
            out: Floats,
            parts: int,
            memory: Floats,
            p: Any,
        ) -> None:
            turns(x, y, z, count, 0, count, out, parts, memory, p)

    else:

        @routine
        def loop(
            x: Floats,
            y: Floats,
            z: Floats,
            count: int,
            out: Floats,
            parts: int,
            memory: Floats,
            p: Any,
        ) -> None:
            skip = count - out.shape[0] // (LANES * parts)
            tiles = np.empty((3, LANES * TILE))
            at = 0
            while at < count:
                at = wide(x, y, z, count, at, skip, memory, p, tiles)
                end = min(at + TILE // 2, count) if at + LANES <= skip else count
                turns(x, y, z, count, at, end, out, parts, memory, p)
                at = end

    return loop
