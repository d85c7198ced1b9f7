"""From the graph back to text: a step as one would write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stockwidget.scan.rules.functions import COLUMNS, FUNCTIONS, Function
from stockwidget.scan.rules.graph import Node, Ref
from stockwidget.scan.rules.scorecard import SCORE
from stockwidget.scan.rules.text import MAX_LETTERS

SIGNS: Mapping[str, str] = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "eq": "==", "ne": "!=", "and": "and", "or": "or",
}  # fmt: skip
_NAMES: Mapping[tuple[str, int], Function] = {
    (row.op, row.part): row for row in reversed(list(FUNCTIONS.values())) if row.op
}


def written(nodes: Sequence[Node], ref: Ref) -> str:
    """Return the series ``ref`` as text that reads as itself, if it is not too long to be read.

    A step may stand in it many times over, so that each is written once and cut where it is long.
    """
    known: dict[Ref, str] = {}

    def text_of(ref: Ref) -> str:
        if ref not in known:
            node = nodes[ref[0]]
            args = () if node.op == "verdict" else node.args
            text = _text(node, ref[1], [text_of(arg) for arg in args])
            known[ref] = text if len(text) <= MAX_LETTERS else f"{text[:MAX_LETTERS]}…"
        return known[ref]

    return text_of(ref)


def _text(node: Node, part: int, args: list[str]) -> str:
    if node.op == "column":
        return list(COLUMNS)[int(node.settings[0])]
    if node.op in ("const", "verdict"):
        return SCORE if node.op == "verdict" else f"{node.settings[0]:.17g}"
    if node.op in SIGNS:
        return f"({args[0]} {SIGNS[node.op]} {args[1]})"
    if node.op in ("neg", "not"):
        return f"(-{args[0]})" if node.op == "neg" else f"(not {args[0]})"
    if node.op == "zscore_across":
        return f"zscore({args[0]})"
    row = _NAMES[node.op, part]
    given = [] if row.series == tuple(args) else args
    numbers = [f"{setting:.17g}" for setting in node.settings[: len(row.settings)]]
    if row.op == "cross":
        numbers = []
    if row.convention and node.settings[-1] != float(row.convention == "tdx"):
        numbers.append(f"convention='{'tdx' if node.settings[-1] else 'talib'}'")
    return f"{row.name}({', '.join([*given, *numbers])})"
