"""The embedded journal: one SQLite file, shared by every server of a user."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import orjson

from stockwidget.tasks.documents import unpack
from stockwidget.tasks.events import Event, Status, TaskRecord
from stockwidget.tasks.lifecycle import STATES
from stockwidget.tasks.schema import connect, prepare, unavailable
from stockwidget.tasks.store import NotOwner, Server, Tombstone
from stockwidget.tasks.writer import Writer

T = TypeVar("T")
_EVENT = "INSERT OR REPLACE INTO events (task_id, q, s, kind, ts, data) VALUES (?, ?, ?, ?, ?, ?)"
_UPDATE = (
    "UPDATE tasks SET status = ?, owner = ?, s = ?, retain_until = ?, record = ? "
    "WHERE id = ? AND retain_until IS NULL AND "
)
_DUE_AT_ONCE = 200


class SqliteStore:
    """``Store`` on one file: one thread writes with group commit, another one reads."""

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
        connection, self._epoch = await asyncio.to_thread(prepare, self.path)
        self._writer = Writer(connection, self._explain)
        self._reader = connect(self.path)
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

    async def create(self, record: TaskRecord, events: Sequence[Event]) -> None:
        """Journal a new task."""
        row = (
            record.id,
            record.kind,
            record.status,
            record.owner,
            record.s,
            record.created_at,
            record.retain_until,
            orjson.dumps(record),
        )
        rows = _event_rows(events)

        def insert(db: sqlite3.Connection) -> None:
            db.execute("INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            db.executemany(_EVENT, rows)

        await self._write(insert)

    async def write(
        self, record: TaskRecord, events: Sequence[Event] = (), *, document: bytes | None = None
    ) -> None:
        """Journal what happened, in one transaction. Raises NotOwner."""
        values, rows = _update_values(record), _event_rows(events)

        def update(db: sqlite3.Connection) -> None:
            done = db.execute(_UPDATE + "owner IS ?", (*values, record.owner))
            if done.rowcount == 0:
                raise NotOwner(record.id)
            db.executemany(_EVENT, rows)
            if document is not None:
                db.execute("INSERT OR REPLACE INTO results VALUES (?, ?)", (record.id, document))

        await self._write(update)

    async def claim(self, record: TaskRecord, events: Sequence[Event], *, seen: TaskRecord) -> bool:
        """Take over, unless anything was written since ``seen``."""
        values, rows = _update_values(record), _event_rows(events)

        def update(db: sqlite3.Connection) -> bool:
            done = db.execute(_UPDATE + "owner IS ? AND s = ?", (*values, seen.owner, seen.s))
            if done.rowcount:
                db.executemany(_EVENT, rows)
            return bool(done.rowcount)

        return await self._write(update)

    async def expire(self, stone: Tombstone) -> bool:
        """Remove task, events and result; leave ``stone``."""
        row = (stone.id, stone.kind, stone.title, orjson.dumps(stone.params), stone.expired_at)

        def remove(db: sqlite3.Connection) -> bool:
            gone = db.execute(
                "DELETE FROM tasks WHERE id = ? AND retain_until < ?", (stone.id, stone.expired_at)
            )
            if gone.rowcount:
                db.execute("DELETE FROM events WHERE task_id = ?", (stone.id,))
                db.execute("DELETE FROM results WHERE task_id = ?", (stone.id,))
                db.execute("INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?)", row)
            return bool(gone.rowcount)

        return await self._write(remove)

    async def bury(self, before: int) -> None:
        """Forget tombstones and servers older than ``before``."""

        def remove(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM tombstones WHERE expired_at < ?", (before,))
            db.execute("DELETE FROM servers WHERE beat < ?", (before,))

        await self._write(remove)

    async def beat(self, server: Server) -> None:
        """Write the server's row."""
        row = (server.id, server.host, server.pid, server.beat, int(server.stopped))
        sql = "INSERT OR REPLACE INTO servers VALUES (?, ?, ?, ?, ?)"
        await self._write(lambda db: db.execute(sql, row))

    async def find(self, task_id: str) -> TaskRecord | Tombstone | None:
        """The record, else its tombstone, else None."""

        def read(db: sqlite3.Connection) -> TaskRecord | Tombstone | None:
            row = db.execute("SELECT record FROM tasks WHERE id = ?", (task_id,)).fetchone()
            if row is not None:
                return _record(row[0])
            row = db.execute("SELECT * FROM tombstones WHERE id = ?", (task_id,)).fetchone()
            if row is None:
                return None
            params = orjson.loads(row[3])
            return Tombstone(id=row[0], kind=row[1], title=row[2], params=params, expired_at=row[4])

        return await self._read(read)

    async def recent(
        self, *, status: Status | None = None, kind: str | None = None, limit: int = 100
    ) -> list[TaskRecord]:
        """Newest first."""
        sql = (
            "SELECT record FROM tasks "
            "WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR kind = ?2) "
            "ORDER BY created_at DESC, rowid DESC LIMIT ?3"
        )
        return await self._records(sql, (status, kind, limit))

    async def unfinished(self) -> list[TaskRecord]:
        """Oldest first."""
        sql = "SELECT record FROM tasks WHERE retain_until IS NULL ORDER BY created_at, rowid"
        return await self._records(sql, ())

    async def counts(self) -> dict[Status, int]:
        """States without a task are 0."""

        def read(db: sqlite3.Connection) -> dict[Status, int]:
            counts = dict.fromkeys(STATES, 0)
            counts |= db.execute("SELECT status, count(*) FROM tasks GROUP BY status")
            counts["expired"] += db.execute("SELECT count(*) FROM tombstones").fetchone()[0]
            return counts

        return await self._read(read)

    async def due(self, now: int) -> list[TaskRecord]:
        """Ended tasks past their retention, the longest overdue first."""
        sql = "SELECT record FROM tasks WHERE retain_until < ? ORDER BY retain_until LIMIT ?"
        return await self._records(sql, (now, _DUE_AT_ONCE))

    async def events(self, task_id: str, *, after: int = 0) -> list[Event]:
        """Never-dropped events with ``s > after``, in order."""
        sql = "SELECT kind, s, q, ts, data FROM events WHERE task_id = ? AND s > ? ORDER BY q"

        def read(db: sqlite3.Connection) -> list[Event]:
            return [
                Event(task_id=task_id, kind=kind, s=s, q=q, ts=ts, data=orjson.loads(data))
                for kind, s, q, ts, data in db.execute(sql, (task_id, after))
            ]

        return await self._read(read)

    async def document(self, task_id: str) -> bytes | None:
        """The result as JSON bytes."""

        def read(db: sqlite3.Connection) -> bytes | None:
            sql = "SELECT document FROM results WHERE task_id = ?"
            row = db.execute(sql, (task_id,)).fetchone()
            return None if row is None else unpack(row[0])

        return await self._read(read)

    async def servers(self) -> list[Server]:
        """All rows."""

        def read(db: sqlite3.Connection) -> list[Server]:
            return [
                Server(id=i, host=host, pid=pid, beat=beat, stopped=bool(stopped))
                for i, host, pid, beat, stopped in db.execute("SELECT * FROM servers")
            ]

        return await self._read(read)

    async def _records(self, sql: str, values: tuple[Any, ...]) -> list[TaskRecord]:
        return await self._read(lambda db: [_record(row[0]) for row in db.execute(sql, values)])

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


def _update_values(record: TaskRecord) -> tuple[Any, ...]:
    return (
        record.status,
        record.owner,
        record.s,
        record.retain_until,
        orjson.dumps(record),
        record.id,
    )


def _event_rows(events: Sequence[Event]) -> list[tuple[Any, ...]]:
    kept = (e for e in events if not e.conflatable)
    return [(e.task_id, e.q, e.s, e.kind, e.ts, orjson.dumps(e.data)) for e in kept]


def _record(raw: bytes) -> TaskRecord:
    data = orjson.loads(raw)
    data["stages"] = tuple(data["stages"])
    return TaskRecord(**data)
