"""The clocks of tasks, arguments everywhere so that tests can hold them still."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns UTC milliseconds."""


def utc_ms() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


def steady_ms() -> int:
    """Milliseconds that nobody sets, and that stand still in sleep (on Windows they do not)."""
    return time.monotonic_ns() // 1_000_000


class Awake:
    """The time for the question whether a task has expired: it stands still in a machine's sleep.

    Whoever followed a task when the lid was closed had no way to say so until now. From the first
    look around after it, with the followers noted, the time is the clock's again.
    """

    def __init__(self, clock: Clock, steady: Clock) -> None:
        self._clock = clock
        self._steady = steady
        self.looked()

    def looked(self) -> None:
        """Note that followers have been noted."""
        self._ahead = self._clock() - self._steady()

    def __call__(self) -> int:
        """UTC milliseconds, less what was slept (or skipped) since the last look around."""
        return self._clock() - self.slept

    @property
    def slept(self) -> int:
        """Milliseconds that were slept or skipped since the last look around."""
        slept = self._clock() - self._steady() - self._ahead
        return slept if slept > SLEPT_MS else 0


SLEPT_MS = 10_000
"""A clock that is set right moves by less."""
