"""What a user's function gives is taken as it is or refused in words; its error shows its own lines."""

import numpy as np
import pandas as pd
import pytest

from stockwidget.declared import OwnFactor, OwnRule, OwnSignal
from stockwidget.errors import PartFailed
from stockwidget.parts.calling import marks, shares, verdict

NAMES = {"name": "mine", "title": "Mine", "title_zh": "我的"}
SIGNAL = OwnSignal(**NAMES)
FACTOR = OwnFactor(**NAMES, weight=0.2, family="mine")
RULE = OwnRule(**NAMES)


@pytest.mark.parametrize(
    "make",
    [
        lambda up: up,
        lambda up: up.astype("boolean").where(up, pd.NA),
        lambda up: up.astype(object).where(up, None),
        lambda up: up.astype(float).where(up),
        lambda up: up.to_numpy(),
        lambda up: up.tolist(),
    ],
)
def test_a_signal_may_be_any_column_of_yes_no_and_unknown(bars, make):
    up = bars.close > bars.open
    assert marks(SIGNAL, lambda b: make(b.close > b.open), bars, {}).tolist() == up.tolist()


def test_a_factor_abstains_where_it_is_missing(bars):
    found = shares(FACTOR, lambda b: b.close.rolling(20).rank(pct=True), bars, {})
    assert np.isnan(found[:19]).all()
    assert ((found[19:] > 0) & (found[19:] <= 1)).all()


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda b: None, "returned None"),
        (lambda b: True, "returned True (bool)"),
        (lambda b: (b.close > b.open).iloc[1:], "399 rows of other dates for 400 bars"),
        (lambda b: [True], "1 values for 400 bars"),
        (lambda b: b, "a DataFrame of 400"),
        (lambda b: b.close, "a signal is True or False"),
        (lambda b: ["yes"] * len(b), "'yes' for 2020-01-01"),
    ],
)
def test_what_is_no_signal_is_refused(bars, function, said):
    with pytest.raises(PartFailed) as caught:
        marks(SIGNAL, function, bars, {})
    assert said in str(caught.value)
    assert caught.value.data["part"] == "mine"
    assert caught.value.hint


def test_a_factor_beyond_its_points_is_refused_with_its_day(bars):
    with pytest.raises(PartFailed, match=r"gave 1\.7 for 2020-01-03"):
        shares(FACTOR, lambda b: np.where(b.index == "2020-01-03", 1.7, 0.5), bars, {})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(True, True), (np.False_, False), (None, None), (float("nan"), None), (pd.NA, None)],
)
def test_a_rule_says_yes_no_or_nothing(bars, answer, expected):
    assert verdict(RULE, lambda b: answer, bars, {}, "ABC") is expected


@pytest.mark.parametrize("answer", [1, "yes", pd.Series([True])])
def test_anything_else_is_no_verdict(bars, answer):
    with pytest.raises(PartFailed, match="on ABC"):
        verdict(RULE, lambda b: answer, bars, {}, "ABC")


def test_what_it_raises_shows_its_own_lines_alone(bars):
    def helper(bars):
        return bars["Close"]

    def mine(bars):
        return helper(bars) > 3

    with pytest.raises(PartFailed) as caught:
        marks(SIGNAL, mine, bars, {__file__: "Cell In[3]"})
    error = caught.value
    assert error.data["exception"] == "KeyError"
    first = error.data["traceback"].splitlines()[1]
    assert first.startswith("  Cell In[3], line ")
    assert first.endswith("in mine")
    assert 'return bars["Close"]' in error.data["traceback"]
    assert "calling.py" not in error.data["traceback"]
    assert error.data["traceback"] in str(error)


def test_bars_may_be_changed_by_one_and_stay_whole_for_the_next(bars):
    def spoils(b):
        b["close"] = 0.0
        return b.close > 1

    before = bars.copy()
    marks(SIGNAL, spoils, bars, {})
    pd.testing.assert_frame_equal(bars, before)


def test_an_exit_of_a_function_is_its_error(bars):
    with pytest.raises(PartFailed, match="SystemExit"):
        marks(SIGNAL, lambda b: exit(3), bars, {})
