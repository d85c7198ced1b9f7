"""How long, as a person writes it: ``"3d"``, ``timedelta(hours=2)``, or a number of seconds."""

from __future__ import annotations

import re
from datetime import timedelta
from numbers import Real

from stockwidget.errors import InvalidRequest

Duration = str | float | timedelta
_UNITS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|min|h|d|w)\s*")


def seconds(duration: Duration, *, field: str = "keep_for") -> float:
    """The duration in seconds. Raises InvalidRequest, naming ``field``."""
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, str):
        written = _WRITTEN.fullmatch(duration)
        if written is not None:
            return float(written[1]) * _UNITS[written[2]]
    elif isinstance(duration, int | float) and not isinstance(duration, bool):
        return float(duration)
    raise InvalidRequest(
        f"{field} is {duration!r}, which is no length of time.",
        hint='Write "90min", "12h", "3d" or "2w", a timedelta, or seconds.',
        field=field,
    )


def check_timeout(timeout: object) -> None:
    """Raise InvalidRequest unless it is a number of seconds, or None."""
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, Real)):
        raise InvalidRequest(
            f"timeout must be a number of seconds, not {timeout!r:.80}.",
            hint="Leave it out to wait until the end.",
            field="timeout",
        )
