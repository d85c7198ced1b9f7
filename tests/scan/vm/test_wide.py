"""Vectors step over all bars that are steady, and stop before one that is not."""

import numpy as np
import pytest
from numba import njit

from stockwidget.scan.vm.wide import TILE, wide
from stockwidget.vectors import LANES


@njit
def _on(s, x, y, z, p):
    return (s[0] + 1.0, p[0] * s[1] + x * y, *s[2:])


@njit
def _ready(s, p):
    return s[0] >= 3.0


BARS = 3 * TILE + 21
_loop = wide(_on, _ready, 2)


@njit
def stepped(x, y, count, at, end, memory, p):
    return _loop(x, y, x, count, at, end, memory, p, np.full((3, LANES * TILE), np.nan))


@pytest.fixture
def series():
    rng = np.random.default_rng(1)
    return rng.normal(size=(LANES, BARS + 4)), rng.normal(size=(LANES, BARS))


def told(x, y, bars):
    value = np.zeros(LANES)
    for i in range(bars):
        value = 0.5 * value + x[:, 4 + i] * y[:, i]
    return value


def memory(run):
    found = np.zeros((8, LANES))
    found[0] = run
    return found


def test_steady_bars_are_stepped_over_eight_at_a_time(series):
    x, y = series
    kept = memory(3.0)
    at = stepped(x.ravel(), y.ravel(), BARS, 0, BARS - 1, kept, (0.5,))
    assert at == (BARS - 1) // LANES * LANES
    assert (kept[0] == 3.0 + at).all()
    assert kept[1].tobytes() == told(x, y, at).tobytes()


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 1])
def test_a_missing_number_stops_them_before_its_tile(series, missing, row):
    x, y = series
    (x[:, 4:], y)[row][5, TILE + 17] = missing
    kept = memory(3.0)
    assert stepped(x.ravel(), y.ravel(), BARS, 0, BARS, kept, (0.5,)) == TILE
    assert kept[1].tobytes() == told(x, y, TILE).tobytes()


def test_a_lane_that_is_not_warm_keeps_all(series):
    x, y = series
    run = np.full(LANES, 9.0)
    run[6] = 2.0
    kept = memory(run)
    assert stepped(x.ravel(), y.ravel(), BARS, 8, BARS, kept, (0.5,)) == 8
    assert (kept[1] == 0.0).all()
