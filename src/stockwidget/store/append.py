"""Bars that come to a store: what of them is new, and which pieces the new segment takes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockwidget.bars import OHLCV
from stockwidget.errors import InvalidBars
from stockwidget.kernels import locked
from stockwidget.store.gather import copy_raw
from stockwidget.store.manifest import PARTITION, Manifest, Partition, Piece, Segment
from stockwidget.store.segment import Rows, Run, SegmentWriter
from stockwidget.store.snapshot import Snapshot
from stockwidget.store.tables import Table

TAKE_IN = 4
"""A piece is taken in while it has less than so many times the rows that come after it."""
SAME = 1e-5
"""Share by which two adjusted closes of a day may differ without a dividend between."""


class Append:
    """Tables on their way into the next version of a store; ``state`` is what it will be."""

    def __init__(self, folder: Path, manifest: Manifest, *, replacing: bool) -> None:
        self.state = Snapshot(folder, manifest)
        self._folder = folder
        self._version = manifest.version + 1
        self._replacing = replacing
        self._segments = 0
        self.added = 0

    def add(self, table: Table) -> None:
        """Write what is new of ``table`` into a segment. After InvalidBars nothing counts."""
        known = [s for s in table.symbols if s in self.state.places]
        ratio = np.ones(len(table.symbols))
        fresh = np.ones(len(table), np.bool_)
        gone: frozenset[str] = frozenset()
        basis, revised = dict(self.state.manifest.basis), dict(self.state.manifest.revised)
        if known and self._replacing:
            gone = frozenset(known)
            for symbol in known:
                basis.pop(symbol, None)
                revised[symbol] = self._version
        elif known:
            fresh = self._fresh(table, known)
            for symbol, (factor, moved) in self._factors(table, known, fresh).items():
                ratio[table.symbols.index(symbol)] = factor
                if moved:
                    basis[symbol] = factor
                    revised[symbol] = self._version
        counts = np.add.reduceat(np.append(fresh, [False]).astype(np.int64), table.offsets[:-1])
        self.added += int(counts.sum())
        if not counts.any() and basis == self.state.manifest.basis:
            return
        columns = tuple(column[fresh] for column in table.columns)
        run = Run(
            symbols=table.symbols,
            offsets=np.concatenate([[0], np.cumsum(counts)]),
            dates=table.dates[fresh],
            columns=(*columns[:5], columns[5] * np.repeat(ratio, counts)),
        )
        partitions, segments = self._written(run, gone)
        days = [d for d in (self.state.manifest.first, self.state.manifest.last) if d]
        days += [str(np.datetime64(int(d), "D")) for d in (table.dates.min(), table.dates.max())]
        manifest = replace(
            self.state.manifest,
            partitions=partitions,
            segments=segments,
            basis=basis,
            revised=revised,
            first=min(days),
            last=max(days),
        )
        self.state = Snapshot(self._folder, manifest)

    def _fresh(self, table: Table, known: list[str]) -> NDArray[np.bool_]:
        """Rows after the newest bar of their symbol."""
        last = np.full(len(table.symbols), np.iinfo(np.int32).min, np.int32)
        places = {symbol: k for k, symbol in enumerate(table.symbols)}
        last[[places[s] for s in known]] = self.state.lasts(known)
        fresh: NDArray[np.bool_] = table.dates > np.repeat(last, np.diff(table.offsets))
        return fresh

    def _factors(
        self, table: Table, known: list[str], fresh: NDArray[np.bool_]
    ) -> dict[str, tuple[float, bool]]:
        """Symbol → what its new adjusted closes are multiplied by; whether that is a new basis."""
        places = {symbol: k for k, symbol in enumerate(table.symbols)}
        at = np.array([places[s] for s in known])
        begin, end = table.offsets[at], table.offsets[at + 1]
        overlap = ~fresh[begin]
        found: dict[str, tuple[float, bool]] = {}
        basis = self.state.manifest.basis
        if not table.adjusted:  # prices go on by the factor of the newest bar
            newest = self.state.raw(known, bars=1)
            factors = newest.columns[5] / newest.columns[3]
            for symbol, factor in zip(known, factors, strict=True):
                found[symbol] = float(factor) * basis.get(symbol, 1.0), False
        elif basis:
            found = {symbol: (basis[symbol], False) for symbol in known if symbol in basis}
        for k in np.flatnonzero(overlap):
            symbol, rows = known[k], slice(begin[k], end[k])
            moved = self._overlap(symbol, table, rows, fresh[rows])
            if table.adjusted and abs(moved - 1) > SAME:
                found[symbol] = moved * basis.get(symbol, 1.0), True
        return found

    def _overlap(self, symbol: str, table: Table, rows: slice, fresh: NDArray[np.bool_]) -> float:
        """Stored over given adjusted close where both have a bar. Raises InvalidBars."""
        stored = self.state.raw([symbol])
        dates = table.dates[rows][~fresh]
        at = np.minimum(np.searchsorted(stored.dates, dates), len(stored.dates) - 1)
        missing = stored.dates[at] != dates
        if missing.any():
            raise _refused(symbol, dates[missing.argmax()], "unsorted", "later bars are stored")
        given = [column[rows][~fresh] for column in table.columns]
        for name, column, theirs in zip(OHLCV, given, stored.columns, strict=False):
            other = column != theirs[at]
            if other.any():
                j = int(other.argmax())
                what = f"its {name} was {theirs[at[j]]:g} and is now {column[j]:g}"
                raise _refused(symbol, dates[j], "revised", what)
        return float(stored.columns[5][at[-1]] / given[5][-1])

    def _written(
        self, run: Run, gone: frozenset[str]
    ) -> tuple[tuple[Partition, ...], dict[str, Segment]]:
        """Partitions with the bars of ``run``, and the segments they are in, one of them new."""
        name = f"{self._version:08d}-{self._segments}.arrow"
        self._segments += 1
        writer = SegmentWriter(self._folder / "segments" / name)
        partitions = list(self.state.manifest.partitions)
        known = [k for k, symbol in enumerate(run.symbols) if symbol in self.state.places]
        new = [k for k, symbol in enumerate(run.symbols) if symbol not in self.state.places]
        touched = self.state.groups([run.symbols[k] for k in known])
        for number, _, into in sorted(touched, key=lambda group: group.number):
            within = {run.symbols[known[k]]: known[k] for k in into.tolist()}
            merged, pieces = self._extended(number, run, within, gone)
            if len(merged.dates):
                pieces = (*pieces, _piece(writer, name, merged))
            partitions[number] = replace(partitions[number], pieces=pieces)
        for start in range(0, len(new), PARTITION):
            symbols = tuple(run.symbols[k] for k in new[start : start + PARTITION])
            at = np.array(new[start : start + PARTITION])
            merged = _merge(symbols, [(run, run.offsets[at], run.offsets[at + 1])])
            partitions.append(Partition(symbols=symbols, pieces=(_piece(writer, name, merged),)))
        segments = {**self.state.manifest.segments, name: writer.close()}
        used = replace(self.state.manifest, partitions=tuple(partitions)).used
        return tuple(partitions), {n: each for n, each in segments.items() if n in used}

    def _extended(
        self, number: int, run: Run, within: dict[str, int], gone: frozenset[str]
    ) -> tuple[Run, tuple[Piece, ...]]:
        """The bars that a partition's new piece has, and the pieces that stay as they are."""
        part = self.state.manifest.partitions[number]
        start, stop = np.zeros((2, len(part.symbols)), np.int64)
        for place, symbol in enumerate(part.symbols):
            if symbol in within:
                start[place], stop[place] = run.offsets[within[symbol] : within[symbol] + 2]
        rows = int((stop - start).sum())
        sources, pieces = [(run, start, stop)], list(part.pieces)
        keep = np.array([symbol not in gone for symbol in part.symbols])
        placed = self.state.placed(number)
        while pieces and (pieces[-1].rows < TAKE_IN * rows or not keep.all()):
            taken = placed[len(pieces) - 1]
            rows += pieces.pop().rows
            sources.insert(0, (taken.run, taken.start * keep, taken.stop * keep))
        return _merge(part.symbols, sources), tuple(pieces)


