"""A study takes what a scan takes and its days; what cannot be is refused with what to do instead."""

from datetime import date

import pandas as pd
import pytest

from stockwidget.errors import InvalidRequest, UnknownParameter
from stockwidget.params import ScanParams, StudyParams

RULE = {"universe": "sample", "rule": "close > 1"}


def test_the_canonical_form_comes_back_and_leaves_defaults_out():
    asked = {
        **RULE,
        "every": "month",
        "start": date(2020, 1, 31),
        "top": 5,
        "where": {"rsi_14": ("<", 30)},
    }
    plain = StudyParams.from_dict(asked).to_dict()
    assert plain == {**RULE, "start": "2020-01-31", "top": 5, "where": {"rsi_14": ["<", 30.0]}}
    assert StudyParams.from_dict(plain).to_dict() == plain
    listed = StudyParams.from_dict({**RULE, "dates": ["2021-06-30", "2020-06-30", "2021-06-30"]})
    assert listed.to_dict()["dates"] == ["2020-06-30", "2021-06-30"]
    assert StudyParams.from_dict(listed.to_dict()) == listed
    there = StudyParams.from_dict({**RULE, "cluster": "tcp://10.0.0.5:8786"})
    assert there.to_dict()["cluster"] == there.scan.cluster == "tcp://10.0.0.5:8786"


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"universe": "sample"}, "rule", "needs a rule"),
        ({**RULE, "as_of": "2020-01-31"}, "as_of", "dates="),
        ({**RULE, "cluster": "somewhere"}, "cluster", "local:2"),
        ({**RULE, "every": "day"}, "every", "'week', 'month' or 'quarter'"),
        ({**RULE, "start": "2021-01-01", "end": "2020-01-01"}, "start", "Swap"),
        ({**RULE, "dates": "2020-01-31"}, "dates", "list of days"),
        ({**RULE, "dates": ["2020-01-31"], "end": "2020-01-31"}, "end", "Leave one of them out"),
        (
            {**RULE, "dates": [f"{y}-{m:02}-15" for y in range(1960, 2010) for m in range(1, 13)]},
            "dates",
            "600 days",
        ),
        ({**RULE, "dates": ["soon"]}, "dates", "must be a date"),
        ({**RULE, "dates": [None]}, "dates", "day that is missing"),
        ({**RULE, "dates": [pd.NaT]}, "dates", "must be a date, not NaT"),
    ],
)
def test_what_cannot_be_is_refused(asked, field, said):
    with pytest.raises(InvalidRequest) as caught:
        StudyParams.from_dict(asked)
    assert caught.value.data["field"] == field
    assert said in str(caught.value)


def test_an_unknown_parameter_names_the_nearest():
    with pytest.raises(UnknownParameter, match="Did you mean every"):
        StudyParams.from_dict({**RULE, "evry": "week"})


def test_a_scan_of_several_days_names_the_study():
    with pytest.raises(InvalidRequest, match=r"sw\.study"):
        ScanParams.from_dict({**RULE, "as_of": ["2020-01-31", "2020-02-28"]})
