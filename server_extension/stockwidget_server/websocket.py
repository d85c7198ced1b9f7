"""``ws``: a delivery session over a WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http.cookies import SimpleCookie
from typing import Any, cast

from jupyter_server.base.handlers import JupyterHandler
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.websocket import WebSocketHandler

from stockwidget.delivery.channel import Shared
from stockwidget.delivery.pump import Pump
from stockwidget_server.base import Guarded, guarded
from stockwidget_server.outlet import Outlet
from stockwidget_server.service import Feed

PING_S = 20.0
"""A reader whose machine has gone shows within two of these."""
MESSAGE_BYTES = 1024 * 1024
"""Beyond this Tornado ends the connection; the session refuses, and lives, long before."""
_TEXT = 0x81  # one unfragmented text message


PROTOCOL = "stockwidget.v1"
CREDENTIAL = "stockwidget.token."


class FollowHandler(Guarded, WebSocketHandler, JupyterHandler):
    """One connection. Authentication and authorisation happen before the upgrade."""

    _feed: Feed
    _outlet: Outlet
    _pump: Pump | None = None

    # Tornado's pings, in seconds. Jupyter's WebSocketMixin stays out: its own, in milliseconds,
    # would come on top.
    ping_interval = PING_S
    ping_timeout = PING_S
    max_message_size = MESSAGE_BYTES

    async def prepare(self, *, _redirect_to_login: bool = True) -> None:
        """Take the token of a page without a cookie from where its script could put it.

        A script can set no header of a socket but the subprotocols, and an address is no place for
        a secret. From here on the server's own identity provider judges it as any other.
        """
        offered = self.request.headers.pop("Sec-WebSocket-Protocol", "")
        names = [name.strip() for name in offered.split(",") if name.strip()]
        for name in names:
            if name.startswith(CREDENTIAL) and "Authorization" not in self.request.headers:
                self.request.headers["Authorization"] = f"token {_unhexed(name[len(CREDENTIAL) :])}"
        if PROTOCOL in names:
            self.request.headers["Sec-WebSocket-Protocol"] = PROTOCOL
        await super().prepare(_redirect_to_login=_redirect_to_login)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Accept the one that is ours; a browser wants one of those it offered."""
        return PROTOCOL if PROTOCOL in subprotocols else None

    @guarded
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Upgrade; else 503 (no journal) or 409 (polling only), which a client can read."""
        self._feed = await self.service.connect("ws")
        await super().get(*args, **kwargs)

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Jupyter's rule: the same host, or what ``allow_origin`` says, or a token."""
        return JupyterHandler.check_origin(self, origin_to_satisfy_tornado)

    def get_compression_options(self) -> None:
        """No deflate: it costs three times the CPU and eight times the memory a connection."""

    def open(self, *_args: str, **_kwargs: str) -> None:
        """Greet."""
        self._forget_handshake()
        self.set_nodelay(True)
        # Open connections always have a protocol, and that a stream; Tornado's types do not say so.
        self._outlet = Outlet(cast("Any", self.ws_connection).stream)
        self._pump = self._feed.begin(self, Shared(framed, self._outlet.write))

    def _forget_handshake(self) -> None:
        """Let go of what only the handshake needed: a third of the memory of a connection."""
        self.request.headers.clear()  # The coroutine that waits for the end still knows them.
        self.request = _GREETED
        self._headers = _GREETED.headers
        self._new_cookie = SimpleCookie()

    def on_message(self, message: str | bytes) -> None:
        """Hand it to the session."""
        if self._pump is not None:
            self._pump.receive(message)

    def on_close(self) -> None:
        """Let go of everything."""
        if self._pump is not None:
            self.service.disconnect(self._pump)

    def send(self, frames: Sequence[bytes]) -> asyncio.Future[None] | None:
        """Write all frames at once; see ``Transport.send``.

        Past ``write_message``, which wraps each message in a task of its own.
        """
        if len(frames) == 1 and frames[0] is _Last.payload:
            return self._outlet.write(_Last.message)
        return self._outlet.write(framed(frames))


_GREETED = HTTPServerRequest(
    start_line=RequestStartLine("GET", "stockwidget/api/v1/ws", "HTTP/1.0"),
    headers=HTTPHeaders({"Host": "localhost"}),
)
"""What Tornado's log says of any connection that stands."""


def _unhexed(text: str) -> str:
    """Return what was spelled in hexadecimal; what was not is no token."""
    try:
        return bytes.fromhex(text).decode()
    except ValueError:
        return ""


class _Last:
    """The message framed last: an event goes to all its readers before the next one comes."""

    payload = b""
    message = b""


def framed(payloads: Sequence[bytes]) -> bytes:
    """Return each payload as one unmasked text message (RFC 6455, 5.2), in one piece."""
    if len(payloads) != 1:
        return b"".join([_framed(payload) for payload in payloads])
    if payloads[0] is not _Last.payload:
        _Last.payload, _Last.message = payloads[0], _framed(payloads[0])
    return _Last.message


def _framed(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 1 << 16:
        return bytes((_TEXT, 126)) + size.to_bytes(2) + payload
    return bytes((_TEXT, 127)) + size.to_bytes(8) + payload
