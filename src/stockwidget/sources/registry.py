"""Sources by name. Checking a name imports no source; getting one does."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

from stockwidget.errors import InvalidRequest, nearest

if TYPE_CHECKING:
    from stockwidget.sources.base import Source

_ENTRIES = {
    "sample": "stockwidget.sources.sample:SampleSource",
    "synthetic": "stockwidget.sources.synthetic:SyntheticSource",
}
NAMES = tuple(_ENTRIES)


def check(name: str) -> None:
    """Raise InvalidRequest with the nearest names unless ``name`` is a source."""
    if name not in _ENTRIES:
        near = nearest(name, NAMES)
        raise InvalidRequest(
            f"Unknown source {name!r}.",
            hint=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(NAMES)}.",
            field="source",
            nearest=near,
        )


@cache
def get_source(name: str) -> Source:
    """Return the source called ``name``, one object a process. Raises InvalidRequest."""
    check(name)
    module, _, attribute = _ENTRIES[name].partition(":")
    source: Source = getattr(importlib.import_module(module), attribute)()
    return source
