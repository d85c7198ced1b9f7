"""A reader that polls."""

from __future__ import annotations

from http import HTTPStatus

from contract import conforms
from streams import cursor_query


class Poller:
    """A reader that keeps cursors as docs/protocol.md says."""

    def __init__(self, call, headers, *tasks: str, wait: float = 15) -> None:
        self.call = call
        self.headers = dict(headers)
        self.cursors: dict[str, dict | None] = dict.fromkeys(tasks)
        self.wait = wait
        self.etag: str | None = None
        self.frames: list[dict] = []
        self.answer = None

    async def poll(self) -> list[dict]:
        headers = {**self.headers, **({"If-None-Match": self.etag} if self.etag else {})}
        path = f"poll?since={cursor_query(self.cursors)}&wait={self.wait:g}"
        self.answer = await self.call("GET", path, headers=headers)
        if self.answer.status == HTTPStatus.NOT_MODIFIED:
            assert self.answer.body == b""
            assert int(self.answer.headers["X-Next-Ms"]) >= 0
            return []
        assert self.answer.status == HTTPStatus.OK, self.answer.body
        conforms("poll", "GET", 200, self.answer.json)
        self.etag = self.answer.headers["ETag"]
        frames = self.answer.json["frames"]
        for frame in frames:
            if "s" in frame:
                self.cursors[frame["t"]] = {name: frame[name] for name in ("e", "s", "q")}
            else:
                del self.cursors[frame["t"]]
        self.frames += frames
        return frames

    async def until(self, kind: str) -> None:
        while all(frame["k"] != kind for frame in await self.poll()):
            pass
