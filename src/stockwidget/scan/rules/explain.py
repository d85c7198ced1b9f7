"""What a rule means: in words, as a plan, and how many bars it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from stockwidget.errors import InvalidRule
from stockwidget.scan.rules.demand import demands
from stockwidget.scan.rules.functions import COLUMNS
from stockwidget.scan.rules.graph import ACROSS
from stockwidget.scan.rules.operations import OPS
from stockwidget.scan.rules.plan import Plan, compile_rule
from stockwidget.scan.rules.presets import TEXTS
from stockwidget.scan.rules.scorecard import LEAST_COVERAGE, QUESTIONS, SCORE, points
from stockwidget.scan.rules.words import sentence
from stockwidget.scan.rules.writing import SIGNS


@dataclass(frozen=True, kw_only=True, repr=False)
class Explanation:
    """A rule explained; ``print`` it, or let a notebook show it."""

    rule: str
    """As it is usually written."""
    en: str
    zh: str
    bars: int
    """History that a symbol must have."""
    inputs: tuple[str, ...]
    """Columns of the bars that are read."""
    steps: tuple[str, ...]
    """The plan: each step once, in the order in which they are computed."""
    named: tuple[str, ...]
    """Presets in it, with what they stand for."""
    plan: Plan

    def __str__(self) -> str:
        told = (self.en, self.zh, *self.named, self._needs("en"), "Plan:")
        lines = [self.rule, *(f"  {line}" for line in told)]
        return "\n".join([*lines, *(f"    {step}" for step in self.steps)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        steps = "".join(f"<li><code>{escape(step)}</code></li>" for step in self.steps)
        named = "".join(f"<p><code>{escape(line)}</code></p>" for line in self.named)
        return (
            f"<div><p><code>{escape(self.rule)}</code></p><p>{escape(self.en)}</p>"
            f'<p lang="zh">{escape(self.zh)}</p>{named}<p>{escape(self._needs("en"))}<br>'
            f'<span lang="zh">{escape(self._needs("zh"))}</span></p>'
            f"<details><summary>Plan · 计划（{len(self.steps)}）</summary>"
            f'<ol style="list-style:none">{steps}</ol></details></div>'
        )

    def _needs(self, language: str) -> str:
        if language == "zh":
            return f"需要 {self.bars} 根日线；读取{'、'.join(COLUMNS[c][1] for c in self.inputs)}。"
        return f"Needs {self.bars} bars; reads {', '.join(self.inputs)}."


def explain(rule: str) -> Explanation:
    """Explain a rule, a number to rank by, or a column of a scan; raises InvalidRule.

    ``sw.explain("cross_up(macd_dif, macd_dea, within=3) and close > sma(200)")``
    """
    if callable(rule):
        raise InvalidRule(
            "A function has no plan; only text is explained.",
            hint="sw.scan(…, rule=my_rule) runs a function marked by @sw.rule.",
            field="rule",
        )
    if not isinstance(rule, str) or not rule.strip():
        raise InvalidRule(
            f"rule must be text, not {rule!r:.80}.",
            hint="For example 'close > sma(200)'; docs/rules.md has the language.",
            field="rule",
        )
    plan = compile_rule(columns=[rule])
    label = plan.outputs[0].label
    return Explanation(
        rule=label,
        en=sentence(label, "en"),
        zh=sentence(label, "zh"),
        bars=plan.lookback + 1,
        inputs=plan.inputs,
        steps=_steps(plan),
        named=tuple(f"{n} = {t}" for n, t in _meanings() if re.search(rf"\b{n}\b", label)),
        plan=plan,
    )


def _meanings() -> Iterator[tuple[str, str]]:
    """Words that stand for something else, and what it is."""
    yield from TEXTS.items()
    said = ", ".join(f"{points(q):g} if {q.text}" for q in QUESTIONS)
    yield SCORE, f"percent of the points that can be judged, at least {LEAST_COVERAGE:.0%}: {said}"


def _steps(plan: Plan) -> tuple[str, ...]:
    """One line a node: its number, what it computes, and of how many bars."""
    wanted = demands(plan.nodes, [output.ref for output in plan.outputs])
    names: list[str] = []
    lines: list[str] = []
    for place, node in enumerate(plan.nodes):
        args = [
            names[arg] if plan.nodes[arg].parts == 1 else f"{names[arg]}.{part + 1}"
            for arg, part in node.args
        ]
        if node.op == "column":
            names.append(list(COLUMNS)[int(node.settings[0])])
            continue
        if node.op == "const":
            names.append(f"{node.settings[0]:g}")
            continue
        if node.op in SIGNS:
            text = f" {SIGNS[node.op]} ".join(args)
        else:
            text = f"{node.op}({', '.join([*args, *(f'{s:g}' for s in node.settings)])})"
        names.append(f"#{place}")
        lines.append(f"#{place} = {text}    {_span(node.op, wanted[place].finite)}")
    return tuple(lines)


def _span(op: str, finite: int) -> str:
    if op in ACROSS:
        return "across all symbols"
    if OPS[op].memory == "past" and op != "cross":
        return "over all bars"
    return f"last {finite} values" if finite > 1 else "last value" if finite else "on all bars"
