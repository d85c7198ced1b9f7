"""Which symbols a scan looks at, and where their bars come from.

Light until ``resolve``: the server asks for names and versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stockwidget.errors import InvalidRequest
from stockwidget.params import PLACES, ScanParams
from stockwidget.sources import registry
from stockwidget.store.places import state
from stockwidget.symbols import looks_synthetic, market

if TYPE_CHECKING:
    from stockwidget.scan.supply import Supply

TURNOVER_BARS = 20
MARKET = "market:"
"""What the name of a universe begins with that is a market of a source."""


@dataclass(frozen=True, kw_only=True)
class Universe:
    """Symbols without repeats, all of one source: made-up rows never stand among real ones."""

    label: str
    symbols: tuple[str, ...]
    supply: Supply
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Filter → how many symbols it left out."""
    members: Mapping[str, Sequence[tuple[int, int]]] | None = None
    """Symbol → first and last days, since 1970-01-01, of its times in the universe; None where
    nobody has said when it was in it."""


def source_name(params: ScanParams) -> str:
    """Name of the source that a universe lies in; InvalidRequest if it mixes two."""
    universe = params.universe
    if isinstance(universe, str) and not universe.startswith(MARKET):
        if params.source is not None:
            raise InvalidRequest(
                f"source names where a list of symbols is read from; {universe!r} is no list.",
                hint="Leave source out, or list the symbols.",
                field="source",
            )
        kind = universe.partition(":")[0]
        return universe if kind in PLACES else kind
    if params.source is not None:
        registry.check(params.source)
        if isinstance(universe, str) and params.source == "synthetic":
            raise InvalidRequest(
                "The synthetic market has no end.",
                hint="Say how many symbols, as in 'synthetic:500'.",
                field="universe",
            )
        return params.source
    if isinstance(universe, str):
        return "sample"
    made_up = sum(looks_synthetic(symbol) for symbol in universe)
    if 0 < made_up < len(universe):
        raise InvalidRequest(
            "universe mixes synthetic symbols with real ones.",
            hint="Scan them apart, so that no made-up row stands among real ones.",
            field="universe",
        )
    return "synthetic" if made_up else "sample"


def version(params: ScanParams) -> str | None:
    """Version of the bars that would be scanned; None if it cannot be known."""
    name = source_name(params)
    kind, _, rest = name.partition(":")
    if kind == "folder":
        return state(Path(rest))
    return registry.version(name)


def label(params: ScanParams) -> str:
    """A short name: ``sample``, ``synthetic:500``, ``AAPL, MSFT, IBM +2``, a store's folder."""
    universe = params.universe
    if isinstance(universe, str):
        place = params.source if universe.startswith(MARKET) else universe
        where = Path(place).name if place and place.partition(":")[0] in PLACES else place
        if not universe.startswith(MARKET):
            return where or universe
        return universe.removeprefix(MARKET) + (f" · {where}" if where else "")
    more = len(universe) - 3
    return ", ".join(universe[:3]) + (f" +{more}" if more > 0 else "")


def resolve(params: ScanParams) -> Universe:
    """The symbols after the filters, and their supply.

    Raises InvalidRequest if there is no such store, or if the filters leave nothing; DamagedStore.
    """
    from stockwidget.scan import past
    from stockwidget.scan.supply import supply_of

    supply = supply_of(source_name(params))
    universe = params.universe
    symbols = universe if isinstance(universe, tuple) else _named(universe, supply)
    excluded: dict[str, int] = {}

    def keep(name: str, wanted: Callable[[str], bool]) -> None:
        nonlocal symbols
        kept = tuple(symbol for symbol in symbols if wanted(symbol))
        excluded[name] = len(symbols) - len(kept)
        symbols = kept

    if params.market is not None:
        keep("market", lambda symbol: market(symbol).code == params.market)
    day = params.as_of
    if params.min_bars is not None:
        held = supply.counts(symbols) if day is None else past.counts(supply, symbols, day)
        counts, least = held, params.min_bars
        keep("min_bars", lambda symbol: counts.get(symbol, least) >= least)
    if params.min_turnover is not None:
        bars = TURNOVER_BARS
        traded = (
            supply.turnover(symbols, bars)
            if day is None
            else past.traded(supply, symbols, day, bars)
        )
        enough = params.min_turnover
        keep("min_turnover", lambda symbol: traded.get(symbol, enough) >= enough)
    if not symbols:
        parts = [f"{name} {count}" for name, count in excluded.items()]
        raise InvalidRequest(
            f"No symbol of the universe is left ({', '.join(parts) or 'it is empty'}).",
            hint="Loosen a filter.",
            field="universe",
        )
    return Universe(label=label(params), symbols=symbols, supply=supply, excluded=excluded)


def _named(universe: str, supply: Supply) -> tuple[str, ...]:
    kind, _, rest = universe.partition(":")
    if kind != "market":
        return supply.symbols(int(rest) if kind == "synthetic" else None)
    every = supply.symbols(None)
    found = tuple(symbol for symbol in every if market(symbol).code == rest)
    if not found:
        held = sorted({market(symbol).code or "other" for symbol in every})
        raise InvalidRequest(
            f"The source {supply.name!r} has no symbol of the market {rest}.",
            hint=f"It has: {', '.join(held)}. source= names another one.",
            field="universe",
        )
    return found
