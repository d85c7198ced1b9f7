"""Turns and alarms of many pumps, on one handle and one timer of the event loop.

A callback and a timer for each reader and event cost more than the write itself: with a thousand
readers of one task, two thousand entries in the loop's queue where one is enough.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)


class Turning(Protocol):
    """What takes turns."""

    waiting: bool
    """Whether a turn is due; kept by ``Rounds``."""

    def turn(self, now: float) -> None:
        """Do what there is to do."""


class Alarm:
    """A turn at a certain time. Not cancelled but emptied: the heap then holds next to nothing."""

    __slots__ = ("at", "pump")

    def __init__(self, at: float, pump: Turning) -> None:
        self.at = at
        self.pump: Turning | None = pump


class Rounds:
    """Shared by the pumps of a process. Every method is called on the loop."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._loop = asyncio.get_running_loop()
        self._due: list[Turning] = []
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = float("inf")

    def soon(self, pump: Turning) -> None:
        """Give ``pump`` a turn after this callback, so that events of one moment leave together."""
        if pump.waiting:
            return
        pump.waiting = True
        if not self._due:
            self._loop.call_soon(self._round)
        self._due.append(pump)

    def alarm(self, at: float, pump: Turning) -> Alarm:
        """Give ``pump`` a turn at ``at`` (a time of ``monotonic``)."""
        alarm = Alarm(at, pump)
        heapq.heappush(self._alarms, (at, next(self._numbers), alarm))
        if at < self._timer_at:
            self._set_timer()
        return alarm

    def _round(self) -> None:
        due, self._due = self._due, []
        now = self.monotonic()
        for pump in due:
            pump.waiting = False
            try:
                pump.turn(now)
            except Exception:
                log.exception("A reader's turn failed.")

    def _ring(self) -> None:
        self._timer, self._timer_at = None, float("inf")
        now = self.monotonic()
        while self._alarms and self._alarms[0][0] <= now:
            _, _, alarm = heapq.heappop(self._alarms)
            if alarm.pump is not None:
                self.soon(alarm.pump)
        self._set_timer()

    def _set_timer(self) -> None:
        while self._alarms and self._alarms[0][2].pump is None:
            heapq.heappop(self._alarms)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_at = self._alarms[0][0] if self._alarms else float("inf")
        if self._alarms:
            wait = self._timer_at - self.monotonic()
            self._timer = self._loop.call_later(max(0.0, wait), self._ring)
