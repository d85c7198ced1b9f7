"""The words of a study carry its own numbers, in both languages, and never hide a warning."""

import re

import pytest

from stockwidget.params import StudyParams
from stockwidget.study.engine import Study
from stockwidget.study.words import CATALOGUES, words


@pytest.fixture(scope="module")
def document():
    asked = {"universe": "sample", "rule": "rsi(14) < 40", "start": "2010-01-01"}
    work = Study(params=StudyParams.from_dict(asked))
    list(work.run())
    return work.document()


def test_both_languages_say_the_same_with_the_same_numbers():
    english, chinese = CATALOGUES["en"], CATALOGUES["zh"]
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", chinese[key])), key


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_numbers_are_those_of_the_document(document, locale):
    said = words(document, locale)
    assert said == document["words"][locale]
    text = "\n".join(said)
    assert "rsi(14) < 40" in text
    assert document["dates"][0] in text
    for row in document["forward"]:
        for key in ("mean", "base_mean", "edge", "edge_low", "edge_high"):
            assert f"{row[key]:+.2%}".replace("-", "−") in text
        assert ("zero" in text or "零" in text) == any(
            "spans_zero" in r["warnings"] for r in document["forward"]
        )
    assert CATALOGUES[locale]["survivors"] in said


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_a_study_without_hits_says_so_and_compares_nothing(document, locale):
    none = {**document, "days": {**document["days"], "hits": [0] * len(document["dates"])}}
    said = words(none, locale)
    assert said[1] == CATALOGUES[locale]["none"]
    assert len(said) == 3


def test_few_days_are_said_beside_the_numbers(document):
    rows = [
        {
            **row,
            "warnings": ["few", "spans_zero"],
            "edge_low": None,
            "edge_high": None,
            "independent": 3,
            "ended": 2,
        }
        for row in document["forward"]
    ]
    text = "\n".join(words({**document, "forward": rows}, "en"))
    assert "Only 3 days" in text
    assert "too few days for an interval" in text
    assert "2 hits have no return" in text
    assert "spans zero" not in text
