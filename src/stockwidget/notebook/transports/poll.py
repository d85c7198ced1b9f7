"""Frames by asking at ``api/v1/poll``: one request for all tasks, which itself waits for news."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import httpx
import orjson

from stockwidget.delivery.cadence import QUIET_MS, WAIT_S
from stockwidget.delivery.ladder import Failure
from stockwidget.notebook.transports.base import Carrier, refusal

_ANSWER_S = 10.0
"""How much later than asked for an answer may come."""
_HELLO = {"k": "hello", "d": {}}


class PollCarrier(Carrier):
    """One poll after the other, at the pace that the server asks for."""

    name = "poll"
    beats = False
    _etag: str | None = None
    _greeted = False
    _pause_s = 0.0

    async def run(self) -> Failure:
        """Poll until an answer fails to come."""
        while True:
            if not self._sink.cursors():
                await self._wanted.wait()
            self._wanted.clear()
            asking = asyncio.ensure_future(self._ask(WAIT_S if self._greeted else 0.0))
            pause = await self._unless_wanted(asking)
            if isinstance(pause, Failure):
                return pause
            if pause is not None:
                self._pause_s = pause
                await self._unless_wanted(asyncio.ensure_future(asyncio.sleep(pause)))

    def subscribe(self, ids: Iterable[str]) -> None:
        """Ask anew at once: the poll under way does not know of ``ids``."""
        if any(True for _ in ids):
            self._etag = None
            self._wanted.set()

    async def _unless_wanted(self, work: asyncio.Future[Any]) -> Any:
        """Wait for ``work``, or drop it (None) as soon as a new poll is wanted."""
        wanted = asyncio.ensure_future(self._wanted.wait())
        try:
            await asyncio.wait({work, wanted}, return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else None
        finally:
            for each in (work, wanted):
                each.cancel()
            await asyncio.gather(work, wanted, return_exceptions=True)

    async def _ask(self, wait_s: float) -> Failure | float:
        """One poll; the pause until the next one, in seconds."""
        cursors = self._sink.cursors()
        query = {"wait": f"{wait_s:g}", "last_ms": f"{self._pause_s * 1000:.0f}"}
        request = self._wire.request("poll", "since", cursors, wait_s + _ANSWER_S, **query)
        if self._etag is not None:
            request.headers["If-None-Match"] = self._etag
        self._sink.counts.polls += 1
        try:
            answer = await self._wire.http.send(request)
        except httpx.TimeoutException:
            return Failure(code="offline", words="a poll got no answer")
        except httpx.TransportError as error:
            return Failure(code="offline", words=f"no connection ({error})")
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            self._sink.counts.useless_polls += 1
            self._greet({})
            return _pause(answer.headers.get("x-next-ms"))
        if not answer.is_success:
            return refusal(answer.status_code, answer.headers, answer.content)
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return Failure(code="not_authorized", words="a page came instead of an answer")
        self._etag = answer.headers.get("etag")
        body = orjson.loads(answer.content)
        frames = body.get("frames", [])
        self._sink.counts.useless_polls += not frames
        self._greet(body)
        for frame in frames:
            self._sink.frame(self, frame)
        return _pause(body.get("next_ms"))

    def _greet(self, body: dict[str, Any]) -> None:
        """The first answer is what a stream's greeting is."""
        if not self._greeted:
            self._greeted = True
            self._sink.frame(self, {**_HELLO, "e": body.get("e")})


def _pause(value: object) -> float:
    try:
        return max(0.0, float(str(value))) / 1000
    except ValueError:
        return QUIET_MS / 1000
