"""The collector leaves connections that stand alone, and still finds what those that went left behind."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from stockwidget_server.settled import BURST, Settled


class Knot:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture
def settled():
    before = gc.get_freeze_count()
    made = Settled(calm_s=0.02)
    yield made
    made.stop()
    assert gc.get_freeze_count() <= before


def come(settled: Settled, n: int) -> None:
    for _ in range(n):
        settled.opened()


def go(settled: Settled, n: int) -> None:
    for _ in range(n):
        settled.closed()


async def test_a_few_connections_change_nothing(settled):
    before = gc.get_freeze_count()
    come(settled, BURST - 1)
    go(settled, BURST - 1)
    await asyncio.sleep(0.05)
    assert gc.get_freeze_count() == before


async def test_a_burst_is_frozen_at_once_without_its_garbage_and_without_a_full_collection(settled):
    full = gc.get_stats()[2]["collections"]
    gc.collect(1)
    stands, knot = [Knot() for _ in range(100)], Knot()
    gone = weakref.ref(knot)
    del knot
    come(settled, BURST)
    assert gone() is None
    assert gc.get_freeze_count() > len(stands)
    assert gc.get_stats()[2]["collections"] == full


async def test_what_became_garbage_while_frozen_goes_when_half_have_gone(settled):
    gc.collect()
    before = gc.get_freeze_count()
    knot = Knot()
    come(settled, 3 * BURST)
    gone = weakref.ref(knot)
    del knot
    go(settled, BURST)
    gc.collect()
    await asyncio.sleep(0.05)
    assert gone() is not None, "two of three still stand"
    go(settled, BURST)
    await asyncio.sleep(0.05)
    assert gone() is None
    assert gc.get_freeze_count() > before, "those that stand are spared again"


async def test_with_the_last_one_the_collector_is_as_it_was(settled):
    gc.collect()
    before = gc.get_freeze_count()  # since Python 3.12, objects that never die are among these
    come(settled, BURST)
    go(settled, BURST)
    assert gc.get_freeze_count() > before, "others may still be going"
    await asyncio.sleep(0.05)
    assert gc.get_freeze_count() == before
