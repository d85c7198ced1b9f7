"""What the runner knows of a kind of task: names and numbers, never the code that runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


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
