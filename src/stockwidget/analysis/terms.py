"""The words for the keys of a result document, in English and Chinese, from the tables they name.

Facts travel as keys and numbers; a reader's language is chosen where they are shown. A text in
braces, as ``{count}``, stands for a parameter of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stockwidget.analysis import fundamentals_words, levels, risk
from stockwidget.analysis.quality import FINDINGS
from stockwidget.analysis.record import SMALL
from stockwidget.analysis.scorecard import Scorecard
from stockwidget.analysis.signals import TABLE, Signal
from stockwidget.facts import ITEMS

Term = dict[str, Any]
REASONS = {
    "low_coverage": (
        "No score: {coverage} % of the points could be judged, {needed} % are needed.",
        "无评分：仅 {coverage}% 的分值可判断，至少需要 {needed}%。",
    ),
    "no_value": (
        "No value on this bar: too little history, or nothing traded.",
        "当日无数值：历史数据不足或无成交。",
    ),
    "no_threshold": (
        "No threshold on this bar: too little history, or nothing traded.",
        "当日无阈值：历史数据不足或无成交。",
    ),
    "scaled": (
        "With factors of your own: the other families share {kept} % of the score.",
        "含自定义因子：其余类别合计占 {kept}%。",
    ),
    **fundamentals_words.REASONS,
    "no_universe": ("No other symbols at hand.", "没有可供比较的其他股票。"),
    "no_atr": ("The average true range is unknown or zero.", "ATR 未知或为零。"),
}
WARNINGS = {
    "few": (
        f"Fewer than {SMALL} independent events: an anecdote.",
        f"独立事件少于 {SMALL} 次，仅供参考。",
    ),
    "spans_zero": (
        "The interval spans zero: no better than any day.",
        "区间包含零：与任意一天并无可靠差别。",
    ),
    "looks_ahead": (
        "It looks ahead: on bars cut off earlier it answers otherwise. Worthless as a record.",
        "使用了未来数据：截断行情后结论不同，该统计没有意义。",
    ),
    "survivors": (
        "A list of today's symbols: those that failed and vanished are missing.",
        "股票池为现存股票：已退市者不在其中（幸存者偏差）。",
    ),
}


def terms(
    card: Scorecard | None = None, signals: Iterable[Signal] = TABLE
) -> dict[str, dict[str, Term]]:
    """Section → key → ``{"title": {"en", "zh"}, "rule": {"en", "zh"} or null}``."""
    card = card or Scorecard()
    return {
        "families": {name: _term(*titles) for name, titles in card.titles.items()},
        "factors": {rule.name: _term(rule.rule, rule.rule_zh) for rule in card.rules},
        "bands": {band.name: _term(band.title, band.title_zh) for band in card.bands},
        "signals": {s.name: _term(s.title, s.title_zh, s.rule, s.rule_zh) for s in signals},
        "trend": {
            name: _term(*titles) for name, titles in {**levels.STATES, **levels.REASONS}.items()
        },
        "risk": {
            name: _term(*risk.TITLES[name], text, risk.DEFINITIONS_ZH[name])
            for name, text in risk.DEFINITIONS.items()
        },
        "facts": {
            item.name: _term(item.title, item.title_zh, item.rule, item.rule_zh)
            for item in ITEMS.values()
        },
        "reasons": {name: _term(*texts) for name, texts in REASONS.items()},
        "warnings": {name: _term(*texts) for name, texts in WARNINGS.items()},
        "findings": {name: _term(*texts) for name, texts in FINDINGS.items()},
    }


def _term(title: str, title_zh: str, rule: str = "", rule_zh: str = "") -> Term:
    return {
        "title": {"en": title, "zh": title_zh},
        "rule": {"en": rule, "zh": rule_zh} if rule else None,
    }
