"""Bands and ranges at other settings, on hard inputs, and with wrong ones."""

import numpy as np
import pandas as pd
import pytest
import talib

from stockwidget.errors import InvalidRequest
from stockwidget.indicators.bands import bollinger
from stockwidget.indicators.ranges import atr
from stockwidget.indicators.returns import volatility


@pytest.mark.parametrize("setting", [(2, 1.0), (10, 1.5), (50, 2.5)])
def test_other_bands(setting, ohlc):
    close = ohlc["close"]
    window, width = setting
    rolling = pd.Series(close).rolling(window)
    mid, reach = rolling.mean(), width * rolling.std(ddof=0)
    # pandas, not TA-Lib: at window 2 TA-Lib's running squares lose 1e-6 of the width.
    for ours, theirs in zip(
        bollinger(close, *setting), (mid + reach, mid, mid - reach), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("window", [1, 2, 7, 50])
def test_other_atrs(window, ohlc):
    ours = atr(ohlc["high"], ohlc["low"], ohlc["close"], window)
    theirs = talib.ATR(ohlc["high"], ohlc["low"], ohlc["close"], window)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_bands_of_a_high_calm_price_keep_their_width():
    """E[x²] − E[x]² gives 0 or garbage here: 1e8² swallows the cent."""
    close = 1e8 + 0.01 * np.tile([0.0, 1.0], 20)
    bands = bollinger(close)
    np.testing.assert_allclose((bands.upper - bands.lower)[19:], 4 * 0.005, rtol=1e-5)


def test_bands_of_a_flat_price_are_the_price():
    bands = bollinger(np.full(30, 12.34))
    np.testing.assert_allclose(bands.upper[19:], 12.34, rtol=1e-15)
    np.testing.assert_allclose(bands.lower[19:], 12.34, rtol=1e-15)


def test_a_gap_in_any_input_of_atr_counts(ibm):
    for name in ("high", "low", "close"):
        holed = {**ibm, name: ibm[name].copy()}
        holed[name][100] = np.nan
        found = atr(holed["high"], holed["low"], holed["close"])
        assert np.isnan(found[100:115]).all()
        assert np.isfinite(found[115:]).all()


def test_volatility_skips_prices_without_a_logarithm():
    close = np.concatenate([[5.0, 0.0, -1.0], np.linspace(1, 2, 30)])
    found = volatility(close, 5)
    np.testing.assert_array_equal(found[3:], volatility(close[3:], 5))
    assert np.isnan(found[:8]).all()


def test_wrong_input():
    with pytest.raises(InvalidRequest, match="window must be a whole number from 2, not 1"):
        bollinger(np.ones(30), 1)
    with pytest.raises(InvalidRequest, match="width must be a number above zero"):
        bollinger(np.ones(30), 20, 0)
    with pytest.raises(InvalidRequest, match="window"):
        volatility(np.ones(30), 1)
    with pytest.raises(InvalidRequest, match="window"):
        atr(np.ones(3), np.ones(3), np.ones(3), 0)
    with pytest.raises(InvalidRequest, match="differ in length"):
        atr(np.ones(3), np.ones(3), np.ones(4))
