"""The interpreter: one compiled function that computes any program over many symbols.

It takes eight symbols at a time, whose rows all fit into the processor's cache, and goes through
the program's nodes once. A row holds, for each of the eight, the last values that anyone wants.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.compiled import stamp
from stockwidget.kernels import kernel, routine, woven
from stockwidget.scan.vm import past, windowed
from stockwidget.scan.vm.dispatch import (
    ADD,
    AND,
    CONST,
    CROSS,
    KDJ,
    LAST_OF_ONE,
    NEG,
    OR,
    TALLY,
    VERDICT,
    stepped,
    window_of_bars,
    window_of_one,
)
from stockwidget.scan.vm.each import alone, logic, pair, tally, verdict
from stockwidget.scan.vm.lanes import MEMORY
from stockwidget.scan.vm.program import DATE
from stockwidget.vectors import LANES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
VERSION = stamp(
    "stockwidget.indicators",
    "stockwidget.scan.vm",
    "stockwidget.scan.rules.operations",
    "stockwidget.vectors",
)
"""Numba looks at this file alone to see whether its cache is still right."""


@routine
def _row(scratch: Floats, bases: Ints, sizes: Ints, row: int, lane: int, last: int) -> Any:
    end = bases[row] + (lane + 1) * sizes[row]
    return scratch[end - last : end]


@routine
def _lanes(scratch: Floats, bases: Ints, sizes: Ints, row: int) -> Any:
    return scratch[bases[row] : bases[row] + LANES * sizes[row]]


@routine
def _fetch(column: Any, start: int, end: int, into: Floats) -> None:
    size = into.shape[0]
    given = min(end - start, size)
    into[: size - given] = np.nan
    source, place = column[end - given : end], into[size - given :]
    for i in range(given):  # several at a time; a slice that is assigned goes one by one
        place[i] = source[i]


@routine
def _layout(demands: Ints, longest: int, fresh: int, sizes: Ints, bases: Ints) -> Any:
    total = 0
    for row in range(sizes.shape[0]):
        finite, beyond = demands[row]
        wanted = finite if beyond < 0 else max(finite, fresh + beyond)
        sizes[row] = min(longest, wanted)
        bases[row] = total
        total += LANES * sizes[row]
    return total


@routine
def _recall(node: Ints, ids: Ints, state: Floats, count: int, out: Floats, memory: Floats) -> None:
    """Read what a recursion remembers, and its last values that stand before the new ones."""
    parts, start, numbers, kept = node[2], node[4], node[5], node[6]
    size = out.shape[0] // (parts * LANES)
    older = max(size - count, 0)
    for lane in range(LANES):
        row = state[ids[min(lane, ids.shape[0] - 1)]]
        for place in range(numbers):
            memory[place, lane] = row[start + place]
        for part in range(parts):
            end = start + numbers + (part + 1) * kept
            into = (part * LANES + lane) * size
            for place in range(older):
                out[into + place] = row[end - older + place]


@routine
def _remember(node: Ints, ids: Ints, state: Floats, out: Floats, memory: Floats) -> None:
    parts, start, numbers, kept = node[2], node[4], node[5], node[6]
    size = out.shape[0] // (parts * LANES)
    for lane in range(ids.shape[0]):
        row = state[ids[lane]]
        for place in range(numbers):
            row[start + place] = memory[place, lane]
        for part in range(parts):
            end = start + numbers + (part + 1) * kept
            last = (part * LANES + lane + 1) * size
            for place in range(1, kept + 1):
                row[end - place] = out[last - place] if place <= size else np.nan


@woven
def _recursion(
    node: Ints,
    rows: Ints,
    p: Floats,
    ids: Ints,
    state: Floats,
    resumed: bool,
    count: int,
    room: Any,
) -> None:
    scratch, bases, sizes = room
    memory = np.zeros((MEMORY, LANES))
    size = sizes[node[1]]
    out = scratch[bases[node[1]] : bases[node[1]] + node[2] * LANES * size]
    if resumed:
        _recall(node, ids, state, count, out, memory)
    x = _lanes(scratch, bases, sizes, rows[0])
    y = _lanes(scratch, bases, sizes, rows[1]) if rows[1] >= 0 else x
    z = _lanes(scratch, bases, sizes, rows[2]) if rows[2] >= 0 else x
    if node[0] == KDJ:
        top = node[1] + 3
        for lane in range(LANES):
            n = sizes[top]
            work = bases[top + 2]
            past.extremes(
                _row(scratch, bases, sizes, rows[0], lane, n),
                _row(scratch, bases, sizes, rows[1], lane, n),
                _row(scratch, bases, sizes, rows[2], lane, n),
                int(p[0]),
                _row(scratch, bases, sizes, top, lane, n),
                _row(scratch, bases, sizes, top + 1, lane, n),
                scratch[work : work + 2 * n],
            )
        x = z
        y = _lanes(scratch, bases, sizes, top)
        z = _lanes(scratch, bases, sizes, top + 1)
    stepped(node[0], x, y, z, count, out, node[2], memory, p)
    if state.shape[0]:
        _remember(node, ids, state, out, memory)


@woven
def _of_lane(node: Ints, rows: Ints, p: Floats, lane: int, longest: int, room: Any) -> Any:
    """Compute what needs no memory for one lane; False if a crossing needs all history."""
    scratch, bases, sizes = room
    code, first = node[0], node[1]
    m = sizes[first]
    out = _row(scratch, bases, sizes, first, lane, m)
    if code < ADD:
        alone(code - NEG, _row(scratch, bases, sizes, rows[0], lane, m), out)
    elif code <= OR:
        x = _row(scratch, bases, sizes, rows[0], lane, m)
        y = _row(scratch, bases, sizes, rows[1], lane, m)
        if code < AND:
            pair(code - ADD, x, y, out)
        else:
            logic(float(code - AND), x, y, out)
    elif code <= VERDICT:
        given = _row(scratch, bases, sizes, rows[0], lane, m)
        judged = _row(scratch, bases, sizes, rows[1], lane, m)
        if code == TALLY:
            x = _row(scratch, bases, sizes, rows[2], lane, m)
            tally(given, judged, x, p[0], out, _row(scratch, bases, sizes, first + 1, lane, m))
        else:
            verdict(given, judged, p[0], p[1], out)
    elif code == CROSS:
        n = min(sizes[rows[0]], sizes[rows[1]])
        x = _row(scratch, bases, sizes, rows[0], lane, n)
        y = _row(scratch, bases, sizes, rows[1], lane, n)
        down = _row(scratch, bases, sizes, first + 1, lane, m)
        return windowed.crossed(x, y, n == longest, out, down)
    else:
        n = min(longest, m + node[3])
        x = _row(scratch, bases, sizes, rows[0], lane, n)
        if code <= LAST_OF_ONE:
            window_of_one(code, x, p, out)
            return True
        y = _row(scratch, bases, sizes, rows[1], lane, n) if rows[1] >= 0 else x
        z = _row(scratch, bases, sizes, rows[2], lane, n) if rows[2] >= 0 else x
        v = _row(scratch, bases, sizes, rows[3], lane, n) if rows[3] >= 0 else x
        for part in range(node[2]):
            found = window_of_bars(code, x, y, z, v, p, part)
            _row(scratch, bases, sizes, first + part, lane, m)[:] = found[n - m :]
    return True


@woven
def _nodes(
    program: Any, ids: Ints, state: Floats, resumed: bool, fresh: int, longest: int, room: Any
) -> Any:
    """Compute all nodes; False if a crossing needs all history."""
    nodes, args, settings, _, _ = program
    scratch, bases, sizes = room
    for number in range(nodes.shape[0]):
        node, rows, p = nodes[number], args[number], settings[number]
        if node[0] == CONST:
            _lanes(scratch, bases, sizes, node[1])[:] = p[0]
        elif node[0] > CONST and node[5]:
            _recursion(node, rows, p, ids, state, resumed, fresh, room)
        elif node[0] > CONST:
            for lane in range(LANES):
                if not _of_lane(node, rows, p, lane, longest, room):
                    return False
    return True


@kernel
def run(
    opens: Floats,
    highs: Floats,
    lows: Floats,
    closes: Floats,
    volumes: Floats,
    dates: Any,
    starts: Ints,
    ends: Ints,
    news: Ints,
    order: Ints,
    program: Any,
    out: Floats,
    state: Floats,
    short: Any,
    version: str = VERSION,
) -> None:
    """Compute the slots of ``program`` for the symbols ``order``, none of which is without bars.

    starts, ends: (symbols,), rows of each. news: (symbols,), bars that its row of ``state`` has not
    seen, or −1 if that is to be ignored. state: (symbols, size), or (0, 0) if none is to be kept.
    short: see ``machine.evaluate``; (0,) if all bars are there.
    ``version`` takes part in the key of the compiled function.
    """
    demands, slots = program[3], program[4]
    sizes = np.empty(demands.shape[1], dtype=np.int64)
    bases = np.empty(demands.shape[1], dtype=np.int64)
    scratch = np.empty(0)
    place = 0
    while place < order.shape[0]:
        end = place + 1
        while end < min(place + LANES, order.shape[0]) and news[order[end]] == news[order[place]]:
            end += 1
        ids = order[place:end]
        place = end
        longest = 0
        for symbol in ids:
            longest = max(longest, ends[symbol] - starts[symbol])
        for mode in range(2):  # as a rule, and thorough where a crossing was not decided
            resumed = mode == 0 and news[ids[0]] >= 0
            fresh = news[ids[0]] if resumed else longest
            total = _layout(demands[mode], longest, fresh, sizes, bases)
            if total > scratch.shape[0]:
                scratch = np.empty(total)
            room = (scratch, bases, sizes)
            for lane in range(LANES):
                symbol = ids[min(lane, ids.shape[0] - 1)]  # spare lanes repeat the last one
                start, stop = starts[symbol], ends[symbol]
                _fetch(opens, start, stop, _row(scratch, bases, sizes, 0, lane, sizes[0]))
                _fetch(highs, start, stop, _row(scratch, bases, sizes, 1, lane, sizes[1]))
                _fetch(lows, start, stop, _row(scratch, bases, sizes, 2, lane, sizes[2]))
                _fetch(closes, start, stop, _row(scratch, bases, sizes, 3, lane, sizes[3]))
                _fetch(volumes, start, stop, _row(scratch, bases, sizes, 4, lane, sizes[4]))
                _fetch(dates, start, stop, _row(scratch, bases, sizes, DATE, lane, sizes[DATE]))
            decided = _nodes(program, ids, state, resumed, fresh, longest, room)
            if decided:
                break
            if resumed and short.shape[0]:  # the bars that would decide are not here
                short[ids] = True
                break
        for lane in range(ids.shape[0]):
            for number in range(slots.shape[0]):
                value = _row(scratch, bases, sizes, slots[number], lane, 1)[0]
                out[ids[lane], number] = value if np.isfinite(value) else np.nan
