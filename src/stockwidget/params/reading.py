"""Single values of a request: read, or refused by ``InvalidRequest`` that names the field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, time
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, cast

from stockwidget.declared import is_number
from stockwidget.errors import InvalidRequest, UnknownParameter

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_DAY = re.compile(
    r"(?P<year>(?:1[89]|2\d)\d\d)(?:(?P<month>\d\d)(?P<day>\d\d)|([-/.])(?P<month2>\d\d?)\4(?P<day2>\d\d?))"
    r"(?:[T ]00:00:00(?:\.0+)?)?"
)


def known_keys(cls: type[Any], data: Mapping[str, Any]) -> None:
    """Raise UnknownParameter, with the nearest names, for a key that is no field of ``cls``."""
    known = [f.name for f in fields(cls)]
    for key in data:
        if key not in known:
            raise UnknownParameter.of(key, known)


def without_defaults(params: DataclassInstance) -> dict[str, Any]:
    """Return the fields that differ from their defaults; tuples as lists."""
    plain = {}
    for f in fields(params):
        value = getattr(params, f.name)
        if value != f.default:
            plain[f.name] = list(value) if isinstance(value, tuple) else value
    return plain


def text(value: object, name: str) -> str:
    """Return non-empty text without the blanks around it."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise InvalidRequest(
        f"{name} must be a name, not {value!r}.", hint="Pass non-empty text.", field=name
    )


def switch(data: Mapping[str, Any], name: str, hint: str) -> bool:
    """Return true unless it is turned off."""
    value = data.get(name, True)
    if not isinstance(value, bool):
        raise InvalidRequest(f"{name} must be true or false, not {value!r}.", hint=hint, field=name)
    return value


def expressions(value: object, name: str) -> tuple[str, ...]:
    """Return a list of expressions without repeats, in its order."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidRequest(
            f"{name} must be a list of expressions, not {value!r}.",
            hint=f"Put them in brackets, even a single one: {name}=['close'].",
            field=name,
        )
    return tuple(dict.fromkeys(expression(v, name) for v in value))


def expression(value: object, name: str) -> str:
    """Return text of the rule language, which is parsed elsewhere."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    if callable(value):
        raise InvalidRequest(
            f"{name} must be text here, not a function.",
            hint="sw.scan(…, rule=my_rule) takes a function marked by @sw.rule; the rest is said "
            "in the rule language (docs/rules.md).",
            field=name,
        )
    example = "close > sma(200)" if name == "rule" else "ret(20)"
    raise InvalidRequest(
        f"{name} must be an expression as text, not {value!r}.",
        hint=f"For example {example!r}; docs/rules.md has the language.",
        field=name,
    )


def iso_date(value: object, name: str) -> str | None:
    """Return a date, a datetime, a pandas Timestamp or ISO text as ISO text; None stays None."""
    if value is None:
        return None
    try:
        if isinstance(value, datetime):  # pandas.Timestamp too, and its NaT
            return date(value.year, value.month, value.day).isoformat()
        if isinstance(value, date):
            return value.isoformat()
        return date.fromisoformat(cast("str", value)).isoformat()
    except (TypeError, ValueError):
        raise InvalidRequest(
            f"{name} must be a date, not {value!r}.",
            hint="Write it as '2024-01-31'.",
            field=name,
            kind="not_a_date",
            given=str(value)[:40],
        ) from None


def day_of(value: object) -> date | None:
    """The day that a cell of a table names: a date, 2024-01-31, 2024/1/31, or 20240131.

    None for all else. No day is guessed: a month, a time of day or 01/02/2024 may be several.
    """
    if isinstance(value, datetime):  # pandas.Timestamp too
        whole = value.tzinfo is None and value.time() == time.min
        return value.date() if whole else None
    if isinstance(value, date):
        return value
    if isinstance(value, Real) and not isinstance(value, bool) and float(value).is_integer():
        value = int(float(value))
    found = _DAY.fullmatch(str(value).strip())
    if found is None:
        return None
    month, day = found["month"] or found["month2"], found["day"] or found["day2"]
    try:
        return date(int(found["year"]), int(month), int(day))
    except ValueError:
        return None


def whole(value: object, name: str) -> int | None:
    """Return a whole number from 1; None stays None."""
    if value is None:
        return None
    if isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1:
        return int(value)
    raise InvalidRequest(
        f"{name} must be a whole number from 1, not {value!r}.",
        hint="Leave it out to keep all.",
        field=name,
    )


def amount(value: object, name: str, hint: str) -> float | None:
    """Return a number above zero; None stays None."""
    if value is None:
        return None
    if is_number(value) and (number := float(cast("float", value))) > 0:
        return number
    raise InvalidRequest(
        f"{name} must be a number above zero, not {value!r}.", hint=hint, field=name
    )


def code_digest(value: object, what: str, *, needed: bool) -> str | None:
    """Digest of the functions' code, which goes with them and never alone."""
    if value is None and not needed:
        return None
    if isinstance(value, str) and needed and len(value) == 32 and value.isalnum():
        return value
    raise InvalidRequest(
        f"Code must come with {what}, and {what} with code.",
        hint="sw.analyze(…, signals=[…]) and sw.scan(…, rule=my_rule) send both.",
        field="code",
    )
