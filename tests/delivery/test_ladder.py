"""The ladder steps down only for reasons, climbs back with patience, and never gives up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockwidget.delivery.ladder import CLIMB_MOST_S, Failure, Ladder, backoff

REFUSED = Failure(code="refused", words="403")
CUT = Failure(code="closed", words="cut")


@pytest.fixture
def ladder() -> Ladder:
    """On the best transport, with the middle of every random range."""
    return Ladder(now=0.0, draw=lambda: 0.5)


def fail(ladder: Ladder, now: float, failure: Failure = REFUSED, *, http: bool = True) -> None:
    ladder.begin(now)
    ladder.ended(failure, now, http_works=http)


def live(ladder: Ladder, now: float) -> None:
    ladder.begin(now)
    ladder.greeted(now)


def test_two_refusals_step_down_and_are_told(ladder):
    fail(ladder, 0)
    assert (ladder.transport, ladder.link.state, ladder.retry_at) == ("ws", "backoff", 0.375)
    fail(ladder, 1)
    assert (ladder.transport, ladder.retry_at) == ("sse", 1.0)
    live(ladder, 1)
    link = ladder.link
    assert (link.state, link.transport, link.downgrades, link.reason) == ("live", "sse", 1, REFUSED)


def test_mute_beside_working_http_is_enough(ladder):
    fail(ladder, 5, Failure(code="buffered", words="mute"))
    assert ladder.transport == "sse"


def test_a_greeting_between_two_refusals_forgives_the_first(ladder):
    fail(ladder, 0)
    live(ladder, 1)
    ladder.ended(CUT, 100, http_works=True)
    fail(ladder, 101)
    assert ladder.transport == "ws"


def test_three_short_lives_within_two_minutes(ladder):
    for now in (0, 40, 80):
        assert ladder.transport == "ws"
        live(ladder, now)
        ladder.ended(CUT, now + 20, http_works=True)
    assert ladder.transport == "sse"


def test_short_lives_far_apart_or_long_lives_are_no_reason(ladder):
    for now in (0, 150, 300, 450):
        live(ladder, now)
        ladder.ended(CUT, now + 20, http_works=True)
    for now in (600, 640, 680, 720):
        live(ladder, now)
        ladder.ended(CUT, now + 31, http_works=True)
    assert ladder.transport == "ws"


@given(st.lists(st.sampled_from(["refused", "timeout", "closed", "offline"]), max_size=40))
def test_a_dead_network_never_costs_the_transport(codes):
    ladder = Ladder(now=0.0)
    for now, code in enumerate(codes):
        fail(ladder, now, Failure(code=code, words=""), http=False)
        assert ladder.transport == "ws"
        assert now < ladder.retry_at <= now + 20


@pytest.mark.parametrize(
    ("code", "state", "wait"),
    [
        ("not_authorized", "auth", 30),
        ("suspended", "suspended", 30),
        ("limited", "backoff", 7),
        ("restarting", "backoff", 2.5),
    ],
)
def test_what_is_not_the_transports_fault(ladder, code, state, wait):
    for now in (0, 100, 200):
        fail(ladder, now, Failure(code=code, words="", retry_s=7 if code == "limited" else None))
        assert (ladder.link.state, ladder.retry_at, ladder.transport) == (state, now + wait, "ws")
    ladder.hurry(201)
    assert ladder.retry_at == 201


def test_disabled_means_polling_and_no_climb(ladder):
    fail(ladder, 0, Failure(code="disabled", words=""))
    assert (ladder.transport, ladder.retry_at, ladder.link.downgrades) == ("poll", 0, 0)
    live(ladder, 0)
    assert (ladder.climb_at, ladder.better, ladder.link.reason) == (None, (), None)


def test_what_a_server_offers(ladder):
    ladder.offer(["poll", "sse", "carrier-pigeon"])
    assert ladder.transport == "sse"
    ladder.offer([])
    assert ladder.transport == "poll"
    ladder.offer(["ws", "sse", "poll"])
    assert ladder.better == ("ws", "sse")


def down(ladder: Ladder, now: float) -> None:
    for each in (now, now):
        fail(ladder, each)
    live(ladder, now)


def test_climbs_at_growing_intervals(ladder):
    down(ladder, 0)
    waits = []
    now = 0.0
    for _ in range(6):
        assert ladder.climb_at is not None
        waits.append(ladder.climb_at - now)
        now = ladder.climb_at
        ladder.stayed(now)
    assert waits == [30, 60, 120, 240, 300, 300]


def test_what_falls_soon_waits_twice_as_long_and_what_holds_starts_anew(ladder):
    down(ladder, 0)
    waits = []
    now = 0.0
    for _ in range(8):
        assert ladder.climb_at is not None
        waits.append(ladder.climb_at - now)
        now = ladder.climb_at
        ladder.climbed("ws", now)
        assert ladder.climb_at is None
        ladder.ended(CUT, now + 1, http_works=True)
        down(ladder, now + 2)
        now += 2
    assert waits == [30, 60, 120, 240, 480, 960, CLIMB_MOST_S, CLIMB_MOST_S]
    assert ladder.climb_at is not None
    now = ladder.climb_at
    ladder.climbed("ws", now)
    ladder.ended(CUT, now + 61, http_works=True)
    down(ladder, now + 62)
    assert ladder.climb_at == now + 62 + 30


def test_a_climb_to_the_middle_goes_on_climbing(ladder):
    down(ladder, 0)
    down(ladder, 1)
    assert (ladder.transport, ladder.better) == ("poll", ("ws", "sse"))
    ladder.climbed("sse", 40)
    assert (ladder.better, ladder.climb_at) == (("ws",), 70)
    assert ladder.link.upgrades == 1


def test_recoveries_are_counted_where_something_was_lost(ladder):
    fail(ladder, 0)
    live(ladder, 1)
    assert ladder.link.recoveries == 0
    ladder.ended(CUT, 50, http_works=True)
    live(ladder, 51)
    assert ladder.link.recoveries == 1


def test_silence_and_a_sign_of_life(ladder):
    live(ladder, 0)
    ladder.silent(25)
    assert (ladder.link.state, ladder.link.transport, ladder.link.since) == ("stale", "ws", 25)
    ladder.heard(26)
    assert (ladder.link.state, ladder.link.since) == ("live", 26)


@given(st.integers(min_value=0, max_value=10_000), st.floats(min_value=0, max_value=1))
def test_backoff_is_jittered_at_the_cap_too(attempt, drawn):
    ceiling = min(20.0, 0.5 * 2.0 ** min(attempt, 30))
    assert ceiling / 2 <= backoff(attempt, lambda: drawn) <= ceiling
    assert backoff(attempt, lambda: 0.0) < backoff(attempt, lambda: 1.0)


def test_attempts_start_anew_after_ten_seconds_of_life(ladder):
    for now in range(6):
        fail(ladder, now, http=False)
    live(ladder, 10)
    ladder.ended(CUT, 15, http_works=False)
    assert ladder.retry_at > 15 + 10
    live(ladder, 40)
    ladder.ended(CUT, 51, http_works=False)
    assert ladder.retry_at == 51 + 0.375
