"""A scorecard of rules as text scores as one of Python does, cites what it compared, and abstains."""

import numpy as np
import pytest

from stockwidget import Scorecard
from stockwidget.analysis.score import history, judge
from stockwidget.analysis.terms import terms
from stockwidget.errors import InvalidRule
from stockwidget.params import WEIGHTS
from stockwidget.parts.cards import card_of, check
from stockwidget.scan.rules.scorecard import QUESTIONS


def usual():
    """The usual card, said as text."""
    families = {
        name: {
            "weight": weight,
            "rules": {q.text: q.share for q in QUESTIONS if q.family == name},
        }
        for name, weight in WEIGHTS.items()
    }
    return Scorecard(families)


def test_the_usual_card_as_text_gives_the_usual_score_on_every_bar(lines):
    np.testing.assert_allclose(history(lines, card_of(usual())), history(lines), rtol=1e-12)
    assert judge(lines, card_of(usual())).score == pytest.approx(judge(lines).score)


def test_rows_cite_what_was_compared(lines):
    card = card_of(
        Scorecard(
            {
                "trend": {"weight": 0.6, "rules": {"close > sma(50)": 2, "rsi(14) <= 30": 1}},
                "turn": {"weight": 0.4, "rules": {"cross_up(close, sma(20), within=3)": 1}},
            }
        )
    )
    above, low, turn = judge(lines, card, source="here").rows
    assert above.value == lines.close[-1]
    assert above.threshold == pytest.approx(lines.close[-50:].mean())
    assert (above.above, low.above) == (True, False)
    assert (above.possible, low.possible, turn.possible) == pytest.approx((40, 20, 40))
    assert above.points == (above.possible if above.value > above.threshold else 0.0)
    assert (turn.how, turn.threshold) == ("holds", None)
    assert turn.value in {0.0, 1.0}
    assert (above.date, above.source) == (str(lines.dates[-1]), "here")


def test_too_little_history_abstains_and_below_the_coverage_there_is_no_score(lines):
    spec = {
        "long": {"weight": 0.7, "rules": {"close > sma(900)": 1}},
        "short": {"weight": 0.3, "rules": {"close > sma(5)": 1}},
    }
    found = judge(lines, card_of(Scorecard(spec, least_coverage=0.5)))
    assert found.score is None
    assert found.coverage == pytest.approx(0.3)
    assert found.rows[0].points is None
    assert judge(lines, card_of(Scorecard(spec, least_coverage=0.2))).score in {0.0, 100.0}


def test_bands_and_titles_are_the_users(lines):
    spec = Scorecard(
        {"trend": {"weight": 1, "title": "Trend", "title_zh": "趋势", "rules": {"close > 0": 1}}},
        bands={"yes": 50, "no": 0},
    )
    card = card_of(spec)
    assert judge(lines, card).band.name == "yes"
    words = terms(card)
    assert words["families"]["trend"]["title"] == {"en": "Trend", "zh": "趋势"}
    assert set(words["bands"]) == {"yes", "no"}
    assert (
        words["factors"]["close > 0"]["title"]["zh"] != words["factors"]["close > 0"]["title"]["en"]
    )


@pytest.mark.parametrize("rule", ["close > smaa(20)", "close", "rank(ret(20)) > 0.9"])
def test_a_rule_that_cannot_be_read_names_its_family(rule):
    with pytest.raises(InvalidRule) as caught:
        check(Scorecard({"trend": {"weight": 1, "rules": {rule: 1}}}))
    assert caught.value.data["field"] == "scorecard.families.trend.rules"
    assert caught.value.hint
