"""The envelope: events and connection notices as bytes, client messages as checked values.

An event is encoded once however many readers follow its task. Encoding is orjson's: a number that
is not finite becomes ``null``.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from stockwidget.delivery.cursors import Cursor, Cursors, read_cursors, read_id, short, wrong
from stockwidget.errors import InvalidRequest, StockwidgetError, UnknownParameter, nearest
from stockwidget.tasks.events import Event, Snapshot

PROTOCOL = 1
"""The ``v`` of every envelope."""

MESSAGE_BYTES = 64 * 1024
"""The largest client message that is read; a longer one is answered by an error frame."""

_HEAD = re.compile(
    rb'\{"v":\d+,"k":"(\w+)"(?:,"t":"([^"]+)")?,"e":"([^"]*)"(?:,"s":(\d+),"q":(\d+))?,"ts"'
)
"""The fields that come first in an envelope, in the order in which ``Encoder`` writes them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscribe:
    """Follow these tasks, each from its cursor; ``None`` asks for the whole snapshot."""

    tasks: Cursors


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsubscribe:
    """Stop following these tasks; ids that are not followed are ignored."""

    tasks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Visible:
    """Whether anybody can see the page; a hidden one gets progress more rarely."""

    visible: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Ping:
    """Answer with a heartbeat."""


Message = Subscribe | Unsubscribe | Visible | Ping


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a frame stands: its kind, its task and, unless it is an error, its position."""

    kind: str
    task: str | None
    cursor: Cursor | None


def place(frame: bytes) -> Place:
    """Return where a frame of ``Encoder`` stands, from its first bytes.

    A snapshot may have a megabyte, so decoding it to learn its position would be the larger work.
    """
    head = _HEAD.match(frame)
    if head is None:
        raise ValueError(f"No frame of this encoder: {frame[:80]!r}")
    kind, task, epoch, s, q = head.groups()
    return Place(
        kind=kind.decode(),
        task=None if task is None else task.decode(),
        cursor=None if s is None else Cursor(epoch=epoch.decode(), s=int(s), q=int(q)),
    )


class Encoder:
    """Envelopes of one journal. Share one instance between all readers of a process.

    ``kept`` bounds how many encoded events are remembered: enough for every reader to pick up the
    same bytes while an event travels, too few to matter as memory.
    """

    def __init__(self, epoch: str, *, kept: int = 256) -> None:
        self.epoch = epoch
        self._kept = kept
        self._frames: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._newest: tuple[Event | None, bytes] = (None, b"")

    def event(self, event: Event) -> bytes:
        """Return the frame of ``event``, the same object for every reader while remembered."""
        newest, frame = self._newest
        if newest is event:  # As a rule all its readers ask for it in a row.
            return frame
        self._newest = event, self._remembered(event)
        return self._newest[1]

    def _remembered(self, event: Event) -> bytes:
        key = (event.task_id, event.s)
        frame = self._frames.get(key)
        if frame is None:
            frame = self._envelope(
                event.kind, event.data, ts=event.ts, task=event.task_id, s=event.s, q=event.q
            )
            self._frames[key] = frame
            if len(self._frames) > self._kept:
                self._frames.popitem(last=False)
        return frame

    def snapshot(self, snapshot: Snapshot, *, ts: int) -> bytes:
        """Return the frame of a whole snapshot (``recovered: false``)."""
        record = snapshot.record
        body = {
            "state": record.public(self.epoch),
            "recovered": False,
            "retain_until": record.kept_until,
            "partial": snapshot.partial,
            "logs": snapshot.logs,
        }
        return self._envelope("snapshot", body, ts=ts, task=record.id, s=record.s, q=record.q)

    def recovered(self, snapshot: Snapshot, cursor: Cursor, *, ts: int) -> bytes:
        """Return the frame that precedes a replay: it stands where ``cursor`` stands."""
        record = snapshot.record
        body = {
            "state": record.public(self.epoch),
            "recovered": True,
            "retain_until": record.kept_until,
        }
        return self._envelope("snapshot", body, ts=ts, task=record.id, s=cursor.s, q=cursor.q)

    def gone(self, task: str, body: Mapping[str, Any], cursor: Cursor, *, ts: int) -> bytes:
        """Return the frame that tells of a result's removal, under the number of ``cursor``."""
        return self._envelope("gone", body, ts=ts, task=task, s=cursor.s, q=cursor.q)

    def notice(self, kind: str, body: Mapping[str, Any], *, ts: int) -> bytes:
        """Return a frame about the connection: ``hello``, ``hb``, ``bye`` or ``error``."""
        return self._envelope(kind, body, ts=ts)

    def error(self, error: StockwidgetError, *, ts: int, task: str | None = None) -> bytes:
        """Return an error frame; ``task`` when it is about one task alone."""
        return self._envelope("error", error.to_dict(), ts=ts, task=task)

    def _envelope(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        ts: int,
        task: str | None = None,
        s: int | None = None,
        q: int | None = None,
    ) -> bytes:
        frame: dict[str, Any] = {"v": PROTOCOL, "k": kind}
        if task is not None:
            frame["t"] = task
        frame["e"] = self.epoch
        if s is not None:
            frame["s"], frame["q"] = s, q
        frame["ts"] = ts
        frame["d"] = body
        return orjson.dumps(frame, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def read_message(message: str | bytes) -> Message:
    """Check one client message.

    Raises InvalidRequest or UnknownParameter; ``field`` is the path of the offending value.
    """
    size = len(message)
    if size > MESSAGE_BYTES:
        raise InvalidRequest(
            f"The message has {size} characters; {MESSAGE_BYTES} are allowed.",
            hint="Subscribe in several messages.",
            field="message",
        )
    try:
        body = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise InvalidRequest(
            "The message is not JSON.",
            hint='Send an object such as {"op": "ping"}.',
            field="message",
        ) from None
    if not isinstance(body, dict):
        raise wrong("message", "an object with an op", body)
    match body.get("op"):
        case "subscribe":
            return Subscribe(tasks=read_cursors(_only(body, "tasks"), field="tasks"))
        case "unsubscribe":
            return Unsubscribe(tasks=_ids(_only(body, "tasks")))
        case "visible":
            visible = _only(body, "visible")
            if not isinstance(visible, bool):
                raise wrong("visible", "true or false", visible)
            return Visible(visible=visible)
        case "ping":
            _only(body)
            return Ping()
        case op:
            raise wrong("op", "subscribe, unsubscribe, visible or ping", op)


def _only(body: Mapping[str, Any], field: str | None = None) -> Any:
    """Return ``body[field]``, refusing other keys than it and ``op``."""
    known = ["op", field] if field else ["op"]
    for key in body:
        if key not in known:
            near = nearest(key, known)
            raise UnknownParameter(
                f"A {body['op']} message has no {short(key)}.",
                hint=f"Did you mean {near[0]}?" if near else f"It has {' and '.join(known)}.",
                field=key[:80],
                nearest=near,
            )
    if field is None:
        return None
    if field not in body:
        raise InvalidRequest(
            f"A {body['op']} message needs {field}.", hint=f"Add {field}.", field=field
        )
    return body[field]


def _ids(tasks: object) -> tuple[str, ...]:
    if not isinstance(tasks, list):
        raise wrong("tasks", "a list of task ids", tasks)
    return tuple(read_id(task, field="tasks") for task in tasks)
