"""Whose bars, and from where: what ``sw.analyze`` was given, as a request can carry it."""

from __future__ import annotations

from collections.abc import Iterable
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
    if not isinstance(symbol, str) and isinstance(symbol, Iterable) and not hasattr(symbol, "loc"):
        raise InvalidRequest(
            f"An analysis is of one symbol, not of {symbol!r:.80}.",
            hint="sw.compare('AAPL', 'MSFT') puts several side by side; sw.scan ranks many.",
            field="symbol",
        )
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
    return symbol, place_name(source)


def place_name(source: Place) -> str:
    """The name of the place that ``source`` is, as a request has it. Raises InvalidRequest."""
    place = universe_of(source, "source")
    if isinstance(place, str):
        return place
    raise InvalidRequest(
        "source is where bars are read from, not a list of symbols.",
        hint="Pass a name ('sample', 'synthetic'), a store, the Path of a folder, or a DataFrame.",
        field="source",
    )


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
