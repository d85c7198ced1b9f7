"""Percentiles are right within the promised error, speak of the window alone, and cost no memory."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockwidget.delivery.latency import LONGEST_MS, SLICES, WINDOW_S, Latency


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def latency(clock: Clock) -> Latency:
    return Latency(monotonic=clock)


def nearest_rank(values: list[int], share: float) -> int:
    return sorted(values)[math.ceil(share * len(values)) - 1]


@given(st.lists(st.integers(0, LONGEST_MS), min_size=1, max_size=300))
def test_a_percentile_is_never_too_low_and_at_most_a_sixteenth_too_high(values):
    latency = Latency(monotonic=Clock())
    for value in values:
        latency.add(value)
    found = latency.percentiles()
    assert found.n == len(values)
    for share, shown in ((0.50, found.p50), (0.95, found.p95), (0.99, found.p99)):
        exact = nearest_rank(values, share)
        assert exact < shown <= max(exact + 1, exact * 1.0625 + 1)


def test_nothing_measured_is_none_not_zero(latency):
    found = latency.percentiles()
    assert (found.n, found.p50, found.p95, found.p99) == (0, None, None, None)


def test_a_clock_set_back_is_no_negative_delay_and_a_long_one_has_a_bound(latency):
    latency.add(-5000)
    assert latency.percentiles().p99 == 1
    latency.add(LONGEST_MS * 3)
    assert latency.percentiles().p99 == LONGEST_MS + 1
    assert latency.sum_ms == LONGEST_MS


def test_what_is_older_than_the_window_no_longer_counts_but_in_the_totals(latency, clock):
    latency.add(900)
    clock.now += WINDOW_S / 2
    latency.add(5)
    assert latency.percentiles().n == 2
    clock.now += WINDOW_S / 2
    found = latency.percentiles()
    assert (found.n, found.p99) == (1, 6)
    clock.now += 100 * WINDOW_S
    assert latency.percentiles().n == 0
    assert (latency.n, latency.sum_ms) == (2, 905)
    assert latency.below([8, 1024]) == [1, 2]


@given(st.lists(st.floats(0, WINDOW_S / SLICES), max_size=80))
def test_totals_lose_nothing_however_the_window_turns(pauses):
    clock = Clock()
    latency = Latency(monotonic=clock)
    for pause in pauses:
        clock.now += pause
        latency.add(100)
    assert latency.below([64, 128]) == [0, len(pauses)]


@given(st.lists(st.integers(0, 40_000)), st.sampled_from([1, 8, 16, 256, 16_384]))
def test_counts_below_a_power_of_two_are_exact(values, bound):
    latency = Latency(monotonic=Clock())
    for value in values:
        latency.add(value)
    assert latency.below([bound]) == [sum(value < bound for value in values)]
