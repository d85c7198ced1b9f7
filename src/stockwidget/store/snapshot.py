"""One version of a store, open for reading. What is appended meanwhile does not touch it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stockwidget.bars import COLUMNS, OHLCV
from stockwidget.errors import UnknownSymbol
from stockwidget.store.gather import copy_adjusted, copy_raw
from stockwidget.store.manifest import Manifest, Partition
from stockwidget.store.mappings import mapped
from stockwidget.store.segment import Dates, Floats, MappedSegment, Rows, Run

if TYPE_CHECKING:
    import pandas as pd

_ALL = np.iinfo(np.int64).max
_GROUPED = 8
EPOCH = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True, kw_only=True)
class Block:
    """Adjusted bars of some symbols; those of symbol k are rows ``offsets[k]`` to ``[k + 1]``."""

    symbols: Sequence[str]
    offsets: Rows
    dates: Dates
    """Days since 1970-01-01; as all arrays symbol after symbol, dates ascending."""
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


class _Placed(NamedTuple):
    """A piece and where in it the bars of each symbol of the partition are."""

    run: Run
    start: Rows
    stop: Rows


class Group(NamedTuple):
    """Symbols of one partition: their places in it, and where they stand among those asked for."""

    number: int
    places: Rows
    into: Rows


class _Cut(NamedTuple):
    """What some symbols of a partition get from one piece."""

    run: Run
    plain: bool
    start: Rows
    stop: Rows
    """Rows of the piece."""
    at: Rows
    """Where the first of them goes."""
    into: Rows
    """The symbols' numbers among those asked for."""
    basis: Floats


