"""Functions of a user, read in the worker that runs them."""

from __future__ import annotations

import linecache
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stockwidget.errors import PartFailed
from stockwidget.parts.blame import trace


@dataclass(frozen=True, kw_only=True)
class Functions:
    """What a request brought, by name; ``cells`` label the files that only a notebook has."""

    signals: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    factors: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    rules: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)


def unpack(payload: bytes) -> Functions:
    """Read what ``packing.pack`` wrote. Raises PartFailed; runs code of the user."""
    try:
        content = pickle.loads(payload)  # noqa: S301 - as powerful as a kernel, and guarded as one
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError)
        raise PartFailed(
            f"Your functions cannot be read in a worker: {type(error).__name__}: {error}",
            hint="Install it in the kernel's environment, or define what you need in the notebook."
            if missing
            else "Define what they use in the notebook, or in a module beside it.",
            exception=type(error).__name__,
            traceback=trace(error, {}) or None,
        ) from error
    for name, (_, text) in content["cells"].items():
        lines = text.splitlines(keepends=True)
        linecache.cache[name] = (len(text), None, lines, name)
    return Functions(
        signals=content["signals"],
        factors=content["factors"],
        rules=content["rules"],
        cells={name: label for name, (label, _) in content["cells"].items()},
    )
