"""Compares a stream that may be collected on the way, and is quiet, with a poll."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from stockwidget.delivery.ladder import Failure
from stockwidget.notebook.reader import Cursors
from stockwidget.notebook.timers import Timers
from stockwidget.notebook.transports.base import Carrier, Counts, Wire
from stockwidget.notebook.transports.poll import PollCarrier

AUDIT_S = 4.0
"""A quiet of this length is looked into."""


class Audit:
    """The ``Sink`` of one poll now and then; what that knew goes to ``told``."""

    def __init__(
        self,
        wire: Wire,
        timers: Timers,
        counts: Counts,
        *,
        cursors: Callable[[], Cursors],
        live: Callable[[], bool],
        told: Callable[[dict[str, Any]], None],
    ) -> None:
        self.counts = counts
        self.cursors = cursors
        self.carrier: Carrier | None = None
        """Of the poll under way."""
        self._wire = wire
        self._timers = timers
        self._live = live
        self._told = told

    def heard(self, carrier: Carrier) -> None:
        """Something came by ``carrier``: its quiet begins anew."""
        if carrier.prompt:
            self._timers.cancel("audit")
        else:
            self._timers.after("audit", AUDIT_S, self._ask)

    def stop(self) -> None:
        """Ask nothing, and drop what was asked."""
        self._timers.cancel("audit")
        self._dismiss()

    def frame(self, carrier: Carrier, frame: dict[str, Any]) -> None:
        """See ``Sink``."""
        if carrier is not self.carrier:
            return
        if frame.get("k") == "hello":  # its frames follow at once, and it shall not ask again
            asyncio.get_running_loop().call_soon(self._dismiss)
        else:
            self._told(frame)

    def ended(self, carrier: Carrier, _failure: Failure) -> None:
        """See ``Sink``."""
        if carrier is self.carrier:
            self.carrier = None

    def _ask(self) -> None:
        if self.carrier is None and self._live():
            self.carrier = PollCarrier(self._wire, self)

    def _dismiss(self) -> None:
        if self.carrier is not None:
            self.carrier.close()
        self.carrier = None
