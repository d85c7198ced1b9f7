"""Frames as server-sent events (WHATWG HTML, 9.2): the envelope as ``data``, the cursor as ``id``.

``id`` is the whole cursor after the frame, so that a reader without a memory of its own resumes by
``Last-Event-ID`` alone. Comments are invisible to a browser's reader: the heartbeat is an event.
"""

from __future__ import annotations

from collections.abc import Sequence

from stockwidget.delivery.cursors import Cursors, write_cursors
from stockwidget.delivery.frames import Encoder, Place, place

PADDING = b":" + b" " * 2048 + b"\n\n"
"""First of all: buffers on the way let a stream through once they have seen that much."""
_ID_BYTES = 1024
"""A shorter ``id`` stands on every frame with a task."""
_SHARED = 64


class Blocks:
    """Frames as events, for all streams of a process that follow one task: made once."""

    def __init__(self) -> None:
        self._made: dict[bytes, tuple[Place, bytes]] = {}

    def read(self, frame: bytes) -> tuple[Place, bytes]:
        """Return where ``frame`` stands, and its event for a stream that follows its task alone."""
        made = self._made.get(frame)
        if made is None:
            where = place(frame)
            cursors = {} if where.task is None else {where.task: where.cursor}
            made = where, _block(frame, where, write_cursors(cursors))
            self._made[frame] = made
            if len(self._made) > _SHARED:
                del self._made[next(iter(self._made))]
        return made

    def write(self, frames: Sequence[bytes]) -> bytes:
        """Return the frames of one task as events of a stream that follows it alone."""
        return b"".join([self.read(frame)[1] for frame in frames])

    def chunk(self, frames: Sequence[bytes]) -> bytes:
        """Return the same as one chunk of an HTTP/1.1 body."""
        return chunk(self.write(frames))


class EventStream:
    """What one reader has been sent. ``write`` takes frames of a session in their order."""

    def __init__(self, cursors: Cursors, *, blocks: Blocks) -> None:
        self._cursors = dict(cursors)
        self.blocks = blocks
        self._unmarked = 0
        """Bytes since the last ``id``."""
        self._id_bytes = 0

    @property
    def alone(self) -> bool:
        """Whether it follows one task only, so that ``Blocks.write`` would do, too."""
        return len(self._cursors) == 1

    def write(self, frames: Sequence[bytes]) -> bytes:
        """Return the frames as events."""
        return b"".join([self._event(frame) for frame in frames])

    def _event(self, frame: bytes) -> bytes:
        where, block = self.blocks.read(frame)
        if where.task is None:
            return block
        if where.cursor is None:
            self._cursors.pop(where.task, None)  # An error: the session has dropped the task.
        else:
            self._cursors[where.task] = where.cursor
            if len(self._cursors) == 1:
                return block
        self._unmarked += len(frame)
        # The cursor of a hundred tasks is far longer than an event: it goes with as many bytes of
        # events as it has itself, and a reader that resumes a little behind drops repetitions.
        if self._id_bytes > max(_ID_BYTES, self._unmarked):
            return _block(frame, where, None)
        cursors = write_cursors(self._cursors)
        self._unmarked, self._id_bytes = 0, len(cursors)
        return _block(frame, where, cursors)


def chunk(data: bytes) -> bytes:
    """Return a chunk of an HTTP/1.1 body (RFC 9112, 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def farewell(epoch: str, code: int, reason: str, *, ts: int) -> bytes:
    """Return the last event: ``bye``, with what a WebSocket says by its close code."""
    frame = Encoder(epoch).notice("bye", {"code": code, "reason": reason}, ts=ts)
    return b"event: bye\ndata: %b\n\n" % frame


def _block(frame: bytes, where: Place, cursors: bytes | None) -> bytes:
    mark = b"" if cursors is None or where.task is None else b"id: %b\n" % cursors
    return b"event: %b\n%bdata: %b\n\n" % (where.kind.encode(), mark, frame)
