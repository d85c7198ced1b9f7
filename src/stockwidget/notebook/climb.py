"""Tries the better transports now and then; one that has answered for every task may take over."""

from __future__ import annotations

from collections.abc import Callable

from stockwidget.delivery.ladder import Failure, Ladder, Transport
from stockwidget.notebook.timers import Timers
from stockwidget.notebook.transports.base import Carrier

CLIMB_S = 10.0
"""A better transport has so long to answer."""
_LATE = Failure(code="timeout", words="it did not answer in time")

Log = Callable[..., None]
"""``logging``'s arguments: a text and its values."""


class Climb:
    """One attempt at a time; ``open`` opens a transport that awaits all tasks."""

    def __init__(
        self,
        ladder: Ladder,
        timers: Timers,
        *,
        clock: Callable[[], float],
        open_: Callable[[Transport], Carrier],
        log: Log,
    ) -> None:
        self.carrier: Carrier | None = None
        """A better one that may take over."""
        self._ladder = ladder
        self._timers = timers
        self._clock = clock
        self._open = open_
        self._log = log
        self._left: list[Transport] = []
        """To be tried, should this one fail."""

    def plan(self) -> None:
        """Try when the ladder says so."""
        at = self._ladder.climb_at
        if at is None:
            self._timers.cancel("climb")
        else:
            self._timers.after("climb", max(0.0, at - self._clock()), self._try)

    def failed(self, failure: Failure) -> None:
        """Note that the one being tried does not work; try the next."""
        self._timers.cancel("climbing")
        carrier, self.carrier = self.carrier, None
        if carrier is not None:
            carrier.close()
            self._log("%s still does not work: %s", carrier.name, failure.words)
            self._next()

    def won(self) -> None:
        """Note that the one being tried carries now."""
        self._timers.cancel("climbing")
        if self.carrier is not None:
            self._ladder.climbed(self.carrier.name, self._clock())
        self.carrier = None

    def stop(self) -> None:
        """Try nothing."""
        self._timers.cancel("climb", "climbing")
        if self.carrier is not None:
            self.carrier.close()
        self.carrier = None

    def _try(self) -> None:
        if self._ladder.link.state == "live" and self.carrier is None:
            self._left = list(self._ladder.better)
            self._next()

    def _next(self) -> None:
        if not self._left:
            self._ladder.stayed(self._clock())
            self.plan()
            return
        self.carrier = self._open(self._left.pop(0))
        self._timers.after("climbing", CLIMB_S, lambda: self.failed(_LATE))
