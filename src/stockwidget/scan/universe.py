"""Which symbols a scan looks at, and the source that has their bars."""

from __future__ import annotations

from dataclasses import dataclass

from stockwidget.errors import InvalidRequest
from stockwidget.sources.base import Source
from stockwidget.sources.registry import get_source
from stockwidget.symbols import looks_synthetic


@dataclass(frozen=True, kw_only=True)
class Universe:
    """Symbols without repeats, all of one source: made-up rows never stand among real ones."""

    label: str
    symbols: tuple[str, ...]
    source: Source


def source_name(universe: str | tuple[str, ...]) -> str:
    """Name of the source that a canonical universe lies in; InvalidRequest if it mixes two."""
    if isinstance(universe, str):
        return universe.partition(":")[0]
    made_up = sum(looks_synthetic(symbol) for symbol in universe)
    if 0 < made_up < len(universe):
        raise InvalidRequest(
            "universe mixes synthetic symbols with real ones.",
            hint="Scan them apart, so that no made-up row stands among real ones.",
            field="universe",
        )
    return "synthetic" if made_up else "sample"


def label(universe: str | tuple[str, ...]) -> str:
    """A short name: ``sample``, ``synthetic:500``, ``AAPL, MSFT, IBM +2``."""
    if isinstance(universe, str):
        return universe
    more = len(universe) - 3
    return ", ".join(universe[:3]) + (f" +{more}" if more > 0 else "")


def resolve(universe: str | tuple[str, ...]) -> Universe:
    """Return the symbols and the source of a canonical universe of ``ScanParams``."""
    source = get_source(source_name(universe))
    if isinstance(universe, tuple):
        symbols = universe
    elif universe == "sample":
        symbols = tuple(source.symbols())
    else:
        symbols = tuple(source.symbols()[: int(universe.partition(":")[2])])
    return Universe(label=label(universe), symbols=symbols, source=source)
