"""After a burst of connections the collector looks at everything once, and then no more at what stands."""

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


async def test_a_few_connections_change_nothing(settled):
    before = gc.get_freeze_count()
    for _ in range(BURST - 1):
        settled.changed()
    await asyncio.sleep(0.05)
    assert gc.get_freeze_count() == before


async def test_a_burst_is_frozen_once_it_is_over_and_its_garbage_is_not(settled):
    stands, knot = [Knot() for _ in range(100)], Knot()
    gone = weakref.ref(knot)
    del knot
    for _ in range(BURST):
        settled.changed()
    assert gc.get_freeze_count() == 0, "others may still be coming"
    await asyncio.sleep(0.05)
    assert gone() is None
    assert gc.get_freeze_count() > len(stands)


async def test_what_became_garbage_while_frozen_goes_after_the_next_burst(settled):
    knot = Knot()
    for _ in range(BURST):
        settled.changed()
    await asyncio.sleep(0.05)
    gone = weakref.ref(knot)
    del knot
    gc.collect()
    assert gone() is not None, "frozen"
    for _ in range(BURST):
        settled.changed()
    await asyncio.sleep(0.05)
    assert gone() is None
