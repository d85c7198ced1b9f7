"""How a subscriber talks: the request it opens with, how bytes become messages, what it answers.

A subscriber follows one task. ``split`` keeps no state, so that the load generator can remember
what a run of bytes means: all subscribers of one server get the same bytes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Protocol

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_CHUNK = re.compile(rb"[0-9a-fA-F]+\r\n")


class RefusedError(Exception):
    """The server did not let a subscriber in; the text is its answer."""


class Dialect(Protocol):
    """One way to subscribe."""

    def request(self) -> bytes:
        """The HTTP request that opens the connection."""

    def accept(self, head: bytes) -> None:
        """Check the response's head. Raises RefusedError."""

    def split(self, buffer: bytes) -> tuple[list[bytes], bytes]:
        """Whole messages, and the bytes left over."""

    def answer(self, message: bytes) -> bytes | None:
        """Bytes to send in answer to a message."""

    def subscribed(self, message: bytes | None) -> bool:
        """Whether after this message (None: the response's head) events will flow."""


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A client's WebSocket frame, masked with zeros: valid, and free to make. At most 64 KiB."""
    size = len(payload)
    head = bytes([0x80 | opcode, 0x80 | size]) if size < 126 else bytes([0x80 | opcode, 0xFE])
    return head + (size.to_bytes(2) if size >= 126 else b"") + bytes(4) + payload


def _status(head: bytes, wanted: int) -> None:
    line = head.split(b"\r\n", 1)[0].decode("latin-1")
    if line.split(" ")[1:2] != [str(wanted)]:
        raise RefusedError(line)


def _get(path: str, headers: dict[str, str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True, kw_only=True)
class WebSocket:
    """A bare WebSocket whose subscription is in its address (Nchan)."""

    path: str
    token: str | None = None

    def request(self) -> bytes:
        """The upgrade request; no compression is offered."""
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "c3RvY2t3aWRnZXRiZW5jaA==",
        }
        if self.token:
            headers["Authorization"] = f"token {self.token}"
        return _get(self.path, headers)

    def accept(self, head: bytes) -> None:
        """101 is the one right answer."""
        _status(head, 101)

    def split(self, buffer: bytes) -> tuple[list[bytes], bytes]:
        """Text payloads as they are; control frames as their opcode byte and payload."""
        messages = []
        at, end = 0, len(buffer)
        while end - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[at + 2 : at + 4]), at + 4
            elif size == 127:
                size, start = int.from_bytes(buffer[at + 2 : at + 10]), at + 10
            if start + size > end:
                break
            opcode, payload = buffer[at] & 15, buffer[start : start + size]
            messages.append(payload if opcode < CLOSE else bytes([opcode]) + payload)
            at = start + size
        return messages, buffer[at:]

    def answer(self, message: bytes) -> bytes | None:
        """Pong to ping."""
        return frame(message[1:], PONG) if message[:1] == bytes([PING]) else None

    def subscribed(self, message: bytes | None) -> bool:
        """At once."""
        return message is None


@dataclass(frozen=True, kw_only=True)
class Stockwidget(WebSocket):
    """Our WebSocket: hello, subscribe, snapshot, events."""

    task: str

    def answer(self, message: bytes) -> bytes | None:
        """Subscribe after the greeting."""
        if b'"k":"hello"' in message:
            return frame(json.dumps({"op": "subscribe", "tasks": {self.task: None}}).encode())
        if b'"k":"error"' in message:
            raise RefusedError(message.decode())
        return super().answer(message)

    def subscribed(self, message: bytes | None) -> bool:
        """Once the snapshot is here."""
        return message is not None and b'"k":"snapshot"' in message


@dataclass(frozen=True, kw_only=True)
class SocketIO(WebSocket):
    """Engine.IO 4 straight over a WebSocket; the subscription is an acknowledged event."""

    path: str = "/socket.io/?EIO=4&transport=websocket"
    room: str = "pulse"

    def answer(self, message: bytes) -> bytes | None:
        """Open → connect, connected → subscribe, ping → pong."""
        if message[:1] == b"0":
            return frame(b"40")
        if message[:2] == b"40":
            return frame(b"420" + json.dumps(["subscribe", self.room]).encode())
        if message == b"2":
            return frame(b"3")
        if message[:2] == b"44":
            raise RefusedError(message.decode())
        return super().answer(message)

    def subscribed(self, message: bytes | None) -> bool:
        """Once acknowledged."""
        return message is not None and message[:3] == b"430"


@dataclass(frozen=True, kw_only=True)
class EventStream:
    """Server-sent events, plain or in chunks. ``proof`` in a message: the subscription stands."""

    path: str
    token: str | None = None
    proof: bytes | None = None

    def request(self) -> bytes:
        """One GET that never ends."""
        headers = {"Accept": "text/event-stream"}
        if self.token:
            headers["Authorization"] = f"token {self.token}"
        return _get(self.path, headers)

    def accept(self, head: bytes) -> None:
        """200 and an event stream."""
        _status(head, 200)
        if b"text/event-stream" not in head.lower():
            raise RefusedError("the answer is no event stream")

    def split(self, buffer: bytes) -> tuple[list[bytes], bytes]:
        """Blocks between blank lines. A chunk that ends inside a block waits for the next one."""
        if not _CHUNK.match(buffer):
            *blocks, rest = buffer.split(b"\n\n")
            return [block for block in blocks if block], rest
        body, at = [], 0
        while (line := buffer.find(b"\r\n", at)) >= 0:
            size = int(buffer[at:line], 16)
            if line + 2 + size + 2 > len(buffer):
                break
            body.append(buffer[line + 2 : line + 2 + size])
            at = line + 2 + size + 2
        whole = b"".join(body)
        if not whole.endswith(b"\n\n"):
            return [], buffer
        return [block for block in whole.split(b"\n\n") if block], buffer[at:]

    def answer(self, message: bytes) -> bytes | None:  # noqa: ARG002 - a stream is one way
        """Nothing."""
        return None

    def subscribed(self, message: bytes | None) -> bool:
        """At once, or with the first message that holds ``proof``."""
        if self.proof is None:
            return message is None
        return message is not None and self.proof in message
