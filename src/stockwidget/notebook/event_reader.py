"""Reads server-sent events (WHATWG HTML, 9.2) from the pieces in which they arrive.

Lines end at LF, CR LF or CR and at nothing else: a text in an event may hold the separators of
Unicode that ``str.splitlines`` would cut at.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSentEvent:
    """One event; comments and unknown fields are dropped."""

    kind: str
    data: bytes


class EventReader:
    """``feed`` takes bytes and gives the events that they complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._kind = ""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """Take the next bytes of the stream."""
        text = self._rest + piece
        # A CR at the end may be half of a line's end.
        held = text.endswith(b"\r")
        text = (text[:-1] if held else text).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        self._rest = rest + b"\r" if held else rest
        events = []
        for line in lines:
            event = self._line(line)
            if event is not None:
                events.append(event)
        return events

    def _line(self, line: bytes) -> ServerSentEvent | None:
        if line:
            name, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if name == b"event":
                self._kind = value.decode(errors="replace")
            elif name == b"data":
                self._data.append(value)
            return None
        kind, data = self._kind or "message", self._data
        self._kind, self._data = "", []
        return ServerSentEvent(kind=kind, data=b"\n".join(data)) if data else None
