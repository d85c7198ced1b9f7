"""Pauses between polls: useless polls become rare, the end of a task is known within two seconds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockwidget.delivery.cadence import (
    HIDDEN_MS,
    IDLE_MS,
    MOVING_MS,
    QUIET_MS,
    WAIT_S,
    next_ms,
)

QUIET = {"moved": False, "live": True, "wait_s": WAIT_S, "last_ms": 0}
FIXED_S = 2.0
"""What the web app before this one did: ask every two seconds."""


def test_after_news_it_asks_again_soon():
    assert next_ms(**{**QUIET, "moved": True}) == MOVING_MS <= 1000


def test_a_live_task_is_never_left_alone_for_long():
    for last_ms in (0, 1000, IDLE_MS):
        assert next_ms(**{**QUIET, "last_ms": last_ms}) == QUIET_MS


@pytest.mark.parametrize("changes", [{"live": False}, {"wait_s": 0.0}])
def test_pauses_grow_by_half_up_to_ten_seconds(changes):
    pauses = [0]
    for _ in range(8):
        pauses.append(next_ms(**{**QUIET, **changes, "last_ms": pauses[-1]}))
    assert pauses[1:] == [1000, 1500, 2250, 3375, 5062, 7593, 10_000, 10_000]
    assert next_ms(**{**QUIET, **changes, "last_ms": 10_000, "moved": True}) == MOVING_MS


def test_a_page_that_nobody_sees_asks_once_a_minute():
    assert next_ms(**QUIET, visible=False) == next_ms(**{**QUIET, "moved": True}, visible=False)
    assert next_ms(**QUIET, visible=False) == HIDDEN_MS == 60_000


@given(
    moved=st.booleans(),
    live=st.booleans(),
    wait_s=st.floats(0, WAIT_S),
    last_ms=st.integers(0, 10 * IDLE_MS),
    visible=st.booleans(),
)
def test_a_pause_is_always_within_its_bounds(moved, live, wait_s, last_ms, visible):
    pause = next_ms(moved=moved, live=live, wait_s=wait_s, last_ms=last_ms, visible=visible)
    assert 0 < pause <= (IDLE_MS if visible else HIDDEN_MS)


def polled(changes: list[float]) -> tuple[int, float]:
    """Poll from 0 until the last of ``changes`` is known: useless polls, and how late that was.

    A poll answers at the first change that it does not know, or in vain after ``WAIT_S``.
    """
    now, known, useless, last_ms = 0.0, 0, 0, 0
    while known < len(changes):
        news = max(now, changes[known])
        moved = news <= now + WAIT_S
        now = news if moved else now + WAIT_S
        known = sum(at <= now for at in changes)
        useless += not moved
        last_ms = next_ms(moved=moved, live=True, wait_s=WAIT_S, last_ms=last_ms)
        if known < len(changes):
            now += last_ms / 1000
    return useless, now - changes[-1]


@pytest.mark.parametrize("seconds", [45, 300, 1800])
@pytest.mark.parametrize("visible_changes", [0, 10])
@pytest.mark.parametrize("offset", [0.0, 0.37, 0.9])
def test_ninety_per_cent_fewer_useless_polls_than_every_two_seconds(
    seconds, visible_changes, offset
):
    end = seconds + offset
    changes = [end * n / (visible_changes + 1) for n in range(1, visible_changes + 1)] + [end]
    useless, late = polled(changes)
    fixed = int(end / FIXED_S) - visible_changes
    assert useless <= 0.1 * fixed
    assert late <= 2.0
