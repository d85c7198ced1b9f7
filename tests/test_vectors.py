"""Eight numbers at once give, lane by lane, the bits that NumPy gives for each."""

import numpy as np
import pytest
from numba import njit

from stockwidget.vectors import (
    LANES,
    any_unknown,
    choose,
    each,
    eight_of,
    larger,
    put,
    ratio,
    turned,
)

A = np.array([1.0, -0.0, 0.0, 3.25, -7.1, 1e300, 5e-324, 0.1])
B = np.array([0.3, 0.0, -0.0, 3.25, 0.0, 1e300, -1.0, -2.0])


def _both(a, b, place):
    if place == 0:
        return a + b, a + 0.1
    if place == 1:
        return a - b, 0.1 - b
    if place == 2:
        return a * b, a * 0.3
    return ratio(a, b), a / 3.0


def _chosen(a, b, place):
    if place == 0:
        return choose(a < b, a, b), choose(a <= b, 1.0, b)
    if place == 1:
        return choose(a == b, a, 2.0), choose(a != b, a, 2.0)
    if place == 2:
        return choose((a > 0.0) & (a >= b), a, 0.0), choose(a >= 0.1, 1.0, 0.0)
    return larger(a, b), abs(a)


@pytest.mark.parametrize("made", [_both, _chosen])
def test_each_lane_is_as_a_number_alone(made):
    of = njit(made)

    @njit
    def at_once(a, b, place, out):
        first, second = of(eight_of(a, 0), eight_of(b, 0), place)
        put(out, 0, first)
        put(out, LANES, second)

    for place in range(4):
        out = np.empty(2 * LANES)
        at_once(A, B, place, out)
        alone = [of(a, b, place) for a, b in zip(A, B, strict=True)]
        assert out.tobytes() == np.array(alone).T.tobytes()


def test_arithmetic_is_that_of_numpy():
    @njit
    def at_once(a, b, out):
        x, y = eight_of(a, 0), eight_of(b, 0)
        put(out, 0, ratio((x + y) * (x - y), y))

    out = np.empty(LANES)
    at_once(A, B, out)
    with np.errstate(all="ignore"):
        wanted = (A + B) * (A - B) / B
    np.testing.assert_array_equal(out, wanted)


def test_a_square_is_turned():
    @njit
    def turn(x, out):
        rows = turned(
            (eight_of(x, 0), eight_of(x, 8), eight_of(x, 16), eight_of(x, 24),
             eight_of(x, 32), eight_of(x, 40), eight_of(x, 48), eight_of(x, 56))
        )  # fmt: skip
        for row in range(LANES):
            put(out, row * LANES, rows[row])

    x = np.arange(64.0)
    out = np.empty(64)
    turn(x, out)
    np.testing.assert_array_equal(out.reshape(8, 8), x.reshape(8, 8).T)


@pytest.mark.parametrize("place", range(LANES))
def test_one_nan_is_found(place):
    @njit
    def found(x):
        return any_unknown(eight_of(x, 0)), any_unknown(each(1.0))

    x = np.full(LANES, np.inf)
    assert found(x) == (False, False)
    x[place] = np.nan
    assert found(x) == (True, False)
