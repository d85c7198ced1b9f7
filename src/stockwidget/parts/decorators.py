"""``@sw.signal``, ``@sw.factor`` and ``@sw.rule``: what marks a function as a part.

The function stays what it is: it can be called, tested and imported as any other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Literal, TypeVar, overload

from stockwidget.arguments import named
from stockwidget.declared import TITLE_LETTERS, Own, OwnFactor, OwnRule, OwnSignal, known_keys
from stockwidget.errors import InvalidRequest

F = TypeVar("F", bound=Callable[..., Any])
MARK = "__stockwidget__"


@overload
def signal(function: F, /) -> F: ...
@overload
def signal(
    *,
    title: str | None = None,
    title_zh: str | None = None,
    direction: Literal["up", "down"] | None = None,
    name: str | None = None,
) -> Callable[[F], F]: ...
def signal(function: Any = None, /, **said: Any) -> Any:
    """Mark a function of bars as a signal: ``analyze(..., signals=[it])``.

    It gets a DataFrame (``open high low close volume`` as float64 in quote currency and shares,
    by date, ascending, adjusted as the analysis asks) and returns a boolean Series of its index:
    True on the bars at whose close the signal is known. None, NaN or NA on a bar is no signal.
    ``direction`` is what it announces, ``"up"``, ``"down"`` or neither.
    """
    return _marked(OwnSignal, function, said)


@named
def factor(
    *,
    weight: float,
    title: str | None = None,
    title_zh: str | None = None,
    family: str | None = None,
    name: str | None = None,
) -> Callable[[F], F]:
    """Mark a function of bars as a factor of the score: ``analyze(..., factors=[it])``.

    It gets bars as ``signal`` does, and returns a float Series of their index: on each bar the
    share of its points that it gives, 0 to 1; NaN abstains. ``weight`` is its share of the whole
    score: the other families share the rest. Factors of one ``family`` stand together.
    """
    said = {"weight": weight, "title": title, "title_zh": title_zh, "family": family, "name": name}
    marker: Callable[[F], F] = _marked(OwnFactor, None, said)
    return marker


@overload
def rule(function: F, /) -> F: ...
@overload
def rule(
    *, title: str | None = None, title_zh: str | None = None, name: str | None = None
) -> Callable[[F], F]: ...
def rule(function: Any = None, /, **said: Any) -> Any:
    """Mark a function of a symbol's bars as the rule of a scan: ``scan(..., rule=it)``.

    It gets bars as ``signal`` does, adjusted, and returns True (a hit), False, or None where it
    cannot say: the symbol then abstains, with a reason.
    """
    return _marked(OwnRule, function, said)


def declared(function: object) -> Own | None:
    """What a function was marked as."""
    found = getattr(function, MARK, None)
    return found if isinstance(found, Own) else None


def _marked(kind: type[Own], function: Any, said: dict[str, Any]) -> Any:
    word = kind.__name__.removeprefix("Own").lower()
    known_keys(said, [f.name for f in fields(kind) if f.name not in {"about", "source"}], word)
    if function is None:
        return lambda later: _marked(kind, later, said)
    if not inspect.isfunction(function):
        raise InvalidRequest(
            f"@sw.{word} marks a function, not {function!r:.100}.",
            hint=f"Write it above a def; settings go in parentheses, @sw.{word}(title=…).",
            field=word,
        )
    given = {key: value for key, value in said.items() if value is not None}
    given.setdefault("name", function.__name__)
    about = (inspect.getdoc(function) or "").strip().partition("\n")[0].strip()
    if 0 < len(about) <= TITLE_LETTERS and about.isprintable():
        given["about"] = about
    setattr(function, MARK, kind.read(given, word))
    return function
