"""When data came, as versions of a store have it."""

from __future__ import annotations

from datetime import UTC, datetime

from stockwidget.errors import InvalidRequest


def moment(given: str | datetime | None) -> str:
    """A moment as versions have it: UTC to the second; None is now. Raises InvalidRequest."""
    try:
        asked = datetime.fromisoformat(given) if isinstance(given, str) else given
        when = asked or datetime.now(UTC)
        zoned = when if when.tzinfo else when.replace(tzinfo=UTC)
        return zoned.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (AttributeError, TypeError, ValueError):
        raise InvalidRequest(
            f"fetched_at must be a moment, not {given!r}.",
            hint="Write it as '2026-01-31T16:30:00Z'.",
            field="fetched_at",
        ) from None
