"""What a source of bars is, and what it must say about where its bars come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from stockwidget.errors import InsufficientHistory

if TYPE_CHECKING:
    import pandas as pd

    from stockwidget.facts import Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """Where bars come from. ``first`` and ``last`` are ISO dates of all that the source holds."""

    source: str
    synthetic: bool
    """Made up by a generator; every view must say so."""
    first: str
    last: str
    origin: str
    """Package and version, or vendor, that the bars were taken from."""
    licence: str
    note: str
    """One or two sentences a reader of the numbers should know."""
    raw_is_split_adjusted: bool
    """Whether the vendor's "raw" prices were already divided by later splits."""
    fetched_at: str | None = None
    """When this version of the data came from the vendor, UTC; None if nobody said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """A symbol that a source holds; ``first`` and ``last`` are ISO dates."""

    symbol: str
    name: str
    market: str
    currency: str
    first: str
    last: str
    bars: int
    origin: str
    licence: str


@dataclass(frozen=True, kw_only=True)
class Bars:
    """The bars of one symbol; ``frame`` as ``stockwidget.bars`` lays down, never empty."""

    symbol: str
    name: str
    market: str
    currency: str
    frame: pd.DataFrame
    provenance: Provenance


class Source(Protocol):
    """A place to read daily bars from. Methods may be called from any thread."""

    name: str

    def symbols(self) -> Sequence[str]:
        """All symbols it holds, in the order of its own listing."""
        ...

    def bars(self, symbol: str, start: str | None = None, end: str | None = None) -> Bars:
        """Bars of a normalised ``symbol`` from ``start`` to ``end``, ISO dates, both inclusive.

        Raises UnknownSymbol, InsufficientHistory if the range is empty, SourceUnavailable.
        """
        ...


@runtime_checkable
class FactSource(Protocol):
    """A source that also knows facts on companies; the capability is optional."""

    def facts(self, symbol: str) -> Sequence[Fact] | None:
        """All it holds on a normalised ``symbol``, however late it was published.

        None if it has no facts on any company. The analysis takes what was known on its day.
        """
        ...


def facts_of(source: Source, symbol: str) -> Sequence[Fact] | None:
    """What ``source`` holds on a company; None if it has no facts on any."""
    return source.facts(symbol) if isinstance(source, FactSource) else None


def clip(
    frame: pd.DataFrame, provenance: Provenance, symbol: str, start: str | None, end: str | None
) -> pd.DataFrame:
    """Rows from ``start`` to ``end``; if there are none, InsufficientHistory says what there is."""
    if start is None and end is None:
        return frame
    chosen = frame.loc[start:end]
    if not len(chosen):
        raise InsufficientHistory(
            f"{symbol} has no bar from {start or 'its start'} to {end or 'its end'}.",
            hint=f"The source {provenance.source!r} holds {symbol} from {provenance.first} "
            f"to {provenance.last}.",
            symbol=symbol,
            bars=0,
            needed=1,
            first=provenance.first,
            last=provenance.last,
        )
    return chosen
