"""Frames over a WebSocket at ``api/v1/ws``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from stockwidget.delivery.ladder import Failure
from stockwidget.notebook.rest import API
from stockwidget.notebook.transports.base import Carrier, farewell, refusal

OPEN_S = 4.0
HELLO_S = 5.0
FRAME_BYTES = 64 * 1024 * 1024
"""A snapshot of a large scan is one frame."""


class WebSocketCarrier(Carrier):
    """One socket."""

    name = "ws"
    _socket: ClientConnection | None = None

    async def run(self) -> Failure:
        """Open, subscribe after the greeting, hand frames in."""
        target = self._wire.target
        opening = connect(
            "ws" + target.url.removeprefix("http") + f"{API}ws",
            additional_headers=self._wire.headers,
            ssl=self._wire.context,
            proxy=None if target.loopback else True,
            compression=None,
            open_timeout=OPEN_S,
            close_timeout=1,
            max_size=FRAME_BYTES,
            ping_interval=None,  # heartbeats are frames of ours, seen by every transport
        )
        try:
            async with opening as self._socket:
                return await self._carry(self._socket)
        except InvalidStatus as error:
            answer = error.response
            return refusal(answer.status_code, answer.headers, bytes(answer.body or b""))
        except InvalidHandshake as error:
            return Failure(code="refused", words=f"the handshake failed ({error})")
        except TimeoutError:
            return Failure(code="timeout", words="the handshake got no answer")
        except OSError as error:
            return Failure(code="offline", words=f"no connection ({error})")
        finally:
            self._socket = None

    async def _carry(self, socket: ClientConnection) -> Failure:
        try:
            try:
                async with asyncio.timeout(HELLO_S):
                    self._sink.frame(self, _decode(await socket.recv()))
            except TimeoutError:
                return Failure(code="timeout", words="it opened and stayed mute")
            self.subscribe(self._sink.cursors())
            async for message in socket:
                self._sink.frame(self, _decode(message))
            code, reason = socket.close_code, socket.close_reason
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else None
            reason = closed.rcvd.reason if closed.rcvd else ""
        return farewell(code, reason or "")

    def subscribe(self, ids: Iterable[str]) -> None:
        """See ``Carrier``."""
        wanted = set(ids)
        cursors = {task: at for task, at in self._sink.cursors().items() if task in wanted}
        if cursors and self._socket is not None:
            self.awaiting |= cursors.keys()
            self._send({"op": "subscribe", "tasks": cursors})

    def unsubscribe(self, ids: Iterable[str]) -> None:
        """See ``Carrier``: a connection may follow a limited number of tasks."""
        tasks = list(ids)
        super().unsubscribe(tasks)
        if tasks:
            self._send({"op": "unsubscribe", "tasks": tasks})

    def ping(self) -> None:
        """See ``Carrier``."""
        self._send({"op": "ping"})

    def _send(self, message: dict[str, Any]) -> None:
        if self._socket is not None:
            text = orjson.dumps(message).decode()
            sending = asyncio.get_running_loop().create_task(_quietly(self._socket, text))
            _SENDING.add(sending)
            sending.add_done_callback(_SENDING.discard)


_SENDING: set[asyncio.Task[None]] = set()


async def _quietly(socket: ClientConnection, text: str) -> None:
    try:
        await socket.send(text)
    except (ConnectionClosed, OSError):
        return  # whoever reads notices it too


def _decode(message: str | bytes) -> dict[str, Any]:
    frame = orjson.loads(message)
    return frame if isinstance(frame, dict) else {}
