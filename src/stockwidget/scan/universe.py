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
ENDLESS = 1 << 40
"""A day that never comes."""
MARKET = "market:"
"""What the name of a universe begins with that is a market of a source."""
INDEX = "index:"
"""The same of an index, whose members a store or a folder knows by day."""


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
    if isinstance(universe, str) and universe.startswith(INDEX):
        if params.source is None or params.source.partition(":")[0] not in PLACES:
            raise InvalidRequest(
                f"Who knows the members of {universe!r}?",
                hint="Name in source= a store, a folder with a file members.csv, or a DataFrame, "
                "as in sw.scan('index:CSI300', source=sw.store(path)).",
                field="source",
            )
        return params.source
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
        try:
            return state(Path(rest))
        except OSError:  # The job says it in words, once it cannot read there either.
            return None
    return registry.version(name)


def label(params: ScanParams) -> str:
    """A short name: ``sample``, ``synthetic:500``, ``AAPL, MSFT, IBM +2``, a store's folder."""
    universe = params.universe
    if isinstance(universe, str):
        named = universe.startswith((MARKET, INDEX))
        place = params.source if named else universe
        where = Path(place).name if place and place.partition(":")[0] in PLACES else place
        if not named:
            return where or universe
        return universe.partition(":")[2] + (f" · {where}" if where else "")
    more = len(universe) - 3
    return ", ".join(universe[:3]) + (f" +{more}" if more > 0 else "")


def resolve(params: ScanParams, *, past: bool = False) -> Universe:
    """The symbols after the filters, and their supply.

    Of an index they are the members on ``params.as_of``, or on the day of the newest bar; if
    ``past``, all that ever were, with their ``members``.

    Raises InvalidRequest if there is no such store, or if the filters leave nothing; DamagedStore.
    """
    from stockwidget.scan.past import counts as counts_on
    from stockwidget.scan.past import traded as traded_on
    from stockwidget.scan.supply import supply_of

    supply = supply_of(source_name(params))
    universe = params.universe
    members = None
    if isinstance(universe, tuple):
        symbols = universe
    elif universe.startswith(INDEX):
        symbols, members = _members(universe, supply, params.as_of, past=past)
    else:
        symbols = _named(universe, supply)
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
        held = supply.counts(symbols) if day is None else counts_on(supply, symbols, day)
        counts, least = held, params.min_bars
        keep("min_bars", lambda symbol: counts.get(symbol, least) >= least)
    if params.min_turnover is not None:
        bars = TURNOVER_BARS
        traded = (
            supply.turnover(symbols, bars) if day is None else traded_on(supply, symbols, day, bars)
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
    return Universe(
        label=label(params), symbols=symbols, supply=supply, excluded=excluded, members=members
    )


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


def _members(
    universe: str, supply: Supply, day: str | None, *, past: bool
) -> tuple[tuple[str, ...], Mapping[str, Sequence[tuple[int, int]]] | None]:
    """Members of an index on a day; or all there were, and when."""
    from stockwidget.scan.past import number_of
    from stockwidget.scan.supply import StoreSupply
    from stockwidget.store import members

    if not isinstance(supply, StoreSupply):
        raise TypeError("source_name lets stores and folders through alone")
    manifest = supply.snapshot.manifest
    times = members.named(manifest.members, universe.removeprefix(INDEX))
    if not past:
        return members.on(times, day or manifest.last), None
    found: dict[str, list[tuple[int, int]]] = {}
    for symbol, first, last in times:
        end = number_of(last) if last is not None else ENDLESS
        found.setdefault(symbol, []).append((number_of(first), end))
    return tuple(found), found
