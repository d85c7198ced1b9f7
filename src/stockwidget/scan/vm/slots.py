"""Which last values of each symbol a plan needs before it looks across symbols."""

from __future__ import annotations

from stockwidget.scan.rules.graph import ACROSS, Ref
from stockwidget.scan.rules.plan import Plan
from stockwidget.scan.vm.kept import kept


@kept
def slots(plan: Plan) -> tuple[Ref, ...]:
    """The series of which ``evaluate`` gives last values: one column of its ``out`` each.

    Without ranks across symbols they are the outputs, in order; else what the second pass starts
    from.
    """
    behind = late(plan)
    if not behind:
        return tuple(output.ref for output in plan.outputs)
    found: dict[Ref, None] = {}

    def add(ref: Ref) -> None:
        if ref[0] in behind:
            for arg in plan.nodes[ref[0]].args:
                add(arg)
        else:
            found.setdefault(ref)

    for output in plan.outputs:
        add(output.ref)
    return tuple(found)


@kept
def late(plan: Plan) -> frozenset[int]:
    """Nodes that can be computed in the second pass only."""
    found: set[int] = set()
    for number, node in enumerate(plan.nodes):
        if node.op in ACROSS or any(arg in found for arg, _ in node.args):
            found.add(number)
    return frozenset(found)
