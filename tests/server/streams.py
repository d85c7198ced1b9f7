"""Readers of ``events`` and ``poll``, written from docs/protocol.md alone, over bare sockets."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

PATH = "/user/x/stockwidget/api/v1/"


@dataclass
class SentEvent:
    """One event as a browser's reader dispatches it; ``id`` only where the block had one."""

    kind: str
    data: dict[str, Any]
    id: dict[str, Any] | None = None


@dataclass
class Stream:
    """An open event stream: status, headers, and the events one by one."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int
    headers: dict[str, str]
    chunks: list[bytes] = field(default_factory=list)
    ended: bool = False
    _rest: bytes = b""

    async def chunk(self) -> bytes:
        """The next piece of the body; empty at its end."""
        if self.headers.get("transfer-encoding") != "chunked":
            return await self.reader.read(65536)
        size = int(await self.reader.readline() or b"0", 16)
        data = (await self.reader.readexactly(size + 2))[:-2] if size else b""
        if not size:
            self.ended = await self.reader.readline() == b"\r\n"
        return data

    async def event(self) -> SentEvent | None:
        """The next event; None at the end of the stream."""
        while True:
            block, blank, rest = self._rest.partition(b"\n\n")
            if not blank:
                data = await self.chunk()
                if not data:
                    assert not self._rest, "the stream ended inside an event"
                    return None
                self.chunks.append(data)
                self._rest += data
                continue
            self._rest = rest
            fields: dict[str, str] = {}
            for line in block.decode().split("\n"):
                name, _, value = line.partition(":")
                if name:
                    assert name not in fields
                    fields[name] = value.removeprefix(" ")
            if fields:
                last = json.loads(fields["id"]) if "id" in fields else None
                return SentEvent(fields["event"], json.loads(fields["data"]), last)

    async def until(self, kind: str, task: str | None = None) -> list[SentEvent]:
        """Events up to and with the first one of ``kind`` (about ``task``)."""
        events = []
        while True:
            event = await self.event()
            assert event is not None, f"ended before {kind}: {events}"
            events.append(event)
            if event.kind == kind and task in {None, event.data.get("t")}:
                return events

    def close(self) -> None:
        self.writer.close()


def cursor_query(cursors: dict[str, Any]) -> str:
    return quote(json.dumps(cursors, separators=(",", ":")))


async def open_stream(
    port: int,
    query: str = "",
    *,
    headers: dict[str, str],
    body: Any = None,
    version: str = "1.1",
) -> Stream:
    """Ask for ``events`` and read the response's head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4 * 1024 * 1024)
    raw = b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{'GET' if body is None else 'POST'} {PATH}events{query} HTTP/{version}",
        f"Host: 127.0.0.1:{port}",
        *(f"{name}: {value}" for name, value in headers.items()),
        *([] if body is None else [f"Content-Length: {len(raw)}"]),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + raw)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    found = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    return Stream(reader, writer, int(head[0].split(" ")[1]), found)
