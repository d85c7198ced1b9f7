"""Dividends and splits read from adjusted closes are those that the companies paid and made."""

import numpy as np
import pandas as pd
import pytest

from stockwidget import jobs
from stockwidget.analysis.events import events, split_ratio
from stockwidget.bars import COLUMNS, as_known
from stockwidget.sources.sample import SampleSource

SAMPLE = SampleSource()
APPLE = {  # investor.apple.com: dividend history, ex-dates and amounts
    "2022-11-04": 0.23,
    "2023-02-10": 0.23,
    "2023-05-12": 0.24,
    "2023-08-11": 0.24,
}
IBM = {
    "2012-02-08": 0.75,
    "2012-05-08": 0.85,
    "2012-08-08": 0.85,
    "2012-11-07": 0.85,
    "2013-02-06": 0.85,
}


def paid(symbol):
    return {date: amount for date, amount, _part in events(SAMPLE.bars(symbol).frame).dividends}


def test_apple_paid_what_apple_says():
    found = paid("AAPL")
    assert {day: found[day] for day in APPLE} == pytest.approx(APPLE, rel=0.01)
    assert len(found) == 43, "four a year since 2013"


def test_ibm_within_a_few_percent():
    found = paid("IBM")
    assert {day: found[day] for day in IBM} == pytest.approx(IBM, rel=0.03)


def test_microsoft_split_and_paid_a_special_dividend():
    found = events(SAMPLE.bars("MSFT").frame)
    assert found.splits == (("2003-02-18", 2.0),)
    assert {d: a for d, a, _ in found.dividends}["2004-11-15"] == pytest.approx(3.08, rel=0.05)


@pytest.mark.parametrize("symbol", ["AMZN", "FB", "GOOG", "META", "NFLX"])
def test_who_paid_nothing_has_nothing(symbol):
    found = events(SAMPLE.bars(symbol).frame)
    assert (found.dividends, found.splits, found.dividend_yield) == ((), (), None)


def test_the_yield_is_that_of_the_last_year():
    frame = SAMPLE.bars("AAPL").frame
    found = events(frame)
    assert found.dividend_yield == pytest.approx(0.94 / frame["close"].iloc[-1], rel=0.01)
    assert events(frame.iloc[-200:]).dividend_yield is None, "less than a year"
    half = frame.loc[:"2023-06-30"]
    assert [d for d, *_ in events(as_known(half)).dividends] == [
        d for d, *_ in events(half).dividends
    ]


def bars(factor, digits=9):
    n = len(factor)
    close = 20 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.02, n)))
    index = pd.bdate_range("2020-01-01", periods=n, name="date")
    table = {
        **dict.fromkeys(COLUMNS[:4], close),
        "volume": 1.0,
        "adj_close": np.round(close * factor, digits),
    }
    return pd.DataFrame(table, index=index)


def test_rounded_closes_are_no_dividends():
    assert events(bars(np.full(300, 0.37), digits=2)).dividends == ()


def test_an_event_stands_on_its_first_day_without():
    frame = bars(np.where(np.arange(300) < 100, 0.99, 1.0))
    ((date, amount, part),) = events(frame).dividends
    assert date == str(frame.index[100].date())
    assert part == pytest.approx(0.01)
    assert amount == pytest.approx(0.01 * frame["close"].iloc[99])


@pytest.mark.parametrize(
    ("kept", "ratio"), [(0.5, 2.0), (1 / 3, 3.0), (10.0, 0.1), (0.97, None), (0.62, None)]
)
def test_splits_have_usual_ratios(kept, ratio):
    assert split_ratio(kept) == ratio


def test_the_document_has_them_with_their_day():
    *_, last = jobs.analysis({"symbol": "AAPL", "as_of": "2023-06-30"})
    found = last.data["fundamentals"]
    assert (found["available"], found["as_of"]) == (True, "2023-06-30")
    assert found["events"][-1]["date"] == "2023-05-12"
    ((key, dividend_yield),) = ((each["key"], each["value"]) for each in found["figures"])
    assert key == "dividend_yield"
    assert dividend_yield == pytest.approx(0.93 / last.data["summary"]["last_close"], rel=0.01)
    *_, last = jobs.analysis({"symbol": "AMZN"})
    assert last.data["fundamentals"] == {
        "available": False,
        "reason": {"key": "no_events", "params": {"source": "sample"}},
    }
