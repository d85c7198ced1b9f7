"""Records and events as rows of the journal, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from stockwidget.tasks.code import digest_of
from stockwidget.tasks.events import Event, TaskRecord
from stockwidget.tasks.store import Tombstone

RECORD = "record, pinned, keep_until, watched_at, leased_until, name, tags, notes"
"""The columns ``read_record`` needs, in its order.

Protections and labels stand in columns of their own: any server may write them at any time, while
the record belongs to the server that runs the task, and to nobody once it has ended.
"""
EVENT = "INSERT OR REPLACE INTO events (task_id, q, s, kind, ts, data) VALUES (?, ?, ?, ?, ?, ?)"

CHUNK = "INSERT OR REPLACE INTO chunks (task_id, chunk, data, retry) VALUES (?, ?, ?, ?)"


def read_record(row: Sequence[Any]) -> TaskRecord:
    """A row of ``RECORD``."""
    data = orjson.loads(row[0])
    data["stages"] = tuple(data["stages"])
    return replace(
        TaskRecord(**data),
        pinned=bool(row[1]),
        keep_until=row[2],
        watched_at=row[3],
        leased_until=row[4],
        name=row[5],
        tags=tuple(orjson.loads(row[6])),
        notes=row[7],
    )


def read_tombstone(row: Sequence[Any]) -> Tombstone:
    """A row of the table."""
    task_id, kind, title, params, expired_at, name = row
    return Tombstone(
        id=task_id,
        kind=kind,
        title=title,
        params=orjson.loads(params),
        expired_at=expired_at,
        name=name,
    )


def insert_task(db: sqlite3.Connection, record: TaskRecord) -> None:
    """Write a new row."""
    columns = {
        "id": record.id,
        "kind": record.kind,
        "status": record.status,
        "owner": record.owner,
        "s": record.s,
        "created_at": record.created_at,
        "retain_until": record.retain_until,
        "record": orjson.dumps(record),
        "key": record.key,
        "name": record.name,
        "tags": orjson.dumps(record.tags).decode(),
        "notes": record.notes,
        "code": digest_of(record.params),
    }
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    db.execute(f"INSERT INTO tasks ({names}) VALUES ({marks})", tuple(columns.values()))


def update_values(record: TaskRecord) -> tuple[Any, ...]:
    """What ``UPDATE`` below sets, and the id."""
    return (
        record.status,
        record.owner,
        record.s,
        record.retain_until,
        orjson.dumps(record),
        record.id,
    )


UPDATE = (
    "UPDATE tasks SET status = ?, owner = ?, s = ?, retain_until = ?, record = ? "
    "WHERE id = ? AND retain_until IS NULL AND "
)
"""To be completed by who may write; a task that ended is never written again."""


def event_rows(events: Sequence[Event]) -> list[tuple[Any, ...]]:
    """Rows for ``EVENT``; what may be conflated is not kept."""
    kept = (e for e in events if not e.conflatable)
    return [(e.task_id, e.q, e.s, e.kind, e.ts, orjson.dumps(e.data)) for e in kept]
