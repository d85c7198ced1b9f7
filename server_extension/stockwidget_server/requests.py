"""Request bodies and queries as checked values; every refusal names its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from typing import Any, cast, get_args

import orjson

from stockwidget.errors import InvalidRequest, RequestTooLarge, UnknownParameter, nearest
from stockwidget.tasks.events import Status
from stockwidget.tasks.labels import check_labels
from stockwidget.tasks.store import Labels, Sought
from stockwidget.tasks.submission import Wanted

BODY_BYTES = 1024 * 1024
"""The largest request body: a universe of 50,000 symbols fits."""

LIST_LIMIT = 1000
_STATUSES: tuple[str, ...] = get_args(Status)
_JUPYTER_ARGUMENTS = frozenset({"token", "_xsrf", "no_track_activity"})


_SUBMISSION = tuple(field.name for field in dataclass_fields(Wanted))


def read_submission(body: bytes) -> Wanted:
    """The body of ``POST tasks``; what the fields may hold is the runner's to check.

    Raises InvalidRequest, UnknownParameter or RequestTooLarge.
    """
    fields = read_object(body)
    only(fields, _SUBMISSION, where="The request")
    kind = fields.get("kind")
    if not isinstance(kind, str):
        raise InvalidRequest(
            "kind is missing." if kind is None else "kind is not a string.",
            hint='Send {"kind": "analysis", "params": {"symbol": "AAPL"}}.',
            field="kind",
        )
    params = fields.get("params", {})
    if not isinstance(params, dict):
        raise InvalidRequest(
            "params is not an object.",
            hint='Send for instance "params": {"symbol": "AAPL"}.',
            field="params",
        )
    again = fields.get("idempotency_key")
    if again is not None and not isinstance(again, str):
        raise InvalidRequest(
            "idempotency_key is not a string.",
            hint="Leave it out or send a string.",
            field="idempotency_key",
        )
    if not isinstance(fields.get("code", {}), dict):
        raise InvalidRequest("code is not an object.", hint="Leave it out.", field="code")
    if fields.get("tags") is None:
        fields.pop("tags", None)
    if not isinstance(fields.get("force", False), bool):
        raise InvalidRequest("force is not true or false.", hint="Leave it out.", field="force")
    keep_for_s = _seconds(fields.get("keep_for_s")) or 0
    return Wanted(**{"params": params, **fields, "keep_for_s": keep_for_s})


def read_pin(body: bytes) -> float | None:
    """The seconds of ``POST tasks/{id}/pin``; None is without end. Raises as ``POST tasks``."""
    fields = read_object(body) if body.strip() else {}
    only(fields, ("keep_for_s",), where="The request")
    return _seconds(fields.get("keep_for_s"))


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequest(
            "keep_for_s is not a number.", hint="Send seconds, or leave it out.", field="keep_for_s"
        )
    return float(value)


def read_listing(query: Mapping[str, str]) -> Sought:
    """The query of ``GET tasks``; several states are joined by commas.

    Raises InvalidRequest or UnknownParameter.
    """
    fields = given(query)
    only(fields, ("status", "kind", "name", "tag", "limit"), where="The query")
    status = fields.get("status")
    states = None if status is None else frozenset(status.split(","))
    if states is not None and not states.issubset(_STATUSES):
        raise InvalidRequest(
            f"status is {status!r}.", hint=f"It is one of {', '.join(_STATUSES)}.", field="status"
        )
    limit = fields.get("limit", "100")
    short = limit.isascii() and limit.isdigit() and len(limit) <= len(str(LIST_LIMIT))
    if not short or not 1 <= int(limit) <= LIST_LIMIT:
        raise InvalidRequest(
            f"limit is {limit[:40]!r}.",
            hint=f"It is a whole number from 1 to {LIST_LIMIT}.",
            field="limit",
        )
    return Sought(
        status=cast("frozenset[Status] | None", states),
        kind=fields.get("kind"),
        name=fields.get("name"),
        tag=fields.get("tag"),
        limit=int(limit),
    )


def read_word(query: Mapping[str, str]) -> str:
    """The query of ``GET find``. Raises InvalidRequest or UnknownParameter."""
    fields = given(query)
    only(fields, ("task",), where="The query")
    if "task" not in fields:
        raise InvalidRequest(
            "task is missing.", hint="Send an id, a name, or task=last.", field="task"
        )
    return fields["task"]


def read_labels(body: bytes) -> Labels:
    """The body of ``PATCH tasks/{id}``. Raises as ``POST tasks``."""
    fields = read_object(body)
    only(fields, ("name", "tags", "notes"), where="The request")
    return check_labels(**fields)


def given(query: Mapping[str, str]) -> dict[str, str]:
    """Return the arguments that are ours; a bare ``?123`` is a cache breaker."""
    return {k: v for k, v in query.items() if v and k not in _JUPYTER_ARGUMENTS}


def read_nothing(body: bytes) -> None:
    """Check a body that has no fields: empty or ``{}``. Raises as ``read_submission``."""
    if body.strip():
        only(read_object(body), (), where="The request")


def read_object(body: bytes) -> dict[str, Any]:
    """Decode a body. Raises InvalidRequest or RequestTooLarge."""
    if len(body) > BODY_BYTES:
        raise RequestTooLarge(
            f"The body has {len(body)} bytes; {BODY_BYTES} are allowed.",
            hint="Ask for less at once.",
            size=len(body),
            allowed=BODY_BYTES,
        )
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(
            f"The body is not JSON: {error}.", hint="Send a JSON object.", field="body"
        ) from None
    if not isinstance(fields, dict):
        raise InvalidRequest("The body is not an object.", hint="Send a JSON object.", field="body")
    try:
        # What cannot be written as JSON again is nested deeper than anything here can follow.
        orjson.dumps(fields)
    except orjson.JSONEncodeError:
        raise InvalidRequest(
            "The body is nested too deeply.",
            hint="No field takes more than a few levels.",
            field="body",
        ) from None
    return fields


def only(fields: Mapping[str, Any], known: tuple[str, ...], *, where: str) -> None:
    """Raise UnknownParameter if ``fields`` has a key that is not in ``known``."""
    for key in fields:
        if key not in known:
            near = nearest(key, known)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known) or 'none'}."
            raise UnknownParameter(
                f"{where} has an unknown field {key[:80]!r}.",
                hint=hint,
                field=key[:80],
                nearest=near,
            )
