"""Frames that wait for nothing but the moment: what a reader gets that takes all at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from stockwidget.delivery.commands import Send
from stockwidget.delivery.frames import place


class _Newest:
    """The command made last: a thousand readers of one event share it."""

    send = Send(frames=(b"",))


class Passing:
    """In the order in which they leave."""

    __slots__ = ("_oldest_ts", "frames", "size")

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.size = 0
        """Bytes; those left out since the last ``take`` still count."""
        self._oldest_ts: int | None = None
        """Of the live events among them."""

    def add(self, frame: bytes, ts: int) -> None:
        """Add the frame of a live event of ``ts``."""
        self.frames.append(frame)
        self.size += len(frame)
        if self._oldest_ts is None or ts < self._oldest_ts:
            self._oldest_ts = ts

    def put_first(self, frames: Sequence[bytes], ts: int | None) -> None:
        """Send ``frames``, whose oldest live event is of ``ts``, before the others."""
        self.frames[:0] = frames
        self.size += sum(map(len, frames))
        if ts is not None and (self._oldest_ts is None or ts < self._oldest_ts):
            self._oldest_ts = ts

    def leave_out(self, tasks: Collection[str]) -> None:
        """Do not send what was to be sent of ``tasks``."""
        if self.frames:
            self.frames = [frame for frame in self.frames if place(frame).task not in tasks]

    def take(self) -> tuple[list[bytes], int | None]:
        """Return the frames and the ``ts`` of the oldest live event; none are left."""
        frames, ts = self.frames, self._oldest_ts
        self.frames, self.size, self._oldest_ts = [], 0, None
        return frames, ts

    def send(self) -> Send:
        """Return the command that sends them; none are left."""
        frames, ts = self.take()
        newest = _Newest.send
        if newest.frames != (frames[0],) or len(frames) > 1 or newest.oldest_ts != ts:
            newest = _Newest.send = Send(frames=tuple(frames), oldest_ts=ts)
        return newest
