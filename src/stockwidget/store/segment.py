"""Segments: Arrow IPC files, uncompressed, so that a column of the file is an array in memory.

A batch is symbol-major: ``symbol`` is run-end encoded (its run ends are the offsets), ``date`` is
date32, ``open high low close volume adj_close`` are float64.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyarrow import ipc  # type: ignore[attr-defined]
from pyarrow import lib as pa

from stockwidget.bars import COLUMNS
from stockwidget.store.files import crc32, identity, to_disk
from stockwidget.store.manifest import Segment, damaged, unreadable

Floats = NDArray[np.float64]
Dates = NDArray[np.int32]
"""Days since 1970-01-01."""
Rows = NDArray[np.int64]

SCHEMA = pa.schema(
    [
        ("symbol", pa.run_end_encoded(pa.int32(), pa.string())),
        ("date", pa.date32()),
        *((name, pa.float64()) for name in COLUMNS),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """Bars of some symbols, one after the other; bars of symbol k are ``offsets[k:k + 2]``."""

    symbols: Sequence[str]
    offsets: Rows
    dates: Dates
    columns: tuple[Floats, ...]
    """As ``bars.COLUMNS``."""

    @property
    def plain(self) -> bool:
        """Whether every adjusted close is the close."""
        return bool(np.array_equal(self.columns[3], self.columns[5]))


class SegmentWriter:
    """Writes a segment, batch after batch; it counts once a version names it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.batches = 0
        self._sink = pa.OSFile(str(path), "wb")
        self._writer: Any = ipc.new_file(self._sink, SCHEMA)  # type: ignore[no-untyped-call]

    def write(self, run: Run) -> int:
        """Write a batch and return its number; symbols without a row are left out."""
        keep = np.flatnonzero(np.diff(run.offsets))
        ends = run.offsets[1:][keep].astype(np.int32)
        names = pa.array([run.symbols[k] for k in keep.tolist()], pa.string())
        symbol = pa.RunEndEncodedArray.from_arrays(pa.array(ends), names)
        dates = pa.array(run.dates).view(pa.date32())
        arrays = [symbol, dates, *(pa.array(column) for column in run.columns)]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
        self.batches += 1
        return self.batches - 1

    def close(self) -> Segment:
        """End the file, have it reach the disk, and say how it is to be found again."""
        self._writer.close()
        self._sink.close()
        to_disk(self.path)
        to_disk(self.path.parent)
        return Segment(size=self.path.stat().st_size, crc32=crc32(self.path))


class MappedSegment:
    """A segment mapped into memory: what is read is read by the system, when it is touched."""

    def __init__(self, path: Path, segment: Segment) -> None:
        self.path = path
        self.size = segment.size
        try:
            with path.open("rb") as file:
                self.identity = identity(os.fstat(file.fileno()))
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise unreadable(path, error) from error
        except ValueError as error:
            raise damaged(path, f"cannot be read ({error})") from error
        if len(self._map) != segment.size:
            raise damaged(path, f"has {len(self._map)} bytes instead of {segment.size}")
        self.content = pa.py_buffer(self._map)
        """All bytes of the file; they stay readable when the file is removed."""
        self._runs: dict[int, Run] = {}

    def run(self, batch: int) -> Run:
        """The bars of a batch, as read-only arrays over the mapping. Raises DamagedStore."""
        if batch not in self._runs:
            try:
                self._runs[batch] = self._read(batch)
            except (pa.ArrowException, IndexError, KeyError) as error:
                raise damaged(self.path, f"is no segment of bars ({error})") from error
        return self._runs[batch]

    @cached_property
    def _reader(self) -> Any:
        reader: Any = ipc.open_file(self.content)  # type: ignore[no-untyped-call]
        if not reader.schema.equals(SCHEMA):
            raise damaged(self.path, f"has other columns: {', '.join(reader.schema.names)}")
        return reader

    def _read(self, batch: int) -> Run:
        found = self._reader.get_batch(batch)
        symbol = found.column("symbol")
        offsets = np.zeros(len(symbol.values) + 1, np.int64)
        offsets[1:] = symbol.run_ends.to_numpy(zero_copy_only=False)
        return Run(
            symbols=tuple(symbol.values.to_pylist()),
            offsets=offsets,
            dates=self._array(found.column("date"), np.int32),
            columns=tuple(self._array(found.column(name), np.float64) for name in COLUMNS),
        )

    def _array(self, column: Any, dtype: type[Any]) -> NDArray[Any]:
        start = column.buffers()[1].address - self.content.address
        return np.frombuffer(self._map, dtype, len(column), start)
