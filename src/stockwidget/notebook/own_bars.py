"""Whose bars, and from where: what ``sw.analyze`` was given, as a request can carry it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockwidget.errors import InvalidRequest
from stockwidget.notebook.universes import is_frame, stored, universe_of
from stockwidget.symbols import looks_synthetic

SAMPLE = "sample"

if TYPE_CHECKING:
    import pandas as pd

    from stockwidget.store.barstore import BarStore

    Place = str | Path | BarStore | pd.DataFrame


def place_of(
    symbol: str | pd.DataFrame, source: Place, facts: pd.DataFrame | None
) -> tuple[Any, Any]:
    """Symbol and source of a request. Frames go into a store that their content names.

    Raises InvalidRequest, InvalidBars or InvalidFacts.
    """
    if is_frame(symbol):
        if not isinstance(source, str) or source != SAMPLE:
            raise InvalidRequest(
                "Bars were given twice: as the symbol and as source.",
                hint="Write sw.analyze('AAPL', source=frame).",
                field="source",
            )
        symbol, source = _only_symbol(symbol), symbol
    if is_frame(source):
        name = symbol if isinstance(symbol, str) else None
        return symbol, f"store:{stored(source, symbol=name, facts=facts)}"
    if facts is not None:
        raise InvalidRequest(
            "Facts go beside bars of your own.",
            hint="Give the bars too, sw.analyze('AAPL', source=bars, facts=facts), or put the "
            "facts into a store: sw.store(path).put_facts(facts).",
            field="facts",
        )
    if isinstance(source, str) and source == SAMPLE:
        made_up = isinstance(symbol, str) and looks_synthetic(symbol.strip().upper())
        return symbol, "synthetic" if made_up else SAMPLE  # as scans name made-up symbols
    return symbol, universe_of(source)


def _only_symbol(frame: pd.DataFrame) -> str:
    """The one symbol whose bars a frame has."""
    from stockwidget.store.tables import symbols_of

    found = symbols_of(frame)
    if len(found) == 1:
        return found[0]
    what = f"has bars of {len(found)} symbols" if found else "does not say whose bars it has"
    raise InvalidRequest(
        f"The frame {what}.",
        hint=f"Write sw.analyze({found[0] if found else 'AAPL'!r}, source=frame).",
        field="symbol",
    )
