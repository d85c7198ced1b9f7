"""Whether a new task is needed at all: asked and answered within the transaction that adds it.

So two servers that are asked for the same thing at the same moment still run it once.
"""

from __future__ import annotations

import sqlite3

import orjson

from stockwidget.errors import InvalidRequest
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.labels import merged
from stockwidget.tasks.sqlite_keeping import DUE
from stockwidget.tasks.store import Request

_PREDECESSOR = "json_extract(CAST(record AS TEXT), '$.predecessor')"
_LIVE = "(status IN ('queued', 'running') AND wish IS NULL)"
"""One that is wanted cancelled will not do: its server has not heard of it yet."""
_WILL_DO = f"({_LIVE} OR status = 'completed' AND {DUE} IS NOT TRUE)"


def known(db: sqlite3.Connection, record: TaskRecord, request: Request) -> str | None:
    """The id of a task that will do. Raises InvalidRequest on a key used for something else."""
    if request.idempotency_key is not None:
        row = db.execute(
            "SELECT task_id, digest FROM requests WHERE request = ?", (request.idempotency_key,)
        ).fetchone()
        if row is not None and row[1] != request.digest:
            raise InvalidRequest(
                "This idempotency_key was used for another request.",
                hint="Make a new key for each new request.",
                field="idempotency_key",
            )
        if row is not None:
            return str(row[0])
    values = {
        "key": record.key,
        "now": record.created_at,
        "name": record.name,
        "predecessor": request.successor_of,
    }
    if request.successor_of is not None:
        rest = f"{_PREDECESSOR} = :predecessor"
    elif request.alike:
        # A name is asked for to find the task by it: one of another name would not do.
        rest = "(:name IS NULL OR name = :name)"
    else:
        return None
    state = _LIVE if request.retry else _WILL_DO
    sql = (
        f"SELECT id FROM tasks WHERE key = :key AND {state} AND {rest} "
        "ORDER BY status = 'completed' DESC, created_at DESC LIMIT 1"
    )
    row = db.execute(sql, values).fetchone()
    return None if row is None else str(row[0])


def label(db: sqlite3.Connection, record: TaskRecord, found: str) -> None:
    """Give the task that will do the tags it was asked for by, and notes if it has none."""
    if not record.tags and not record.notes:
        return
    row = db.execute("SELECT tags, notes FROM tasks WHERE id = ?", (found,)).fetchone()
    if row is not None:
        tags = orjson.dumps(merged(orjson.loads(row[0]), record.tags)).decode()
        values = (tags, row[1] or record.notes, found)
        db.execute("UPDATE tasks SET tags = ?, notes = ? WHERE id = ?", values)


def take_over_chunks(db: sqlite3.Connection, record: TaskRecord, request: Request) -> None:
    """Copy the predecessor's chunks; it may expire before its successor."""
    if request.successor_of is None or not request.same_data:
        return
    db.execute(
        "INSERT INTO chunks (task_id, chunk, data, retry) "
        "SELECT ?, chunk, data, ? FROM chunks WHERE task_id = ? ORDER BY rowid",
        (record.id, int(request.retry), request.successor_of),
    )


def keep_code(db: sqlite3.Connection, request: Request) -> None:
    """Keep the functions of the user once, however many tasks need them."""
    if (code := request.code) is not None:
        row = (code.digest, code.head, code.payload)
        db.execute("INSERT OR IGNORE INTO code VALUES (?, ?, ?)", row)


def remember(db: sqlite3.Connection, record: TaskRecord, request: Request, task_id: str) -> None:
    """Answer the same request with the same task from now on."""
    if request.idempotency_key is not None:
        db.execute(
            "INSERT OR IGNORE INTO requests (request, task_id, digest, ts) VALUES (?, ?, ?, ?)",
            (request.idempotency_key, task_id, request.digest, record.created_at),
        )
