"""A rule is told in words of both languages, with its plan; presets are rules like any other."""

from __future__ import annotations

import re

import pytest

import stockwidget as sw
from stockwidget.errors import InvalidRule
from stockwidget.scan.rules import compile_rule
from stockwidget.scan.rules.explain import explain
from stockwidget.scan.rules.functions import FUNCTIONS
from stockwidget.scan.rules.presets import PRESETS
from stockwidget.scan.rules.values import example


def test_a_rule_in_both_languages() -> None:
    found = explain("cross_up(macd_dif, macd_dea, within=3) and close > sma(200)")
    assert found.en == (
        "The MACD line (12, 26, 9) crossed above the MACD signal line (12, 26, 9) within 3 bars"
        " and close is above the 200-bar simple moving average."
    )
    assert found.zh == (
        "MACD 快线 DIF（12, 26, 9）上穿MACD 慢线 DEA（12, 26, 9）（近 3 日内），且收盘价高于200 日简单均线。"
    )
    assert found.bars == 200
    assert found.inputs == ("close",)
    assert repr(found) == str(found), "a plain prompt shows the words, not the fields"


def test_the_plan_says_what_is_computed_and_how_far_back() -> None:
    steps = "\n".join(explain("rsi(14) < 30 and close > highest(high, 252) * 0.9").steps)
    assert re.search(r"rsi\(close, 14, 0\) +over all bars", steps)
    assert re.search(r"highest\(high, 252\) +last value", steps)
    assert len(re.findall(r"rsi\(", steps)) == 1


def test_brackets_only_where_they_are_needed() -> None:
    assert explain("close + open - low > 3").en == "Close + open − low is above 3."
    assert explain("close - (open - low) > 3").en == "Close − (open − low) is above 3."
    assert explain("(close + open) * 2 > 3").en == "(close + open) × 2 is above 3."
    assert explain("close * 2 + open > 3").en == "Close × 2 + open is above 3."


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_every_function_has_words(name: str) -> None:
    found = explain(example(FUNCTIONS[name]))
    assert "_" not in found.en
    assert re.search(r"[\u4e00-\u9fff]", found.zh)


@pytest.mark.parametrize("name", list(PRESETS))
def test_presets_are_words_of_the_language(name: str) -> None:
    preset = PRESETS[name]
    assert preset.why_en.endswith(".")
    assert preset.why_zh.endswith("。")
    by_name, by_rule = explain(name), explain(preset.rule)
    assert by_name.plan.nodes == by_rule.plan.nodes
    assert by_name.zh.startswith(preset.zh)
    if by_name.plan.outputs[0].kind == "condition":
        assert compile_rule(rule=f"{name} and close > 1").rule == 0


def test_a_page_shows_it_without_running_anything() -> None:
    page = explain("close < 3 and open > 2")._repr_html_()
    assert "close &lt; 3" in page
    assert "<script" not in page
    assert str(explain("close < 3")).startswith("close < 3\n")


def test_by_its_short_name_and_with_its_error() -> None:
    assert sw.explain("golden_cross").bars == 205
    with pytest.raises(InvalidRule, match="Did you mean `sma`"):
        sw.explain("smaa(3)")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sma(volume, 20) - open > 0", "sma(volume - open, 20) > 0"),
        ("open - sma(volume, 20) > 0", "sma(open - volume, 20) > 0"),
        ("-sma(close, 20) < 0", "sma(-close, 20) < 0"),
        ("close / (open * 2) > 1", "close / open * 2 > 1"),
        ("close + shift(open, 2) > 1", "shift(close + open, 2) > 1"),
        ("close / min(open, low) > 1", "min(close / open, low) > 1"),
        ("abs(close) + open > 1", "abs(close + open) > 1"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_rules_that_differ_are_told_in_words_that_differ(one, other, language):
    assert getattr(explain(one), language) != getattr(explain(other), language)


def test_brackets_stand_where_words_could_be_read_in_two_ways():
    found = explain("close / (open * 2) > sma(volume - open, 20) or 1 < rsi < 70")
    assert found.en == (
        "Close / (open × 2) is above the 20-bar simple moving average of (volume − open) or "
        "(1 is below the 14-bar relative strength index and the 14-bar relative strength index "
        "is below 70)."
    )
    assert found.zh == (
        "收盘价 / （开盘价 × 2）高于（成交量 − 开盘价）的20 日简单均线，"
        "或（1低于14 日相对强弱指数 RSI，且14 日相对强弱指数 RSI低于70）。"
    )
