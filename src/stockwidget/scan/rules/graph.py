"""The graph of a plan: each computation once, constants worked out beforehand."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stockwidget.scan.rules.functions import COLUMNS
from stockwidget.scan.rules.operations import OPS

Ref = tuple[int, int]
"""A series: the number of its node, and which of the node's parts."""

ACROSS = ("rank", "zscore_across")
"""Operations that look at all symbols at once, on the last bar alone."""


@dataclass(frozen=True, slots=True)
class Node:
    """One computation. "const" has its value as setting, "column" its place in ``COLUMNS``."""

    op: str
    args: tuple[Ref, ...] = ()
    settings: tuple[float, ...] = ()

    @property
    def parts(self) -> int:
        """How many series it gives."""
        return OPS[self.op].parts if self.op in OPS else 1


def _logic(op: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    return lambda a, b: float(op(a, b))


FOLD: Mapping[str, Callable[..., float]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "abs": abs,
    "min": min,
    "max": max,
    "log": math.log,
    "sqrt": math.sqrt,
    "sign": lambda a: float((a > 0) - (a < 0)),
    "lt": _logic(operator.lt),
    "le": _logic(operator.le),
    "gt": _logic(operator.gt),
    "ge": _logic(operator.ge),
    "eq": _logic(operator.eq),
    "ne": _logic(operator.ne),
    "and": lambda a, b: float(a != 0 and b != 0),
    "or": lambda a, b: float(a != 0 or b != 0),
    "not": lambda a: float(a == 0),
}
"""What an operation gives for plain numbers."""


@dataclass(kw_only=True)
class Graph:
    """Nodes in an order in which each comes after its inputs."""

    nodes: list[Node] = field(default_factory=list)
    _known: dict[Node, int] = field(default_factory=dict)
    _across: list[bool] = field(default_factory=list)
    """For each node, whether it needs all symbols."""

    def column(self, name: str) -> Ref:
        """Return the series of a column of the bars."""
        return self._place(Node("column", (), (float(list(COLUMNS).index(name)),)))

    def constant(self, value: float) -> Ref:
        """Return the series that is ``value`` on each bar."""
        return self._place(Node("const", (), (float(value) + 0.0,)))

    def value(self, ref: Ref) -> float | None:
        """Return the number that a constant series is; None if it depends on bars."""
        node = self.nodes[ref[0]]
        return node.settings[0] if node.op == "const" else None

    def apply(
        self, op: str, args: tuple[Ref, ...], settings: tuple[float, ...] = (), part: int = 0
    ) -> Ref:
        """Return the series of ``op``, found or added.

        Raises ArithmeticError or ValueError where numbers alone have no result.
        """
        known = [self.value(arg) for arg in args]
        if op in FOLD and None not in known:
            found = FOLD[op](*known)
            if not math.isfinite(found):
                raise OverflowError("the result is not a finite number")
            return self.constant(found)
        if op in ("and", "or"):
            for number, other in ((known[0], args[1]), (known[1], args[0])):
                if number is not None:
                    decides = (number == 0) == (op == "and")
                    return self.constant(number != 0) if decides else other
            if args[0] == args[1]:
                return args[0]
        return self._place(Node(op, args, settings), part)

    def _place(self, node: Node, part: int = 0) -> Ref:
        if node not in self._known:
            self._known[node] = len(self.nodes)
            self.nodes.append(node)
            self._across.append(node.op in ACROSS or any(map(self.across, node.args)))
        return self._known[node], part

    def across(self, ref: Ref) -> bool:
        """Whether the series needs all symbols."""
        return self._across[ref[0]]
