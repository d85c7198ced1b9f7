"""RSI by Wilder's own arithmetic and TA-Lib at other windows; returns at their limits."""

import numpy as np
import pytest
import talib

from stockwidget.errors import InvalidRequest
from stockwidget.indicators.changes import ret
from stockwidget.indicators.oscillators import rsi


@pytest.mark.parametrize("window", [2, 5, 21])
def test_other_windows(window, ohlc):
    close = ohlc["close"]
    np.testing.assert_allclose(rsi(close, window), talib.RSI(close, window), rtol=1e-9, atol=1e-11)


def test_rsi_by_hand():
    """Changes +2 −1 | +3: averages (2, 1)/2, then ((1 + 3)/2, 1/4) → 100·2/2.25."""
    found = rsi(np.array([10.0, 12.0, 11.0, 14.0]), 2)
    np.testing.assert_allclose(found[2:], [100 * 1 / 1.5, 100 * 2 / 2.25], rtol=1e-15)
    assert np.isnan(found[:2]).all()


@pytest.mark.parametrize(
    ("close", "value"),
    [(np.arange(1.0, 41), 100.0), (np.arange(40.0, 0, -1), 0.0), (np.full(40, 7.0), 0.0)],
    ids=["only up", "only down", "never moved"],
)
def test_extremes_are_those_of_talib(close, value):
    np.testing.assert_array_equal(rsi(close)[14:], value)
    np.testing.assert_array_equal(rsi(close), talib.RSI(close))


def test_return_from_zero_is_nan():
    np.testing.assert_array_equal(ret(np.array([0.0, 5.0, 10.0]), 1), [np.nan, np.nan, 1.0])


def test_wrong_windows():
    with pytest.raises(InvalidRequest, match="window must be a whole number from 2, not 1"):
        rsi(np.ones(30), 1)
    with pytest.raises(InvalidRequest, match="bars must be a whole number from 1, not 0"):
        ret(np.ones(30), 0)
