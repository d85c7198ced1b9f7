"""Frames over an event stream at ``api/v1/events``.

A stream is one-way: to follow other tasks a new one is opened with all cursors, and once it tells
of a task, the old one is dropped. A proxy that collects what passes lets the padding and the
greeting through and keeps what follows: only news of a task prove a stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import httpx
import orjson

from stockwidget.delivery.ladder import Failure
from stockwidget.notebook.event_reader import EventReader
from stockwidget.notebook.transports.base import Carrier, farewell, refusal

HELLO_S = 6.0
SMALL, APART_S = 2048, 0.02
"""Bursts of fewer bytes, with a pause between them, have not been collected on the way."""
GATHER_S = 0.05
"""Cells often submit several tasks at once: one new stream for all of them."""


class EventStreamCarrier(Carrier):
    """One stream, and for a moment its successor."""

    name = "sse"
    _bursts = 0
    _burst = 0
    _heard_at = float("inf")

    @property
    def prompt(self) -> bool:
        """Whether it has been seen to let small pieces through; until then it may be collecting."""
        return self._bursts >= 2

    def _weigh(self, size: int) -> None:
        """Count small bursts. Pieces tell nothing: they are those in which the server wrote."""
        now = asyncio.get_running_loop().time()
        if now - self._heard_at > APART_S:
            self._bursts += 0 < self._burst < SMALL
            self._burst = 0
        self._burst += size
        self._heard_at = now

    async def run(self) -> Failure:
        """Keep one stream open, and renew it when other tasks are to be followed."""
        streams = [self._start(None)]
        try:
            while True:
                renew = asyncio.ensure_future(self._wanted.wait())
                try:
                    await asyncio.wait({streams[-1], renew}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    renew.cancel()
                if streams[-1].done():
                    return streams[-1].result()
                await asyncio.sleep(GATHER_S)
                self._wanted.clear()
                streams = [stream for stream in streams if not stream.done()]
                streams.append(self._start(streams[-1] if streams else None))
        finally:
            for stream in streams:
                stream.cancel()
            await asyncio.gather(*streams, return_exceptions=True)

    def subscribe(self, ids: Iterable[str]) -> None:
        """See ``Carrier``."""
        self.awaiting |= set(ids)
        self._wanted.set()

    def _start(self, before: asyncio.Task[Failure] | None) -> asyncio.Task[Failure]:
        return asyncio.get_running_loop().create_task(self._stream(before))

    async def _stream(self, before: asyncio.Task[Failure] | None) -> Failure:
        """Carry one stream; ``before`` is dropped as soon as this one greets."""
        cursors = self._sink.cursors()
        if before is None:
            self.awaiting = set(cursors)
        request = self._wire.request("events", "cursor", cursors, None)
        try:
            async with asyncio.timeout(HELLO_S) as patience:
                response = await self._wire.http.send(request, stream=True)
                try:
                    wrong = await _wrong(response)
                    return wrong or await self._carry(response, patience, before)
                finally:
                    await response.aclose()
        except TimeoutError:
            return Failure(code="buffered", words="the stream opened and stayed mute")
        except httpx.ConnectError as error:
            return Failure(code="offline", words=f"no connection ({error})")
        except httpx.TransportError as error:
            return Failure(code="closed", words=f"the stream was cut ({type(error).__name__})")
        finally:
            if before is not None:
                before.cancel()

    async def _carry(
        self,
        response: httpx.Response,
        patience: asyncio.Timeout,
        before: asyncio.Task[Failure] | None,
    ) -> Failure:
        reader = EventReader()
        proven = False
        held: list[dict[str, Any]] = []
        async for piece in response.aiter_bytes():
            if not proven:
                patience.reschedule(asyncio.get_running_loop().time() + HELLO_S)
            else:
                self._weigh(len(piece))
            for event in reader.feed(piece):
                frame = orjson.loads(event.data)
                if frame.get("k") == "bye":
                    return farewell(frame["d"].get("code"), str(frame["d"].get("reason", "")))
                held.append(frame)
                if not proven and "t" in frame:
                    proven = True
                    patience.reschedule(None)
                    if before is not None:
                        before.cancel()
            if proven:
                for frame in held:
                    self._sink.frame(self, frame)
                held.clear()
        return Failure(code="closed", words="the stream ended")


async def _wrong(response: httpx.Response) -> Failure | None:
    """What is wrong with an answer that is no stream of events."""
    if not response.is_success:
        return refusal(response.status_code, response.headers, await response.aread())
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        return Failure(code="not_authorized", words="a page came instead of events")
    return None
