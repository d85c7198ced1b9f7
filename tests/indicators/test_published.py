"""Worked examples that were published or are small enough for pen and paper."""

import numpy as np
import pytest

from stockwidget import indicators as ind

NAN = np.nan

# StockCharts ChartSchool, "Relative Strength Index (RSI)", its spreadsheet for QQQQ.
QQQQ = """
44.3389 44.0902 44.1497 43.6124 44.3278 44.8264 45.0955 45.4245 45.8433 46.0826 45.8931 46.0328
45.6140 46.2820 46.2820 46.0028 46.0328 46.4116 46.2222 45.6439 46.2122 46.2521 45.7137 46.4515
45.7835 45.3548 44.0288 44.1783 44.2181 44.5672 43.4205 42.6628 43.1314"""
QQQQ_RSI = """
70.53 66.32 66.55 69.41 66.36 57.97 62.93 63.26 56.06 62.38 54.71 50.42 39.99 41.46 41.87 45.46
37.30 33.08 37.77"""


def numbers(text):
    return np.array(text.split(), dtype=float)


def test_rsi_of_stockcharts():
    np.testing.assert_allclose(ind.rsi(numbers(QQQQ))[14:], numbers(QQQQ_RSI), atol=0.006)


def test_kdj_by_hand():
    """RSV 50, 100, 0: K 50, then (2·50 + 100)/3, then two thirds of that; D follows in the same way."""
    high, low = np.full(4, 10.0), np.zeros(4)
    found = ind.kdj(high, low, np.array([5.0, 5.0, 10.0, 0.0]), window=2)
    k = [50, 200 / 3, 400 / 9]
    d = [50, (100 + k[1]) / 3, (2 * (100 + k[1]) / 3 + k[2]) / 3]
    np.testing.assert_allclose(found.k, [NAN, *k])
    np.testing.assert_allclose(found.d, [NAN, *d])
    np.testing.assert_allclose(found.j, [NAN, *(3 * np.array(k) - 2 * np.array(d))])


def test_kdj_stands_still_where_there_is_no_range():
    high = np.array([10.0, 10, 8, 8, 8, 10])
    low = np.array([0.0, 0, 8, 8, 8, 0])
    k = ind.kdj(high, low, np.array([5.0, 5, 8, 8, 8, 5]), window=2).k
    assert k[3] == k[4] == k[2]
    assert k[5] == pytest.approx((2 * k[4] + 50) / 3)


def test_the_bars_of_a_chinese_macd_are_doubled(ibm):
    found = ind.macd(ibm["close"], convention="tdx")
    np.testing.assert_array_equal(found.hist, 2 * (found.dif - found.dea))
    assert found.dif[0] == 0.0


def test_a_touch_is_no_passage():
    line = np.array([2.0, 1.0, 2.0, 0.5, 1.0, 1.0, 2.0])
    np.testing.assert_array_equal(np.flatnonzero(ind.cross_up(line, 1.0)), [6])
    np.testing.assert_array_equal(np.flatnonzero(ind.cross_down(line, 1.0)), [3])


def test_a_gap_forgets_the_side():
    line = np.array([0.0, NAN, 2.0, 0.0, 2.0])
    np.testing.assert_array_equal(np.flatnonzero(ind.cross_up(line, 1.0)), [4])


def test_volume_of_halted_days():
    price = np.linspace(10, 12, 40)
    volume = np.where(np.arange(40) < 20, 0.0, 500.0)
    still = ind.vwap(price, price, price, volume, 10)
    assert np.isnan(still[:20]).all()
    assert still[20] == pytest.approx(price[20]), "the first trade alone makes the average"
    ratio = ind.volume_ratio(volume)
    assert np.isnan(ratio[:21]).all(), "no trade in the five bars before: no ratio"
    assert ratio[21] == 5.0
    assert (ind.mfi(price, price, price, np.zeros(40))[14:] == 0.0).all()
    assert (ind.obv(price, np.zeros(40)) == 0.0).all()


def test_turnover_where_shares_are_known():
    volume = np.array([10.0, 10.0, NAN, 10.0, 0.0])
    shares = np.array([1000.0, NAN, 1000.0, 0.0, 500.0])
    np.testing.assert_array_equal(ind.turnover(volume, shares), [0.01, NAN, NAN, NAN, 0.0])
    np.testing.assert_array_equal(ind.turnover(volume, 100.0), [0.1, 0.1, NAN, 0.1, 0.0])


def test_equal_typical_prices_are_no_flow():
    """MSFT on 2009-11-23 and 24: both days' prices add up to 89.65; as floats they do not."""
    high, low, close = [30.01, 29.99], [29.70, 29.75], [29.94, 29.91]
    columns = [np.array(x) for x in (high, low, close)]
    assert np.ptp(sum(columns)) != 0.0
    volume = np.ones(3)
    found = ind.mfi(*(np.append(20.0, x) for x in columns), volume, 2)
    assert found[2] == 100.0


def test_drawdown_by_hand():
    np.testing.assert_array_equal(
        ind.drawdown(np.array([4.0, 8.0, 6.0, 8.0, 0.0, 2.0, 1.0])),
        [0.0, 0.0, -0.25, 0.0, NAN, 0.0, -0.5],
    )
