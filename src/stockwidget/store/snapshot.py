"""One version of a store, open for reading. What is appended meanwhile does not touch it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stockwidget.bars import COLUMNS, OHLCV
from stockwidget.errors import UnknownSymbol
from stockwidget.store.gather import copy_adjusted, copy_raw
from stockwidget.store.manifest import Manifest, Partition
from stockwidget.store.segment import Dates, Floats, MappedSegment, Rows, Run

if TYPE_CHECKING:
    import pandas as pd

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


class Snapshot:
    """Bars by symbol. May be used from several threads."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._segments: dict[str, MappedSegment] = {}
        self._placed: dict[int, tuple[_Placed, ...]] = {}
        self._grouped: dict[tuple[str, ...], list[tuple[int, Rows, Rows]]] = {}

    @property
    def version(self) -> int:
        """The number of the version; 0 is empty."""
        return self.manifest.version

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """All symbols, in the order of their first arrival."""
        return tuple(s for part in self.manifest.partitions for s in part.symbols)

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """Symbol → partition, and place in it."""
        return {
            symbol: (number, place)
            for number, part in enumerate(self.manifest.partitions)
            for place, symbol in enumerate(part.symbols)
        }

    @property
    def rows(self) -> int:
        """Bars in all."""
        return sum(p.rows for part in self.manifest.partitions for p in part.pieces)

    def segment(self, name: str) -> MappedSegment:
        """A segment, mapped. Raises DamagedStore if it is gone or of another size."""
        if name not in self._segments:
            path = self.folder / "segments" / name
            self._segments[name] = MappedSegment(path, self.manifest.segments[name])
        return self._segments[name]

    def block(self, symbols: Sequence[str], *, bars: int | None = None) -> Block:
        """Adjusted bars of ``symbols``, of each the newest ``bars`` alone if asked.

        Symbols that lie beside each other in one piece that needs no adjusting are not copied: the
        arrays are then those of the file. Raises UnknownSymbol, DamagedStore.
        """
        groups = self._groups(symbols)
        if bars is None and len(groups) == 1:
            whole = self._uncopied(symbols, *groups[0])
            if whole is not None:
                return whole
        run = self._gather(symbols, groups, OHLCV, bars=bars)
        return Block(
            symbols=symbols,
            offsets=run.offsets,
            dates=run.dates,
            **dict(zip(OHLCV, run.columns, strict=True)),
        )

    def raw(self, symbols: Sequence[str], *, bars: int | None = None) -> Run:
        """Bars as reported and their adjusted closes, copied."""
        return self._gather(symbols, self._groups(symbols), COLUMNS, bars=bars)

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

    def counts(self, symbols: Sequence[str]) -> Rows:
        """How many bars there are of each."""
        found = np.zeros(len(symbols), np.int64)
        for number, places, into in self._groups(symbols):
            for placed in self.placed(number):
                found[into] += placed.stop[places] - placed.start[places]
        return found

    def lasts(self, symbols: Sequence[str]) -> Dates:
        """Date of the newest bar of each, days since 1970-01-01."""
        found = np.full(len(symbols), np.iinfo(np.int32).min, np.int32)
        for number, places, into in self._groups(symbols):
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
        place = {symbol: k for k, symbol in enumerate(part.symbols)}
        for piece in part.pieces:
            run = self.segment(piece.segment).run(piece.batch)
            at = np.array([place[s] for s in run.symbols], np.int64)
            start, stop = np.zeros(len(place), np.int64), np.zeros(len(place), np.int64)
            start[at], stop[at] = run.offsets[:-1], run.offsets[1:]
            yield _Placed(run, start, stop)

    def _groups(self, symbols: Sequence[str]) -> list[tuple[int, Rows, Rows]]:
        """By partition: its number, places in it, and where those stand among ``symbols``."""
        key = tuple(symbols)
        if (known := self._grouped.get(key)) is not None:
            return known  # a scan asks for counts, dates and bars of the same chunk
        found: dict[int, tuple[list[int], list[int]]] = {}
        for number, symbol in enumerate(symbols):
            if symbol not in self.places:
                raise self.unknown(symbol)
            partition, place = self.places[symbol]
            places, into = found.setdefault(partition, ([], []))
            places.append(place)
            into.append(number)
        groups = [(p, np.array(a, np.int64), np.array(b, np.int64)) for p, (a, b) in found.items()]
        if len(self._grouped) >= _GROUPED:
            self._grouped.clear()
        self._grouped[key] = groups
        return groups

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

    def _gather(
        self,
        symbols: Sequence[str],
        groups: list[tuple[int, Rows, Rows]],
        columns: Sequence[str],
        *,
        bars: int | None,
    ) -> Run:
        lengths = np.zeros(len(symbols), np.int64)
        for number, places, into in groups:
            for placed in self.placed(number):
                lengths[into] += placed.stop[places] - placed.start[places]
        skipped = np.maximum(lengths - bars, 0) if bars is not None else np.zeros_like(lengths)
        offsets = np.zeros(len(symbols) + 1, np.int64)
        np.cumsum(lengths - skipped, out=offsets[1:])
        dates = np.empty(offsets[-1], np.int32)
        out = tuple(np.empty(offsets[-1]) for _ in columns)
        copy: Callable[..., Any] = copy_adjusted if columns is OHLCV else copy_raw
        basis = self.manifest.basis
        for number, places, into in groups:
            names = self.manifest.partitions[number].symbols
            by = np.array([basis.get(names[place], 1.0) for place in places])
            left, at = skipped[into], offsets[into]
            for placed in self.placed(number):
                start, stop = placed.start[places], placed.stop[places]
                cut = np.minimum(left, stop - start)
                left = left - cut
                start = start + cut
                copy(start, stop, at, placed.run.dates, *placed.run.columns, by, dates, *out)
                at = at + (stop - start)
        return Run(symbols=symbols, offsets=offsets, dates=dates, columns=out)
