"""What a study is asked for: what a scan is asked for, and the days on which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, cast, get_args

from stockwidget.errors import InvalidRequest, UnknownParameter
from stockwidget.params.reading import iso_date
from stockwidget.params.scan import ScanParams

Every = Literal["week", "month", "quarter"]
OF_A_SCAN = (
    "universe", "cluster", "source", "market", "min_bars", "min_turnover", "rule", "where",
    "rank", "descending", "top", "function", "code",
)  # fmt: skip
"""Parameters that mean what they mean for a scan."""
OWN = ("every", "start", "end", "dates")
MAX_DATES = 520
"""Ten years of weeks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StudyParams:
    """A scan and its dates. Dates are ISO and inclusive."""

    scan: ScanParams
    """``as_of`` is None: each date takes its place."""
    every: Every = "month"
    """The last trading day of each."""
    start: str | None = None
    """None: five years before the last one."""
    end: str | None = None
    """None: the newest bar."""
    dates: tuple[str, ...] = ()
    """Days in order, instead of all the above."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Validate ``data``. Raises UnknownParameter or InvalidRequest, both with ``field``."""
        for key in data:
            _check_key(key)
        scan = ScanParams.from_dict({k: v for k, v in data.items() if k in OF_A_SCAN})
        if not (scan.rule or scan.where or scan.function) and scan.top is None:
            raise InvalidRequest(
                "A study needs a rule: without one every symbol is a hit on every day.",
                hint='For example rule="rsi(14) < 30", or rank="ret(252)" with top=20.',
                field="rule",
                kind="no_rule",
            )
        every = data.get("every") or "month"
        if every not in get_args(Every):
            raise InvalidRequest(
                f"every must be 'week', 'month' or 'quarter', not {every!r:.80}.",
                hint="Other days are listed in dates=.",
                field="every",
            )
        start, end = (iso_date(data.get(name), name) for name in ("start", "end"))
        if start and end and start > end:
            raise InvalidRequest(
                f"start ({start}) is after end ({end}).",
                hint="Swap the dates.",
                field="start",
                kind="start_after_end",
                start=start,
                end=end,
            )
        dates = _dates(data.get("dates"))
        given = [name for name in ("every", "start", "end") if data.get(name) is not None]
        if dates and given:
            raise InvalidRequest(
                f"dates lists the days, and {given[0]} chooses them.",
                hint="Leave one of them out.",
                field=given[0],
            )
        return cls(scan=scan, every=cast("Every", every), start=start, end=end, dates=dates)

    def to_dict(self) -> dict[str, Any]:
        """Canonical JSON form: equal requests give equal dictionaries; defaults are left out."""
        own = {name: getattr(self, name) for name in OWN}
        if self.every == "month":
            own["every"] = None
        own["dates"] = list(self.dates)
        return self.scan.to_dict() | {name: value for name, value in own.items() if value}

    def shown(self) -> dict[str, Any]:
        """Return what a result says it was asked for: the same whoever asked, from wherever."""
        return {name: value for name, value in self.to_dict().items() if name != "code"}


def _check_key(key: str) -> None:
    if key in OF_A_SCAN or key in OWN:
        return
    if key == "as_of":
        raise InvalidRequest(
            "A study has many days, not one.",
            hint="List them in dates=, or choose them by every=, start= and end=.",
            field=key,
        )
    raise UnknownParameter.of(key, (*OF_A_SCAN, *OWN))


def _dates(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise InvalidRequest(
            f"dates must be a list of days, not {value!r:.80}.",
            hint="For example dates=['2023-06-30', '2023-12-29'].",
            field="dates",
        )
    if any(day is None for day in value):
        raise InvalidRequest(
            "dates lists a day that is missing.", hint="Leave it out.", field="dates"
        )
    found = sorted({cast("str", iso_date(day, "dates")) for day in value})
    if len(found) > MAX_DATES:
        raise InvalidRequest(
            f"dates lists {len(found)} days; {MAX_DATES} is the most.",
            hint="Take every second one, or split the list.",
            field="dates",
        )
    return tuple(found)
