"""How long the journal keeps an ended task: leases, pins, retention, caps and tombstones.

Everything here is one transaction, so that of two servers on the file one may prolong and the
other one remove, but never half of each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import orjson

from stockwidget.tasks.events import WATCHED_MS, TaskRecord
from stockwidget.tasks.rows import RECORD, read_record
from stockwidget.tasks.sqlite_file import SqliteFile
from stockwidget.tasks.store import Caps, Labels, Lease, Tombstone

_DUE_AT_ONCE = 200
_VACUUM_PAGES = 1_000
# The same rule as TaskRecord.kept_until; test_keeping.py holds the two together.
DUE = (
    "(retain_until < :now AND pinned = 0 AND coalesce(keep_until, 0) < :now "
    "AND coalesce(leased_until, 0) < :now "
    f"AND coalesce(watched_at + {WATCHED_MS}, 0) < :now)"
)
_SURPLUS = (
    "(retain_until IS NOT NULL AND pinned = 0 AND coalesce(keep_until, 0) < :now "
    "AND coalesce(leased_until, 0) < :now)"
)
_SIZE = (
    "(SELECT coalesce(sum(length(data)), 0) FROM events WHERE task_id = id) "
    "+ (SELECT coalesce(sum(length(data)), 0) FROM chunks WHERE task_id = id) "
    "+ coalesce((SELECT length(document) FROM results WHERE task_id = id), 0) + length(record)"
)

_UNUSED_CODE = (
    "DELETE FROM code WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.code = code.digest)"
)


class Keeping(SqliteFile):
    """The part of ``SqliteStore`` that protects and removes."""

    async def lease(self, leases: Sequence[Lease], now: int) -> list[str]:
        """Protect followed tasks; returns those that are not there, or expired, any more."""
        sql = (
            "UPDATE tasks SET watched_at = max(coalesce(watched_at, 0), :watched_at), "
            "leased_until = max(coalesce(leased_until, 0), :leased_until) "
            f"WHERE id = :id AND {DUE} IS NOT TRUE"
        )
        rows = [
            {"id": x.task_id, "watched_at": x.at, "leased_until": x.until, "now": now}
            for x in leases
        ]

        def update(db: sqlite3.Connection) -> list[str]:
            return [row["id"] for row in rows if not db.execute(sql, row).rowcount]  # type: ignore[misc]

        return await self._write(update)

    async def pin(self, task_id: str, *, pinned: bool, keep_until: int | None, now: int) -> bool:
        """Set both; False if the task is not there, or expired, any more."""
        sql = (
            "UPDATE tasks SET pinned = :pinned, keep_until = :until "
            f"WHERE id = :id AND {DUE} IS NOT TRUE"
        )
        values = {"id": task_id, "pinned": int(pinned), "until": keep_until, "now": now}
        return await self._write(lambda db: bool(db.execute(sql, values).rowcount))

    async def label(self, task_id: str, labels: Labels, now: int) -> bool:
        """Set what ``labels`` has; False if the task is not there, or expired, any more."""
        sql = (
            "UPDATE tasks SET name = CASE WHEN :name IS NULL THEN name ELSE nullif(:name, '') END, "
            "tags = coalesce(:tags, tags), "
            "notes = CASE WHEN :notes IS NULL THEN notes ELSE nullif(:notes, '') END "
            f"WHERE id = :id AND {DUE} IS NOT TRUE"
        )
        values = {
            "id": task_id,
            "name": labels.name,
            "tags": None if labels.tags is None else orjson.dumps(labels.tags).decode(),
            "notes": labels.notes,
            "now": now,
        }
        return await self._write(lambda db: bool(db.execute(sql, values).rowcount))

    async def due(self, now: int) -> list[TaskRecord]:
        """Ended tasks that nothing protects, the longest overdue first."""
        sql = f"SELECT {RECORD} FROM tasks WHERE {DUE} ORDER BY retain_until LIMIT {_DUE_AT_ONCE}"
        return await self._read(lambda db: [read_record(r) for r in db.execute(sql, {"now": now})])

    async def surplus(self, caps: Caps, now: int) -> list[TaskRecord]:
        """The oldest unwatched ended tasks, if there are too many or they take too much room."""
        sql = (
            f"SELECT {_SIZE}, {RECORD} FROM tasks WHERE {_SURPLUS} "
            f"ORDER BY created_at, rowid LIMIT {_DUE_AT_ONCE}"
        )

        def read(db: sqlite3.Connection) -> list[TaskRecord]:
            ended = "SELECT count(*) FROM tasks WHERE retain_until IS NOT NULL"
            number = db.execute(ended).fetchone()[0] - caps.tasks
            excess = _used_bytes(db) - caps.size
            if number <= 0 and excess <= 0:
                return []
            chosen: list[TaskRecord] = []
            for size, *row in db.execute(sql, {"now": now}):
                if number <= 0 and excess <= 0:
                    break
                chosen.append(read_record(row))
                number, excess = number - 1, excess - size
            return chosen

        return await self._read(read)

    async def expire(self, stone: Tombstone, *, surplus: bool = False) -> bool:
        """Remove task, events, result and chunks, and leave ``stone``, unless protected by now."""
        params = orjson.dumps(stone.params)
        row = (stone.id, stone.kind, stone.title, params, stone.expired_at, stone.name)
        delete = f"DELETE FROM tasks WHERE id = :id AND {_SURPLUS if surplus else DUE}"

        def remove(db: sqlite3.Connection) -> bool:
            gone = db.execute(delete, {"id": stone.id, "now": stone.expired_at})
            if gone.rowcount:
                for table in ("events", "results", "chunks"):
                    db.execute(f"DELETE FROM {table} WHERE task_id = ?", (stone.id,))
                db.execute(_UNUSED_CODE)
                db.execute("INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?, ?)", row)
            return bool(gone.rowcount)

        return await self._write(remove)

    async def bury(self, before: int) -> None:
        """Forget tombstones, servers and requests older than ``before``; give room back."""

        def remove(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM tombstones WHERE expired_at < ?", (before,))
            db.execute("DELETE FROM servers WHERE beat < ?", (before,))
            db.execute("DELETE FROM requests WHERE ts < ?", (before,))
            free = db.execute("PRAGMA freelist_count").fetchone()[0]
            for _ in range(min(free, _VACUUM_PAGES)):
                # One a call, whatever number is asked for: this pragma frees a page each time it
                # is stepped, and Python steps it once.
                db.execute("PRAGMA incremental_vacuum(1)")

        await self._write(remove)


def _used_bytes(db: sqlite3.Connection) -> int:
    pages, free, size = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
