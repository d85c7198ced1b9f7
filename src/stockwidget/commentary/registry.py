"""Commentators by name. Checking a name imports none; loading one does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from importlib.metadata import entry_points
from typing import Any, cast

from stockwidget.errors import InvalidRequest, nearest

GROUP = "stockwidget.commentators"
Commentator = Callable[[Mapping[str, Any], str], Iterable[str]]
"""Facts (``facts.facts_of``) and ``"en"`` or ``"zh"`` → pieces of text, as they come."""


def names() -> list[str]:
    """The installed ones, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def check(name: str, allowed: Collection[str] | None = None) -> None:
    """Raise InvalidRequest unless ``name`` is installed, and ``allowed`` unless that is None."""
    offered = [each for each in names() if allowed is None or each in allowed]
    if name in offered:
        return
    near = nearest(name, offered)
    if not offered:
        hint = (
            "None is offered here; leave commentary out (docs/commentary.md says how to add one)."
        )
    elif near:
        hint = f"Did you mean {near[0]!r}? Offered: {', '.join(offered)}."
    else:
        hint = f"Offered: {', '.join(offered)}."
    raise InvalidRequest(
        f"Unknown commentator {name!r}.", hint=hint, field="commentary", nearest=near
    )


def load(name: str) -> Commentator:
    """Import the commentator called ``name``. Raises InvalidRequest, or what its import raises."""
    check(name)
    point = next(each for each in entry_points(group=GROUP) if each.name == name)
    return cast("Commentator", point.load())
