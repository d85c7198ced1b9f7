"""The days of a study are the last trading days of each period, from the bars themselves."""

import numpy as np
import pandas as pd
import pytest

from stockwidget.errors import InvalidRequest, UnknownSymbol
from stockwidget.params import StudyParams
from stockwidget.scan.past import number_of
from stockwidget.scan.supply import supply_of
from stockwidget.store.snapshot import EPOCH
from stockwidget.study.dates import chosen, last_of_each, trading_days, years_before

SYMBOLS = ("AAPL", "IBM")


def chosen_days(**data):
    params = StudyParams.from_dict({"universe": list(SYMBOLS), "rule": "close > 1", **data})
    return pd.DatetimeIndex(EPOCH + chosen(params, supply_of("sample"), SYMBOLS))


@pytest.mark.parametrize(("every", "alias"), [("week", "W"), ("month", "M"), ("quarter", "Q")])
def test_periods_are_those_of_the_calendar(every, alias):
    days = pd.bdate_range("2019-03-05", "2022-08-17")
    numbers = days.to_numpy().astype("datetime64[D]").astype(np.int64)
    found = pd.DatetimeIndex(EPOCH + last_of_each(numbers, every))
    expected = days.to_series().groupby(days.to_period(alias)).max()
    assert found.tolist() == expected.tolist()


def test_trading_days_are_those_on_which_any_symbol_was_traded():
    supply = supply_of("sample")
    run = supply.history(SYMBOLS).run
    assert trading_days(supply, SYMBOLS).tolist() == sorted(set(run.dates.tolist()))


def test_symbols_without_bars_do_not_hide_the_days_of_the_others():
    many = [f"NONE{k}" for k in range(40)]
    mixed = [*many, "IBM", *many]
    supply = supply_of("sample")
    assert trading_days(supply, mixed).tolist() == supply.history(["IBM"]).run.dates.tolist()
    with pytest.raises(UnknownSymbol, match="NONE0"):
        trading_days(supply, many)


def test_usually_they_are_the_month_ends_of_the_last_five_years():
    days = chosen_days()
    assert 60 <= len(days) <= 61
    assert days.is_monotonic_increasing
    assert days[0] > days[-1] - pd.DateOffset(years=5)
    assert not days.to_period("M").has_duplicates


def test_a_range_is_inclusive_and_the_newest_day_is_among_it():
    days = chosen_days(start="2015-01-01", end="2015-04-15", every="month")
    assert [str(day.date()) for day in days] == [
        "2015-01-30",
        "2015-02-27",
        "2015-03-31",
        "2015-04-15",
    ]


def test_listed_days_are_taken_as_they_are_in_order():
    days = chosen_days(dates=["2015-02-07", "2014-01-03"])
    assert [str(day.date()) for day in days] == ["2014-01-03", "2015-02-07"]


def test_five_years_before_a_leap_day():
    then = np.datetime64(years_before(number_of("2024-02-29")), "D")
    assert str(then) == "2019-03-02"


def test_too_many_days_are_refused():
    with pytest.raises(InvalidRequest, match="520 is the most"):
        chosen_days(start="2000-01-01", every="week")
