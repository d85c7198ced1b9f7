"""Request bodies and queries as checked values; every refusal names its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import Any, cast, get_args

import orjson

from stockwidget.errors import InvalidRequest, RequestTooLarge, UnknownParameter, nearest
from stockwidget.tasks.events import Status
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
    for name in ("name", "idempotency_key"):
        if fields.get(name) is not None and not isinstance(fields[name], str):
            raise InvalidRequest(
                f"{name} is not a string.", hint="Leave it out or send a string.", field=name
            )
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """The query of ``GET tasks``."""

    status: Status | None = None
    kind: str | None = None
    limit: int = 100

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Listing:
        """Raises InvalidRequest or UnknownParameter."""
        fields = given(query)
        only(fields, ("status", "kind", "limit"), where="The query")
        status = fields.get("status")
        if status is not None and status not in _STATUSES:
            raise InvalidRequest(
                f"status is {status!r}.",
                hint=f"It is one of {', '.join(_STATUSES)}.",
                field="status",
            )
        limit = fields.get("limit", "100")
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= LIST_LIMIT):
            raise InvalidRequest(
                f"limit is {limit[:40]!r}.",
                hint=f"It is a whole number from 1 to {LIST_LIMIT}.",
                field="limit",
            )
        return cls(status=cast("Status | None", status), kind=fields.get("kind"), limit=int(limit))


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
