"""The connections to the journal's file: one thread writes with group commit, another one reads."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from stockwidget.tasks.schema import connect, prepare, unavailable
from stockwidget.tasks.writer import Writer

T = TypeVar("T")


class SqliteFile:
    """An open file. Every failure of the medium is a StoreUnavailable that says what to do."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._epoch = ""
        self._writer: Writer | None = None
        self._reader: sqlite3.Connection | None = None
        self._reads: ThreadPoolExecutor | None = None

    @property
    def epoch(self) -> str:
        """Identity of the journal, made with the file."""
        return self._epoch

    async def open(self) -> None:
        """Open or create the file. Raises StoreUnavailable with the path and what to do."""
        opening = asyncio.ensure_future(asyncio.to_thread(_connect, self.path))
        try:
            writing, self._reader, self._epoch = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_let_go)  # the thread cannot be stopped
            raise
        self._writer = Writer(writing, self._explain)
        self._reads = ThreadPoolExecutor(1, thread_name_prefix="stockwidget-journal-read")

    async def close(self) -> None:
        """Write what is queued and close the file."""
        writer, reads, reader = self._writer, self._reads, self._reader
        self._writer = self._reads = self._reader = None
        if writer is not None:
            await asyncio.to_thread(writer.close)
        if reads is not None and reader is not None:
            await asyncio.to_thread(reads.shutdown)
            reader.close()

    async def _write(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        if self._writer is None:
            raise self._closed()
        result: T = await self._writer.submit(operation)
        return result

    async def _read(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        if self._reads is None or self._reader is None:
            raise self._closed()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._reads, operation, self._reader)
        except sqlite3.Error as error:
            raise self._explain(error) from error

    def _closed(self) -> Exception:
        return unavailable(self.path, RuntimeError("it is not open"))

    def _explain(self, error: BaseException) -> Exception:
        return unavailable(self.path, error)


_Connections = tuple[sqlite3.Connection, sqlite3.Connection, str]


def _connect(path: Path) -> _Connections:
    """Return what writes, what reads, and the epoch. Raises StoreUnavailable."""
    writing, epoch = prepare(path)
    try:
        return writing, connect(path), epoch
    except sqlite3.Error as error:
        writing.close()
        raise unavailable(path, error) from error


def _let_go(opening: asyncio.Future[_Connections]) -> None:
    """Close what nobody waits for any more."""
    if not opening.cancelled() and opening.exception() is None:
        writing, reading, _ = opening.result()
        writing.close()
        reading.close()
