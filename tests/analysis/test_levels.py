"""Levels stand where the price turned more than once; the trend's reasons can be checked."""

from itertools import pairwise

import numpy as np
import pytest

from stockwidget.analysis.levels import levels, to_frame, trend, turning_points
from stockwidget.analysis.lines import Lines


def zigzag(low, high, legs, bars=12):
    """Closes that run between two prices, a leg each ``bars`` bars."""
    ends = [low if leg % 2 == 0 else high for leg in range(legs + 1)]
    return np.concatenate([np.linspace(a, b, bars, endpoint=False) for a, b in pairwise(ends)])


def test_turning_points_by_hand():
    values = np.array([1, 2, 3, 2, 1, 2, 5, 5, 4, 3, 4.0])
    np.testing.assert_array_equal(turning_points(values, span=2, highs=True), [2, 6])
    np.testing.assert_array_equal(turning_points(values, span=2, highs=False), [4])
    assert len(turning_points(values[:4], span=2, highs=True)) == 0


def test_turning_points_never_change(chart):
    high = chart("IBM")["high"].to_numpy()[:400]
    final = turning_points(high, highs=True)
    for end in range(11, 400, 7):
        known = turning_points(high[:end], highs=True)
        np.testing.assert_array_equal(known, final[final < end - 5])


def test_levels_of_a_zigzag(made):
    lines = Lines(made(close=zigzag(100.0, 120.0, 9)))
    support, resistance = levels(lines)
    assert support.kind == "support"
    assert support.price == pytest.approx(99.0), "the low is 1 % below the close"
    assert resistance.price == pytest.approx(121.2)
    assert (support.touches, resistance.touches) == (4, 4)
    assert support.first < support.last <= str(lines.dates[-1])
    assert support.distance == pytest.approx(99.0 / lines.close[-1] - 1)
    assert to_frame([support, resistance])["kind"].tolist() == ["support", "resistance"]


def test_no_level_without_history_or_movement(made):
    assert levels(Lines(made(n=10))) == ()
    assert levels(Lines(made(close=np.linspace(10, 40, 300)))) == ()


@pytest.mark.parametrize(
    ("close", "state"),
    [
        (np.linspace(10, 40, 300), "up"),
        (np.linspace(40, 10, 300), "down"),
        (np.concatenate([np.linspace(10, 40, 280), np.linspace(40, 20, 20)]), "sideways"),
        (np.linspace(10, 40, 49), "unknown"),
        (np.linspace(10, 40, 80), "up"),
    ],
)
def test_states_of_the_trend(made, close, state):
    assert trend(Lines(made(close=close))).state == state


def test_reasons_cite_their_numbers(chart):
    frame = chart("AAPL")
    found = trend(Lines(frame))
    average = frame["close"].rolling(50).mean()
    assert found.date == str(frame.index[-1].date())
    first = found.reasons[0]
    assert first.value == frame["close"].iloc[-1]
    assert first.threshold == pytest.approx(average.iloc[-1])
    assert first.holds == (frame["close"].iloc[-1] > average.iloc[-1])
    assert found.reasons[2].threshold == pytest.approx(average.iloc[-21])


def test_what_is_unknown_is_none(made):
    found = trend(Lines(made(n=60)))
    assert [reason.holds is None for reason in found.reasons] == [False, True, True]
    assert found.state == "unknown"
    assert trend(Lines(made(n=20))).strong is None
