"""Signals stand on the days their rules name, equal TA-Lib where it has them, and never look ahead."""

import numpy as np
import pandas as pd
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from stockwidget.analysis import candles
from stockwidget.analysis.divergence import divergences
from stockwidget.analysis.lines import Lines
from stockwidget.analysis.signals import BY_NAME, TABLE, events, masks, to_frame
from stockwidget.sources.sample import SampleSource

by_name = pytest.mark.parametrize("signal", TABLE, ids=lambda signal: signal.name)
SAMPLE = SampleSource()
PATTERNS = {
    "doji": ["CDLDOJI"],
    "hammer": ["CDLHAMMER"],
    "shooting_star": ["CDLSHOOTINGSTAR"],
    "engulfing": ["CDLENGULFING"],
    "harami": ["CDLHARAMI"],
    "star": ["CDLMORNINGSTAR", "CDLEVENINGSTAR"],
}


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("symbol", SAMPLE.symbols())
def test_candles_are_those_of_talib(pattern, symbol):
    frame = SAMPLE.bars(symbol).frame
    table = [frame[name].to_numpy(copy=True) for name in ("open", "high", "low", "close")]
    ours = getattr(candles, pattern)(candles.Candles(*table))
    theirs = np.sign(sum(getattr(talib, name)(*table) for name in PATTERNS[pattern]))
    np.testing.assert_array_equal(ours[2:], theirs[2:])  # TA-Lib starts with the third bar
    assert theirs.any() or symbol == "FB"


@by_name
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 50), end=st.integers(1, 599))
def test_a_signal_knows_no_later_bar(signal, made, seed, end):
    frame = made(seed)
    whole, cut = signal.mask(Lines(frame)), signal.mask(Lines(frame.iloc[:end]))
    assert cut.dtype == bool
    np.testing.assert_array_equal(whole[:end], cut)


@by_name
def test_every_signal_comes_up_in_the_sample(signal, chart):
    assert any(signal.mask(Lines(chart(symbol))).any() for symbol in ("AAPL", "IBM", "NFLX"))


@by_name
@pytest.mark.parametrize("bars", [1, 2, 5])
def test_short_history_has_no_signal(signal, made, bars):
    enough = 2 if signal.name.startswith("engulfing") else 6  # two bars make one engulf the other
    found = signal.mask(Lines(made(n=bars)))
    assert found.shape == (bars,)
    assert not found[: enough - 1].any()


@by_name
def test_prices_that_never_move_give_no_signal_but_doji(signal, made):
    frame = made(close=np.full(300, 20.0)).assign(high=20.0, low=20.0, volume=5.0)
    assert signal.mask(Lines(frame)).any() == (signal.name == "doji")


def test_crossings_of_averages_are_pandas(chart):
    close = chart("IBM")["close"]
    above = (close.rolling(50).mean() > close.rolling(200).mean())[199:]
    turned = above != above.shift(fill_value=above.iloc[0])
    found = masks(Lines(chart("IBM")))
    for name, side in (("golden_cross", True), ("death_cross", False)):
        expected = above.index[turned & (above == side)]
        np.testing.assert_array_equal(close.index[found[name]], expected)


def test_breakouts_are_pandas(chart):
    frame = chart("NVDA")
    beyond = frame["close"] > frame["high"].rolling(20).max().shift()
    first = beyond & ~beyond.shift(fill_value=False)
    np.testing.assert_array_equal(masks(Lines(frame))["breakout_20"], first)


def test_gaps_and_spikes_are_pandas(chart):
    frame = chart("META")
    found = masks(Lines(frame))
    atr = pd.Series(talib.ATR(*(frame[c].to_numpy() for c in ("high", "low", "close")))).shift()
    rise = (frame["low"] - frame["high"].shift()).to_numpy()
    np.testing.assert_array_equal(found["gap_up"], rise >= 0.5 * atr.to_numpy())
    usual = frame["volume"].rolling(20).mean().shift()
    np.testing.assert_array_equal(found["volume_spike"], frame["volume"] >= 3 * usual)


def test_divergence_by_hand():
    price = np.array([5, 4, 3, 4, 5, 4, 2, 4, 5, 5.0])
    rising = np.array([0, 0, 20, 0, 0, 0, 30, 0, 0, 0.0])
    found = divergences(price, rising, highs=False, span=2)
    np.testing.assert_array_equal(np.flatnonzero(found), [8]), "known two bars after row 6"
    assert not divergences(price, -rising, highs=False, span=2).any()
    np.testing.assert_array_equal(divergences(-price, -rising, highs=True, span=2), found)


def test_events_come_by_date_with_their_close(chart):
    frame = chart("AAPL")
    lines = Lines(frame)
    found = masks(lines)
    rows = events(lines, found)
    assert len(rows) == sum(mask.sum() for mask in found.values())
    assert [row.date for row in rows] == sorted(row.date for row in rows)
    for row in rows[:50]:
        assert row.close == frame.loc[row.date, "close"]
        assert row.direction == BY_NAME[row.name].direction
        assert found[row.name][frame.index.get_loc(row.date)]
    table = to_frame(rows)
    assert len(table) == len(rows)
    assert isinstance(table.index, pd.DatetimeIndex)
    assert to_frame([]).empty


def test_names_are_unique_and_told_in_both_languages():
    assert len(BY_NAME) == len(TABLE)
    for signal in TABLE:
        assert signal.title.isascii()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in signal.title_zh)
