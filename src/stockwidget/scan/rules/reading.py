"""From a rule's text to its graph: Python's grammar, a few of its words, no eval."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping

from stockwidget.errors import InvalidRule, nearest
from stockwidget.facts.items import ITEMS
from stockwidget.scan.rules.calls import Calls
from stockwidget.scan.rules.functions import COLUMNS, FUNCTIONS
from stockwidget.scan.rules.graph import Graph
from stockwidget.scan.rules.operators import Operators
from stockwidget.scan.rules.parsing import parse
from stockwidget.scan.rules.scorecard import LEAST_COVERAGE, QUESTIONS, SCORE, points
from stockwidget.scan.rules.text import read
from stockwidget.scan.rules.values import Value
from stockwidget.scorecards import total

MAX_NODES = 400
MAX_NESTING = 60
_OLD_NAME = re.compile(r"([a-z_]+?)((?:_\d+)+)")


class Reader(Operators, Calls):
    """Reads texts into one graph, so that what they share is computed once."""

    def __init__(self, graph: Graph, named: Mapping[str, str] | None = None) -> None:
        """``named`` are further words and what each one stands for."""
        super().__init__(graph)
        self._named = named or {}
        self._depth = 0

    def read(self, typed: object, field: str) -> tuple[Value, str]:
        """Return the series that ``typed`` says, and its text as it is usually written."""
        text = read(typed, field)
        tree = parse(text)
        return self._inside(text, tree, None), ast.unparse(tree)

    def _value(self, node: ast.expr) -> Value:
        self._depth += 1
        try:
            if self._depth > MAX_NESTING:
                raise self._error(
                    node,
                    "This is nested too deeply.",
                    "Write it in simpler terms.",
                    kind="too_nested",
                )
            value = self._dispatch(node)
        finally:
            self._depth -= 1
        if len(self.graph.nodes) > MAX_NODES:
            raise self._error(
                node,
                f"It takes more than {MAX_NODES} steps.",
                "Scan in two steps.",
                kind="too_many_steps",
                most=MAX_NODES,
            )
        return value

    def _dispatch(self, node: ast.expr) -> Value:  # noqa: C901, PLR0911 (one case a kind of node)
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.Call():
                return self._call(node)
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.Compare():
                return self._compare(node)
            case ast.BoolOp():
                return self._both(node)
            case ast.Attribute():
                raise self._error(
                    node, "Names have no parts.", "Write macd_dif, not macd.dif.", kind="no_parts"
                )
            case ast.IfExp():
                raise self._error(
                    node, "There is no `if`.", "Join conditions by and, or, not.", kind="no_if"
                )
            case ast.Tuple() | ast.List():
                raise self._error(
                    node, "A list is no value.", "Join conditions by `and`.", kind="a_list"
                )
        raise self._error(
            node, "This has no meaning in a rule.", "See docs/rules.md.", kind="meaningless"
        )

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if isinstance(value, bool):
            return Value(ref=self.graph.constant(value), kind="condition")
        if isinstance(value, int | float):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if math.isfinite(number):
                return Value(ref=self.graph.constant(number), kind="number")
            raise self._error(
                node, "This number is too large.", "1e308 is the most.", kind="too_large"
            )
        if isinstance(value, str):
            raise self._error(
                node,
                f"Text ({value!r}) cannot be computed with.",
                "Leave out the quotation marks.",
                kind="text_value",
            )
        raise self._error(node, "This is no number.", "Write it as 12.5.", kind="no_number")

    def _name(self, node: ast.Name) -> Value:
        name = node.id.lower()
        if name == "x" and self._series is not None:
            return self._series
        if name in COLUMNS:
            return Value(ref=self.graph.column(name), kind="number")
        if name in self._named or name == SCORE:
            return self._words(self._named[name], node) if name != SCORE else self._score(node)
        if name in ("true", "false"):
            return Value(ref=self.graph.constant(name == "true"), kind="condition")
        if name in FUNCTIONS:
            return self._function(node, FUNCTIONS[name], [], [])
        old = _OLD_NAME.fullmatch(name)
        if old and old[1] in FUNCTIONS:
            return self._words(f"{old[1]}({old[2][1:].replace('_', ', ')})", node)
        raise self._unknown(node, node.id)

    def _unknown(self, node: ast.expr, name: str) -> InvalidRule:
        if name.lower() in ("beta", "correlation", "turnover"):
            what = "the number of shares" if name.lower() == "turnover" else "a benchmark"
            return self._error(
                node,
                f"`{name}` needs {what}, which a scan does not have.",
                kind="needs_shares" if name.lower() == "turnover" else "needs_benchmark",
                name=name,
            )
        if name.lower() in ITEMS:
            return self._error(
                node,
                f"`{name}` is a figure of the company, which a rule does not see.",
                "A factor of an analysis does (docs/own_parts.md).",
                kind="of_company",
                name=name,
            )
        known = [*FUNCTIONS, *COLUMNS, *self._named, SCORE]
        near = nearest(name.lower(), known)
        hint = f"Did you mean `{near[0]}`?" if near else "docs/rules.md lists all words."
        return self._error(node, f"Unknown `{name}`.", hint, near, kind="unknown_name", name=name)

    def _call(self, node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Name):
            raise self._error(
                node.func, "Only functions can be called.", "As in sma(20).", kind="only_functions"
            )
        name = node.func.id.lower()
        if name not in FUNCTIONS:
            if name in COLUMNS or name in self._named or name == SCORE:
                raise self._error(
                    node.func,
                    f"`{name}` takes no settings.",
                    f"Past values are shift({name}, n).",
                    kind="no_settings",
                    name=name,
                )
            raise self._unknown(node.func, node.func.id)
        for arg in node.args:
            if isinstance(arg, ast.Starred):
                raise self._error(arg, "`*` before a setting has no meaning.", kind="starred")
        return self._function(node, FUNCTIONS[name], node.args, node.keywords)

    def _score(self, node: ast.expr) -> Value:
        """Points of the scorecard that are given, in percent of those that can be judged."""
        given = judged = self.graph.constant(0.0)
        for question in QUESTIONS:
            answer = self._words(question.text, node).ref
            earned = (points(question),)
            given = self.graph.apply("tally", (given, judged, answer), earned)
            judged = given[0], 1
        possible = total(map(points, QUESTIONS))
        ref = self.graph.apply("verdict", (given, judged), (possible, LEAST_COVERAGE))
        return Value(ref=ref, kind="number")
