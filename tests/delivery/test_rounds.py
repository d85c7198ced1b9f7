"""Many pumps take their turns on one handle and one timer; each turn and alarm comes, once, in time."""

from __future__ import annotations

import asyncio
import logging

import pytest

from stockwidget.delivery.rounds import Rounds


class Turner:
    def __init__(self, fails: bool = False) -> None:
        self.waiting = False
        self.turns: list[float] = []
        self.fails = fails

    def turn(self, now: float) -> None:
        self.turns.append(now)
        if self.fails:
            raise ValueError


@pytest.fixture
async def rounds() -> Rounds:
    return Rounds(monotonic=asyncio.get_running_loop().time)


async def tick() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_what_is_asked_twice_happens_once_and_at_the_same_time_for_all(rounds, monkeypatch):
    turners = [Turner() for _ in range(100)]
    loop, calls = asyncio.get_running_loop(), []
    monkeypatch.setattr(loop, "call_soon", lambda *a, **k: calls.append(a) or original(*a, **k))
    original = type(loop).call_soon.__get__(loop)
    for turner in (*turners, *turners):
        rounds.soon(turner)
    assert len(calls) == 1, "one handle for all"
    await tick()
    assert [len(turner.turns) for turner in turners] == [1] * 100
    assert len({turner.turns[0] for turner in turners}) == 1
    rounds.soon(turners[0])
    await tick()
    assert len(turners[0].turns) == 2


async def test_one_that_fails_hurts_no_other(rounds, caplog):
    turners = [Turner(), Turner(fails=True), Turner()]
    for turner in turners:
        rounds.soon(turner)
    with caplog.at_level(logging.ERROR):
        await tick()
    assert [len(turner.turns) for turner in turners] == [1, 1, 1]
    assert "turn failed" in caplog.text


async def test_alarms_ring_in_their_order_on_one_timer(rounds):
    now = rounds.monotonic()
    late, early, never = Turner(), Turner(), Turner()
    rounds.alarm(now + 0.06, late)
    rounds.alarm(now + 0.02, early)
    rounds.alarm(now + 0.01, never).pump = None
    scheduled = [each for each in asyncio.get_running_loop()._scheduled if not each._cancelled]
    assert len([each for each in scheduled if "_ring" in repr(each)]) == 1
    await asyncio.sleep(0.03)
    assert (len(early.turns), len(late.turns)) == (1, 0)
    await asyncio.sleep(0.05)
    assert (len(early.turns), len(late.turns), len(never.turns)) == (1, 1, 0)
    assert late.turns[0] >= now + 0.06


async def test_an_emptied_alarm_keeps_nothing_alive(rounds):
    import gc
    import weakref

    turner = Turner()
    gone = weakref.ref(turner)
    rounds.alarm(rounds.monotonic() + 60, turner).pump = None
    del turner
    gc.collect()
    assert gone() is None
