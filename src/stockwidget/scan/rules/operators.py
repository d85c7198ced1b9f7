"""Arithmetic, comparisons and logic of a rule."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from stockwidget.scan.rules.graph import Ref
from stockwidget.scan.rules.values import Reading, Value

_ARITHMETIC: Mapping[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div",
}  # fmt: skip
_COMPARE: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip


class Operators(Reading):
    """Reads what joins two values, or changes one."""

    def _arithmetic(self, node: ast.BinOp) -> Value:
        op = _ARITHMETIC.get(type(node.op))
        if op is None:
            raise self._error(
                node,
                "Only + - * / join numbers.",
                "x * x is a square, sqrt(x) a root.",
                kind="only_arithmetic",
            )
        refs = (self._value(node.left).ref, self._value(node.right).ref)
        return Value(ref=self._apply(node, op, refs), kind="number")

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self._value(node.operand)
        if isinstance(node.op, ast.Not):
            self._must_hold(node.operand, value)
            return Value(ref=self._apply(node, "not", (value.ref,)), kind="condition")
        if isinstance(node.op, ast.UAdd):
            return Value(ref=value.ref, kind="number")
        if isinstance(node.op, ast.USub):
            return Value(ref=self._apply(node, "neg", (value.ref,)), kind="number")
        raise self._error(
            node, "This sign has no meaning.", "Write `not` before a condition.", kind="sign"
        )

    def _compare(self, node: ast.Compare) -> Value:
        sides = [node.left, *node.comparators]
        values = [self._value(side) for side in sides]
        found: Ref | None = None
        for place, kind in enumerate(node.ops):
            op = _COMPARE.get(type(kind))
            if op is None:
                raise self._error(
                    node,
                    "`in` and `is` compare nothing here.",
                    "Use < <= > >= == !=.",
                    kind="in_or_is",
                )
            for side, value in list(zip(sides, values, strict=True))[place : place + 2]:
                if value.kind == "condition":
                    raise self._error(
                        side,
                        "A condition cannot be compared with a number.",
                        "Join conditions by `and` and `or`.",
                        kind="compared_condition",
                    )
            pair = (values[place].ref, values[place + 1].ref)
            ref = self._apply(node, op, pair)
            found = ref if found is None else self._apply(node, "and", (found, ref))
        assert found is not None
        return Value(ref=found, kind="condition")

    def _both(self, node: ast.BoolOp) -> Value:
        op = "and" if isinstance(node.op, ast.And) else "or"
        found: Ref | None = None
        for side in node.values:
            value = self._value(side)
            self._must_hold(side, value)
            found = value.ref if found is None else self._apply(node, op, (found, value.ref))
        assert found is not None
        return Value(ref=found, kind="condition")

    def _must_hold(self, node: ast.expr, value: Value) -> None:
        if value.kind != "condition":
            raise self._error(
                node,
                "This is a number where a condition is expected.",
                f"Compare it, as in {ast.unparse(node)} > 0.",
                kind="condition_here",
                meant=ast.unparse(node),
            )
