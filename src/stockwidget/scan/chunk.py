"""What a scan or a study tells of one chunk of symbols, and of those that could not be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stockwidget.errors import StockwidgetError
from stockwidget.scan.counters import Counters


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A symbol that could not be judged, and why."""

    symbol: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """What the symbols of one chunk gave; ``counters`` are those of all chunks so far."""

    key: str
    fresh: bool
    """False if it was taken over from an earlier attempt at the same."""
    failures: tuple[Failure, ...]
    counters: Counters
    data: Mapping[str, Any]
    """All of it as JSON can hold it, to be handed to a later attempt as ``done[key]``."""


def failures_of(errors: Mapping[str, StockwidgetError]) -> tuple[Failure, ...]:
    """One failure an error, in their order."""
    return tuple(
        Failure(symbol=symbol, code=error.code, message=error.message)
        for symbol, error in errors.items()
    )


def common_error(errors: Sequence[StockwidgetError]) -> StockwidgetError:
    """The error of a task all of whose symbols failed: the commonest one."""
    codes = [error.code for error in errors]
    first = errors[codes.index(max(codes, key=codes.count))]
    if len(errors) == 1:
        return first
    return type(first)(
        f"None of the {len(codes)} symbols could be scanned. {first.message}",
        hint=first.hint,
        **first.data,
    )
