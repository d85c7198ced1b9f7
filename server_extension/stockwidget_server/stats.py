"""``api/realtime/stats`` and ``api/v1/report``: what delivery did, and what clients say of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from stockwidget.delivery.meter import (
    CHANGE_KINDS,
    ENDS,
    REASONS,
    ChangeKind,
    End,
    Reason,
)
from stockwidget.errors import InvalidRequest
from stockwidget_server.base import StockwidgetHandler, guarded
from stockwidget_server.requests import only, read_object

CHANGES_LIMIT = 100
"""Changes in one report; a client that has more leaves the oldest out."""
AFTER_MS_LIMIT = 24 * 3600 * 1000
log = logging.getLogger("stockwidget.server.report")


class Unnoticed(StockwidgetHandler):
    """A page that looks on all night must not keep an idle server from being stopped."""

    def update_api_activity(self) -> None:
        """Count for nothing."""


class StatsHandler(Unnoticed):
    """``api/realtime/stats``."""

    @guarded
    async def get(self) -> None:
        """Give the statistics document."""
        self.answer(await self.service.stats())


class ReportHandler(Unnoticed):
    """``report``."""

    @guarded
    async def post(self) -> None:
        """Count the changes of transport that a client tells."""
        changes = read_report(self.request.body)
        for change in changes:
            self.service.meter.changed(
                change.kind, change.source, change.target, change.reason, change.after_ms
            )
            log.info(
                "A client reports a %s from %s to %s (%s).",
                change.kind,
                change.source,
                change.target,
                change.reason,
                extra={
                    "task": None,
                    "transport": change.target,
                    "cursor": None,
                    "reason": change.reason,
                },
            )
        self.answer({"counted": len(changes)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of transport, as a client tells it."""

    kind: ChangeKind
    source: End
    target: End
    reason: Reason
    after_ms: int | None


def read_report(body: bytes) -> list[Change]:
    """Check the body of ``POST report``. Raises InvalidRequest with the path of what is wrong."""
    fields = read_object(body)
    only(fields, ("changes",), where="The request")
    changes = fields.get("changes")
    if not isinstance(changes, list) or len(changes) > CHANGES_LIMIT:
        raise InvalidRequest(
            "changes is not a list." if not isinstance(changes, list) else "changes is too long.",
            hint=f"Send a list of at most {CHANGES_LIMIT} changes.",
            field="changes",
        )
    return [_change(change, f"changes.{number}") for number, change in enumerate(changes)]


def _change(change: object, path: str) -> Change:
    if not isinstance(change, dict):
        raise InvalidRequest(
            f"{path} is not an object.",
            hint='Send for instance {"kind": "downgrade", "from": "ws", "to": "sse", '
            '"reason": "refused"}.',
            field=path,
        )
    reason = change.get("reason")
    return Change(
        kind=cast("ChangeKind", _one_of(change, "kind", CHANGE_KINDS, path)),
        source=cast("End", _one_of(change, "from", ENDS, path)),
        target=cast("End", _one_of(change, "to", ENDS, path)),
        # A newer client may know fields and reasons that we do not: it still counts.
        reason=cast("Reason", reason) if reason in REASONS else "other",
        after_ms=_after_ms(change.get("after_ms"), path),
    )


def _one_of(change: Mapping[str, Any], key: str, known: tuple[str, ...], path: str) -> str:
    value = change.get(key)
    if value is None and "none" in known and key in change:
        return "none"
    if value not in known:
        raise InvalidRequest(
            f"{path}.{key} is {str(value)[:40]!r}."
            if key in change
            else f"{path}.{key} is missing.",
            hint=f"It is one of {', '.join(known)}" + (" (or null)." if "none" in known else "."),
            field=f"{path}.{key}",
        )
    return str(value)


def _after_ms(value: object, path: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise InvalidRequest(
            f"{path}.after_ms is {str(value)[:40]!r}.",
            hint="It is a number of milliseconds, 0 or more, or null.",
            field=f"{path}.after_ms",
        )
    return round(min(value, AFTER_MS_LIMIT))
