"""A bar store as a source of single symbols, ``store:<path>``, and a folder of files likewise."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stockwidget.errors import UnknownSymbol
from stockwidget.facts import Fact
from stockwidget.sources.base import Bars, Listing, Provenance, clip
from stockwidget.store.barstore import BarStore
from stockwidget.store.folder import store_of
from stockwidget.store.places import newest, state
from stockwidget.store.snapshot import EPOCH, Snapshot
from stockwidget.symbols import OTHER as MADE_UP
from stockwidget.symbols import market


class StoreSource:
    """Reads the version that is newest when it is asked."""

    def __init__(self, folder: str) -> None:
        self.name = f"store:{folder}"
        self._store = BarStore(folder)
        self._seen = newest(self._store.path)

    def symbols(self) -> tuple[str, ...]:
        """See ``Source.symbols``."""
        return self.snapshot().symbols

    def bars(self, symbol: str, start: str | None = None, end: str | None = None) -> Bars:
        """See ``Source.bars``; also raises DamagedStore."""
        snapshot = self.snapshot()
        if symbol not in snapshot.places:
            raise UnknownSymbol.of(symbol, known=snapshot.symbols, sources=[self.name])
        found = provenance(snapshot)
        place = MADE_UP if found.synthetic else market(symbol)
        return Bars(
            symbol=symbol,
            name=snapshot.manifest.names.get(symbol, ""),
            market=place.code,
            currency=place.currency,
            frame=clip(snapshot.frame(symbol), found, symbol, start, end),
            provenance=found,
        )

    def listings(self) -> tuple[Listing, ...]:
        """What it holds of each symbol; also raises DamagedStore."""
        snapshot = self.snapshot()
        about, names = snapshot.manifest.about, snapshot.manifest.names
        found = []
        for number, part in enumerate(snapshot.manifest.partitions):
            firsts = np.full(len(part.symbols), np.iinfo(np.int32).max, np.int32)
            for placed in snapshot.placed(number):
                held = placed.stop > placed.start
                days = placed.run.dates[placed.start[held]]
                firsts[held] = np.minimum(firsts[held], days)
            lasts, counts = snapshot.lasts(part.symbols), snapshot.counts(part.symbols)
            for symbol, first, last, bars in zip(part.symbols, firsts, lasts, counts, strict=True):
                place = MADE_UP if about.synthetic else market(symbol)
                found.append(
                    Listing(
                        symbol=symbol,
                        name=names.get(symbol, ""),
                        market=place.code,
                        currency=place.currency,
                        first=str(EPOCH + first),
                        last=str(EPOCH + last),
                        bars=int(bars),
                        origin=about.origin,
                        licence=about.licence,
                    )
                )
        return tuple(found)

    def facts(self, symbol: str) -> tuple[Fact, ...] | None:
        """See ``FactSource.facts``; also raises DamagedStore."""
        from stockwidget.facts.table import facts_of

        snapshot = self.snapshot()
        return facts_of(snapshot.facts(symbol)) if snapshot.manifest.facts else None

    def snapshot(self) -> Snapshot:
        """The newest version."""
        now = newest(self._store.path)
        if now != self._seen:
            self._seen = now
            self._store.refresh()
        return self._store.snapshot


class FolderSource(StoreSource):
    """Reads the files as they are when it is asked."""

    def __init__(self, folder: str) -> None:
        self.name = f"folder:{folder}"
        self._folder = Path(folder)
        self._state = ""

    def snapshot(self) -> Snapshot:
        """The bars of the files. Raises InvalidBars, InvalidRequest."""
        now = state(self._folder)
        if now != self._state:
            self._store = store_of(self._folder)
            self._state = now
        return self._store.snapshot


def provenance(snapshot: Snapshot) -> Provenance:
    """Where the bars of a store come from."""
    manifest = snapshot.manifest
    about = manifest.about
    return Provenance(
        source=about.source,
        synthetic=about.synthetic,
        first=manifest.first,
        last=manifest.last,
        origin=about.origin,
        licence=about.licence,
        note=about.note,
        raw_is_split_adjusted=about.raw_is_split_adjusted,
        fetched_at=manifest.fetched_at or None,
    )
