"""``poll``: the same frames for readers that can neither open a socket nor hold a stream.

Stateless: each request brings its cursors. A poll is a delivery session that lives until there is
something to tell, so that it costs nothing while it waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from stockwidget.delivery.cadence import next_ms
from stockwidget.delivery.gathering import Gathering
from stockwidget.delivery.pump import Pump
from stockwidget.errors import StoreUnavailable
from stockwidget_server.base import StockwidgetHandler, guarded
from stockwidget_server.following import Polling

GATHER_S = 0.03
"""After the first news, so that a burst of events is one answer."""
OPENING_S = 5.0
"""Beyond its ``wait``, a poll stays so long until every task has been looked up."""


class Hold:
    """The transport of a poll: collects until it is time to answer; see ``Transport``."""

    def __init__(self, gathering: Gathering, *, wait_s: float) -> None:
        self._gathering = gathering
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._late = False
        self._closing: asyncio.TimerHandle | None = None
        self._timers = [
            self._loop.call_later(wait_s, self._expire),
            self._loop.call_later(wait_s + OPENING_S, self.end),
        ]
        self.stopping = False
        """Whether the server ended it."""

    async def over(self) -> None:
        """Return when it is time."""
        try:
            await self._over
        finally:
            for timer in self._timers:
                timer.cancel()

    def send(self, frames: Sequence[bytes]) -> asyncio.Future[None]:
        """Take frames; a full answer takes no more."""
        for frame in frames:
            self._gathering.take(frame)
        taken: asyncio.Future[None] = self._loop.create_future()
        if self._gathering.full:
            self.end()
        else:
            taken.set_result(None)
            self._look()
        return taken

    def close(self, code: int, reason: str) -> None:  # noqa: ARG002 - a poll has no close code
        """Answer at once."""
        self.stopping = True
        self.end()

    def end(self) -> None:
        """It is time."""
        if not self._over.done():
            self._over.set_result(None)

    def _expire(self) -> None:
        self._late = True
        self._look()

    def _look(self) -> None:
        if not self._gathering.complete or self._closing is not None:
            return
        if self._gathering.news:
            self._closing = self._loop.call_later(GATHER_S, self.end)
            self._timers.append(self._closing)
        elif self._late:
            self.end()


class PollHandler(StockwidgetHandler):
    """``poll``."""

    _hold: Hold | None = None
    _gone = False

    @guarded
    async def get(self) -> None:
        """Answer for the tasks of ``since``."""
        query = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        await self._poll(Polling.query(query, most=self.service.limits.subscriptions))

    @guarded
    async def post(self) -> None:
        """Answer for the tasks of the body: there may be too many for a URL."""
        most = self.service.limits.subscriptions
        await self._poll(Polling.body(self.request.body, most=most))

    def on_connection_close(self) -> None:
        """The reader has hung up: let go of everything."""
        self._gone = True
        if self._hold is not None:
            self._hold.end()

    async def _poll(self, wanted: Polling) -> None:
        feed = await self.service.connect("poll")
        if self._gone:
            return
        gathering = Gathering(wanted.tasks, encoder=feed.encoder)
        hold = self._hold = Hold(gathering, wait_s=wanted.wait_s)
        pump = feed.begin(hold, None)
        try:
            pump.follow(wanted.tasks, visible=wanted.visible)
            await hold.over()
        finally:
            self.service.disconnect(pump)
        if self._gone:
            self._auto_finish = False
            return
        if hold.stopping and not gathering.news:
            raise StoreUnavailable("The server is stopping.", hint="Try again when it is back.")
        self._answer(wanted, gathering, pump)

    def _answer(self, wanted: Polling, gathering: Gathering, pump: Pump) -> None:
        pause = next_ms(
            moved=gathering.news,
            live=pump.live,
            wait_s=wanted.wait_s,
            last_ms=wanted.last_ms,
            visible=wanted.visible,
        )
        useless = not gathering.news and gathering.etag == self.request.headers.get("If-None-Match")
        self.service.meter.poll(useless=not gathering.news)
        pump.delivered(len(gathering.frames), sum(map(len, gathering.frames)))
        self.set_header("ETag", gathering.etag)
        self.set_header("X-Next-Ms", str(pause))
        if useless:
            self.set_status(HTTPStatus.NOT_MODIFIED)
            self.finish()
            return
        _ = self.xsrf_token
        self.finish(gathering.body(server_id=self.service.server_id, next_ms=pause))
