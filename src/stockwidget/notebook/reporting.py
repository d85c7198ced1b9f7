"""Tells the server's statistics how the connection stood. Best effort: nothing waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import httpx

from stockwidget.delivery.ladder import Link
from stockwidget.delivery.report import Reporter
from stockwidget.notebook.timers import Timers
from stockwidget.notebook.transports.base import Wire

REPORT_S = 10.0
"""Changes of transport are told at most so often."""


class Reporting:
    """Collects changes of the link and posts them."""

    def __init__(self, wire: Wire, timers: Timers, clock: Callable[[], float]) -> None:
        self._wire = wire
        self._timers = timers
        self._clock = clock
        self._reporter = Reporter()
        self._posting: asyncio.Task[None] | None = None
        self._deaf = False
        """The server has no ear for reports: an older one."""

    def noted(self, link: Link) -> None:
        """Note the link as it is now."""
        self._reporter.link(link, self._clock())
        if self._reporter.waiting and "report" not in self._timers:
            self._timers.after("report", REPORT_S, self.post)

    def post(self) -> None:
        """Tell now what has not been told."""
        changes = self._reporter.take()
        if changes and not self._deaf:
            self._posting = asyncio.get_running_loop().create_task(self._post(changes))

    async def _post(self, changes: list[dict[str, str | int]]) -> None:
        try:
            answer = await self._wire.http.post("report", json={"changes": changes})
        except httpx.TransportError:
            return
        self._deaf = answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}
