"""What a request says of functions is read whole or refused with its field; code comes with it."""

import pytest

from stockwidget.declared import MOST, OwnFactor, OwnSignal, read_all
from stockwidget.errors import InvalidRequest
from stockwidget.params import AnalysisParams, ScanParams

CODE = "ab" * 16


def test_left_out_words_are_made_of_the_name():
    (found,) = read_all(OwnSignal, [{"name": "inside_day", "direction": "down"}], "signals")
    assert (found.title, found.title_zh, found.direction) == ("inside day", "inside day", -1)
    assert OwnSignal.read(found.plain(), "signals") == found


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        (OwnSignal, [{"name": "a b"}], "signals.name"),
        (OwnSignal, [{"name": "a", "direction": "sideways"}], "signals.direction"),
        (OwnSignal, [{"name": "a", "direction": [1]}], "signals.direction"),
        (OwnSignal, [{"name": "a", "title": "x" * 200}], "signals.title"),
        (OwnSignal, [{"name": "a", "titel": "x"}], "signals.titel"),
        (OwnSignal, [{"name": "a", "source": 7}], "signals.source"),
        (OwnSignal, [{"name": "a"}, {"name": "a"}], "signals"),
        (OwnSignal, [{"name": f"a{n}"} for n in range(MOST + 1)], "signals"),
        (OwnSignal, ["a"], "signals"),
        (OwnFactor, [{"name": "a"}], "signals.weight"),
        (OwnFactor, [{"name": "a", "weight": 1.5}], "signals.weight"),
        (OwnFactor, [{"name": "a", "weight": float("nan")}], "signals.weight"),
    ],
)
def test_what_is_wrong_is_named(kind, data, field):
    with pytest.raises(InvalidRequest) as caught:
        read_all(kind, data, "signals")
    assert caught.value.data["field"] == field


def test_weights_of_factors_are_shares_of_the_whole():
    factors = [{"name": "a", "weight": 0.7}, {"name": "b", "weight": 0.6}]
    with pytest.raises(InvalidRequest, match="more than 1"):
        AnalysisParams.from_dict({"symbol": "A", "factors": factors, "code": CODE})


def test_a_name_means_one_function():
    data = {"signals": [{"name": "a"}], "factors": [{"name": "a", "weight": 0.1}], "code": CODE}
    with pytest.raises(InvalidRequest, match="both called 'a'"):
        AnalysisParams.from_dict({"symbol": "A", **data})


@pytest.mark.parametrize(
    "data",
    [
        {"signals": [{"name": "a"}]},
        {"code": CODE},
        {"signals": [{"name": "a"}], "code": "../../etc"},
    ],
)
def test_functions_and_code_come_together(data):
    with pytest.raises(InvalidRequest) as caught:
        AnalysisParams.from_dict({"symbol": "A", **data})
    assert caught.value.data["field"] == "code"


def test_a_result_does_not_tell_the_code_apart_by_its_bytes():
    params = AnalysisParams.from_dict({"symbol": "A", "signals": [{"name": "a"}], "code": CODE})
    assert params.to_dict()["code"] == CODE
    assert "code" not in params.shown()


def test_a_function_does_not_go_to_a_cluster():
    with pytest.raises(InvalidRequest, match="Dask"):
        ScanParams.from_dict({"function": {"name": "a"}, "code": CODE, "cluster": "local:2"})


def test_where_text_is_wanted_a_function_is_told_where_it_goes():
    with pytest.raises(InvalidRequest) as caught:
        ScanParams.from_dict({"rank": len})
    assert caught.value.data["field"] == "rank"
    assert "@sw.rule" in caught.value.hint
