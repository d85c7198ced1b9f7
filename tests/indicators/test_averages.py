"""Moving averages at other settings than the table's, at their limits, and with wrong input."""

import math
from fractions import Fraction

import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st

from stockwidget import indicators as ind
from stockwidget.errors import InvalidRequest
from stockwidget.indicators.averages import ema, macd, sma


@pytest.mark.parametrize("window", [2, 3, 10, 100])
@pytest.mark.parametrize(("ours", "theirs"), [(sma, talib.SMA), (ema, talib.EMA)])
def test_other_windows(ours, theirs, window, ohlc):
    np.testing.assert_allclose(
        ours(ohlc["close"], window), theirs(ohlc["close"], window), rtol=1e-9
    )


@pytest.mark.parametrize("setting", [(2, 3, 1), (5, 35, 5), (3, 10, 16)])
def test_other_macds(setting, ohlc):
    close = ohlc["close"]
    for ours, theirs in zip(macd(close, *setting), talib.MACD(close, *setting), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12 * close.max())


def test_names_of_the_macd(ibm):
    found = macd(ibm["close"])
    np.testing.assert_array_equal(found.hist, found.dif - found.dea)


@pytest.mark.parametrize("average", [sma, ema])
def test_a_window_of_one_is_the_price(average):
    np.testing.assert_array_equal(average(np.array([3.0, 1.0, 2.0]), 1), [3.0, 1.0, 2.0])


@given(st.lists(st.floats(1e-3, 1e12), min_size=5, max_size=60))
def test_sma_forgets_what_left_the_window(prices):
    found = sma(np.array(prices), 5)
    for end in range(5, len(prices) + 1):
        exact = math.fsum(prices[end - 5 : end]) / 5
        # Kahan's bound: each of the sums so far may have lost one rounding of its own size.
        assert found[end - 1] == pytest.approx(exact, rel=1e-14, abs=4e-16 * max(prices[:end]))


@given(st.lists(st.floats(1e-3, 1e12), min_size=7, max_size=30))
def test_sma_is_the_mean_rounded_once(prices):
    """By rational numbers."""
    found = sma(np.array(prices), 7)
    exact = [
        float(sum(map(Fraction, prices[end - 7 : end])) / 7) for end in range(7, len(prices) + 1)
    ]
    assert found[6:].tolist() == pytest.approx(exact, rel=2.3e-16, abs=0)


@given(st.one_of(st.floats(1e-4, 1e6), st.integers(1, 10**6).map(lambda cents: cents / 100)))
def test_the_average_of_a_price_that_stands_still_is_that_price(price):
    """Else a rounding decides whether `close > sma(20)`: it held of one in three such prices."""
    still, volume = np.full(60, price), np.arange(1.0, 61.0)
    averages = {
        "sma": ind.sma(still, 20),
        "ema": ind.ema(still, 20),
        "wma": ind.wma(still, 20),
        "mid": ind.bollinger(still).mid,
        "upper": ind.bollinger(still).upper,
        "keltner": ind.keltner(still, still, still).mid,
        "vwap": ind.vwap(still, still, still, volume, 20),
    }
    assert {name: line[-1] for name, line in averages.items()} == dict.fromkeys(averages, price)
    assert [line[-1] for line in macd(still)] == [0.0, 0.0, 0.0]


def test_ema_by_hand():
    """Seed (1+2+3)/3 = 2, then α = 1/2."""
    np.testing.assert_array_equal(
        ema(np.array([1.0, 2.0, 3.0, 4.0, 6.0]), 3), [np.nan, np.nan, 2.0, 3.0, 4.5]
    )


@pytest.mark.parametrize("window", [0, -1, 2.5, "20", True, None])
@pytest.mark.parametrize("average", [sma, ema])
def test_a_wrong_window(average, window):
    with pytest.raises(InvalidRequest, match="window must be a whole number from 1") as caught:
        average(np.ones(5), window)
    assert caught.value.data["field"] == "window"


def test_wrong_macd_settings():
    with pytest.raises(InvalidRequest, match=r"fast \(26\) must be below slow \(12\)"):
        macd(np.ones(50), 26, 12)
    with pytest.raises(InvalidRequest, match="signal"):
        macd(np.ones(50), signal=0)


def test_wrong_input():
    with pytest.raises(InvalidRequest, match="one-dimensional"):
        sma(np.ones((5, 2)), 2)
    with pytest.raises(InvalidRequest, match="close must hold numbers"):
        sma(np.array(["a", "b"]), 1)


def test_whole_numbers_and_strides_are_fine():
    np.testing.assert_array_equal(sma(np.arange(10)[::2], 2)[1:], [1.0, 3.0, 5.0, 7.0])
