"""The embedded journal: one SQLite file, shared by every server of a user."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from stockwidget.tasks import intake
from stockwidget.tasks.code import Code
from stockwidget.tasks.documents import unpack
from stockwidget.tasks.events import Event, Status, TaskRecord
from stockwidget.tasks.rows import (
    CHUNK,
    EVENT,
    RECORD,
    UPDATE,
    event_rows,
    insert_task,
    read_record,
    read_tombstone,
    update_values,
)
from stockwidget.tasks.sqlite_keeping import Keeping
from stockwidget.tasks.store import NotOwner, Request, Server, Sought, StoredChunk, Tombstone
from stockwidget.tasks.tally import Tally, tally

ID_LETTERS = 6
"""So much of an id says which task is meant."""


class SqliteStore(Keeping):
    """``Store`` on one file."""

    async def create(
        self, record: TaskRecord, events: Sequence[Event], request: Request | None = None
    ) -> str | None:
        """Journal a new task, unless ``request`` accepts one that is there: in one transaction."""
        rows, wanted = event_rows(events), request or Request()

        def insert(db: sqlite3.Connection) -> str | None:
            found = intake.known(db, record, wanted)
            if found is not None:
                intake.label(db, record, found)
            elif wanted.room:
                insert_task(db, record)
                intake.keep_code(db, wanted)
                db.executemany(EVENT, rows)
                intake.take_over_chunks(db, record, wanted)
                found = record.id
            if found is not None:
                intake.remember(db, record, wanted, found)
            return found

        return await self._write(insert)

    async def write(
        self,
        record: TaskRecord,
        events: Sequence[Event] = (),
        *,
        after: int | None = None,
        document: bytes | None = None,
        chunks: Sequence[StoredChunk] = (),
    ) -> None:
        """Journal what happened, in one transaction. Raises NotOwner."""
        values, rows = update_values(record), event_rows(events)

        def update(db: sqlite3.Connection) -> None:
            here = "owner IS ? AND s = coalesce(?, s)"
            done = db.execute(UPDATE + here, (*values, record.owner, after))
            if done.rowcount == 0:
                raise NotOwner(record.id)
            db.executemany(EVENT, rows)
            db.executemany(CHUNK, [(record.id, c.chunk, c.data, c.retry) for c in chunks])
            if document is not None:
                db.execute("INSERT OR REPLACE INTO results VALUES (?, ?)", (record.id, document))

        await self._write(update)

    async def claim(self, record: TaskRecord, events: Sequence[Event], *, seen: TaskRecord) -> bool:
        """Take over, unless anything was written since ``seen``."""
        values, rows = update_values(record), event_rows(events)

        def update(db: sqlite3.Connection) -> bool:
            done = db.execute(UPDATE + "owner IS ? AND s = ?", (*values, seen.owner, seen.s))
            if done.rowcount:
                db.executemany(EVENT, rows)
            return bool(done.rowcount)

        return await self._write(update)

    async def beat(self, server: Server) -> None:
        """Write the server's row."""
        row = (server.id, server.host, server.pid, server.beat, int(server.stopped))
        sql = "INSERT OR REPLACE INTO servers VALUES (?, ?, ?, ?, ?)"
        await self._write(lambda db: db.execute(sql, row))

    async def find(self, task_id: str) -> TaskRecord | Tombstone | None:
        """The record, else its tombstone, else None."""

        def read(db: sqlite3.Connection) -> TaskRecord | Tombstone | None:
            row = db.execute(f"SELECT {RECORD} FROM tasks WHERE id = ?", (task_id,)).fetchone()
            if row is not None:
                return read_record(row)
            row = db.execute("SELECT * FROM tombstones WHERE id = ?", (task_id,)).fetchone()
            return None if row is None else read_tombstone(row)

        return await self._read(read)

    async def recent(self, sought: Sought | None = None) -> list[TaskRecord]:
        """Newest first."""
        wanted = sought or Sought()
        states = None if wanted.status is None else orjson.dumps(sorted(wanted.status)).decode()
        sql = (
            f"SELECT {RECORD} FROM tasks WHERE "
            "(:states IS NULL OR status IN (SELECT value FROM json_each(:states))) "
            "AND (:kind IS NULL OR kind = :kind) AND (:name IS NULL OR name = :name) "
            "AND (:tag IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag)) "
            "ORDER BY created_at DESC, rowid DESC LIMIT :limit"
        )
        values = {
            "states": states,
            "kind": wanted.kind,
            "name": wanted.name,
            "tag": wanted.tag,
            "limit": wanted.limit,
        }
        return await self._records(sql, values)

    async def called(self, word: str) -> list[TaskRecord | Tombstone]:
        """Newest first."""
        # Of the beginning of an id, "g" ends the range: ids are hexadecimal.
        fits = "WHERE id = :word OR name = :word OR (:short AND id >= :word AND id < :word || 'g')"
        values = {"word": word, "short": len(word) >= ID_LETTERS}

        def read(db: sqlite3.Connection) -> list[TaskRecord | Tombstone]:
            tasks = f"SELECT {RECORD} FROM tasks {fits} ORDER BY created_at DESC, rowid DESC"
            stones = f"SELECT * FROM tombstones {fits} ORDER BY expired_at DESC"
            return [
                *(read_record(row) for row in db.execute(tasks, values)),
                *(read_tombstone(row) for row in db.execute(stones, values)),
            ]

        return await self._read(read)

    async def unfinished(self) -> list[TaskRecord]:
        """Oldest first."""
        sql = f"SELECT {RECORD} FROM tasks WHERE retain_until IS NULL ORDER BY created_at, rowid"
        return await self._records(sql, ())

    async def tally(self, now: int) -> Tally:
        """Of all rows, in one look."""
        return await self._read(lambda db: tally(db, now))

    async def events(self, task_id: str, *, after: int = 0) -> list[Event]:
        """Never-dropped events with ``s > after``, in order."""
        sql = "SELECT kind, s, q, ts, data FROM events WHERE task_id = ? AND s > ? ORDER BY q"

        def read(db: sqlite3.Connection) -> list[Event]:
            return [
                Event(task_id=task_id, kind=kind, s=s, q=q, ts=ts, data=orjson.loads(data))
                for kind, s, q, ts, data in db.execute(sql, (task_id, after))
            ]

        return await self._read(read)

    async def version(self) -> int:
        """SQLite's own number: it changes when another connection has committed."""
        return await self._read(lambda db: int(db.execute("PRAGMA data_version").fetchone()[0]))

    async def positions(self, task_ids: Sequence[str]) -> dict[str, tuple[int, Status]]:
        """``s`` and status of those that are there."""
        sql = "SELECT id, s, status FROM tasks WHERE id IN (SELECT value FROM json_each(?))"
        ids = orjson.dumps(list(task_ids)).decode()
        return await self._read(lambda db: {i: (s, x) for i, s, x in db.execute(sql, (ids,))})

    async def ask_cancel(self, task_id: str) -> bool:
        """Leave the wish; its owner finds it, or whoever takes the task over."""
        sql = "UPDATE tasks SET wish = 'cancel' WHERE id = ? AND retain_until IS NULL"
        return await self._write(lambda db: bool(db.execute(sql, (task_id,)).rowcount))

    async def wishes(self, owner: str) -> list[str]:
        """Unfinished tasks that are wanted cancelled."""
        sql = "SELECT id FROM tasks WHERE retain_until IS NULL AND owner = ? AND wish = 'cancel'"
        return await self._read(lambda db: [row[0] for row in db.execute(sql, (owner,))])

    async def chunks(self, task_id: str) -> list[StoredChunk]:
        """The checkpoints, in the order they were written first."""
        sql = "SELECT chunk, data, retry FROM chunks WHERE task_id = ? ORDER BY rowid"

        def read(db: sqlite3.Connection) -> list[StoredChunk]:
            rows = db.execute(sql, (task_id,))
            return [StoredChunk(chunk=c, data=data, retry=bool(r)) for c, data, r in rows]

        return await self._read(read)

    async def code(self, digest: str) -> Code | None:
        """The bytes as they came."""

        def read(db: sqlite3.Connection) -> Code | None:
            sql = "SELECT head, payload FROM code WHERE digest = ?"
            row = db.execute(sql, (digest,)).fetchone()
            return None if row is None else Code(head=row[0], payload=row[1])

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

    async def _records(
        self, sql: str, values: tuple[Any, ...] | dict[str, Any]
    ) -> list[TaskRecord]:
        return await self._read(lambda db: [read_record(row) for row in db.execute(sql, values)])
