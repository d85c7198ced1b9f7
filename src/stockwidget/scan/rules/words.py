"""A rule in words, English and Chinese."""

from __future__ import annotations

import ast
from typing import Literal

from stockwidget.scan.rules.functions import COLUMNS, FUNCTIONS, Function
from stockwidget.scan.rules.presets import PRESETS
from stockwidget.scan.rules.scorecard import SCORE, TITLE

Language = Literal["en", "zh"]

_SIGNS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: ("is below", "低于"),
    ast.LtE: ("is at most", "不高于"),
    ast.Gt: ("is above", "高于"),
    ast.GtE: ("is at least", "不低于"),
    ast.Eq: ("equals", "等于"),
    ast.NotEq: ("differs from", "不等于"),
    ast.Add: ("+", "+"),
    ast.Sub: ("−", "−"),
    ast.Mult: ("×", "×"),
    ast.Div: ("/", "/"),
}


_OPEN = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp)
"""What takes brackets as part of something else: "the average of a + b" may be two things."""
_BRACKETED = ("within", "count", "bars_since", "days_since")
"""Functions whose words hold a condition in a way of their own."""


def sentence(label: str, language: Language) -> str:
    """Return a rule that ``compile_rule`` has read, in words."""
    text = _Words(language).of(ast.parse(label, mode="eval").body)
    return text[:1].upper() + text[1:] + ("." if language == "en" else "。")


