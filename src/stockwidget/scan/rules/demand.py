"""How many of its last values each step of a plan has to give, and what it must remember.

A scan asks for last values. ``highest(high, 252)`` then needs the last 252 highs, once;
``cross_up(rsi(14), 30, within=3)`` the last few values of RSI; RSI itself every close there is, or
with a state that was kept from an earlier scan, only the new ones. So each node has two numbers:

``finite``  last values that are wanted in any case
``beyond``  values wanted before the first *fresh* bar (one that no kept state has seen), or −1 if
            not all fresh bars are wanted

and gives ``min(bars, max(finite, fresh + beyond))`` values, where without a kept state all bars are
fresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stockwidget.scan.rules.graph import ACROSS, Node, Ref
from stockwidget.scan.rules.operations import OPS

LOOK_BACK = 3
"""Bars on which two lines may touch before ``cross_up`` has to look at all history."""

STATES = {
    "ema": 2, "macd": 4, "rsi": 4, "atr": 3, "kdj": 5, "adx": 8, "obv": 3, "keltner": 4, "sar": 8,
    "drawdown": 2, "bars_since": 1, "days_since": 3,
}  # fmt: skip
"""Numbers that a recursion remembers; those of the ``…_step`` functions of the indicators."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is wanted of one node; see the module's docstring."""

    finite: int = 0
    beyond: int = -1

    def further(self, rows: int) -> Demand:
        """What a window that reaches ``rows`` rows back wants of its input."""
        return Demand(self.finite + rows, self.beyond + rows if self.beyond >= 0 else -1)

    def joined(self, other: Demand) -> Demand:
        """What both want."""
        return Demand(max(self.finite, other.finite), max(self.beyond, other.beyond))

    @property
    def kept(self) -> int:
        """Last values that a state must hold beside the recursion's own numbers."""
        return max(self.finite, self.beyond, 0)


def demands(
    nodes: Sequence[Node], wanted: Sequence[Ref], *, thorough: bool = False
) -> list[Demand]:
    """Demand of each node if the last values of ``wanted`` are asked for.

    ``thorough`` lets ``cross_up`` and ``cross_down`` see all history at once.
    """
    found = [Demand() for _ in nodes]
    for place, _ in wanted:
        found[place] = found[place].joined(Demand(1))
    for place in range(len(nodes) - 1, -1, -1):
        node, own = nodes[place], found[place]
        if node.op in ACROSS or own == Demand():
            continue
        for number, (arg, _) in enumerate(node.args):
            found[arg] = found[arg].joined(_of_input(node, number, own, thorough))
    return found


def reach(node: Node) -> int:
    """Rows before its own that a window looks at."""
    return max(OPS[node.op].lookback(*node.settings))


def _of_input(node: Node, number: int, own: Demand, thorough: bool) -> Demand:
    memory = OPS[node.op].memory
    if memory == "each":
        return own
    if memory == "window":
        return own.further(reach(node))
    if node.op == "cross":
        return own.joined(Demand(0, 0)) if thorough else own.further(1 + LOOK_BACK)
    if node.op == "kdj" and number < 2:  # highest high and lowest low of a window
        return Demand(0, int(node.settings[0]) - 1)
    return Demand(0, 0)
