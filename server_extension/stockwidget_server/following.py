"""Which tasks an event stream or a poll follows, from where: queries and bodies as checked values.

Both spell it as the WebSocket's subscribe message does; see ``stockwidget.delivery.cursors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from stockwidget.delivery.cadence import IDLE_MS, WAIT_S
from stockwidget.delivery.cursors import Cursors, read_cursors, short, wrong
from stockwidget.errors import InvalidRequest
from stockwidget_server.requests import given, only, read_object

_POLL_FIELDS = ("wait", "last_ms", "visible")


@dataclass(frozen=True, kw_only=True, slots=True)
class Following:
    """What a stream follows."""

    tasks: Cursors
    visible: bool = True

    @classmethod
    def query(cls, query: Mapping[str, str], *, last_event_id: str | None, most: int) -> Following:
        """Read ``?cursor=…&visible=0``; ``Last-Event-ID`` is newer than what the URL says.

        Raises InvalidRequest or UnknownParameter. ``most`` is how many tasks may be followed.
        """
        fields = given(query)
        only(fields, ("cursor", "visible"), where="The query")
        text, field = fields.get("cursor", "{}"), "cursor"
        if last_event_id:
            text, field = last_event_id, "Last-Event-ID"
        return cls(tasks=_decoded(text, field, most), visible=_flag(fields.get("visible", "1")))

    @classmethod
    def body(cls, body: bytes, *, most: int) -> Following:
        """Read ``{"op": "subscribe", "tasks": {…}}``; raises as ``query``."""
        fields = read_object(body)
        only(fields, ("op", "tasks", "visible"), where="The request")
        return cls(tasks=_subscribed(fields, most), visible=_boolean(fields))


@dataclass(frozen=True, kw_only=True, slots=True)
class Polling:
    """What a poll asks, and for how long it may wait."""

    tasks: Cursors
    wait_s: float = WAIT_S
    last_ms: int = 0
    """The pause before this poll, as the last answer told it."""
    visible: bool = True

    @classmethod
    def query(cls, query: Mapping[str, str], *, most: int) -> Polling:
        """Read ``?since=…&wait=20``. Raises InvalidRequest or UnknownParameter."""
        fields = given(query)
        only(fields, ("since", *_POLL_FIELDS), where="The query")
        if "since" not in fields:
            raise InvalidRequest(
                "since is missing.",
                hint='Send since={"<task id>": null}, URL-encoded.',
                field="since",
            )
        return cls(
            tasks=_decoded(fields["since"], "since", most),
            wait_s=_number("wait", _json(fields.get("wait", str(WAIT_S))), 0, WAIT_S),
            last_ms=round(_number("last_ms", _json(fields.get("last_ms", "0")), 0, 10 * IDLE_MS)),
            visible=_flag(fields.get("visible", "1")),
        )

    @classmethod
    def body(cls, body: bytes, *, most: int) -> Polling:
        """Read ``{"op": "subscribe", "tasks": {…}, "wait": 20}``; raises as ``query``."""
        fields = read_object(body)
        only(fields, ("op", "tasks", *_POLL_FIELDS), where="The request")
        return cls(
            tasks=_subscribed(fields, most),
            wait_s=_number("wait", fields.get("wait", WAIT_S), 0, WAIT_S),
            last_ms=round(_number("last_ms", fields.get("last_ms", 0), 0, 10 * IDLE_MS)),
            visible=_boolean(fields),
        )


def _decoded(text: str, field: str, most: int) -> Cursors:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InvalidRequest(
            f"{field} is not JSON: {short(text)}.",
            hint='It must be an object such as {"<task id>": null}, URL-encoded.',
            field=field,
        ) from None
    return read_cursors(value, field=field, most=most)


def _subscribed(fields: Mapping[str, Any], most: int) -> Cursors:
    if fields.get("op", "subscribe") != "subscribe":
        raise wrong("op", "subscribe", fields["op"])
    if "tasks" not in fields:
        raise InvalidRequest(
            "tasks is missing.",
            hint='Send {"op": "subscribe", "tasks": {"<task id>": null}}.',
            field="tasks",
        )
    return read_cursors(fields["tasks"], field="tasks", most=most)


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _number(field: str, value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise wrong(field, f"a number from {least:g} to {most:g}", value)
    return float(value)


def _flag(text: str) -> bool:
    if text not in {"0", "1", "false", "true"}:
        raise wrong("visible", "0 or 1", text)
    return text in {"1", "true"}


def _boolean(fields: Mapping[str, Any]) -> bool:
    visible = fields.get("visible", True)
    if not isinstance(visible, bool):
        raise wrong("visible", "true or false", visible)
    return visible
