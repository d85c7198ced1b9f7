"""Functions of a rule: what they look at, and what they mean in steps of the graph."""

from __future__ import annotations

import ast

from stockwidget.scan.rules.functions import Function
from stockwidget.scan.rules.graph import Ref
from stockwidget.scan.rules.settings import Settings
from stockwidget.scan.rules.values import Value, example


class Calls(Settings):
    """Reads calls of functions that are known."""

    def _function(
        self, node: ast.expr, row: Function, args: list[ast.expr], keywords: list[ast.keyword]
    ) -> Value:
        given = [self._text_or_value(arg) for arg in args]
        count = 0
        if row.takes and (row.must or (given and not self._is_setting(given[0]))):
            count = row.takes
        if len(given) < count:
            raise self._error(
                node,
                f"`{row.name}` needs what to look at.",
                f"As in {example(row)}.",
                kind="needs_series",
                name=row.name,
                example=example(row),
            )
        series = tuple(
            self._series_of(arg, value, row)
            for arg, value in zip(args[:count], given[:count], strict=True)
        )
        if row.op == "cross" and all(self.graph.value(v.ref) is not None for v in series):
            raise self._error(
                node,
                "Two numbers that never change do not cross.",
                f"As in {example(row)}.",
                kind="never_cross",
                example=example(row),
            )
        refs = tuple(v.ref for v in series) or tuple(self.graph.column(c) for c in row.series)
        settings = self._settings(node, row, list(zip(args, given, strict=True))[count:], keywords)
        return self._meaning(node, row, series, refs, settings)

    def _meaning(
        self,
        node: ast.expr,
        row: Function,
        series: tuple[Value, ...],
        refs: tuple[Ref, ...],
        settings: dict[str, float],
    ) -> Value:
        if row.text:
            shown = {name: f"{value:g}" for name, value in settings.items()}
            base = series[0] if series else None
            if base is None and row.takes:
                base = Value(ref=refs[0], kind="number")
            return self._words(row.text.format(**shown), node, base)
        values = tuple(settings.values())
        if row.name == "drawdown" and values:
            top = self._apply(node, "highest", refs, values)
            share = self._apply(node, "div", (refs[0], top))
            return Value(
                ref=self._apply(node, "sub", (share, self.graph.constant(1))), kind="number"
            )
        if row.group == "market" and not (row.name == "zscore" and settings["window"]):
            return self._across(node, row, refs)
        within = settings.get("within", 1.0) if row.op == "cross" else 1.0
        if row.op == "cross":
            values = ()
        ref = self._apply(node, row.op, refs, values, row.part)
        if within > 1:
            ref = self._apply(node, "within", (ref,), (within,))
        return Value(ref=ref, kind=row.gives)

    def _across(self, node: ast.expr, row: Function, refs: tuple[Ref, ...]) -> Value:
        if self.graph.value(refs[0]) is not None:
            raise self._error(
                node,
                f"A number is the same for all symbols: `{row.name}` says nothing.",
                f"As in {row.name}(ret(20)).",
                kind="same_for_all",
                name=row.name,
            )
        op = "zscore_across" if row.name == "zscore" else row.name
        return Value(ref=self._apply(node, op, refs), kind="number")

    def _is_setting(self, value: Value | str) -> bool:
        return isinstance(value, str) or self.graph.value(value.ref) is not None

    def _series_of(self, node: ast.expr, value: Value | str, row: Function) -> Value:
        if isinstance(value, str):
            raise self._error(
                node,
                f"`{row.name}` cannot look at text.",
                "Leave out the quotes.",
                kind="no_text",
                name=row.name,
            )
        if row.of == "condition" and value.kind != "condition":
            raise self._error(
                node,
                f"`{row.name}` looks at a condition, and this is a number.",
                f"As in {example(row)}.",
                kind="wants_condition",
                name=row.name,
                example=example(row),
            )
        if row.of == "number" and value.kind == "condition" and row.group != "arithmetic":
            raise self._error(
                node,
                f"`{row.name}` looks at numbers, and this is a condition.",
                f"As in {example(row)}.",
                kind="wants_number",
                name=row.name,
                example=example(row),
            )
        always = self.graph.value(value.ref)
        if always is not None and row.takes == 1 and row.group != "arithmetic":
            plain = isinstance(node, ast.Constant)
            raise self._error(
                node,
                f"`{row.name}` needs what to look at before its settings."
                if plain
                else f"`{row.name}` needs what changes from bar to bar, and this never does.",
                f"As in {example(row)}.",
                kind="series_first" if plain else "never_changes",
                name=row.name,
                example=example(row),
            )
        return value
