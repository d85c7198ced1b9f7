"""Whether the files of a store are what was written: sizes always, content once a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from stockwidget.errors import DamagedStore, InvalidRequest
from stockwidget.store.files import crc32, identity, publish
from stockwidget.store.manifest import Manifest, Partition, damaged, path_of, unreadable, versions
from stockwidget.store.mappings import release
from stockwidget.store.snapshot import Snapshot


def open_version(folder: Path) -> Snapshot:
    """The newest version in ``folder``, checked: sizes always, content once a file.

    Raises InvalidRequest if there is no store, DamagedStore naming the file.
    """
    manifest = newest_manifest(folder)
    snapshot = Snapshot(folder, manifest)
    release(folder / "segments", manifest.segments)
    for name in manifest.segments:
        snapshot.segment(name)  # mapped, it stays readable even if it is removed
    known = _checked(folder)
    for problem in damages(folder, manifest, known=known):
        raise problem
    seen = {name: identity((folder / "segments" / name).stat()) for name in manifest.segments}
    if seen != known:
        with contextlib.suppress(OSError):  # a store that may only be read is checked each time
            publish(folder / "checked.json", orjson.dumps(seen))
    return snapshot


def newest_manifest(folder: Path) -> Manifest:
    """What the newest version is made of; its files are not looked at. Raises InvalidRequest."""
    found = versions(folder)
    if not found:
        raise InvalidRequest(
            f"There is no bar store in {folder}.",
            hint="sw.store(path).append(bars) makes one.",
            field="store",
        )
    return Manifest.read(path_of(folder, found[-1]))


def damages(
    folder: Path, manifest: Manifest, *, known: Mapping[str, Any]
) -> Iterator[DamagedStore]:
    """Each file that is not what was written, with the symbols in it.

    ``known`` are files whose content was compared before, as of which change (``checked.json``).
    Raises what the system refuses for now: that is no damage.
    """
    for name, segment in manifest.segments.items():
        path = folder / "segments" / name
        lost = _symbols(manifest.partitions, name)
        try:
            state = identity(path.stat())
            if state[0] != segment.size:
                size = f"has {state[0]} bytes instead of {segment.size}"
                yield damaged(path, size, symbols=lost)
            elif known.get(name) != state and crc32(path) != segment.crc32:
                yield damaged(path, "does not have the content that was written", symbols=lost)
        except OSError as error:
            problem = unreadable(path, error, symbols=lost)
            if not isinstance(problem, DamagedStore):
                raise problem from error
            yield problem


def _symbols(partitions: Iterable[Partition], segment: str) -> list[str]:
    hit = [p for p in partitions if any(piece.segment == segment for piece in p.pieces)]
    return [symbol for part in hit for symbol in part.symbols]


def _checked(folder: Path) -> dict[str, list[int]]:
    try:
        found: dict[str, list[int]] = orjson.loads((folder / "checked.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found
