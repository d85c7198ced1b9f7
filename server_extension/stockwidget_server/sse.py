"""``events``: a delivery session as a stream of server-sent events."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from functools import partial

from tornado.iostream import IOStream, StreamClosedError

from stockwidget.delivery.channel import Shared
from stockwidget.delivery.event_stream import PADDING, EventStream, chunk, farewell
from stockwidget.tasks.clock import utc_ms
from stockwidget_server.base import StockwidgetHandler, guarded
from stockwidget_server.following import Following
from stockwidget_server.outlet import Outlet

CLOSING_S = 5.0
"""A reader has so long to take the farewell."""
UNHEARD_MS = 40_000
"""A connection ends when nothing sent was acknowledged for so long: its machine has gone."""


class _Reader:
    """The reader's end of the connection; see ``Transport``."""

    def __init__(self, stream: IOStream, events: EventStream, *, epoch: str, chunked: bool) -> None:
        self._stream = stream
        self._outlet = Outlet(stream)
        self._events = events
        self._epoch = epoch
        self._chunked = chunked

    def send(self, frames: Sequence[bytes]) -> asyncio.Future[None] | None:
        """Write all frames as one chunk."""
        return self._outlet.write(self._chunk(self._events.write(frames)))

    @property
    def shared(self) -> Shared | None:
        """How it takes part in what many get alike; with several tasks, each cursor is its own."""
        if not self._events.alone:
            return None
        blocks = self._events.blocks
        return Shared(blocks.chunk if self._chunked else blocks.write, self._outlet.write)

    def close(self, code: int, reason: str) -> None:
        """Say what a WebSocket says by its close code, and end the stream."""
        last = self._chunk(farewell(self._epoch, code, reason, ts=utc_ms()))
        end = b"0\r\n\r\n" if self._chunked else b""
        written = self._outlet.write(last + end)
        if written is None:
            self._stream.close()
            return
        written.add_done_callback(self._close)
        asyncio.get_running_loop().call_later(CLOSING_S, self._stream.close)

    def _close(self, written: asyncio.Future[None]) -> None:
        written.exception()
        self._stream.close()

    def _chunk(self, data: bytes) -> bytes:
        return chunk(data) if self._chunked else data


def _give_up_unheard(stream: IOStream) -> None:
    """Without this, Linux goes on trying for a quarter of an hour."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None and stream.socket.family in {socket.AF_INET, socket.AF_INET6}:
        stream.socket.setsockopt(socket.IPPROTO_TCP, option, UNHEARD_MS)


class EventsHandler(StockwidgetHandler):
    """One stream. It answers once; what follows is written past the handler (see ``_follow``)."""

    @guarded
    async def get(self) -> None:
        """Follow the tasks of ``cursor``, or those of ``Last-Event-ID``."""
        query = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        last = self.request.headers.get("Last-Event-ID")
        most = self.service.limits.subscriptions
        await self._follow(Following.query(query, last_event_id=last, most=most))

    @guarded
    async def post(self) -> None:
        """Follow the tasks of the body: there may be too many for a URL."""
        most = self.service.limits.subscriptions
        await self._follow(Following.body(self.request.body, most=most))

    async def _follow(self, wanted: Following) -> None:
        feed = await self.service.connect("sse")
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-cache, no-transform")
        self.set_header("X-Accel-Buffering", "no")
        self.set_header("Connection", "close")
        chunked = self.request.version == "HTTP/1.1"
        # Jupyter turns gzip on for every text: it would hold events back until a block is full.
        self._transforms = []
        _ = self.xsrf_token
        self.write(PADDING)
        try:
            await self.flush()
        except StreamClosedError:
            return
        # From here on as a WebSocket does it: the handler's own way of writing costs three times as
        # much an event, and would keep a request open for hours in Jupyter's statistics.
        stream = self.detach()
        # As Tornado does when it ends an answer itself: the handler then needs no collector to go.
        self._break_cycles()
        stream.set_nodelay(True)
        _give_up_unheard(stream)
        events = EventStream(wanted.tasks, blocks=feed.blocks)
        reader = _Reader(stream, events, epoch=feed.encoder.epoch, chunked=chunked)
        pump = feed.begin(reader, reader.shared)
        # Nothing that stays knows the handler: with its request it is larger than all the rest.
        stream.set_close_callback(partial(self.service.disconnect, pump))
        pump.follow(wanted.tasks, visible=wanted.visible)
