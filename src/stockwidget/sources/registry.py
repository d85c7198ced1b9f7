"""Sources by name. Checking a name imports no source; getting one does."""

from __future__ import annotations

import hashlib
import importlib
from functools import cache
from importlib.metadata import version as installed
from importlib.resources import files
from typing import TYPE_CHECKING

from stockwidget.errors import InvalidRequest, nearest

if TYPE_CHECKING:
    from stockwidget.sources.base import Source

_ENTRIES = {
    "sample": "stockwidget.sources.sample:SampleSource",
    "synthetic": "stockwidget.sources.synthetic:SyntheticSource",
}
NAMES = tuple(_ENTRIES)
_EMBEDDED = frozenset({"sample", "synthetic"})


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
def version(name: str) -> str | None:
    """Version of the data and of the code that makes bars of it; None if it may change any time.

    Embedded and synthetic data change with the package alone.
    """
    if name not in _EMBEDDED:
        return None
    listing = files("stockwidget.sources").joinpath("data/sample.json").read_bytes()
    data = hashlib.sha256(listing).hexdigest()[:12] if name == "sample" else "1"
    return f"{installed('stockwidget')}:{name}:{data}"


@cache
def get_source(name: str) -> Source:
    """Return the source called ``name``, one object a process. Raises InvalidRequest."""
    check(name)
    module, _, attribute = _ENTRIES[name].partition(":")
    source: Source = getattr(importlib.import_module(module), attribute)()
    return source
