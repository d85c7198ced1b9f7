"""Sources by name. Checking a name imports no source; getting one does."""

from __future__ import annotations

import hashlib
import importlib
from functools import cache
from importlib.metadata import version as installed
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from stockwidget.errors import InvalidRequest, nearest
from stockwidget.params import PLACES
from stockwidget.store.places import newest, state

if TYPE_CHECKING:
    from stockwidget.sources.base import Source

_ENTRIES = {
    "sample": "stockwidget.sources.sample:SampleSource",
    "synthetic": "stockwidget.sources.synthetic:SyntheticSource",
    "store": "stockwidget.sources.stored:StoreSource",
    "folder": "stockwidget.sources.stored:FolderSource",
}
"""By name; what follows a colon in a name is handed to the class, as in ``store:/home/me/bars``."""
NAMES = tuple(name for name in _ENTRIES if name != "folder")
"""What a server offers or not; a folder is read as a store."""
_EMBEDDED = frozenset({"sample", "synthetic"})


def embedded(name: str) -> bool:
    """Whether a source is part of the package: it never hangs, and changes with the package."""
    return name in _EMBEDDED


def entry(name: str) -> str:
    """``module:class`` of a source."""
    return _ENTRIES[name.partition(":")[0]]


def check(name: str) -> None:
    """Raise InvalidRequest with the nearest names unless ``name`` is a source."""
    if name.partition(":")[0] not in _ENTRIES:
        near = nearest(name, NAMES)
        raise InvalidRequest(
            f"Unknown source {name!r}.",
            hint=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(NAMES)}.",
            field="source",
            nearest=near,
        )


def version(name: str) -> str | None:
    """Version of the data and of the code that makes bars of it; None if it may change any time.

    Embedded and synthetic data change with the package alone, a store with each append.
    """
    kind, _, folder = name.partition(":")
    try:
        if kind == "store":
            found = newest(Path(folder))
            return None if found is None else f"{installed('stockwidget')}:{found}"
        if kind == "folder":
            return f"{installed('stockwidget')}:{state(Path(folder))}"
    except OSError:  # The job says it in words, once it cannot read there either.
        return None
    return _embedded(name) if name in _EMBEDDED else None


@cache
def _embedded(name: str) -> str:
    listing = files("stockwidget.sources").joinpath("data/sample.json").read_bytes()
    data = hashlib.sha256(listing).hexdigest()[:12] if name == "sample" else "1"
    return f"{installed('stockwidget')}:{name}:{data}"


@cache
def get_source(name: str) -> Source:
    """Return the source called ``name``, one object a process. Raises InvalidRequest."""
    check(name)
    kind, _, rest = name.partition(":")
    if kind in PLACES and not rest:
        which = "bar store" if kind == "store" else "folder"
        raise InvalidRequest(
            f"Which {which}?", hint=f"Name it by its path: '{kind}:/home/me/bars'.", field="source"
        )
    module, _, attribute = _ENTRIES[kind].partition(":")
    source: Source = getattr(importlib.import_module(module), attribute)(*([rest] if rest else []))
    return source
