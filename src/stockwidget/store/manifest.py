"""What a version of a store consists of: one small file a version, never changed once written.

::

    <store>/versions/00000012.json      the newest one is the store as it stands
    <store>/segments/00000012-0.arrow   bars; a version names the segments it is made of
    <store>/segments/00000012-facts.parquet   facts on the companies, where there are some
    <store>/checked.json                segments whose content was compared with its checksum

A *partition* is a group of up to 256 symbols that stay together. Its bars lie in *pieces*, oldest
first; each is a record batch of a segment. Appending a day writes one new segment with a batch a
partition, which takes in the newest pieces while they are not much larger: so there are never more
than a handful, and a day costs kilobytes and not the store.
"""

from __future__ import annotations

import errno
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import orjson

from stockwidget.errors import DamagedStore, SourceUnavailable
from stockwidget.store.files import publish

FORMAT = 1
PARTITION = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A file of bars, as it was when it was written."""

    size: int
    crc32: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """Bars of a partition's symbols over some time: record batch ``batch`` of ``segment``."""

    segment: str
    batch: int
    rows: int
    plain: bool
    """Every adjusted close is the close, so that nothing needs to be multiplied."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """Symbols in the order of their first arrival."""

    symbols: tuple[str, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """Where the bars come from, as ``sources.base.Provenance`` has it."""

    source: str = "store"
    synthetic: bool = False
    origin: str = ""
    licence: str = ""
    note: str = ""
    raw_is_split_adjusted: bool = False


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One version."""

    store: str
    """Identity of the store, made with it: a new one at the same place has another."""
    version: int = 0
    first: str = ""
    last: str = ""
    """ISO dates of its oldest and newest bar."""
    about: About = field(default_factory=About)
    names: Mapping[str, str] = field(default_factory=dict)
    basis: Mapping[str, float] = field(default_factory=dict)
    """Symbol → what its adjusted closes must be divided by since a later dividend; else 1."""
    revised: Mapping[str, int] = field(default_factory=dict)
    """Symbol → last version at which bars that were there already got other numbers."""
    partitions: tuple[Partition, ...] = ()
    segments: Mapping[str, Segment] = field(default_factory=dict)
    facts: str = ""
    """The segment that has the facts on the companies; empty if there are none."""
    members: Mapping[str, tuple[tuple[str, str, str | None], ...]] = field(default_factory=dict)
    """Index → symbol, first and last day of each time of a member; see ``store.members``."""
    fetched_at: str = ""
    """When the newest bars or facts came, UTC to the second; empty if nobody said."""

    @property
    def used(self) -> frozenset[str]:
        """Names of the segments that are part of it."""
        pieces = {piece.segment for part in self.partitions for piece in part.pieces}
        return frozenset(pieces | ({self.facts} if self.facts else set()))

    def write(self, folder: Path) -> None:
        """Make it the newest version of the store in ``folder``."""
        body = orjson.dumps({"format": FORMAT, **asdict(self)})
        publish(path_of(folder, self.version), b"%08x\n%b" % (zlib.crc32(body), body))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a version.

        Raises DamagedStore if it is not what was written, SourceUnavailable if the system refuses.
        """
        try:
            head, _, body = path.read_bytes().partition(b"\n")
        except OSError as error:
            raise unreadable(path, error) from error
        if head != b"%08x" % zlib.crc32(body):
            raise damaged(path, "does not have the content that was written")
        data = orjson.loads(body)
        if data.pop("format") != FORMAT:
            raise damaged(path, "is of a format that this version of stockwidget does not know")
        data["about"] = About(**data["about"])
        data["segments"] = {name: Segment(**each) for name, each in data["segments"].items()}
        data["partitions"] = tuple(
            Partition(
                symbols=tuple(each["symbols"]),
                pieces=tuple(Piece(**piece) for piece in each["pieces"]),
            )
            for each in data["partitions"]
        )
        data["members"] = {
            name: tuple((symbol, first, last) for symbol, first, last in times)
            for name, times in data.get("members", {}).items()
        }
        return cls(**data)

    def follow(self, **changes: Any) -> Manifest:
        """The next version; segments that no piece needs any more are no longer named."""
        then = replace(self, version=self.version + 1, **changes)
        kept = {name: each for name, each in then.segments.items() if name in then.used}
        return replace(then, segments=kept)


def path_of(folder: Path, version: int) -> Path:
    """The file of a version."""
    return folder / "versions" / f"{version:08d}.json"


def versions(folder: Path) -> list[int]:
    """Numbers of the versions that are kept, oldest first."""
    return sorted(int(path.stem) for path in (folder / "versions").glob("????????.json"))


def unreadable(
    path: Path, error: OSError, *, symbols: list[str] | None = None
) -> DamagedStore | SourceUnavailable:
    """The error for a file that the system did not give: gone or broken, or refused for now.

    Only what is gone or broken is damage, since a repair takes that out for good.
    """
    why = error.strerror or str(error)
    if error.errno in (errno.ENOENT, errno.EIO):
        return damaged(path, f"cannot be read ({why})", symbols=symbols)
    return SourceUnavailable(
        f"The bar store could not be read: {path}: {why}.",
        hint="Nothing of it is lost. See that you may read the file and that there is memory, "
        "then run it again.",
        source="store",
        path=str(path),
    )


def damaged(path: Path, what: str, *, symbols: list[str] | None = None) -> DamagedStore:
    """The error that names a bad file of a store."""
    return DamagedStore(
        f"The bar store is damaged: {path} {what}.",
        hint=f"sw.store({str(path.parent.parent)!r}).repair() takes out what cannot be read and "
        "names the symbols to append again.",
        path=str(path),
        symbols=symbols,
    )
