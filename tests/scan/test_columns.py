"""A request of either form compiles to one plan; what is wrong with it names its field."""

import pytest

from stockwidget.errors import InvalidRequest
from stockwidget.params import ScanParams
from stockwidget.scan.columns import USUAL, compile_params, order, rule_of, shown


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
