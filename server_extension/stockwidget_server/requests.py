"""Request bodies and queries as checked values; every refusal names its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

import orjson

from stockwidget.errors import InvalidRequest, RequestTooLarge, UnknownParameter, nearest
from stockwidget.tasks.events import Status

BODY_BYTES = 1024 * 1024
"""The largest request body: a universe of 50,000 symbols fits."""

LIST_LIMIT = 1000
_STATUSES: tuple[str, ...] = get_args(Status)
_JUPYTER_ARGUMENTS = frozenset({"token", "_xsrf", "no_track_activity"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """The body of ``POST tasks``. Kind and parameters are the runner's to check."""

    kind: str
    params: Mapping[str, Any]
    name: str | None = None

    @classmethod
    def read(cls, body: bytes) -> Submission:
        """Raises InvalidRequest, UnknownParameter or RequestTooLarge."""
        fields = read_object(body)
        only(fields, ("kind", "params", "name"), where="The request")
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
        name = fields.get("name")
        if name is not None and not isinstance(name, str):
            raise InvalidRequest(
                "name is not a string.", hint="Leave it out or send a string.", field="name"
            )
        return cls(kind=kind, params=params, name=name)


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
    """Check a body that has no fields: empty or ``{}``. Raises as ``Submission.read``."""
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
