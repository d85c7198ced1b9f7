"""A scorecard is data: what is unsound is refused with its place, what is sound is canonical."""

import pytest

import stockwidget as sw
from stockwidget.errors import InvalidRequest
from stockwidget.params import AnalysisParams
from stockwidget.scorecards import total

FAMILIES = {
    "trend": {"weight": 0.6, "rules": {"close  > sma(200)": 2}},
    "calm": {
        "weight": 0.4,
        "title": "Calm",
        "title_zh": "平静",
        "rules": [{"rule": "natr(14) < 3"}],
    },
}


def test_however_it_is_written_it_is_one():
    card = sw.Scorecard(FAMILIES, bands={"sell": 0, "buy": 60})
    again = sw.Scorecard.read(card.plain())
    assert again == card
    assert again.plain() == card.plain()
    assert card.plain()["families"][0]["rules"] == [{"rule": "close > sma(200)", "points": 2.0}]
    assert [(b["name"], b["direction"]) for b in card.plain()["bands"]] == [
        ("buy", 1),
        ("sell", -1),
    ]


def test_it_travels_in_the_parameters_of_an_analysis():
    params = AnalysisParams.from_dict({"symbol": "AAPL", "scorecard": {"families": FAMILIES}})
    assert AnalysisParams.from_dict(params.to_dict()) == params
    assert params.shown()["scorecard"]["least_coverage"] == 0.6


def family(**changes):
    return {"one": {"weight": 1, "rules": {"close > 1": 1}, **changes}}


@pytest.mark.parametrize(
    ("families", "more", "field"),
    [
        ({}, {}, "families"),
        ("trend", {}, "families"),
        (family(weight=0.9), {}, "families"),
        (family(weight="much"), {}, "families.one.weight"),
        (family(weigth=1), {}, "families.weigth"),
        (family(rules={}), {}, "families.one.rules"),
        (family(rules={"close > 1": 0}), {}, "families.one.rules"),
        (family(rules=["close > 1"]), {}, "families.one.rules"),
        (family(title="x\ny"), {}, "families.one.title"),
        ({"a b": family()["one"]}, {}, "families"),
        (family(), {"bands": {"buy": 50}}, "bands"),
        (family(), {"bands": {"buy": 100, "sell": 0}}, "bands"),
        (family(), {"bands": [{"name": "all", "least": 0, "direction": "north"}]}, "bands"),
        (family(), {"least_coverage": 2}, "least_coverage"),
    ],
)
def test_what_is_unsound_is_named(families, more, field):
    with pytest.raises(InvalidRequest) as caught:
        sw.Scorecard(families, **more)
    assert caught.value.data["field"] == f"scorecard.{field}"


def test_weights_belong_to_the_usual_card():
    with pytest.raises(InvalidRequest) as caught:
        AnalysisParams.from_dict(
            {"symbol": "AAPL", "weights": {"trend": 1}, "scorecard": {"families": FAMILIES}}
        )
    assert caught.value.data["field"] == "weights"


def test_points_are_added_alike_by_every_python():
    """The built-in ``sum`` gives 1.0 since 3.12, and 0.1 added ten times is less by a rounding."""
    assert total([0.1] * 10) == 0.9999999999999999
    assert total([]) == 0.0