def _merge(symbols: tuple[str, ...], sources: list[tuple[Run, Rows, Rows]]) -> Run:
    """Bars of ``symbols`` from all sources, the older ones first."""
    lengths = np.sum([stop - start for _, start, stop in sources], axis=0)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    dates = np.empty(offsets[-1], np.int32)
    columns = tuple(np.empty(offsets[-1]) for _ in range(6))
    at, ones = offsets[:-1].copy(), np.ones(len(symbols))
    copy: Callable[..., Any] = copy_raw
    for run, start, stop in sources:
        given = [locked(column) for column in run.columns]
        copy(start, stop, at, locked(run.dates), *given, ones, dates, *columns)
        at += stop - start
    return Run(symbols=symbols, offsets=offsets, dates=dates, columns=columns)


def _piece(writer: SegmentWriter, name: str, run: Run) -> Piece:
    batch = writer.write(run)
    return Piece(segment=name, batch=batch, rows=len(run.dates), plain=run.plain)


def _refused(symbol: str, day: np.int32, rule: str, what: str) -> InvalidBars:
    date = str(np.datetime64(int(day), "D"))
    return InvalidBars(
        f"{symbol} {date} cannot be appended: {what}.",
        hint="Append the whole history of the symbol with replace=True.",
        symbol=symbol,
        rule=rule,
        date=date,
    )
