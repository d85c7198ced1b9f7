"""What reading a rule builds on: values of the graph, errors at their place, one step more."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from dataclasses import dataclass

from stockwidget.errors import InvalidRule
from stockwidget.scan.rules.functions import Function, Kind
from stockwidget.scan.rules.graph import ACROSS, FOLD, Graph, Ref
from stockwidget.scan.rules.parsing import parse
from stockwidget.scan.rules.text import Text, read


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A series of the graph and whether it is a number or a condition."""

    ref: Ref
    kind: Kind


class Reading(ABC):
    """A text that is being read into a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._text: Text
        self._series: Value | None = None

    @abstractmethod
    def _value(self, node: ast.expr) -> Value:
        """Read a part of the text."""

    def _inside(self, text: Text, tree: ast.expr, series: Value | None) -> Value:
        before = getattr(self, "_text", text), self._series
        self._text, self._series = text, series
        try:
            return self._value(tree)
        finally:
            self._text, self._series = before

    def _words(self, plain: str, node: ast.expr, series: Value | None = None) -> Value:
        """Read what stands for ``node``; errors in it point at ``node``."""
        text = read(plain, self._text.field)
        place = self._text.places[node.col_offset]
        mapped = Text(
            typed=self._text.typed,
            plain=text.plain,
            places=(place,) * len(text.places),
            field=text.field,
        )
        return self._inside(mapped, parse(mapped), series)

    def _error(
        self,
        node: ast.expr | ast.keyword,
        message: str,
        hint: str = "",
        near: list[str] | None = None,
        *,
        kind: str,
        **data: object,
    ) -> InvalidRule:
        return self._text.error(
            message,
            start=node.col_offset,
            end=node.end_col_offset or node.col_offset + 1,
            hint=hint,
            nearest=near,
            kind=kind,
            **data,
        )

    def _apply(
        self,
        node: ast.expr,
        op: str,
        args: tuple[Ref, ...],
        settings: tuple[float, ...] = (),
        part: int = 0,
    ) -> Ref:
        if op not in FOLD and op not in ACROSS and any(self.graph.across(arg) for arg in args):
            raise self._error(
                node,
                "Ranks and scores across symbols are known on the last bar alone.",
                "Take rank() and zscore() out of functions that look back.",
                kind="across_past",
            )
        try:
            return self.graph.apply(op, args, settings, part)
        except (ArithmeticError, ValueError):
            raise self._error(
                node, "This has no value.", "Is it a division by zero?", kind="no_value"
            ) from None


def example(row: Function) -> str:
    """How a function is called with its usual settings."""
    series = {1: ["close"], 2: ["close", "sma(20)"]}.get(row.takes, []) if row.must else []
    if row.of == "condition":
        series = ["close > sma(20)"]
    settings = [f"{s.default:g}" for s in row.settings if s.default]
    return f"{row.name}({', '.join([*series, *settings])})"
