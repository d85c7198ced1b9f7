"""A store of bars in a folder: what ``sw.store(path)`` returns."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, overload

from stockwidget.errors import DamagedStore, InvalidRequest
from stockwidget.params.reading import iso_date
from stockwidget.store import facts as factfile
from stockwidget.store.append import Append
from stockwidget.store.checking import damages, newest_manifest, open_version
from stockwidget.store.files import sole_writer
from stockwidget.store.manifest import (
    About,
    Manifest,
    path_of,
    versions,
)
from stockwidget.store.mappings import release
from stockwidget.store.moments import moment
from stockwidget.store.snapshot import Snapshot
from stockwidget.store.tables import Table
from stockwidget.symbols import normalize

if TYPE_CHECKING:
    import pandas as pd

    from stockwidget.store.members import Members

KEPT = 3
"""Versions whose files stay for readers that opened them."""


class BarStore:
    """Bars of many symbols in one folder.

    Reading uses the version that was newest when the object was made; ``refresh()`` goes on to the
    newest one, and so does appending. Made by one process or several, written by one at a time.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser().resolve()
        self._snapshot: Snapshot | None = None

    @property
    def exists(self) -> bool:
        """Whether anything was ever appended."""
        return bool(versions(self.path))

    @property
    def snapshot(self) -> Snapshot:
        """The version that is read. Raises InvalidRequest if there is none, DamagedStore."""
        if self._snapshot is None:
            self._snapshot = open_version(self.path)
        return self._snapshot

    @property
    def version(self) -> int:
        """Number of the version that is read; 0 while the store is empty."""
        return self.snapshot.version if self.exists else 0

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols, in the order of their first arrival."""
        return self.snapshot.symbols if self.exists else ()

    @property
    def about(self) -> About:
        """Where the bars come from."""
        return self.snapshot.manifest.about

    def refresh(self) -> BarStore:
        """Read the newest version from now on."""
        self._snapshot = None
        return self

    def bars(self, symbol: str) -> pd.DataFrame:
        """Bars as reported and ``adj_close``, indexed by date. Raises UnknownSymbol."""
        return self.snapshot.frame(normalize(symbol))

    def append(
        self,
        bars: pd.DataFrame | str | Path,
        *,
        symbol: str | None = None,
        replace: bool = False,
        names: Mapping[str, str] | None = None,
        fetched_at: str | datetime | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Add bars and return the number of the version that has them.

        ``bars`` is a DataFrame, one row a symbol and day, or a Parquet or CSV file of the same, or
        a folder of such files (a file without symbols is named after its own; one called
        ``members`` says who was in an index, as ``put_members`` reads it). Of bars that are
        stored already nothing changes; a symbol's history that did change at its vendor is taken
        in whole with ``replace=True``. If the adjusted close of a bar that is stored is another
        now, a dividend has come: from then on all of the symbol's are read by the new basis.
        Either all is taken in or, after an error, nothing. Raises InvalidBars naming the row.
        ``fetched_at`` (UTC, unless it says otherwise) is when the vendor was asked, by default
        now; ``progress`` is called with the rows that were taken in so far.
        """
        from stockwidget.store.intake import members_in, tables

        return self.extend(
            tables(bars, symbol=symbol),
            members=members_in(bars),
            replacing=replace,
            names=names,
            fetched_at=moment(fetched_at),
            progress=progress,
        )

    def put_facts(
        self,
        facts: pd.DataFrame | str | Path,
        *,
        symbol: str | None = None,
        replace: bool = False,
        fetched_at: str | datetime | None = None,
    ) -> int:
        """Add facts on the companies and return the number of the version that has them.

        A DataFrame, or a Parquet or CSV file, one row a fact: ``symbol item value period_end
        published`` and, if known, ``currency`` and ``source`` (docs/store.md has the items). A fact
        that is stored keeps its value; what was corrected later is a row of its own, with its own
        ``published``. ``replace`` takes in all facts of the given symbols anew. Raises InvalidFacts
        naming the row.
        """
        from stockwidget.facts.table import read
        from stockwidget.store.intake import frame_of

        given = frame_of(facts) if isinstance(facts, str | Path) else facts
        return self.extend_facts(
            read(given, symbol=symbol), replacing=replace, fetched_at=moment(fetched_at)
        )

    def facts(self, symbol: str | None = None) -> pd.DataFrame:
        """Facts on one company or on all, a row each; empty if there are none."""
        from stockwidget.facts.table import nothing

        wanted = None if symbol is None else normalize(symbol)
        return self.snapshot.facts(wanted) if self.exists else nothing()

    def put_members(self, members: pd.DataFrame | str | Path, *, index: str | None = None) -> int:
        """Say who was in an index, and when; return the number of the version that knows it.

        A DataFrame, or a Parquet or CSV file, one row a time of membership: ``index symbol from
        to``, both days inclusive, ``to`` empty while it lasts. The rows of an index take the place
        of all that was known of it. A scan or a study of ``"index:NAME"`` looks at the members of
        its day. Raises InvalidRequest naming the row.
        """
        from stockwidget.store.intake import members_of
        from stockwidget.store.members import merge

        given = members_of(members, index=index)
        with self._writing() as manifest:
            then = merge(manifest.members, given)
            if then != manifest.members:
                manifest.follow(members=then).write(self.path)
                self._tidy()
        return self.refresh().version

    @overload
    def members(self, index: str | None = None) -> pd.DataFrame: ...

    @overload
    def members(self, index: str, *, on: str | date) -> tuple[str, ...]: ...

    def members(
        self, index: str | None = None, *, on: str | date | None = None
    ) -> pd.DataFrame | tuple[str, ...]:
        """Return all times of membership, ``index symbol from to``, of one index or of all.

        With ``on``, the symbols that were in ``index`` on that day. Raises InvalidRequest for an
        index that nobody has told of.
        """
        from stockwidget.store import members as table

        known = self.snapshot.manifest.members if self.exists else {}
        if index is None:
            return table.frame(known)
        times = table.named(known, index)
        if on is not None:
            return table.on(times, str(iso_date(on, "on")))
        return table.frame({index: times})

    def extend(
        self,
        tables: Iterable[Table],
        *,
        replacing: bool = False,
        names: Mapping[str, str] | None = None,
        members: Members | None = None,
        about: About | None = None,
        fetched_at: str = "",
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Add checked tables, one after the other, as one version; each is all that is held."""
        from stockwidget.store.members import merge

        with self._writing() as manifest:
            append = Append(self.path, manifest, replacing=replacing)
            for table in tables:
                append.add(table)
                if progress is not None:
                    progress(append.added)
            then = append.state.manifest
            known = merge(then.members, members or {})
            if then is not manifest or about is not None or names or known != then.members:
                then = replace(
                    then,
                    members=known,
                    about=about or then.about,
                    names={**then.names, **(names or {})},
                    fetched_at=fetched_at or then.fetched_at,
                )
                then.follow().write(self.path)
                self._tidy()
        return self.refresh().version

    def extend_facts(
        self, facts: pd.DataFrame, *, replacing: bool = False, fetched_at: str = ""
    ) -> int:
        """Add checked facts as one version; nothing happens if all of them are stored already."""
        with self._writing() as manifest:
            stored = Snapshot(self.path, manifest).facts() if manifest.facts else None
            merged = factfile.merge(stored, facts, replacing=replacing)
            if len(merged) and (stored is None or not merged.equals(stored)):
                name = f"{manifest.version + 1:08d}-facts.parquet"
                segment = factfile.write(self.path / "segments" / name, merged)
                manifest.follow(
                    facts=name,
                    segments={**manifest.segments, name: segment},
                    fetched_at=fetched_at or manifest.fetched_at,
                ).write(self.path)
                self._tidy()
        return self.refresh().version

    def verify(self) -> list[DamagedStore]:
        """Compare every byte with what was written; return an error for each file that differs."""
        return list(damages(self.path, newest_manifest(self.path), known={}))

    def repair(self) -> list[str]:
        """Take out what is damaged, as a new version; return the symbols to append again.

        Damaged facts go as a whole: put them again.
        """
        lost: list[str] = []
        with self._writing(whole=False) as manifest:
            bad = {Path(each.data["path"]).name for each in damages(self.path, manifest, known={})}
            kept = []
            for part in manifest.partitions:
                if any(piece.segment in bad for piece in part.pieces):
                    lost += part.symbols
                else:
                    kept.append(part)
            if bad:
                # Another identity: what was remembered by the place of a symbol is void.
                changed = manifest.follow(
                    partitions=tuple(kept),
                    store=uuid.uuid4().hex,
                    facts="" if manifest.facts in bad else manifest.facts,
                )
                changed.write(self.path)
                self._tidy()
        self.refresh()
        return lost

    def to_parquet(self, path: str | Path) -> Path:
        """Write everything into one Parquet file (zstd), symbol after symbol; return its path."""
        from stockwidget.store.export import to_parquet

        return to_parquet(self.snapshot, Path(path).expanduser())

    def to_frame(self, symbols: Sequence[str] | None = None) -> pd.DataFrame:
        """Bars of ``symbols`` (all, if None) in one frame, indexed by symbol and date."""
        from stockwidget.store.export import to_frame

        if symbols is None:
            return to_frame(self.snapshot, self.symbols)
        if isinstance(symbols, str) or not isinstance(symbols, Iterable):
            raise InvalidRequest(
                f"symbols must be a list, not {symbols!r:.80}.",
                hint="Put them in brackets, even a single one: to_frame(['AAPL']).",
                field="symbols",
            )
        return to_frame(self.snapshot, [normalize(symbol) for symbol in symbols])

    def __contains__(self, symbol: object) -> bool:
        return self.exists and symbol in self.snapshot.places

    def __len__(self) -> int:
        return len(self.symbols)

    def __repr__(self) -> str:
        if not self.exists:
            return f"<BarStore {self.path}: empty>"
        found = self.snapshot.manifest
        made_up = " SYNTHETIC" if found.about.synthetic else ""
        return (
            f"<BarStore {self.path}:{made_up} {len(self):,} symbols, {self.snapshot.rows:,} bars, "
            f"{found.first} to {found.last}, version {found.version}>"
        )

    @contextlib.contextmanager
    def _writing(self, *, whole: bool = True) -> Iterator[Manifest]:
        """The newest version, while nobody else can make another one."""
        for folder in ("segments", "versions"):
            (self.path / folder).mkdir(parents=True, exist_ok=True)
        with sole_writer(self.path):
            if not self.exists:
                yield Manifest(store=uuid.uuid4().hex)
            elif whole:
                yield open_version(self.path).manifest
            else:
                yield newest_manifest(self.path)

    def _tidy(self) -> None:
        """Remove versions that are no longer kept, and the segments of nobody."""
        kept = versions(self.path)[-KEPT:]
        used: set[str] = set()
        for version in kept:
            with contextlib.suppress(DamagedStore):
                used |= set(Manifest.read(path_of(self.path, version)).segments)
        for version in versions(self.path)[:-KEPT]:
            path_of(self.path, version).unlink(missing_ok=True)
        release(self.path / "segments", used)
        for path in (self.path / "segments").iterdir():
            if path.name not in used:
                with contextlib.suppress(PermissionError):  # still mapped, on Windows
                    path.unlink()
