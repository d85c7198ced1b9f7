"""The shape that all transports share.

A transport opens, asks for the tasks that its sink names, hands frames in and says once why it has
ended. It keeps no cursor and never degrades: that is the reader's and the ladder's.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol

import httpx
import orjson

from stockwidget.delivery.commands import RESTARTING, SLOW_READER
from stockwidget.delivery.ladder import Failure, Transport
from stockwidget.notebook.discovery import Target
from stockwidget.notebook.reader import Cursors
from stockwidget.notebook.rest import API

log = logging.getLogger(__name__)

HTTP_OPEN_S = 4.0
URL_BYTES = 2048
"""A longer query travels as the body of a POST: proxies cut long addresses."""
_HUB_STOPPED = 424
_GOING_AWAY = 1001


class Wire:
    """A server as the transports reach it. The secret travels in a header, never in a URL."""

    def __init__(self, target: Target, *, encoding: str = "identity") -> None:
        self.target = target
        self.headers = target.headers
        self._encoding = encoding
        """A proxy that compresses a stream collects it."""

    @property
    def context(self) -> ssl.SSLContext | None:
        """Certificates to believe, for https."""
        if not self.target.url.startswith("https:"):
            return None
        context = ssl.create_default_context()
        if self.target.loopback:  # a server of this very machine often has one of its own making
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    @cached_property
    def http(self) -> httpx.AsyncClient:
        """Made on the loop that uses it."""
        return httpx.AsyncClient(
            base_url=self.target.url + API,
            headers={**self.headers, "Accept-Encoding": self._encoding},
            timeout=httpx.Timeout(10.0, connect=HTTP_OPEN_S),
            trust_env=not self.target.loopback,
            verify=not self.target.loopback,
            follow_redirects=False,
        )

    def request(
        self, path: str, field: str, cursors: Cursors, read_s: float | None, **query: str
    ) -> httpx.Request:
        """Ask for news since ``cursors``: a GET, or a POST where the address would be too long."""
        known = orjson.dumps(cursors).decode()
        timeout = httpx.Timeout(10.0, connect=HTTP_OPEN_S, read=read_s)
        request = self.http.build_request(
            "GET", path, params={field: known, **query}, timeout=timeout
        )
        if len(str(request.url)) <= URL_BYTES:
            return request
        body: dict[str, Any] = {"op": "subscribe", "tasks": cursors}
        body |= {name: float(value) for name, value in query.items()}
        return self.http.build_request("POST", path, json=body, timeout=timeout)


@dataclass(slots=True)
class Counts:
    """What came through, since the process found its server."""

    frames: int = 0
    polls: int = 0
    useless_polls: int = 0
    connections: int = 0


class Sink(Protocol):
    """Where a transport's frames go. Everything is called on the loop."""

    counts: Counts

    def cursors(self) -> Cursors:
        """The tasks to follow, each from where it stands."""
        ...

    def frame(self, carrier: Carrier, frame: dict[str, Any]) -> None:
        """A frame came."""
        ...

    def ended(self, carrier: Carrier, failure: Failure) -> None:
        """It is over; nothing follows."""
        ...


class Carrier(ABC):
    """One connection, or one sequence of polls."""

    name: ClassVar[Transport]
    beats: ClassVar[bool] = True
    """Whether silence means anything: a poll notices by itself when no answer comes."""

    @property
    def prompt(self) -> bool:
        """Whether nothing on the way can be collecting what is sent."""
        return True

    def __init__(self, wire: Wire, sink: Sink) -> None:
        self.awaiting: set[str] = set()
        """Tasks asked for, whose snapshot has not come yet."""
        self._wire = wire
        self._sink = sink
        self._wanted = asyncio.Event()
        """Other tasks are to be followed; may be set before ``run`` has begun."""
        self._task = asyncio.get_running_loop().create_task(self._life())

    @abstractmethod
    async def run(self) -> Failure:
        """Carry frames until it ends; returns why."""

    @abstractmethod
    def subscribe(self, ids: Iterable[str]) -> None:
        """Ask for ``ids`` (again), from where the sink says."""

    def unsubscribe(self, ids: Iterable[str]) -> None:
        """Nobody follows ``ids`` any more."""
        self.awaiting.difference_update(ids)

    def ping(self) -> None:  # noqa: B027 - a stream cannot
        """Ask for a sign of life, where the transport can."""

    def close(self) -> None:
        """End it without a call of ``ended``."""
        self._task.cancel()

    async def closed(self) -> None:
        """Wait until it has let go of everything."""
        await asyncio.gather(self._task, return_exceptions=True)

    async def _life(self) -> None:
        try:
            failure = await self.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.debug("%s ended", self.name, exc_info=True)
            failure = Failure(code="closed", words=f"it ended ({type(error).__name__})")
        self._sink.ended(self, failure)


def refusal(status: int, headers: Mapping[str, str], body: bytes = b"") -> Failure:
    """What an HTTP answer other than the wished one means."""
    code = _code(body)
    words = f"refused with HTTP {status}" + (f" ({code})" if code else "")
    if code == "realtime_disabled":
        return Failure(code="disabled", words="the server offers polling only")
    if status == httpx.codes.UNAUTHORIZED or (300 <= status < 400):
        return Failure(code="not_authorized", words="the login is refused")
    if status == _HUB_STOPPED:
        return Failure(code="suspended", words="the Hub has stopped the server")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Failure(code="limited", words=words, retry_s=_seconds(headers.get("retry-after")))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Failure(code="server_error", words=words)
    return Failure(code="refused", words=words)


def farewell(code: object, reason: str) -> Failure:
    """What the close code of a connection means, None if it was cut."""
    if code in {RESTARTING, _GOING_AWAY}:
        return Failure(code="restarting", words="the server restarts")
    if code == SLOW_READER:
        return Failure(code="slow_reader", words="this process read too slowly")
    return Failure(code="closed", words=reason or f"the connection was cut ({code or 'no code'})")


def _code(body: bytes) -> str | None:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return str(content["code"]) if isinstance(content, dict) and "code" in content else None


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdigit() else None
