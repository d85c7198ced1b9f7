"""A rule is read as its author meant it, and an error points at the letter that is wrong."""

from __future__ import annotations

import pytest

from stockwidget.errors import InvalidRule, from_dict
from stockwidget.scan.rules import Plan, compile_rule, why_missing
from stockwidget.scan.rules.functions import FUNCTIONS
from stockwidget.scan.rules.values import example
from stockwidget.scan.rules.writing import written

RULE = "cross_up(macd_dif, macd_dea, within=3) and close > sma(200) and rsi(14) < 70"


def test_a_plan_survives_json_and_equals_itself() -> None:
    plan = compile_rule(rule=RULE, rank="rank(ret(20))", columns=["close", "rsi(14)"])
    assert Plan.from_dict(plan.to_dict()) == plan
    assert hash(Plan.from_dict(plan.to_dict())) == hash(plan)
    assert plan.inputs == ("close",)
    assert plan.lookback == 199
    assert plan.across
    assert [plan.outputs[p].label for p in plan.columns] == ["close", "rsi(14)"]


def test_what_is_said_twice_is_computed_once() -> None:
    plan = compile_rule(
        rule="sma(20) > 3 and sma(close, 20) < 9 and sma_20 < 8 and 4 + 4 > sma(window=20)"
    )
    assert sum(node.op == "sma" for node in plan.nodes) == 1
    assert sum(node.op == "const" for node in plan.nodes) == 3


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("收 > 3", None),
        ("close ＞ sma（20） 且 非 rsi ≥ 70", "close > sma(20) and not rsi >= 70"),
        ("close > 3 AND volume > 2", "close > 3 and volume > 2"),
        ("1 < close < 3", "1 < close and close < 3"),
        ("rsi_14 < 30", "rsi(14) < 30"),
        ("macd_hist(convention='tdx') > 0", "macd_hist(12, 26, 9, 'tdx') > 0"),
        ("natr(20) > 3", "100 * atr(20) / close > 3"),
        ("drawdown(60) > -0.1", "close / highest(close, 60) - 1 > -0.1"),
    ],
)
def test_the_same_said_in_other_words(typed: str, meant: str | None) -> None:
    if meant is None:
        with pytest.raises(InvalidRule):
            compile_rule(rule=typed)
        return
    assert compile_rule(rule=typed).nodes == compile_rule(rule=meant).nodes


@pytest.mark.parametrize(
    ("typed", "pointed", "says"),
    [
        ("close > smaa(200)", "smaa", "did you mean `sma`"),
        ("close ＞ sma（20） 且 rsi < smaa", "smaa", "did you mean `sma`"),
        ("close > sma(20.5)", "20.5", "whole number"),
        ("close > sma(20, 3)", "3", "at most 1 setting"),
        ("close > sma(20, widow=3)", "widow=3", "no setting"),
        ("close > 'x'", "'x'", "text"),
        ("close and rsi < 3", "close", "condition is expected"),
        ("cross_up(close)", "cross_up(close)", "what to look at"),
        ("within(close, 3)", "close", "a condition"),
        ("macd_dif(26, 12) > 0", "macd_dif(26, 12)", "below slow"),
        ("1 / 0 > close", "1 / 0", "no value"),
        ("close > 5%", "%", "0.05"),
        ("close >", "", "cannot be read"),
        ("(close > 3) > 2", "close > 3", "compared"),
        ("shift(rank(close), 3) > 1", "shift(rank(close), 3)", "last bar alone"),
        ("drawdown(rank(close), 3) < 0", "drawdown(rank(close), 3)", "last bar alone"),
        ("close > 1 and cross_up(3, 4)", "cross_up(3, 4)", "never change"),
        ("beta(60) > 1", "beta", "benchmark"),
        ("__import__('os')", "__import__", "unknown"),
        ("close.real > 1", "close.real", "no parts"),
        ("close > 1e999", "1e999", "too large"),
    ],
)
def test_errors_point_at_the_place(typed: str, pointed: str, says: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        compile_rule(rule=typed)
    error = caught.value
    assert typed[error.data["column"] : error.data["end"]] == pointed
    assert says in f"{error.message} {error.hint}".lower()
    assert error.data["field"] == "rule"
    assert error.data["kind"]
    assert isinstance(from_dict(error.to_dict()), InvalidRule)
    assert "^" in str(error).splitlines()[-1]


@pytest.mark.parametrize(
    ("rule", "bars", "expression", "needed"),
    [
        (RULE, 120, "sma(200)", 200),
        (RULE, 20, "sma(200)", 200),
        ("highest(rsi(14), 30) > 50 and close > 1", 40, "highest(rsi(14), 30)", 44),
        ("highest(rsi(14), 30) > 50", 10, "rsi(14)", 15),
        ("ema(volume, 20) > 3", 5, "ema(volume, 20)", 20),
        ("macd_hist(convention='tdx') > kdj_j(9, 3, 3)", 3, "kdj_j(9, 3, 3)", 9),
        ("close / open > 1", 3, "close / open > 1", 1),
    ],
)
def test_what_is_missing_is_named(rule: str, bars: int, expression: str, needed: int) -> None:
    missing = why_missing(compile_rule(rule=rule), 0, bars)
    assert (missing.expression, missing.needed, missing.bars) == (expression, needed, bars)


def test_what_stands_in_itself_many_times_over_is_looked_at_once() -> None:
    """A drawdown of a drawdown has its inner one twice, and 35 of them 2**35 times."""
    text = "close"
    for _ in range(35):
        text = f"drawdown({text}, 3)"
    plan = compile_rule(rank=f"sma({text}, 9)")
    assert len(plan.nodes) < 120
    missing = why_missing(plan, 0, 75)
    assert missing.needed == 79
    assert missing.expression == plan.outputs[0].label
    assert len(why_missing(plan, 0, 60).expression) < 5_000


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_a_step_is_written_as_it_is_read(name: str) -> None:
    text = (
        f"not {example(FUNCTIONS[name])}"
        if FUNCTIONS[name].gives == "condition"
        else example(FUNCTIONS[name])
    )
    plan = compile_rule(columns=[text])
    again = compile_rule(columns=[written(plan.nodes, plan.outputs[0].ref)])
    assert again.nodes == plan.nodes
