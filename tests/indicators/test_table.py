"""Each row of the table equals its reference and its twin, and keeps the rules all rows share."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from other_answers import answer

from stockwidget import indicators
from stockwidget.indicators import reference
from stockwidget.indicators.indicator import DEGREES
from stockwidget.indicators.table import CHARTED, TABLE

from .conftest import walk

by_name = pytest.mark.parametrize("indicator", TABLE, ids=lambda row: row.name)


def assert_same(ours, theirs, indicator, rtol=1e-9):
    """Equal to ``rtol``, or to 1e-12 of the largest value where a difference crosses zero."""
    for (name, found), expected in zip(ours.items(), theirs, strict=True):
        top = np.nanmax(np.abs(expected), initial=0.0) if expected.dtype != bool else 0.0
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-12 * top, err_msg=name)


def answers(indicator, columns):
    return answer(indicator.function.__name__, columns, indicator.settings)


def twins(indicator, columns):
    twin = getattr(reference, indicator.function.__name__)
    found = twin(*(columns[name] for name in indicator.inputs), **indicator.settings)
    return found if isinstance(found, tuple) else (found,)


def cut(columns, rows):
    return {name: column[rows].copy() for name, column in columns.items()}


@by_name
def test_equals_its_reference(indicator, ohlc):
    assert_same(indicator(ohlc), answers(indicator, ohlc), indicator)


@by_name
def test_equals_its_reference_after_leading_nans(indicator, ibm):
    late = {name: np.concatenate([np.full(7, np.nan), column]) for name, column in ibm.items()}
    expected = answers(indicator, late)
    if indicator.name == "obv":  # TA-Lib's sums up NaN; ours starts with the first volume
        expected = tuple(np.concatenate([np.full(7, np.nan), e]) for e in answers(indicator, ibm))
    assert_same(indicator(late), expected, indicator)


@by_name
def test_equals_its_twin_on_data_with_gaps(indicator):
    rng = np.random.default_rng(5)
    columns = walk(9, 900, 30.0)
    for column in columns.values():
        column[rng.integers(0, 900, 2)] = rng.choice([np.nan, np.inf])
    assert_same(indicator(columns), twins(indicator, columns), indicator, rtol=1e-10)


few = st.integers(0, 60)


@by_name
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_equals_its_twin_on_few_repeated_prices(indicator, data):
    """Whole prices of a small range: ties, flat windows, halts and gaps come up all the time."""
    n = data.draw(few)
    cells = st.integers(1, 4).map(float) | st.just(np.nan)
    low = data.draw(arrays(np.float64, n, elements=cells))
    rise, place = (data.draw(arrays(np.int64, n, elements=st.integers(0, 2))) for _ in range(2))
    columns = {
        "low": low,
        "high": low + rise,
        "close": low + np.minimum(rise, place),
        "volume": 100.0 * place,
        "shares": 1000.0 * rise,
        "benchmark": data.draw(arrays(np.float64, n, elements=cells)),
    }
    assert_same(indicator(columns), twins(indicator, columns), indicator)


@by_name
def test_first_value_stands_at_the_lookback(indicator, ibm):
    for lookback, (name, values) in zip(indicator.lookbacks, indicator(ibm).items(), strict=True):
        if values.dtype == bool:
            assert not values[:lookback].any()
            assert values.any()
        else:
            assert int(np.isfinite(values).argmax()) == lookback, name
            assert np.isfinite(values[lookback:]).all(), name


@by_name
@pytest.mark.parametrize("short", [0, 1])
def test_shorter_input_has_no_value(indicator, ibm, short):
    n = min(indicator.lookbacks) if short else 0
    for values in indicator(cut(ibm, slice(n))).values():
        assert values.shape == (n,)
        assert not values.any() if values.dtype == bool else np.isnan(values).all()


PAST = np.random.default_rng(7).uniform(1, 100, 253)  # so that the longest lookback is passed
prices = arrays(np.float64, st.integers(0, 40), elements=st.floats(0.01, 1e6) | st.just(np.nan))


def columns_of(x):
    return {
        "high": x * 1.01,
        "low": x * 0.98,
        "close": x,
        "volume": np.nan_to_num(np.floor(x)),
        "shares": 1e6 + x,
        "benchmark": 10.0 + np.roll(PAST, 3)[np.arange(len(x)) % 253],
    }


@by_name
@settings(max_examples=25, deadline=None)
@given(close=prices, more=prices)
def test_appending_bars_changes_nothing_before(indicator, close, more):
    close = np.concatenate([PAST, close])
    before = indicator(columns_of(close))
    after = indicator(columns_of(np.concatenate([close, more])))
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name][: len(close)])


@by_name
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), price=st.integers(-3, 6), volume=st.integers(-3, 6))
def test_prices_and_volumes_in_other_units(indicator, seed, price, volume):
    """Powers of two, so that nothing is rounded: outputs scale by their unit, or not at all."""
    columns = walk(seed, 300, 16.0)
    powers = {"volume": volume, "shares": volume}
    scaled = {name: x * 2.0 ** powers.get(name, price) for name, x in columns.items()}
    by_price, by_volume = DEGREES[indicator.unit]
    factor = 2.0 ** (by_price * price + by_volume * volume)
    for name, values in indicator(columns).items():
        expected = values if values.dtype == bool else values * factor
        np.testing.assert_array_equal(indicator(scaled)[name], expected)


@by_name
@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_a_gap_in_any_input_starts_the_indicator_anew(indicator, ibm, hole):
    gap = 1500
    whole = indicator(ibm)
    fresh = indicator(cut(ibm, slice(gap + 1, None)))
    for column in indicator.inputs:
        holed = cut(ibm, slice(None))
        holed[column][gap] = hole
        for name, values in indicator(holed).items():
            np.testing.assert_array_equal(values[:gap], whole[name][:gap])
            assert not values[gap] if values.dtype == bool else np.isnan(values[gap])
            np.testing.assert_array_equal(values[gap + 1 :], fresh[name])


@by_name
@pytest.mark.parametrize(("price", "volume"), [(7.1, 300.0), (0.1, 1e9), (123456.78, 1.0)])
def test_prices_that_never_move(indicator, price, volume):
    close, shares = np.full(400, price), np.full(400, volume)
    columns = {
        **dict.fromkeys(("high", "low", "close", "benchmark"), close),
        **dict.fromkeys(("volume", "shares"), shares),
    }
    by_price, by_volume = DEGREES[indicator.unit]
    unit = price**by_price * volume**by_volume
    for value, found in zip(indicator.flat, indicator(columns).values(), strict=True):
        np.testing.assert_allclose(found[-1], value * unit, rtol=1e-13, atol=1e-13 * unit)


@pytest.mark.parametrize("indicator", [row for row in TABLE if row.tail], ids=lambda row: row.name)
def test_the_tail_decides_the_last_value(indicator, ibm):
    end = indicator(cut(ibm, slice(-indicator.tail, None)))
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
    before = cut(ibm, slice(None))
    indicator(ibm)
    for name, column in ibm.items():
        np.testing.assert_array_equal(column, before[name])


def test_every_public_function_has_a_row_and_a_twin():
    public = {name for name in indicators.__all__ if name.islower()}
    assert {row.function.__name__ for row in TABLE} == public
    assert [name for name in public if not hasattr(reference, name)] == []


def test_outputs_are_unique():
    outputs = [output for row in TABLE for output in row.outputs]
    assert len(outputs) == len(set(outputs))
    assert len({row.name for row in TABLE}) == len(TABLE)
    assert sum(len(row.outputs) for row in CHARTED) == 21