class _Words:
    def __init__(self, language: Language) -> None:
        self._place = 0 if language == "en" else 1
        self._zh = language == "zh"

    def of(self, node: ast.expr) -> str:
        match node:
            case ast.BoolOp():
                both = isinstance(node.op, ast.And)
                word = (" and ", "，且") if both else (" or ", "，或")
                parts = [self._joined(value, both=both) for value in node.values]
                return word[self._place].join(parts)
            case ast.UnaryOp(op=ast.Not()):
                inner = self.of(node.operand)
                return f"并非（{inner}）" if self._zh else f"it is not so that ({inner})"
            case ast.UnaryOp():
                return f"−{self._inside(node.operand, *_OPEN)}"
            case ast.BinOp():
                sign = _SIGNS[type(node.op)][self._place]
                left, right = self._operand(node, node.left), self._operand(node, node.right)
                return f"{left} {sign} {right}"
            case ast.Compare():
                return self._compared(node)
            case ast.Call():
                return self._call(node)
            case ast.Name():
                return self._name(node.id.lower())
        return ast.unparse(node).replace("-", "−")

    def _inside(self, node: ast.expr, *kinds: type[ast.expr]) -> str:
        text = self.of(node)
        if not isinstance(node, kinds):
            return text
        return f"（{text}）" if self._zh else f"({text})"

    def _joined(self, node: ast.expr, *, both: bool) -> str:
        """A part of an "and" or an "or"; a chain of comparisons is an "and" in words."""
        chain = isinstance(node, ast.Compare) and len(node.ops) > 1 and not both
        return self._inside(node, ast.BoolOp, *([ast.Compare] if chain else []))

    def _operand(self, node: ast.BinOp, side: ast.expr) -> str:
        sums, products = (ast.Add | ast.Sub), (ast.Mult | ast.Div)
        plain = isinstance(side, ast.BinOp) and (
            isinstance(node.op, sums) or isinstance(side.op, ast.Mult)
            if side is node.left
            else isinstance(node.op, sums) and isinstance(side.op, products)
        )
        return self.of(side) if plain else self._inside(side, *_OPEN)

    def _compared(self, node: ast.Compare) -> str:
        sides = [self.of(side) for side in (node.left, *node.comparators)]
        space = "" if self._zh else " "
        parts = [
            f"{sides[place]}{space}{_SIGNS[type(op)][self._place]}{space}{sides[place + 1]}"
            for place, op in enumerate(node.ops)
        ]
        return ("，且" if self._zh else " and ").join(parts)

    def _name(self, name: str) -> str:
        if name in COLUMNS:
            return COLUMNS[name][self._place]
        if name == SCORE:
            return TITLE[self._place]
        if name in PRESETS:
            return PRESETS[name].zh if self._zh else PRESETS[name].en
        if name in FUNCTIONS:
            return self._titled(FUNCTIONS[name], [], [])
        word, _, settings = name.partition("_")
        while word not in FUNCTIONS and settings:
            more, _, settings = settings.partition("_")
            word = f"{word}_{more}"
        if word not in FUNCTIONS:
            return name
        return self._titled(FUNCTIONS[word], [], settings.split("_") if settings else [])

    def _call(self, node: ast.Call) -> str:
        row = FUNCTIONS[node.func.id.lower()] if isinstance(node.func, ast.Name) else None
        assert row is not None
        takes = row.takes if row.must or (node.args and _moves(node.args[0])) else 0
        kinds = () if row.name in _BRACKETED else _OPEN
        series = [self._inside(arg, *kinds) for arg in node.args[:takes]]
        given = [self.of(arg) for arg in node.args[takes:]]
        names = [setting.name for setting in row.settings] or ["window"]
        settings = {s.name: f"{s.default:g}" for s in row.settings if s.default}
        settings |= dict(zip([*names, "convention"], given, strict=False))
        settings |= {k.arg: self.of(k.value) for k in node.keywords if k.arg}
        shown = [value.strip("'") for value in settings.values()]
        return self._phrase(row, series, shown[0] if shown else "") or self._titled(
            row, series, shown
        )

    def _titled(self, row: Function, series: list[str], settings: list[str]) -> str:
        shown = settings or [f"{s.default:g}" for s in row.settings if s.default]
        if row.name in ("highest", "lowest"):
            return self._phrase(row, series or [COLUMNS[row.series[0]][self._place]], shown[0])
        title = row.zh if self._zh else row.en.partition(",")[0]
        of = (f"{series[0]}的" if self._zh else f" of {series[0]}") if series else ""
        if len(shown) == 1 and row.settings and row.settings[0].name in ("window", "bars"):
            return f"{of}{shown[0]} 日{title}" if self._zh else f"the {shown[0]}-bar {title}{of}"
        inner = f"（{', '.join(shown)}）" if self._zh else f" ({', '.join(shown)})"
        name = f"{of}{title}" if self._zh else f"the {title}{of}"
        return f"{name}{inner}" if shown else name

    def _phrase(self, row: Function, series: list[str], n: str) -> str:
        """Return functions that read better otherwise than by their title; else nothing."""
        if not series:
            return ""
        x, y = series[0], series[-1]
        last = "the last bar" if n == "1" else f"each of the last {n} bars"
        bars = "1 bar" if n == "1" else f"{n} bars"
        en, zh = {
            "cross_up": (f"{x} crossed above {y}", f"{x}上穿{y}"),
            "cross_down": (f"{x} crossed below {y}", f"{x}下穿{y}"),
            "rising": (f"{x} rose on {last}", f"{x}连续上升 {n} 日"),
            "falling": (f"{x} fell on {last}", f"{x}连续下降 {n} 日"),
            "within": (f"on one of the last {bars} ({x})", f"近 {n} 日内曾有（{x}）"),
            "count": (f"the number of the last {bars} on which {x}", f"近 {n} 日内（{x}）的日数"),
            "shift": (f"{x} as of {bars} before", f"{n} 日前的{x}"),
            "highest": (f"the highest {x} of the last {bars}", f"近 {n} 日{x}的最高值"),
            "lowest": (f"the lowest {x} of the last {bars}", f"近 {n} 日{x}的最低值"),
            "percentile": (
                f"the percentile of {x} among its last {n} values",
                f"{x}在近 {n} 日中的分位",
            ),
            "bars_since": (f"the number of bars since ({x})", f"距上次（{x}）的交易日数"),
            "days_since": (f"the number of days since ({x})", f"距上次（{x}）的天数"),
            "rank": (f"the rank of {x} among all symbols", f"{x}的全市场排名"),
            "min": (f"the smaller of {x} and {y}", f"{x}与{y}的较小者"),
            "max": (f"the larger of {x} and {y}", f"{x}与{y}的较大者"),
        }.get(row.name, ("", ""))
        if row.name == "zscore" and not n:
            en, zh = f"the z-score of {x} among all symbols", f"{x}的全市场标准分"
        if row.op == "cross" and n != "1":
            return f"{zh}（近 {n} 日内）" if self._zh else f"{en} within {n} bars"
        return zh if self._zh else en


def _moves(node: ast.expr) -> bool:
    """Whether an argument depends on bars, so that it is a series and not a setting."""
    return any(isinstance(part, ast.Name) for part in ast.walk(node))
