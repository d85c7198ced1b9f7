"""What a user says of a function of their own: names, titles, weights. Data; the code is elsewhere.

Light: the server reads it from requests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from numbers import Real
from typing import Any, Literal, Self, TypeVar, cast

from stockwidget.errors import InvalidRequest, UnknownParameter

NAME_LETTERS = 80
TITLE_LETTERS = 120
MOST = 32
"""Functions of a kind in one request."""
DIRECTIONS: Mapping[Any, Literal[-1, 0, 1]] = {"up": 1, "down": -1, None: 0, 1: 1, -1: -1, 0: 0}


@dataclass(frozen=True, kw_only=True)
class Own:
    """A function of the user."""

    name: str
    title: str
    title_zh: str
    about: str = ""
    """The first line of its docstring."""
    source: str = ""
    """Digest of its text, so that a result says by which one it was made."""

    @classmethod
    def read(cls, data: object, field: str) -> Self:
        """Read what ``plain`` wrote. Raises InvalidRequest or UnknownParameter."""
        if not isinstance(data, Mapping):
            raise InvalidRequest(f"{field} has {data!r:.80}, no object.", field=field)
        known_keys(data, [f.name for f in fields(cls)], field)
        name = name_of(data.get("name"), f"{field}.name")
        title = text_of(data.get("title") or name.replace("_", " "), f"{field}.title")
        source = data.get("source", "")
        if not isinstance(source, str) or len(source) > NAME_LETTERS:
            raise InvalidRequest(f"{field}.source is no digest.", field=f"{field}.source")
        return cls(
            name=name,
            title=title,
            title_zh=text_of(data.get("title_zh") or title, f"{field}.title_zh"),
            about=text_of(data["about"], f"{field}.about") if data.get("about") else "",
            source=source,
            **cls._more(data, field),
        )

    @classmethod
    def _more(cls, data: Mapping[str, Any], field: str) -> dict[str, Any]:  # noqa: ARG003 - of kinds
        return {}

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class OwnSignal(Own):
    """A function of bars that marks some of them."""

    direction: Literal[-1, 0, 1] = 0
    """1 is said to announce a rise, −1 a fall, 0 takes no side."""

    @classmethod
    def _more(cls, data: Mapping[str, Any], field: str) -> dict[str, Any]:
        said = data.get("direction")
        if (
            isinstance(said, bool)
            or not isinstance(said, str | int | None)
            or said not in DIRECTIONS
        ):
            raise InvalidRequest(
                f"direction must be 'up', 'down' or None, not {said!r:.80}.",
                hint="It says what the signal announces; None takes no side.",
                field=f"{field}.direction",
            )
        return {"direction": DIRECTIONS[said]}


@dataclass(frozen=True, kw_only=True)
class OwnFactor(Own):
    """A function of bars that gives a share of its points, 0 to 1, on each."""

    weight: float
    """Its share of the whole score."""
    family: str
    """Under which it stands; its own name unless several share one."""

    @classmethod
    def _more(cls, data: Mapping[str, Any], field: str) -> dict[str, Any]:
        weight = data.get("weight")
        if not is_number(weight) or not 0.0 < cast("float", weight) <= 1.0:
            raise InvalidRequest(
                f"weight must be a number above 0 and at most 1, not {weight!r:.80}.",
                hint="It is the factor's share of the whole score, such as 0.2; the other "
                "families share the rest.",
                field=f"{field}.weight",
            )
        family = data.get("family") or data.get("name")
        return {
            "weight": float(cast("float", weight)),
            "family": name_of(family, f"{field}.family"),
        }


@dataclass(frozen=True, kw_only=True)
class OwnRule(Own):
    """A function of a symbol's bars that says yes, no, or nothing."""


T = TypeVar("T", bound=Own)


def read_all(kind: type[T], data: object, field: str) -> tuple[T, ...]:
    """A list of them, in order, without repeated names. Raises InvalidRequest."""
    if data is None:
        return ()
    if isinstance(data, str) or not isinstance(data, Sequence) or len(data) > MOST:
        raise InvalidRequest(
            f"{field} must be a list of at most {MOST} functions.",
            hint=f"Put them in brackets, even a single one: {field}=[my_function].",
            field=field,
        )
    found = tuple(kind.read(each, field) for each in data)
    names = [each.name for each in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidRequest(
            f"Two of {field} are called {twice!r}.",
            hint="Give one of them another name=.",
            field=field,
        )
    return found


def known_keys(data: Mapping[str, Any], known: Sequence[str], field: str) -> None:
    """Raise UnknownParameter, with the nearest one, for a key that is none."""
    for key in data:
        if key not in known:
            raise UnknownParameter.of(key, known, inside=field)


def name_of(value: object, field: str) -> str:
    """A name of Python, dotted or not. Raises InvalidRequest."""
    if (
        isinstance(value, str)
        and len(value) <= NAME_LETTERS
        and all(part.isidentifier() for part in value.split("."))
    ):
        return value
    raise InvalidRequest(
        f"{field} must be a name of letters, digits and _, not {value!r:.100}.",
        hint="As of a Python function, such as inside_day; a title= may hold anything.",
        field=field,
    )


def text_of(value: object, field: str) -> str:
    """A short line. Raises InvalidRequest."""
    if isinstance(value, str) and 0 < len(value.strip()) <= TITLE_LETTERS and value.isprintable():
        return value.strip()
    raise InvalidRequest(
        f"{field} must be a line of at most {TITLE_LETTERS} letters, not {value!r:.100}.",
        hint="Leave it out to have one made.",
        field=field,
    )


def is_number(value: object) -> bool:
    """Whether it is a finite number, of Python or NumPy; true and false are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
