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

from stockwidget.errors import InvalidRequest, StockwidgetError, UnknownParameter, nearest
from stockwidget.tasks.events import Event, Snapshot

PROTOCOL = 1
"""The ``v`` of every envelope."""

MESSAGE_BYTES = 64 * 1024
"""The largest client message that is read; a longer one is answered by an error frame."""

_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """How far a reader has got with one task: the last ``s`` and ``q`` it applied."""

    epoch: str
    s: int
    q: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscribe:
    """Follow these tasks, each from its cursor; ``None`` asks for the whole snapshot."""

    tasks: Mapping[str, Cursor | None]


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


class Encoder:
    """Envelopes of one journal. Share one instance between all readers of a process.

    ``kept`` bounds how many encoded events are remembered: enough for every reader to pick up the
    same bytes while an event travels, too few to matter as memory.
    """

    def __init__(self, epoch: str, *, kept: int = 256) -> None:
        self.epoch = epoch
        self._kept = kept
        self._frames: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def event(self, event: Event) -> bytes:
        """Return the frame of ``event``, the same object for every reader while remembered."""
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
            "retain_until": record.retain_until,
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
            "retain_until": record.retain_until,
        }
        return self._envelope("snapshot", body, ts=ts, task=record.id, s=cursor.s, q=cursor.q)

    def notice(self, kind: str, body: Mapping[str, Any], *, ts: int) -> bytes:
        """Return a frame about the connection: ``hello``, ``hb`` or ``error``."""
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
        raise _wrong("message", "an object with an op", body)
    match body.get("op"):
        case "subscribe":
            return Subscribe(tasks=_cursors(_only(body, "tasks")))
        case "unsubscribe":
            return Unsubscribe(tasks=_ids(_only(body, "tasks")))
        case "visible":
            visible = _only(body, "visible")
            if not isinstance(visible, bool):
                raise _wrong("visible", "true or false", visible)
            return Visible(visible=visible)
        case "ping":
            _only(body)
            return Ping()
        case op:
            raise _wrong("op", "subscribe, unsubscribe, visible or ping", op)


def _only(body: Mapping[str, Any], field: str | None = None) -> Any:
    """Return ``body[field]``, refusing other keys than it and ``op``."""
    known = ["op", field] if field else ["op"]
    for key in body:
        if key not in known:
            near = nearest(key, known)
            raise UnknownParameter(
                f"A {body['op']} message has no {_short(key)}.",
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


def _cursors(tasks: object) -> dict[str, Cursor | None]:
    if not isinstance(tasks, dict):
        raise _wrong("tasks", "an object of task ids and cursors", tasks)
    return {_id(task): _cursor(task, cursor) for task, cursor in tasks.items()}


def _cursor(task: str, cursor: object) -> Cursor | None:
    if cursor is None:
        return None
    path = f"tasks.{task}"
    if not isinstance(cursor, dict):
        raise _wrong(path, "null or a cursor {e, s, q}", cursor)
    epoch = cursor.get("e")
    if not isinstance(epoch, str):
        raise _wrong(f"{path}.e", "the epoch, a string", epoch)
    return Cursor(epoch=epoch, s=_count(path, "s", cursor), q=_count(path, "q", cursor))


def _count(path: str, key: str, cursor: Mapping[str, Any]) -> int:
    value = cursor.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(f"{path}.{key}", "a whole number, 0 or more", value)
    return value


def _ids(tasks: object) -> tuple[str, ...]:
    if not isinstance(tasks, list):
        raise _wrong("tasks", "a list of task ids", tasks)
    return tuple(_id(task) for task in tasks)


def _id(task: object) -> str:
    if not isinstance(task, str) or not _TASK_ID.fullmatch(task):
        raise _wrong("tasks", "task ids as POST tasks returns them", task)
    return task


def _wrong(field: str, wanted: str, value: object) -> InvalidRequest:
    return InvalidRequest(
        f"{field} is {_short(value)}.", hint=f"It must be {wanted}.", field=field[:200]
    )


def _short(value: object, width: int = 80) -> str:
    text = orjson.dumps(value, default=repr).decode()
    return text if len(text) <= width else f"{text[:width]}…"
