"""The synthetic market as a store: made once on a machine, partition by partition, as needed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stockwidget.errors import DamagedStore
from stockwidget.scan.rules import Plan
from stockwidget.scan.supply import (
    STORE_CHUNK,
    History,
    Loaded,
    StoreSupply,
    history_of,
    of_source,
    turnover,
)
from stockwidget.sources.synthetic import BARS, SEED, SyntheticSource, calendar, generate, universe
from stockwidget.store.barstore import BarStore
from stockwidget.store.manifest import FORMAT, About
from stockwidget.store.places import data_dir
from stockwidget.store.snapshot import Block
from stockwidget.store.tables import Table

VERSION = f"{SEED}-{FORMAT}"
KEPT = 80 * STORE_CHUNK
"""Symbols kept at most, 20,480 of 0.12 MB each; further ones are made anew each time."""
ROOM = 4 << 30
"""Bytes that must stay free on the disk: made-up bars are not worth filling it."""


class SyntheticSupply:
    """Bars of made-up symbols from the store, which grows by what it lacks."""

    name = SyntheticSource.name
    chunk = STORE_CHUNK
    version: int | None = None
    opened: int | str | None = None
    ahead = True

    def __init__(self, folder: Path | None = None) -> None:
        self._store = BarStore(folder or data_dir() / f"synthetic-{VERSION}")
        self._stored: StoreSupply | None = None
        self._unwritable = False

    def symbols(self, count: int | None) -> tuple[str, ...]:
        """The first ``count``; all of them are too many for anything."""
        return universe(count or 1)

    def counts(self, symbols: Sequence[str]) -> dict[str, int]:
        """All have the same number of bars."""
        return dict.fromkeys(symbols, BARS)

    def turnover(self, symbols: Sequence[str], bars: int) -> dict[str, float]:
        """Of those that are to be loaded later: they are made now."""
        found: dict[str, float] = {}
        for start in range(0, len(symbols), self.chunk):
            part = symbols[start : start + self.chunk]
            self.prepare(part)
            found.update(turnover(self.history(part).run, bars))
        return found

    def remember(self, plan: Plan) -> None:
        """Nothing: made-up bars never change, and a scan of them shows what a scan takes."""

    def close(self) -> None:
        """Nothing is kept."""

    def prepare(self, symbols: Sequence[str]) -> None:
        """Make what is missing if it comes next: symbols lie in the store in their order."""
        self._open()
        held = len(self._store.symbols)
        last = max((int(symbol[3:]) for symbol in symbols), default=0)
        wanted = -(-last // STORE_CHUNK) * STORE_CHUNK  # whole partitions, whoever asks first
        if self._unwritable or wanted <= held or wanted - held > STORE_CHUNK or wanted > KEPT:
            return
        if _free(self._store.path) < ROOM:
            self._unwritable = True
            return
        try:
            numbers = range(held + 1, wanted + 1)
            self._store.extend([made(numbers)], about=_about(), names=_names(numbers))
        except OSError:  # no place to keep them: they are made anew each time
            self._unwritable = True
        self._open()

    def load(self, symbols: Sequence[str]) -> Loaded:
        """From the store, or from the generator where nothing can be stored."""
        stored = self._stored
        if stored is None or any(symbol not in stored.snapshot.places for symbol in symbols):
            return of_source(SyntheticSource(), symbols)
        return stored.load(symbols)

    def recent(self, symbols: Sequence[str], _bars: int, /) -> Block:
        """As ``load``, which remembers nothing and so has all of them."""
        return self.load(symbols).block

    def history(self, symbols: Sequence[str]) -> History:
        """As ``load``."""
        stored = self._stored
        if stored is None or any(symbol not in stored.snapshot.places for symbol in symbols):
            return history_of(SyntheticSource(), symbols)
        return stored.history(symbols)

    def _open(self) -> None:
        try:
            self._stored = StoreSupply(self._store.snapshot) if self._store.exists else None
        except DamagedStore:
            shutil.rmtree(self._store.path, ignore_errors=True)
            self._store.refresh()
            self._stored = None


def _free(folder: Path) -> int:
    """Bytes free where ``folder`` is, or will be."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free


def made(numbers: Sequence[int]) -> Table:
    """Bars of some synthetic symbols."""
    bars = np.concatenate([generate(number) for number in numbers])
    days = calendar().to_numpy().astype("datetime64[D]").astype(np.int32)
    return Table(
        symbols=tuple(f"SYN{number:05d}" for number in numbers),
        offsets=np.arange(len(numbers) + 1, dtype=np.int64) * BARS,
        dates=np.tile(days, len(numbers)),
        columns=tuple(np.ascontiguousarray(column) for column in bars.T),
        adjusted=True,
    )


def _names(numbers: Sequence[int]) -> dict[str, str]:
    return {f"SYN{number:05d}": f"Synthetic {number:05d}" for number in numbers}


def _about() -> About:
    found = SyntheticSource().provenance()
    return About(
        source=found.source,
        synthetic=True,
        origin=found.origin,
        licence=found.licence,
        note=found.note,
        raw_is_split_adjusted=found.raw_is_split_adjusted,
    )
