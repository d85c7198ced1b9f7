"""What the runner knows of a kind of task: names and numbers, never the code that runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stockwidget.tasks.watchdog import Bounds


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of task. The worker imports ``entry`` and iterates what it returns."""

    name: str
    stages: tuple[str, ...]
    retention_s: int
    """How long a result is kept after its end, seconds."""
    entry: str
    """``module:function``, called as ``function(params) -> Iterator[Yielded]``."""
    prepare: Callable[[Mapping[str, Any]], tuple[dict[str, Any], str]]
    """Raw parameters → (canonical parameters, title). Raises InvalidRequest; must stay light."""
    long: bool = False
    """It may take minutes: it never uses the slot that is reserved for short tasks."""
    resumable: bool = False
    """``entry`` is called as ``function(params, done)`` with the chunks that an earlier attempt,
    or the predecessor, finished: see ``steps.Done``."""
    bounds: Bounds = field(default_factory=Bounds)
    rerun: bool = True
    """After its server died it runs again; otherwise it stays interrupted until it is resumed."""
    retries: int = 0
    """How often a task whose failure is transient is tried again, if nothing else is asked."""
    version: Callable[[Mapping[str, Any]], str | None] = lambda _: None
    """Canonical parameters → version of the data and code that make the result. Tasks alike in
    kind, parameters and version need to run once; None says that it cannot be known."""
