"""What a job may yield. Plain values in; the runner turns them into journalled events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """The job is at ``stage``; ``progress`` is the share done of the whole task, 0 to 1."""

    stage: str
    progress: float
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Partial:
    """A piece of the result: ``set`` replaces keys, ``append`` extends lists (``events.merge``)."""

    set: Mapping[str, Any] = field(default_factory=dict)
    append: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """One line for the reader of the card."""

    message: str
    level: Literal["info", "warning", "error"] = "info"


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The end of a job: ``data`` is the whole document, ``summary`` goes into the end event."""

    data: Mapping[str, Any]
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A finished chunk of the work, journalled so that no later attempt does it again.

    ``data`` is all that the chunk contributes to the result, as JSON can hold it.
    """

    chunk: str
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A chunk that an earlier attempt, or the predecessor, finished."""

    chunk: str
    data: Mapping[str, Any]
    retry: bool = False
    """What failed in it is to be tried again."""


Yielded = Step | Partial | Log | Checkpoint | Result
JobStream = Iterator[Yielded]
