"""How far a reader has got, as it travels: ``{task: null | {"e": epoch, "s": 12, "q": 4}}``.

One spelling for every transport: the subscribe message of a WebSocket, the query of an event stream
or a poll, and the ``id`` of an event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from stockwidget.errors import InvalidRequest

_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """How far a reader has got with one task: the last ``s`` and ``q`` it applied."""

    epoch: str
    s: int
    q: int


Cursors = Mapping[str, Cursor | None]
"""Tasks to follow, each from its cursor; ``None`` asks for the whole snapshot."""


def read_cursors(value: object, *, field: str, most: int | None = None) -> dict[str, Cursor | None]:
    """Check a decoded mapping of at most ``most`` tasks; ``field`` is its name in errors.

    Raises InvalidRequest, whose ``field`` is the path of the offending value.
    """
    if not isinstance(value, dict):
        raise wrong(field, "an object of task ids and cursors", value)
    if most is not None and len(value) > most:
        raise too_many(len(value), most=most, field=field)
    return {read_id(task, field=field): _cursor(task, at, field) for task, at in value.items()}


def write_cursors(cursors: Cursors) -> bytes:
    """Return the compact JSON that ``read_cursors`` takes after decoding."""
    return orjson.dumps(
        {
            task: None if at is None else {"e": at.epoch, "s": at.s, "q": at.q}
            for task, at in cursors.items()
        }
    )


def read_id(task: object, *, field: str) -> str:
    """Check one task id. Raises InvalidRequest."""
    if not isinstance(task, str) or not _TASK_ID.fullmatch(task):
        raise wrong(field, "task ids as POST tasks returns them", task)
    return task


def too_many(total: int, *, most: int, field: str) -> InvalidRequest:
    """Return the error for more tasks than one connection may follow."""
    return InvalidRequest(
        f"That would be {total} tasks on one connection; {most} are allowed.",
        hint="Unsubscribe from tasks that have ended.",
        field=field,
    )


def wrong(field: str, wanted: str, value: object) -> InvalidRequest:
    """Return the error for a value that is not what ``wanted`` says."""
    return InvalidRequest(
        f"{field[:200]} is {short(value)}.", hint=f"It must be {wanted}.", field=field[:200]
    )


def short(value: object, width: int = 80) -> str:
    """Return a value as an error message shows it."""
    try:
        text = orjson.dumps(value, default=repr).decode()
    except orjson.JSONEncodeError:  # It reads deeper than it writes.
        return "nested too deeply"
    return text if len(text) <= width else f"{text[:width]}…"


def _cursor(task: str, cursor: object, field: str) -> Cursor | None:
    if cursor is None:
        return None
    path = f"{field}.{task}"
    if not isinstance(cursor, dict):
        raise wrong(path, "null or a cursor {e, s, q}", cursor)
    epoch = cursor.get("e")
    if not isinstance(epoch, str):
        raise wrong(f"{path}.e", "the epoch, a string", epoch)
    return Cursor(epoch=epoch, s=_count(path, "s", cursor), q=_count(path, "q", cursor))


def _count(path: str, key: str, cursor: Mapping[str, object]) -> int:
    value = cursor.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise wrong(f"{path}.{key}", "a whole number, 0 or more", value)
    return value
