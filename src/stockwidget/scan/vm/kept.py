"""What is worked out of a plan once, and kept with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from stockwidget.scan.rules.plan import Plan

T = TypeVar("T")


def kept(function: Callable[[Plan], T]) -> Callable[[Plan], T]:
    """Have ``function`` look at each plan once.

    By the object, as a ``cached_property`` would: plans are deep, so that a cache by their value
    takes longer to find one than a chunk of a scan has time for.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    def of(plan: Plan) -> T:
        if name not in plan.__dict__:
            plan.__dict__[name] = function(plan)
        found: T = plan.__dict__[name]
        return found

    return of
