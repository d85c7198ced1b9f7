"""What analyses and scans read: symbols, stores and lists of symbols."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stockwidget.arguments import named

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from stockwidget.notebook.own_bars import Place
    from stockwidget.store.barstore import BarStore


@named
def symbols(source: Place = "sample") -> pd.DataFrame:
    """Return what ``source`` (as in ``analyze``) holds: one row a symbol, indexed by it.

    Columns: ``name``, ``market``, ``currency``, ``first`` and ``last`` (dates of its first and last
    bar), ``bars`` (count), ``origin`` and ``licence``; of the synthetic market the symbols alone.
    Raises InvalidRequest for an unknown source.
    """
    from stockwidget.notebook.listing import list_symbols
    from stockwidget.notebook.own_bars import place_name

    return list_symbols(place_name(source))


@named
def store(path: str | Path) -> BarStore:
    """Open the store of bars in the folder ``path``; it is made when bars are appended.

    ``.append(frame | file | folder)`` adds bars as a new version, ``.symbols``,
    ``.bars(symbol)`` and ``.version`` read; docs/store.md has the rest. A store is a universe for
    ``scan``.
    """
    from stockwidget.errors import InvalidRequest
    from stockwidget.store.barstore import BarStore

    if not isinstance(path, str | os.PathLike) or not str(path).strip():
        raise InvalidRequest(
            f"A store is a folder, not {path!r:.80}.",
            hint="Name its path, as in sw.store('~/bars').",
            field="path",
        )
    opened = BarStore(path)
    if opened.path.is_file():
        raise InvalidRequest(
            f"{opened.path} is a file.",
            hint=f"sw.store('~/bars').append({str(path)!r}) takes a Parquet or CSV file in.",
            field="path",
        )
    return opened


@named
def watchlist(name: str, symbols: Sequence[str] | None = None) -> list[str]:
    """Save ``symbols`` as a list called ``name``, for ``scan("watchlist:name")``, or return it.

    Raises InvalidRequest with the nearest names if there is no such list.
    """
    from stockwidget.notebook.universes import watchlist as kept

    return kept(name, symbols)
