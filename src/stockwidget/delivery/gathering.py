"""The answer to one poll, as it grows: a stream cut into pieces, without what is no news.

A session is subscribed with the reader's cursors and its frames come here. A snapshot that only
confirms a cursor is held back until something follows it, so that a task without news has no frame.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from stockwidget.delivery.cursors import Cursor, Cursors, write_cursors
from stockwidget.delivery.frames import PROTOCOL, Encoder, place

ANSWER_BYTES = 1024 * 1024
"""An answer that has grown so long goes out; the next poll brings the rest."""
_GONE = {"code", "expired_at", "how_to_rerun"}


class Gathering:
    """Collects until the shell finds that it is time; ``body`` and ``etag`` are the answer."""

    def __init__(self, cursors: Cursors, *, encoder: Encoder) -> None:
        self._encoder = encoder
        self._cursors = dict(cursors)
        self._unanswered = set(cursors)
        self._heads: dict[str, bytes] = {}
        """Snapshots that were no news."""
        self._frames: list[bytes] = []
        self._size = 0
        self._lost: dict[str, str] = {}

    @property
    def complete(self) -> bool:
        """Whether every task has been answered for."""
        return not self._unanswered

    @property
    def news(self) -> bool:
        """Whether there is something to tell."""
        return bool(self._frames)

    @property
    def full(self) -> bool:
        """Whether it should go out now."""
        return self._size >= ANSWER_BYTES

    @property
    def frames(self) -> Sequence[bytes]:
        """What there is to tell, in order."""
        return self._frames

    def take(self, frame: bytes) -> None:
        """Take the next frame of the session."""
        where = place(frame)
        task = where.task
        if task is None:
            return  # The greeting and the heartbeat of a connection that is none.
        before = self._cursors.get(task)
        if where.kind == "error":
            self._unanswered.discard(task)
            self._cursors.pop(task, None)
            self._refused(task, before, frame)
            return
        if where.kind == "snapshot":
            self._unanswered.discard(task)
            self._heads.pop(task, None)
        if where.cursor is None or _known(where.cursor, before):
            if where.kind == "snapshot":
                self._heads[task] = frame
            return
        head = self._heads.pop(task, None)
        if head is not None and where.kind != "snapshot":
            self._add(head)
        self._add(frame)
        self._cursors[task] = where.cursor

    @property
    def etag(self) -> str:
        """A digest of where a reader stands once it has this answer."""
        known = write_cursors(dict(sorted(self._cursors.items())))
        lost = orjson.dumps(sorted(self._lost.items()))
        return f'"{hashlib.blake2b(known + lost, digest_size=12).hexdigest()}"'

    def body(self, *, server_id: str, next_ms: int) -> bytes:
        """Return the JSON answer."""
        answer = {
            "v": PROTOCOL,
            "e": self._encoder.epoch,
            "server_id": server_id,
            "next_ms": next_ms,
            "frames": [orjson.Fragment(frame) for frame in self._frames],
        }
        return orjson.dumps(answer)

    def _refused(self, task: str, before: Cursor | None, frame: bytes) -> None:
        envelope: dict[str, Any] = orjson.loads(frame)
        error: Mapping[str, Any] = envelope["d"]
        self._lost[task] = str(error["code"])
        if error["code"] == "expired" and before is not None:
            # What a reader that had stayed would have got, under the number that it expects.
            after = replace(before, s=before.s + 1, q=before.q + 1)
            gone = {name: value for name, value in error.items() if name in _GONE}
            frame = self._encoder.gone(task, gone, after, ts=envelope["ts"])
        self._add(frame)

    def _add(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._size += len(frame)


def _known(at: Cursor, reader: Cursor | None) -> bool:
    """Whether a reader that stands at ``reader`` would drop what stands at ``at``."""
    return reader is not None and at.epoch == reader.epoch and at.s <= reader.s
