"""Each row of the table equals its reference, starts where it says, and never looks ahead."""

import numpy as np
import pandas as pd
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stockwidget.indicators.table import BY_OUTPUT, CHARTED, TABLE

by_name = pytest.mark.parametrize("indicator", TABLE, ids=lambda row: row.name)


def reference(indicator, ohlc):
    """The same numbers from code that is not ours."""
    settings_ = indicator.settings
    close = ohlc["close"]
    match indicator.reference:
        case "SMA" | "EMA" | "RSI":
            found = getattr(talib, indicator.reference)(close, settings_["window"])
        case "MACD":
            found = talib.MACD(close, settings_["fast"], settings_["slow"], settings_["signal"])
        case "BBANDS":
            found = talib.BBANDS(
                close,
                settings_["window"],
                settings_["width"],
                settings_["width"],
                talib.MA_Type.SMA,
            )
        case "ATR":
            found = talib.ATR(ohlc["high"], ohlc["low"], close, settings_["window"])
        case "ROCP":
            found = talib.ROCP(close, settings_["bars"])
        case _:
            moves = np.log(pd.Series(close)).diff()
            found = (moves.rolling(settings_["window"]).std() * 252**0.5).to_numpy()
    return found if isinstance(found, tuple) else (found,)


@by_name
def test_equals_its_reference(indicator, ohlc):
    scale = np.abs(ohlc["close"]).max() if "macd" in indicator.name else 0.0
    for (name, ours), theirs in zip(
        indicator(ohlc).items(), reference(indicator, ohlc), strict=True
    ):
        # MACD's lines cross zero, where nothing has a relative error: 1e-12 of the price there.
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12 * scale, err_msg=name)


@by_name
def test_equals_its_reference_after_leading_nans(indicator, ibm):
    late = {name: np.concatenate([np.full(7, np.nan), column]) for name, column in ibm.items()}
    for (name, ours), theirs in zip(
        indicator(late).items(), reference(indicator, late), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12 * 250, err_msg=name)


@by_name
def test_first_value_stands_at_the_lookback(indicator, ibm):
    for values in indicator(ibm).values():
        assert int(np.isfinite(values).argmax()) == indicator.lookback
        assert np.isfinite(values[indicator.lookback :]).all()


@by_name
@pytest.mark.parametrize("missing", [0, 1])
def test_shorter_input_is_all_nan(indicator, ibm, missing):
    n = 0 if missing == 0 else indicator.lookback
    for values in indicator({name: column[:n] for name, column in ibm.items()}).values():
        assert values.shape == (n,)
        assert np.isnan(values).all()


prices = arrays(np.float64, st.integers(0, 40), elements=st.floats(0.01, 1e6) | st.just(np.nan))
PAST = np.random.default_rng(7).uniform(1, 100, 253)  # so that the longest lookback is passed


@by_name
@settings(max_examples=25, deadline=None)
@given(close=prices, more=prices)
def test_appending_bars_changes_nothing_before(indicator, close, more):
    def ohlc_of(x):
        return {"high": x * 1.01, "low": x * 0.98, "close": x}

    close = np.concatenate([PAST, close])
    before = indicator(ohlc_of(close))
    after = indicator(ohlc_of(np.concatenate([close, more])))
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name][: len(close)])


@by_name
def test_a_gap_starts_the_indicator_anew(indicator, ibm):
    gap = 1500
    holed = {name: column.copy() for name, column in ibm.items()}
    holed["close"][gap] = np.nan
    whole = indicator(ibm)
    fresh = indicator({name: column[gap + 1 :] for name, column in ibm.items()})
    for name, values in indicator(holed).items():
        np.testing.assert_array_equal(values[:gap], whole[name][:gap])
        assert np.isnan(values[gap])
        np.testing.assert_array_equal(values[gap + 1 :], fresh[name])


@by_name
def test_infinity_counts_as_a_gap(indicator, ibm):
    results = []
    for hole in (np.nan, np.inf, -np.inf):
        holed = {name: column.copy() for name, column in ibm.items()}
        holed["close"][1000] = hole
        results.append(indicator(holed))
    for name in indicator.outputs:
        np.testing.assert_array_equal(results[0][name], results[1][name])
        np.testing.assert_array_equal(results[0][name], results[2][name])


@pytest.mark.parametrize("indicator", [row for row in TABLE if row.tail], ids=lambda row: row.name)
def test_the_tail_decides_the_last_value(indicator, ibm):
    end = indicator({name: column[-indicator.tail :] for name, column in ibm.items()})
    for name, values in indicator(ibm).items():
        assert end[name][-1] == values[-1]


@by_name
def test_series_in_series_out(indicator, ibm):
    index = pd.bdate_range("2000-03-01", periods=len(ibm["close"]))
    series = {name: pd.Series(column, index=index) for name, column in ibm.items()}
    for name, values in indicator(series).items():
        assert isinstance(values, pd.Series)
        assert values.index.equals(index)
        np.testing.assert_array_equal(values.to_numpy(), indicator(ibm)[name])


@by_name
def test_inputs_stay_as_they_are(indicator, ibm):
    before = {name: column.copy() for name, column in ibm.items()}
    indicator(ibm)
    for name, column in ibm.items():
        np.testing.assert_array_equal(column, before[name])


def test_outputs_are_unique():
    outputs = [output for row in TABLE for output in row.outputs]
    assert len(outputs) == len(set(outputs)) == len(BY_OUTPUT)
    assert len({row.name for row in TABLE}) == len(TABLE)
    assert sum(len(row.outputs) for row in CHARTED) == 13
