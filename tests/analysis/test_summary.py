"""Each number of the summary equals a pandas one-liner, and is None where history lacks."""

import numpy as np
import pandas as pd
import pytest

from stockwidget.analysis.summary import Summary, max_drawdown, summarize, year_range
from stockwidget.bars import OHLCV, adjusted
from stockwidget.sources.sample import SampleSource

SAMPLE = SampleSource()


def frame_of(close, start="2020-01-01"):
    index = pd.DatetimeIndex(pd.bdate_range(start, periods=len(close)).to_numpy(), name="date")
    close = np.asarray(close, dtype=float)
    values = dict.fromkeys(("open", "high", "low", "close"), close)
    return pd.DataFrame({**values, "volume": 1.0}, index=index)[OHLCV]


@pytest.mark.parametrize("symbol", [s for s in SAMPLE.symbols() if s != "FB"])
def test_equals_pandas(symbol):
    frame = adjusted(SAMPLE.bars(symbol).frame)
    close = frame["close"]
    falls = close / close.cummax() - 1
    trough = falls.idxmin()
    year = frame.loc[frame.index > frame.index[-1] - pd.DateOffset(years=1)]
    high, low = year["high"].max(), year["low"].min()
    expected = Summary(
        last_close=close.iloc[-1],
        last_date=str(close.index[-1].date()),
        return_1d=close.pct_change(1).iloc[-1],
        return_20d=close.pct_change(20).iloc[-1],
        return_1y=close.pct_change(252).iloc[-1],
        volatility_1y=np.log(close).diff().tail(252).std() * np.sqrt(252),
        max_drawdown=falls.min(),
        max_drawdown_peak=str(close[:trough].idxmax().date()),
        max_drawdown_trough=str(trough.date()),
        high_52w=high,
        low_52w=low,
        position_52w=(close.iloc[-1] - low) / (high - low),
    ).to_dict()
    found = summarize(frame).to_dict()
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        if isinstance(value, str):
            assert found[name] == value, name
        else:
            assert found[name] == pytest.approx(value, rel=1e-12), name


def test_too_short_for_a_year_is_none_not_zero():
    summary = summarize(adjusted(SAMPLE.bars("FB").frame))
    assert summary.return_20d is not None
    for name in ("return_1y", "volatility_1y", "high_52w", "low_52w", "position_52w"):
        assert getattr(summary, name) is None, name


@pytest.mark.parametrize(
    ("bars", "known"), [(1, set()), (2, {"return_1d"}), (20, {"return_1d"}), (21, {"return_20d"})]
)
def test_each_return_needs_one_bar_more_than_its_span(bars, known):
    summary = summarize(frame_of(np.linspace(10, 20, bars)))
    for name in ("return_1d", "return_20d", "return_1y"):
        assert (getattr(summary, name) is not None) == (name in known | _shorter(known))


def _shorter(known):
    return {"return_1d"} if "return_20d" in known else set()


def test_a_year_needs_253_closes():
    assert summarize(frame_of(np.linspace(10, 20, 252))).return_1y is None
    full = summarize(frame_of(np.linspace(10, 20, 253)))
    assert full.return_1y == pytest.approx(1.0)
    assert full.volatility_1y is not None


@pytest.mark.parametrize(
    ("close", "expected"),
    [
        ([1, 2, 3], (0.0, None, None)),
        ([5, 5, 5], (0.0, None, None)),
        ([7], (0.0, None, None)),
        ([10, 5, 20, 15], (-0.5, 0, 1)),
        ([10, 8, 20, 5, 20, 5], (-0.75, 2, 3)),
        ([20, 10, 20, 5], (-0.75, 2, 3)),
    ],
)
def test_drawdown_by_hand(close, expected):
    assert max_drawdown(np.array(close, dtype=float)) == expected


def test_the_year_ends_at_the_last_bar_and_leaves_its_first_day_out():
    close = np.full(400, 10.0)
    frame = frame_of(close)
    last = frame.index[-1]
    ago = last - pd.DateOffset(years=1)
    frame.loc[frame.index <= ago, "high"] = 99.0
    frame.loc[frame.index <= ago, "low"] = 1.0
    first_in = frame.index[frame.index > ago][0]
    frame.loc[first_in, "high"] = 12.0
    assert year_range(frame) == (12.0, 10.0)
    assert summarize(frame).position_52w == 0.0


def test_no_position_in_a_range_without_width():
    summary = summarize(frame_of(np.full(300, 10.0)))
    assert (summary.high_52w, summary.low_52w, summary.position_52w) == (10.0, 10.0, None)