class Snapshot:
    """Bars by symbol. May be used from several threads."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._segments: dict[str, MappedSegment] = {}
        self._placed: dict[int, tuple[_Placed, ...]] = {}
        self._grouped: dict[tuple[str, ...], list[Group]] = {}

    @property
    def version(self) -> int:
        """The number of the version; 0 is empty."""
        return self.manifest.version

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """All symbols, in the order of their first arrival."""
        return tuple(s for part in self.manifest.partitions for s in part.symbols)

    @cached_property
    def places(self) -> dict[str, int]:
        """Symbol → its place among ``symbols``."""
        return dict(zip(self.symbols, range(len(self.symbols)), strict=True))

    @cached_property
    def _before(self) -> Rows:
        """Symbols before each partition."""
        return np.cumsum([0, *(len(part.symbols) for part in self.manifest.partitions)])

    @property
    def rows(self) -> int:
        """Bars in all."""
        return sum(p.rows for part in self.manifest.partitions for p in part.pieces)

    def segment(self, name: str) -> MappedSegment:
        """A segment, mapped. Raises DamagedStore if it is gone or of another size."""
        if name not in self._segments:
            path = self.folder / "segments" / name
            self._segments[name] = mapped(path, self.manifest.segments[name])
        return self._segments[name]

    def block(self, symbols: Sequence[str], *, bars: int | None = None) -> Block:
        """Adjusted bars of ``symbols``, of each the newest ``bars`` alone if asked.

        Symbols that lie beside each other in one piece that needs no adjusting are not copied: the
        arrays are then those of the file, read-only. Raises UnknownSymbol, DamagedStore.
        """
        groups = self.groups(symbols)
        if bars is None and len(groups) == 1:
            whole = self._uncopied(symbols, *groups[0])
            if whole is not None:
                return whole
        return self._adjusted(symbols, groups, bars, dict.fromkeys(OHLCV, _ALL))

    def newest(self, symbols: Sequence[str], bars: int, depths: Mapping[str, int]) -> Block:
        """The newest ``bars`` of each symbol, and of some columns still fewer.

        A column has the ``depths[name]`` newest and NaN before them; one that is not named is
        empty. Of dates and closes all ``bars`` are there.
        """
        return self._adjusted(symbols, self.groups(symbols), bars, {**depths, "close": _ALL})

    def raw(self, symbols: Sequence[str], *, bars: int | None = None) -> Run:
        """Bars as reported and their adjusted closes, copied."""
        groups = self.groups(symbols)
        offsets, pieces = self._cut(symbols, groups, bars)
        dates = np.empty(offsets[-1], np.int32)
        columns = tuple(np.empty(offsets[-1]) for _ in COLUMNS)
        copy: Callable[..., Any] = copy_raw
        for cut in pieces:
            run = cut.run
            copy(cut.start, cut.stop, cut.at, run.dates, *run.columns, cut.basis, dates, *columns)
        return Run(symbols=symbols, offsets=offsets, dates=dates, columns=columns)

    def frame(self, symbol: str) -> pd.DataFrame:
        """Bars of a symbol in the form of ``stockwidget.bars``."""
        import pandas as pd

        run = self.raw([symbol])
        index = pd.DatetimeIndex((EPOCH + run.dates).astype("datetime64[ms]"), name="date")
        columns = dict(zip(COLUMNS, run.columns, strict=True))
        return pd.DataFrame(columns, index=index, copy=False)

    def facts(self, symbol: str | None = None) -> pd.DataFrame:
        """Facts on one company or on all, as ``facts.table`` has them; empty if there are none."""
        from stockwidget.facts.table import nothing
        from stockwidget.store import facts

        name = self.manifest.facts
        return facts.read(self.segment(name), symbol) if name else nothing()

    def held(self, symbols: Sequence[str]) -> Sequence[str]:
        """Those that there are, in their order."""
        if self._beside(tuple(symbols)):
            return symbols
        return [symbol for symbol in symbols if symbol in self.places]

    def counts(self, symbols: Sequence[str]) -> Rows:
        """How many bars there are of each."""
        found = np.zeros(len(symbols), np.int64)
        for number, places, into in self.groups(symbols):
            for placed in self.placed(number):
                found[into] += placed.stop[places] - placed.start[places]
        return found

    def lasts(self, symbols: Sequence[str]) -> Dates:
        """Date of the newest bar of each, days since 1970-01-01."""
        found = np.full(len(symbols), np.iinfo(np.int32).min, np.int32)
        for number, places, into in self.groups(symbols):
            for placed in self.placed(number):
                held = placed.stop[places] > placed.start[places]
                found[into[held]] = placed.run.dates[placed.stop[places][held] - 1]
        return found

    def placed(self, number: int) -> tuple[_Placed, ...]:
        """The pieces of a partition, oldest first."""
        if number not in self._placed:
            part = self.manifest.partitions[number]
            self._placed[number] = tuple(self._place(part))
        return self._placed[number]

    def _place(self, part: Partition) -> Iterator[_Placed]:
        for piece in part.pieces:
            run = self.segment(piece.segment).run(piece.batch)
            start, stop = run.offsets[:-1], run.offsets[1:]
            if run.symbols != part.symbols:
                place = {symbol: k for k, symbol in enumerate(part.symbols)}
                at = np.array([place[s] for s in run.symbols], np.int64)
                first, last = np.zeros((2, len(place)), np.int64)
                first[at], last[at] = start, stop
                start, stop = first, last
            yield _Placed(run, start, stop)

    def groups(self, symbols: Sequence[str]) -> list[Group]:
        """Symbols by partition, in the order of their first ones. Raises UnknownSymbol."""
        key = tuple(symbols)
        if groups := self._beside(key):
            return groups
        if (known := self._grouped.get(key)) is not None:
            return known  # a scan asks for counts, dates and bars of the same chunk
        if len(self._grouped) >= _GROUPED:
            self._grouped.clear()
        groups = self._grouped[key] = self._apart(key)
        return groups

    def _beside(self, symbols: tuple[str, ...]) -> list[Group]:
        """The group of symbols that lie beside each other in a partition; nothing of others."""
        if not symbols or symbols[0] not in self.places:
            return []
        place, size = self.places[symbols[0]], len(symbols)
        number = int(np.searchsorted(self._before, place, side="right")) - 1
        first = place - int(self._before[number])
        if self.manifest.partitions[number].symbols[first : first + size] != symbols:
            return []
        return [Group(number, np.arange(first, first + size), np.arange(size))]

    def _apart(self, symbols: tuple[str, ...]) -> list[Group]:
        for symbol in symbols:
            if symbol not in self.places:
                raise self.unknown(symbol)
        places = np.array([self.places[symbol] for symbol in symbols], np.int64)
        numbers = np.searchsorted(self._before, places, side="right") - 1
        found = []
        for number in dict.fromkeys(numbers.tolist()):
            into = np.flatnonzero(numbers == number)
            found.append(Group(number, places[into] - self._before[number], into))
        return found

    def unknown(self, symbol: str) -> UnknownSymbol:
        """The error for a symbol that is not in the store."""
        return UnknownSymbol.of(symbol, known=self.symbols, sources=[str(self.folder)])

    def _uncopied(
        self, symbols: Sequence[str], number: int, places: Rows, into: Rows
    ) -> Block | None:
        part = self.manifest.partitions[number]
        beside = bool((np.diff(places) == 1).all()) and bool((np.diff(into) == 1).all())
        if len(part.pieces) != 1 or not part.pieces[0].plain or not beside:
            return None
        if any(symbol in self.manifest.basis for symbol in symbols):
            return None
        (placed,) = self.placed(number)
        start, stop = placed.start[places], placed.stop[places]
        if (start[1:] != stop[:-1]).any():
            return None
        rows = slice(int(start[0]), int(stop[-1]))
        return Block(
            symbols=symbols,
            offsets=np.append(start, stop[-1]) - start[0],
            dates=placed.run.dates[rows],
            **{n: c[rows] for n, c in zip(OHLCV, placed.run.columns, strict=False)},
        )

    def _adjusted(
        self,
        symbols: Sequence[str],
        groups: Sequence[Group],
        bars: int | None,
        depths: Mapping[str, int],
    ) -> Block:
        offsets, pieces = self._cut(symbols, groups, bars)
        dates = np.empty(offsets[-1], np.int32)
        columns = tuple(np.empty(offsets[-1] if name in depths else 0) for name in OHLCV)
        deep = np.array([depths.get(name, 0) for name in OHLCV], np.int64)
        copy: Callable[..., Any] = copy_adjusted
        for cut in pieces:
            run = cut.run
            plain = (cut.basis == 1.0) & cut.plain
            copy(
                *(cut.start, cut.stop, cut.at),
                *(run.dates, run.columns[:5], run.columns[5], cut.basis),
                *(plain, offsets[1:][cut.into], deep, dates, columns),
            )
        return Block(
            symbols=symbols,
            offsets=offsets,
            dates=dates,
            **dict(zip(OHLCV, columns, strict=True)),
        )

    def _cut(
        self, symbols: Sequence[str], groups: Sequence[Group], bars: int | None
    ) -> tuple[Rows, list[_Cut]]:
        """Offsets of the newest ``bars`` of each symbol, and the pieces that give them."""
        lengths = np.zeros(len(symbols), np.int64)
        for number, places, into in groups:
            for placed in self.placed(number):
                lengths[into] += placed.stop[places] - placed.start[places]
        skipped = np.maximum(lengths - bars, 0) if bars is not None else np.zeros_like(lengths)
        offsets = np.zeros(len(symbols) + 1, np.int64)
        np.cumsum(lengths - skipped, out=offsets[1:])
        found = []
        for number, places, into in groups:
            part = self.manifest.partitions[number]
            known = self.manifest.basis
            basis = np.array([known.get(part.symbols[place], 1.0) for place in places.tolist()])
            left, at = skipped[into], offsets[into]
            for piece, placed in zip(part.pieces, self.placed(number), strict=True):
                start, stop = placed.start[places], placed.stop[places]
                cut = np.minimum(left, stop - start)
                left = left - cut
                start = start + cut
                found.append(_Cut(placed.run, piece.plain, start, stop, at, into, basis))
                at = at + (stop - start)
        return offsets, found
