"""A plan as arrays, which the interpreter can read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stockwidget.scan.rules.demand import STATES, Demand, demands, reach
from stockwidget.scan.rules.graph import ACROSS
from stockwidget.scan.rules.operations import OPS
from stockwidget.scan.rules.plan import Plan
from stockwidget.scan.vm.kept import kept
from stockwidget.scan.vm.slots import slots

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ALONE = ("neg", "abs", "log", "sqrt", "sign", "not")
PAIRS = ("add", "sub", "mul", "div", "min", "max", "lt", "le", "gt", "ge", "eq", "ne")
LOGIC = ("and", "or")
SCORING = ("tally", "verdict")
"""Points given and judged so far, and the score that they make."""
OF_ONE = (
    "sma", "sum", "wma", "stdev", "zscore", "highest", "lowest", "percentile", "within", "count",
    "rising", "falling", "shift", "ret", "momentum", "volatility", "percent_b", "bandwidth",
    "volume_ratio",
)  # fmt: skip
"""Windows over one series that give one."""
_ORDER = dict.fromkeys(("column", "const", *ALONE, *PAIRS, *LOGIC, *SCORING, *OF_ONE, *OPS))
CODES = {name: code for code, name in enumerate(_ORDER)}
"""What the interpreter calls an operation."""
DATE = 5
"""Row of the dates, after those of OHLCV."""
MAX_ARGS = 5
MAX_SETTINGS = 4


@dataclass(frozen=True, kw_only=True)
class Program:
    """One row a node in ``nodes``, ``args`` and ``settings``; one a series in ``demands``."""

    nodes: Ints
    """(nodes, 7): code, first row, parts, rows of input a window reaches back; where its state
    starts, how many numbers the recursion remembers, how many last values are kept after them."""
    args: Ints
    """(nodes, 5): rows of the inputs, −1 for none."""
    settings: Floats
    """(nodes, 4)."""
    demands: Ints
    """(2, rows, 2): ``finite`` and ``beyond`` of each row, as a rule and thorough."""
    slots: Ints
    """(slots,): rows whose last values are asked for."""
    state_size: int


@kept
def program(plan: Plan) -> Program:
    """Return the program of a plan."""
    nodes = plan.nodes
    wanted = slots(plan)
    usual, thorough = demands(nodes, wanted), demands(nodes, wanted, thorough=True)
    first: list[int] = []
    rows: list[tuple[Demand, Demand]] = [(Demand(), Demand())] * (DATE + 1)
    table = np.zeros((len(nodes), 7), dtype=np.int64)
    args = np.full((len(nodes), MAX_ARGS), -1, dtype=np.int64)
    settings = np.zeros((len(nodes), MAX_SETTINGS))
    size = 0
    for place, node in enumerate(nodes):
        own = usual[place], thorough[place]
        if node.op == "column":
            first.append(int(node.settings[0]))
            rows[first[-1]] = own
        else:
            first.append(len(rows))
            rows += [own] * node.parts
            if node.op == "kdj":  # highest high, lowest low, room to find them
                window = Demand(0, int(node.settings[0]) - 1)
                rows += [(window, window)] * 4
        if node.op in ACROSS or own[0] == Demand():
            table[place, 0] = -1
            continue
        memory = STATES.get(node.op, 0)
        kept = own[0].kept if node.op in STATES else 0
        back = reach(node) if node.op in OPS and OPS[node.op].memory == "window" else 0
        table[place] = (CODES[node.op], first[place], node.parts, back, size, memory, kept)
        for number, (arg, part) in enumerate(node.args):
            args[place, number] = first[arg] + part
        settings[place, : len(node.settings)] = node.settings
        if node.op == "days_since":
            args[place, 1] = DATE
            both = Demand(0, 0)
            rows[DATE] = both, both
        size += memory + node.parts * kept
    return Program(
        nodes=table,
        args=args,
        settings=settings,
        demands=np.array(
            [[(pair[mode].finite, pair[mode].beyond) for pair in rows] for mode in (0, 1)],
            dtype=np.int64,
        ),
        slots=np.array([first[node] + part for node, part in wanted], dtype=np.int64),
        state_size=size,
    )
