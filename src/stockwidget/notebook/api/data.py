"""What analyses and scans read: symbols, stores and lists of symbols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from stockwidget.store.barstore import BarStore


def symbols(source: str = "sample") -> pd.DataFrame:
    """Return what ``source`` holds: one row a symbol, indexed by it.

    Columns: ``name``, ``market``, ``first`` and ``last`` (dates of its first and last bar),
    ``bars`` (count) and ``origin``. Raises InvalidRequest for an unknown source.
    """
    from stockwidget.notebook.listing import list_symbols

    return list_symbols(source)


def store(path: str | Path) -> BarStore:
    """Open the store of bars in the folder ``path``; it is made when bars are appended.

    ``.append(frame | file | folder)`` adds bars as a new version, ``.symbols``,
    ``.bars(symbol)`` and ``.version`` read; docs/store.md has the rest. A store is a universe for
    ``scan``.
    """
    from stockwidget.store.barstore import BarStore

    return BarStore(path)


def watchlist(name: str, symbols: Sequence[str] | None = None) -> list[str]:
    """Save ``symbols`` as a list called ``name``, for ``scan("watchlist:name")``, or return it.

    Raises InvalidRequest with the nearest names if there is no such list.
    """
    from stockwidget.notebook.universes import watchlist as kept

    return kept(name, symbols)
