"""What a scan computes: a rule, an order and columns, compiled to one graph.

Light: the server compiles a request to check it; workers compile it again, or read ``to_dict()``,
and hand it to ``stockwidget.scan.vm``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from stockwidget.errors import InvalidRule
from stockwidget.scan.rules.functions import COLUMNS, Kind
from stockwidget.scan.rules.graph import ACROSS, Graph, Node, Ref
from stockwidget.scan.rules.operations import OPS
from stockwidget.scan.rules.presets import TEXTS
from stockwidget.scan.rules.reading import Reader
from stockwidget.scan.rules.writing import written

MAX_COLUMNS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """A number that a plan gives for each symbol."""

    label: str
    """Its text as it is usually written; the name of the column."""
    ref: Ref
    kind: Kind
    lookback: int
    """Bars before the first on which it has a value; it needs one more."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A compiled request. Equal requests give equal plans; ``to_dict`` survives JSON."""

    nodes: tuple[Node, ...]
    """Each after its inputs."""
    outputs: tuple[Output, ...]
    """Without repeats: the rule (if there is one), then the order, then the columns."""
    rule: int | None
    """Place of the rule among the outputs."""
    rank: int | None
    columns: tuple[int, ...]
    """Places of the columns among the outputs, in the order they were asked for."""

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Columns of the bars it reads, in the order of OHLCV."""
        used = {int(node.settings[0]) for node in self.nodes if node.op == "column"}
        return tuple(name for place, name in enumerate(COLUMNS) if place in used)

    @property
    def across(self) -> bool:
        """Whether ``rank()`` or ``zscore()`` need all symbols before any can be judged."""
        return any(node.op in ACROSS for node in self.nodes)

    @property
    def dated(self) -> bool:
        """Whether it reads dates."""
        return any(node.op == "days_since" for node in self.nodes)

    @property
    def lookback(self) -> int:
        """Bars before the first on which every output has a value."""
        return max((output.lookback for output in self.outputs), default=0)

    @cached_property
    def judged(self) -> tuple[int, ...]:
        """Outputs without which a symbol cannot be judged: the rule and the order."""
        return tuple(dict.fromkeys(p for p in (self.rule, self.rank) if p is not None))

    @cached_property
    def lookbacks(self) -> tuple[tuple[int, ...], ...]:
        """For each part of each node, bars before its first value."""
        return lookbacks(self.nodes)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "nodes": [[n.op, [list(a) for a in n.args], list(n.settings)] for n in self.nodes],
            "outputs": [[o.label, list(o.ref), o.kind, o.lookback] for o in self.outputs],
            "rule": self.rule,
            "rank": self.rank,
            "columns": list(self.columns),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote."""
        return cls(
            nodes=tuple(
                Node(op, tuple((a[0], a[1]) for a in args), tuple(map(float, settings)))
                for op, args, settings in data["nodes"]
            ),
            outputs=tuple(
                Output(label=label, ref=(ref[0], ref[1]), kind=kind, lookback=lookback)
                for label, ref, kind, lookback in data["outputs"]
            ),
            rule=data["rule"],
            rank=data["rank"],
            columns=tuple(data["columns"]),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """Why an output has no value for a symbol."""

    expression: str
    needed: int
    """Bars until it has a first value."""
    bars: int
    """Bars there were."""

    @property
    def message(self) -> str:
        """Return it as a sentence."""
        if self.bars < self.needed:
            return f"{self.expression} needs {self.needed} bars; there are {self.bars}."
        return f"{self.expression} has no value on the last bar (a gap, or a division by zero)."


def compile_rule(
    *, rule: str | None = None, rank: str | None = None, columns: Sequence[str] = ()
) -> Plan:
    """Compile a request; raises InvalidRule with ``field``, ``column`` and ``end``.

    ``rule`` is a condition, ``rank`` a number by which hits are ordered, ``columns`` what to show.
    """
    graph = Graph()
    reader = Reader(graph, TEXTS)
    found: dict[str, tuple[Ref, Kind]] = {}

    def add(text: object, field: str) -> int:
        value, label = reader.read(text, field)
        found.setdefault(label, (value.ref, value.kind))
        if field == "rule" and value.kind != "condition":
            raise InvalidRule(
                "The rule is a number, not a condition.",
                hint=f"Compare it, as in {label} > 0.",
                field=field,
                text=text,
                column=0,
                end=len(str(text)),
                kind="not_condition",
                meant=label,
            )
        return list(found).index(label)

    if len(columns) > MAX_COLUMNS:
        raise InvalidRule(
            f"{len(columns)} columns; {MAX_COLUMNS} is the most.",
            hint="Show fewer.",
            field="columns",
            kind="too_many_columns",
            given=len(columns),
            most=MAX_COLUMNS,
        )
    place = None if rule is None else add(rule, "rule")
    order = None if rank is None else add(rank, "rank")
    shown = tuple(add(column, "columns") for column in columns)
    nodes, moved = _used(graph.nodes, [ref for ref, _ in found.values()])
    rows = lookbacks(nodes)
    return Plan(
        nodes=nodes,
        outputs=tuple(
            Output(
                label=label,
                ref=(moved[ref[0]], ref[1]),
                kind=kind,
                lookback=rows[moved[ref[0]]][ref[1]],
            )
            for label, (ref, kind) in found.items()
        ),
        rule=place,
        rank=order,
        columns=shown,
    )


def why_missing(plan: Plan, output: int, bars: int) -> Missing:
    """Say why ``plan.outputs[output]`` has no value for a symbol that has ``bars`` bars.

    If there are too few, it names the part of the expression that needs the most.
    """
    found = plan.outputs[output]
    if bars > found.lookback:
        return Missing(expression=found.label, needed=found.lookback + 1, bars=bars)
    rows = plan.lookbacks
    ref, most = found.ref, found.lookback
    while plan.nodes[ref[0]].args:
        deeper = max(plan.nodes[ref[0]].args, key=lambda arg: rows[arg[0]][arg[1]])
        if rows[deeper[0]][deeper[1]] < bars:
            break
        ref, most = deeper, rows[deeper[0]][deeper[1]]
    asked = [output.label for output in (found, *plan.outputs) if output.ref == ref]
    text = asked[0] if asked else written(plan.nodes, ref)
    return Missing(expression=text, needed=most + 1, bars=bars)


def lookbacks(nodes: Sequence[Node]) -> tuple[tuple[int, ...], ...]:
    """For each part of each node, bars before its first value."""
    rows: list[tuple[int, ...]] = []
    for node in nodes:
        if node.op in ("tally", "verdict"):  # what is not known yet abstains
            rows.append((_covered(nodes, node, rows),) if node.op == "verdict" else (0, 0))
            continue
        before = max((rows[arg][part] for arg, part in node.args), default=0)
        own = OPS[node.op].lookback(*node.settings) if node.op in OPS else (0,)
        rows.append(tuple(before + row for row in own))
    return tuple(rows)


def _covered(nodes: Sequence[Node], verdict: Node, rows: Sequence[tuple[int, ...]]) -> int:
    """Bars before the first on which enough points of a score can be judged."""
    possible, least = verdict.settings
    answers: list[tuple[int, float]] = []
    node = nodes[verdict.args[1][0]]
    while node.op == "tally":
        place, part = node.args[2]
        answers.append((rows[place][part], node.settings[0]))
        node = nodes[node.args[1][0]]
    judged = 0.0
    for before, points in sorted(answers):
        judged += points
        if judged / possible >= least:
            return before
    return max(before for before, _ in answers)


def _used(nodes: Sequence[Node], refs: Sequence[Ref]) -> tuple[tuple[Node, ...], dict[int, int]]:
    """Nodes that ``refs`` need, numbered as they are met from there: words change no plan."""
    moved: dict[int, int] = {}
    kept: list[Node] = []

    def keep(place: int) -> None:
        if place not in moved:
            node = nodes[place]
            for arg, _ in node.args:
                keep(arg)
            moved[place] = len(kept)
            args = tuple((moved[arg], part) for arg, part in node.args)
            kept.append(Node(node.op, args, node.settings))

    for place, _ in refs:
        keep(place)
    return tuple(kept), moved
