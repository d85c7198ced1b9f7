"""Months are those of pandas; unfinished and unseen ones are left out."""

import numpy as np
import pandas as pd
import pytest

from stockwidget.analysis.seasonality import monthly_returns, seasonality


def test_equals_pandas(chart):
    close = chart("IBM")["close"]
    ends = close.resample("ME").last()
    expected = ends.pct_change().dropna().iloc[:-1]  # the sample ends in the middle of a month
    found = monthly_returns(close)
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), rtol=1e-12)
    table = seasonality(close)
    assert [row.month for row in table] == list(range(1, 13))
    by_month = expected.groupby(expected.index.month)
    for row in table:
        group = by_month.get_group(row.month)
        assert row.n == len(group)
        assert row.median == pytest.approx(group.median())
        assert row.mean == pytest.approx(group.mean())
        assert row.hit_rate == pytest.approx((group > 0).mean())
        assert (row.worst, row.best) == (pytest.approx(group.min()), pytest.approx(group.max()))
        assert row.few == (len(group) < 10)


def close_of(days):
    return pd.Series(np.linspace(10, 20, len(days)), index=pd.DatetimeIndex(days))


def test_the_last_month_counts_once_it_is_over():
    through = pd.bdate_range("2020-01-01", "2020-03-30")
    assert [str(p) for p in monthly_returns(close_of(through)).index] == ["2020-02", "2020-03"]
    short = pd.bdate_range("2020-01-01", "2020-03-20")
    assert [str(p) for p in monthly_returns(close_of(short)).index] == ["2020-02"]


def test_a_month_without_bars_is_no_month_of_zero():
    days = pd.bdate_range("2020-01-01", "2020-06-30")
    found = monthly_returns(close_of(days[days.month != 3]))
    assert [str(period) for period in found.index] == ["2020-02", "2020-05", "2020-06"]


def test_too_little_says_nothing():
    row = seasonality(close_of(["2020-01-02", "2020-01-03"]))[0]
    assert (row.n, row.median, row.hit_rate, row.few) == (0, None, None, True)
    assert seasonality(pd.Series(dtype=float, index=pd.DatetimeIndex([])))[5].n == 0
