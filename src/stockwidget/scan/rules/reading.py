"""From a rule's text to its graph: Python's grammar, a few of its words, no eval."""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from stockwidget.errors import InvalidRule, nearest
from stockwidget.scan.rules.functions import COLUMNS, FUNCTIONS, MAX_WINDOW, Function, Kind, Setting
from stockwidget.scan.rules.graph import ACROSS, FOLD, Graph, Ref
from stockwidget.scan.rules.text import Text, read

MAX_NODES = 400
MAX_NESTING = 60

_ARITHMETIC: Mapping[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div",
}  # fmt: skip
_COMPARE: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
_OLD_NAME = re.compile(r"([a-z_]+?)((?:_\d+)+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A series of the graph and whether it is a number or a condition."""

    ref: Ref
    kind: Kind


class Reader:
    """Reads texts into one graph, so that what they share is computed once."""

    def __init__(self, graph: Graph, named: Mapping[str, str] | None = None) -> None:
        """``named`` are further words and what each one stands for."""
        self.graph = graph
        self._named = named or {}
        self._text: Text
        self._series: Value | None = None
        self._depth = 0

    def read(self, typed: object, field: str) -> tuple[Value, str]:
        """Return the series that ``typed`` says, and its text as it is usually written."""
        text = read(typed, field)
        tree = parse(text)
        return self._inside(text, tree, None), ast.unparse(tree)

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
    ) -> InvalidRule:
        return self._text.error(
            message,
            start=node.col_offset,
            end=node.end_col_offset or node.col_offset + 1,
            hint=hint,
            nearest=near,
        )

    def _value(self, node: ast.expr) -> Value:
        self._depth += 1
        try:
            if self._depth > MAX_NESTING:
                raise self._error(node, "This is nested too deeply.", "Write it in simpler terms.")
            value = self._dispatch(node)
        finally:
            self._depth -= 1
        if len(self.graph.nodes) > MAX_NODES:
            raise self._error(node, f"It takes more than {MAX_NODES} steps.", "Scan in two steps.")
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
                raise self._error(node, "Names have no parts.", "Write macd_dif, not macd.dif.")
            case ast.IfExp():
                raise self._error(node, "There is no `if`.", "Join conditions by and, or, not.")
            case ast.Tuple() | ast.List():
                raise self._error(node, "A list is no value.", "Join conditions by `and`.")
        raise self._error(node, "This has no meaning in a rule.", "See docs/rules.md.")

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
            raise self._error(node, "This number is too large.", "1e308 is the most.")
        if isinstance(value, str):
            raise self._error(
                node, f"Text ({value!r}) cannot be computed with.", "Leave out the quotation marks."
            )
        raise self._error(node, "This is no number.", "Write it as 12.5.")

    def _name(self, node: ast.Name) -> Value:
        name = node.id.lower()
        if name == "x" and self._series is not None:
            return self._series
        if name in COLUMNS:
            return Value(ref=self.graph.column(name), kind="number")
        if name in self._named:
            return self._words(self._named[name], node)
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
            return self._error(node, f"`{name}` needs {what}, which a scan does not have.")
        known = [*FUNCTIONS, *COLUMNS, *self._named]
        near = nearest(name.lower(), known)
        hint = f"Did you mean `{near[0]}`?" if near else "docs/rules.md lists all words."
        return self._error(node, f"Unknown `{name}`.", hint, near)

    def _call(self, node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Name):
            raise self._error(node.func, "Only functions can be called.", "As in sma(20).")
        name = node.func.id.lower()
        if name not in FUNCTIONS:
            if name in COLUMNS or name in self._named:
                raise self._error(
                    node.func, f"`{name}` takes no settings.", f"Past values are shift({name}, n)."
                )
            raise self._unknown(node.func, node.func.id)
        for arg in node.args:
            if isinstance(arg, ast.Starred):
                raise self._error(arg, "`*` before a setting has no meaning.")
        return self._function(node, FUNCTIONS[name], node.args, node.keywords)

    def _function(
        self, node: ast.expr, row: Function, args: list[ast.expr], keywords: list[ast.keyword]
    ) -> Value:
        given = [self._text_or_value(arg) for arg in args]
        count = 0
        if row.takes and (row.must or (given and not self._is_setting(given[0]))):
            count = row.takes
        if len(given) < count:
            raise self._error(
                node, f"`{row.name}` needs what to look at.", f"As in {example(row)}."
            )
        series = tuple(
            self._series_of(arg, value, row)
            for arg, value in zip(args[:count], given[:count], strict=True)
        )
        if row.op == "cross" and all(self.graph.value(v.ref) is not None for v in series):
            raise self._error(
                node, "Two numbers that never change do not cross.", f"As in {example(row)}."
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
            top = self.graph.apply("highest", refs, values)
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
            )
        op = "zscore_across" if row.name == "zscore" else row.name
        return Value(ref=self._apply(node, op, refs), kind="number")

    def _text_or_value(self, node: ast.expr) -> Value | str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        return self._value(node)

    def _is_setting(self, value: Value | str) -> bool:
        return isinstance(value, str) or self.graph.value(value.ref) is not None

    def _series_of(self, node: ast.expr, value: Value | str, row: Function) -> Value:
        if isinstance(value, str):
            raise self._error(node, f"`{row.name}` cannot look at text.", "Leave out the quotes.")
        if row.of == "condition" and value.kind != "condition":
            raise self._error(
                node,
                f"`{row.name}` looks at a condition, and this is a number.",
                f"As in {example(row)}.",
            )
        if row.of == "number" and value.kind == "condition" and row.group != "arithmetic":
            raise self._error(
                node,
                f"`{row.name}` looks at numbers, and this is a condition.",
                f"As in {example(row)}.",
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
            )
        return value

    def _settings(
        self,
        node: ast.expr,
        row: Function,
        given: list[tuple[ast.expr, Value | str]],
        keywords: list[ast.keyword],
    ) -> dict[str, float]:
        rows = list(row.settings)
        if row.name == "drawdown" and (given or keywords):
            rows = [Setting(name="window", default=252)]
        names = [setting.name for setting in rows] + ["convention"] * bool(row.convention)
        if len(given) > len(names):
            takes = f"at most {len(names)}" if names else "no"
            raise self._error(
                given[len(names)][0],
                f"`{row.name}` takes {takes} setting{'s' * (len(names) != 1)}"
                f"{' (' + ', '.join(names) + ')' if names else ''}, not {len(given)}.",
                f"As in {example(row)}.",
            )
        found: dict[str, tuple[ast.expr, Value | str]] = dict(zip(names, given, strict=False))
        for keyword in keywords:
            if keyword.arg is None or keyword.arg not in names:
                near = nearest(keyword.arg or "", names)
                raise self._error(
                    keyword,
                    f"`{row.name}` has no setting `{keyword.arg}`.",
                    f"It has: {', '.join(names)}." if names else "It has none.",
                    near,
                )
            if keyword.arg in found:
                raise self._error(keyword, f"`{keyword.arg}` is given twice.", "Keep one of them.")
            found[keyword.arg] = keyword.value, self._text_or_value(keyword.value)
        numbers = {
            setting.name: self._number(row, setting, *found[setting.name])
            if setting.name in found
            else float(setting.default)
            for setting in rows
        }
        if row.convention:
            numbers["convention"] = self._tdx(row, found.get("convention"))
        self._fitting(node, row, numbers)
        return numbers

    def _number(self, row: Function, setting: Setting, node: ast.expr, value: Value | str) -> float:
        number = None if isinstance(value, str) else self.graph.value(value.ref)
        what = f"`{setting.name}` of `{row.name}`"
        if number is None:
            raise self._error(
                node, f"{what} must be a number that does not change.", f"As in {example(row)}."
            )
        if not setting.whole:
            if number > setting.least:
                return number
            raise self._error(
                node, f"{what} must be above {setting.least:g}.", f"{setting.default:g} is usual."
            )
        if number != int(number) or not setting.least <= number <= MAX_WINDOW:
            raise self._error(
                node,
                f"{what} must be a whole number from {setting.least:g} to {MAX_WINDOW}, "
                f"not {number:g}.",
                "It counts bars.",
            )
        return float(int(number))

    def _tdx(self, row: Function, given: tuple[ast.expr, Value | str] | None) -> float:
        if given is None:
            return float(row.convention == "tdx")
        if given[1] not in ("talib", "tdx"):
            raise self._error(given[0], "The convention is 'talib' or 'tdx', in quotation marks.")
        return float(given[1] == "tdx")

    def _fitting(self, node: ast.expr, row: Function, numbers: dict[str, float]) -> None:
        if row.op == "macd" and numbers["fast"] >= numbers["slow"]:
            raise self._error(
                node,
                f"fast ({numbers['fast']:g}) must be below slow ({numbers['slow']:g}).",
                "The usual pair is 12 and 26.",
            )
        if row.op == "sar" and numbers["acceleration"] > numbers["maximum"]:
            raise self._error(
                node, "acceleration must not exceed maximum.", "The usual pair is 0.02 and 0.2."
            )

    def _arithmetic(self, node: ast.BinOp) -> Value:
        op = _ARITHMETIC.get(type(node.op))
        if op is None:
            raise self._error(
                node, "Only + - * / join numbers.", "x * x is a square, sqrt(x) a root."
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
        raise self._error(node, "This sign has no meaning.", "Write `not` before a condition.")

    def _compare(self, node: ast.Compare) -> Value:
        sides = [node.left, *node.comparators]
        values = [self._value(side) for side in sides]
        found: Ref | None = None
        for place, kind in enumerate(node.ops):
            op = _COMPARE.get(type(kind))
            if op is None:
                raise self._error(
                    node, "`in` and `is` compare nothing here.", "Use < <= > >= == !=."
                )
            for side, value in list(zip(sides, values, strict=True))[place : place + 2]:
                if value.kind == "condition":
                    raise self._error(
                        side,
                        "A condition cannot be compared with a number.",
                        "Join conditions by `and` and `or`.",
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
            )
        try:
            return self.graph.apply(op, args, settings, part)
        except (ArithmeticError, ValueError):
            raise self._error(node, "This has no value.", "Is it a division by zero?") from None


def parse(text: Text) -> ast.expr:
    """Return Python's tree of a rule's text; InvalidRule points at what it could not read."""
    plain = text.plain
    start = len(plain) - len(plain.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(_lower_words(plain[start:].rstrip()), mode="eval").body
    except SyntaxError as error:
        place = start + max((error.offset or 1) - 1, 0)
        wide = (error.end_offset or 0) - (error.offset or 0)
        raise text.error(
            "This cannot be read.", start=place, end=place + max(wide, 1), hint=_why(plain)
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise text.error(
            "This is nested too deeply.", start=0, end=len(plain), hint="Write it in simpler terms."
        ) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword):
            node.col_offset += start
            node.end_col_offset = (node.end_col_offset or node.col_offset) + start
    return tree


def _lower_words(plain: str) -> str:
    return re.sub(r"\b(AND|OR|NOT)\b", lambda found: found[0].lower(), plain)


def _why(plain: str) -> str:
    if plain.count("(") != plain.count(")"):
        return "The brackets do not pair up."
    if re.search(r"(?<![<>=!])=(?!=)", plain):
        return "Equality is ==; settings are named inside brackets, as in sma(window=20)."
    return "As in close > sma(200) and rsi(14) < 70."


def example(row: Function) -> str:
    """How a function is called with its usual settings."""
    series = {1: ["close"], 2: ["close", "sma(20)"]}.get(row.takes, []) if row.must else []
    if row.of == "condition":
        series = ["close > sma(20)"]
    settings = [f"{s.default:g}" for s in row.settings if s.default]
    return f"{row.name}({', '.join([*series, *settings])})"
