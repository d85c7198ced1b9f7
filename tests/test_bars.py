"""Each rule of a bars frame is checked by name and row, and adjusting keeps the day's order."""

import numpy as np
import pandas as pd
import pytest

from stockwidget.bars import COLUMNS, OHLCV, ROUNDING, adjusted, as_known, validate, view
from stockwidget.errors import InvalidBars


@pytest.fixture
def frame():
    index = pd.DatetimeIndex(pd.bdate_range("2024-01-01", periods=4).to_numpy(), name="date")
    rows = [
        [10.0, 11.0, 9.0, 10.5, 100.0, 5.25],
        [10.5, 12.0, 10.0, 11.0, 0.0, 5.5],
        [11.0, 11.0, 11.0, 11.0, 50.0, 5.5],
        [5.5, 6.0, 5.0, 5.9, 70.0, 5.9],
    ]
    return pd.DataFrame(rows, index=index, columns=COLUMNS)


def broken(frame):
    with pytest.raises(InvalidBars) as caught:
        validate(frame, symbol="XYZ")
    assert caught.value.hint
    assert "XYZ" in caught.value.message
    return caught.value.data["rule"], caught.value.data.get("row")


def test_a_right_frame_passes_as_it_is(frame):
    assert validate(frame, symbol="XYZ") is frame


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("open", np.nan, "non_finite"),
        ("close", np.inf, "non_finite"),
        ("volume", np.nan, "non_finite"),
        ("adj_close", np.nan, "non_finite"),
        ("low", 0.0, "non_positive"),
        ("adj_close", -1.0, "non_positive"),
        ("volume", -1.0, "negative_volume"),
        ("high", 10.9, "high_low"),  # below the close of 11
        ("low", 10.6, "high_low"),  # above the open of 10.5
    ],
)
def test_a_wrong_cell_is_named(frame, column, value, rule):
    frame.iloc[1, COLUMNS.index(column)] = value
    assert broken(frame) == (rule, 1)


def test_the_message_shows_date_and_cells(frame):
    frame.iloc[2, 1] = 10.0
    with pytest.raises(InvalidBars, match=r"row 2 \(2024-01-03\): open 11, high 10, low 11"):
        validate(frame, symbol="XYZ")


def test_rounding_of_a_vendor_is_no_error(frame):
    frame.iloc[1, 1] = 11.0 * (1 - ROUNDING / 2)
    validate(frame, symbol="XYZ")
    frame.iloc[1, 1] = 11.0 * (1 - ROUNDING * 2)
    assert broken(frame) == ("high_low", 1)


def test_order_of_rows(frame):
    assert broken(frame.iloc[[0, 2, 1, 3]]) == ("unsorted", 2)
    assert broken(frame.iloc[[0, 1, 1, 3]]) == ("duplicate", 2)
    assert broken(frame.iloc[:0]) == ("empty", None)


def test_index_and_columns(frame):
    assert broken(frame.reset_index(drop=True)) == ("index", None)
    assert broken(frame.tz_localize("UTC")) == ("index", None)
    assert broken(frame.shift(freq="9h")) == ("index", 0)
    assert broken(frame[COLUMNS[::-1]]) == ("columns", None)
    assert broken(frame.drop(columns="volume")) == ("columns", None)
    assert broken(frame.astype({"volume": "int64"})) == ("columns", None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns=["volume", "low"]), "missing: low, volume; there are open"),
        (lambda f: f.assign(vwap=1.0), "too many: vwap"),
        (lambda f: f[COLUMNS[::-1]], "their order is adj_close, volume"),
        (lambda f: f.astype({"volume": "int64"}), "volume is int64"),
        (lambda f: f.reset_index(drop=True), "holds int64 instead of dates"),
        (lambda f: f.tz_localize("America/New_York"), "the time zone America/New_York"),
        (lambda f: f.set_axis([*f.index[:3], f.index[3] + pd.Timedelta("9h")]),
         "row 3: 2024-01-04 09:00:00 is no plain date"),
        (lambda f: f.set_axis([f.index[0], pd.NaT, *f.index[2:]]), "row 1: NaT is no plain date"),
        (lambda f: f.assign(close=[1.0, np.nan, 1.0, np.nan]), "(and 1 more row)"),
        (lambda f: f.iloc[[0, 0, 0, 0]], "stands twice (and 2 more rows)"),
    ],
)  # fmt: skip
def test_the_message_says_what_is_wrong(frame, change, words):
    with pytest.raises(InvalidBars) as caught:
        validate(change(frame), symbol="XYZ")
    assert words in caught.value.message


def test_bars_as_known_forget_later_dividends(frame):
    frame["adj_close"] = frame["close"] * [0.45, 0.45, 0.9, 0.9]
    found = as_known(frame)
    np.testing.assert_allclose(found["adj_close"] / found["close"], [0.5, 0.5, 1.0, 1.0])
    pd.testing.assert_frame_equal(found[OHLCV], frame[OHLCV])


def test_adjusted_is_the_factor_applied(frame):
    after = adjusted(frame)
    factor = frame["adj_close"] / frame["close"]
    assert list(after.columns) == OHLCV
    for column in ("open", "high", "low", "close"):
        pd.testing.assert_series_equal(after[column], frame[column] * factor, check_names=False)
    pd.testing.assert_series_equal(after["volume"], frame["volume"])
    np.testing.assert_allclose(after["close"], frame["adj_close"], rtol=1e-15)


def test_adjusting_never_puts_a_close_above_its_high():
    rng = np.random.default_rng(1)
    close = rng.uniform(1, 500, 2000)
    index = pd.DatetimeIndex(pd.bdate_range("2000-01-03", periods=2000).to_numpy())
    flat = dict.fromkeys(("open", "high", "low", "close"), close)
    frame = pd.DataFrame({**flat, "volume": 1.0, "adj_close": close * rng.uniform(0.01, 1, 2000)})
    after = adjusted(frame.set_index(index))
    assert (after["high"] == after["close"]).all()
    assert (after["low"] == after["close"]).all()


def test_views_leave_the_frame_alone(frame):
    before = frame.copy()
    view(frame, "adjusted")
    pd.testing.assert_frame_equal(view(frame, "raw"), before[OHLCV])
    pd.testing.assert_frame_equal(frame, before)
