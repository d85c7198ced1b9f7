"""A request of either form compiles to one plan; what is wrong with it names its field."""

import pytest

from stockwidget.errors import InvalidRequest
from stockwidget.params import ScanParams
from stockwidget.scan.columns import USUAL, compile_params, order, rule_of, shown, sorted_by


def params(**data):
    return ScanParams.from_dict(data)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"where": {"rsii": ["<", 3]}}, "where.rsii"),
        ({"sort": "rank"}, "sort"),
        ({"rank": "close >"}, "rank"),
        ({"columns": ["close", "pe"]}, "columns"),
        ({"rule": "smaa(20) > close"}, "rule"),
        ({"rule": "close"}, "rule"),
    ],
)
def test_what_is_wrong_names_its_field(data, field):
    with pytest.raises(InvalidRequest) as caught:
        compile_params(params(**data))
    assert caught.value.data["field"] == field


def test_a_wrong_word_gives_the_nearest():
    with pytest.raises(InvalidRequest, match="Did you mean `sma`"):
        compile_params(params(rule="close > smaa(20)"))


def test_where_is_a_rule_in_other_words():
    old = params(where={"rsi_14": ("<", 70), "close": (">", 5)}, sort="ret_20")
    new = params(rule="(close) > 5.0 and (rsi_14) < 70.0", rank="ret_20", columns=list(shown(old)))
    assert compile_params(old) == compile_params(new)
    both = params(rule="close > 1 or volume > 2", where={"rsi_14": ("<", 70)})
    assert rule_of(both) == "(close > 1 or volume > 2) and (rsi_14) < 70.0"
    assert rule_of(params()) is None


def test_old_names_and_calls_are_the_same_numbers():
    plan = compile_params(params(rule="rsi_14 < 70", columns=["rsi(14)", "rsi_14", "RSI(14)"]))
    assert len({plan.outputs[place].ref for place in plan.columns[:3]}) == 1


def test_shown_columns():
    usual = params(where={"sma_50": [">", 1]}, sort="ret_252")
    assert shown(usual) == (*USUAL, "sma_50", "ret_252")
    chosen = params(columns=["symbol", "atr_14", "ret_20"], rule="close > sma(200)")
    assert shown(chosen) == ("atr_14", "ret_20")
    assert order(params(sort="close", rank="ret(5)")) == "ret(5)"
    assert order(params(sort="close")) == "close"


def names(**data):
    plan = compile_params(params(**data))
    columns = [plan.outputs[place].label for place in plan.columns]
    return columns, plan.outputs[sorted_by(plan)].label


def test_a_number_is_one_column_by_the_name_that_was_asked_for():
    assert names(columns=["close", "ret(20)"]) == (["close", "ret(20)"], "ret(20)")
    assert names(columns=["rsi(14)"], where={"rsi_14": ["<", 70]}, sort="close") == (
        ["rsi(14)", "close"],
        "close",
    )
    assert names(columns=["rsi(14)", "rsi( 14 )"], sort="rsi_14") == (["rsi(14)"], "rsi(14)")


def test_a_usual_column_gives_way_to_the_name_in_the_request():
    assert names() == (list(USUAL), "ret_20")
    assert names(rank="ret(20)") == (["close", "ret(20)", "rsi_14"], "ret(20)")


def test_what_was_asked_for_by_two_names_has_both():
    assert names(columns=["ret(20)", "ret_20"]) == (["ret(20)", "ret_20"], "ret(20)")
