"""The journal's tables, how the file is opened, and what to say when it cannot be.

A file of an earlier version is brought up to date when it is opened, in one transaction.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
import uuid
from pathlib import Path

from stockwidget.errors import StoreUnavailable

VERSION = 4
BUSY_S = 10.0

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tasks (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL, owner TEXT, s INTEGER NOT NULL,
    created_at INTEGER NOT NULL, retain_until INTEGER, record BLOB NOT NULL, key TEXT, wish TEXT,
    pinned INTEGER NOT NULL DEFAULT 0, keep_until INTEGER, watched_at INTEGER, leased_until INTEGER,
    name TEXT, tags TEXT NOT NULL DEFAULT '[]', notes TEXT, code TEXT
);
CREATE INDEX tasks_named ON tasks (name) WHERE name IS NOT NULL;
CREATE INDEX tasks_newest ON tasks (created_at DESC);
CREATE INDEX tasks_unfinished ON tasks (created_at) WHERE retain_until IS NULL;
CREATE INDEX tasks_due ON tasks (retain_until) WHERE retain_until IS NOT NULL;
CREATE INDEX tasks_alike ON tasks (key, created_at);
CREATE INDEX tasks_coded ON tasks (code) WHERE code IS NOT NULL;
CREATE TABLE code (digest TEXT PRIMARY KEY, head BLOB NOT NULL, payload BLOB NOT NULL);
CREATE TABLE events (
    task_id TEXT NOT NULL, q INTEGER NOT NULL, s INTEGER NOT NULL, kind TEXT NOT NULL,
    ts INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (task_id, q)
);
CREATE TABLE results (task_id TEXT PRIMARY KEY, document BLOB NOT NULL);
CREATE TABLE chunks (
    task_id TEXT NOT NULL, chunk TEXT NOT NULL, data BLOB NOT NULL,
    retry INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (task_id, chunk)
);
CREATE TABLE requests (
    request TEXT PRIMARY KEY, task_id TEXT NOT NULL, digest TEXT NOT NULL, ts INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE servers (
    id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, beat INTEGER NOT NULL,
    stopped INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tombstones (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, params BLOB NOT NULL,
    expired_at INTEGER NOT NULL, name TEXT
) WITHOUT ROWID;
"""
MIGRATIONS = {
    # The cast: SQLite would take a BLOB for its own binary JSON.
    1: """
ALTER TABLE tasks ADD COLUMN key TEXT;
ALTER TABLE tasks ADD COLUMN wish TEXT;
ALTER TABLE tasks ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN keep_until INTEGER;
ALTER TABLE tasks ADD COLUMN watched_at INTEGER;
ALTER TABLE tasks ADD COLUMN leased_until INTEGER;
UPDATE tasks SET key = json_extract(CAST(record AS TEXT), '$.key');
CREATE INDEX tasks_alike ON tasks (key, created_at);
CREATE TABLE chunks (
    task_id TEXT NOT NULL, chunk TEXT NOT NULL, data BLOB NOT NULL,
    retry INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (task_id, chunk)
);
CREATE TABLE requests (
    request TEXT PRIMARY KEY, task_id TEXT NOT NULL, digest TEXT NOT NULL, ts INTEGER NOT NULL
) WITHOUT ROWID;
""",
    2: """
ALTER TABLE tasks ADD COLUMN name TEXT;
ALTER TABLE tasks ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE tasks ADD COLUMN notes TEXT;
ALTER TABLE tombstones ADD COLUMN name TEXT;
UPDATE tasks SET name = json_extract(CAST(record AS TEXT), '$.name');
CREATE INDEX tasks_named ON tasks (name) WHERE name IS NOT NULL;
""",
    3: """
ALTER TABLE tasks ADD COLUMN code TEXT;
CREATE INDEX tasks_coded ON tasks (code) WHERE code IS NOT NULL;
CREATE TABLE code (digest TEXT PRIMARY KEY, head BLOB NOT NULL, payload BLOB NOT NULL);
""",
}
"""From each earlier version to the next one."""

_SENTENCES = {
    "SQLITE_CANTOPEN": ("cannot be opened", "Check that its folder exists and is yours."),
    "SQLITE_READONLY": ("cannot be written", "Make the file and its folder writable."),
    "SQLITE_PERM": ("cannot be opened", "Make the file and its folder readable and writable."),
    "SQLITE_FULL": ("cannot grow: the disk is full", "Free some space on that disk."),
    "SQLITE_IOERR": ("cannot be read or written: the disk reports an error", "Check the disk."),
    "SQLITE_NOTADB": ("is not a task journal", "Move the file away; a new one is made at start."),
    "SQLITE_CORRUPT": ("is damaged", "Move the file away; a new one is made at start."),
    "SQLITE_BUSY": ("is locked by another process", "End the process that holds it, or try later."),
}
_ELSEWHERE = "Or choose another folder with StockwidgetApp.data_dir."


def unavailable(path: Path, error: BaseException) -> StoreUnavailable:
    """Say in words why the journal at ``path`` failed."""
    name = str(getattr(error, "sqlite_errorname", ""))
    found = next((v for k, v in _SENTENCES.items() if name.startswith(k)), None)
    what, hint = found or (f"failed: {error}", "Check the file and its folder.")
    return StoreUnavailable(
        f"The task journal {path} {what}.",
        hint=f"{hint} {_ELSEWHERE}",
        path=str(path),
        reason=name or type(error).__name__,
    )


def connect(path: Path) -> sqlite3.Connection:
    """Open one connection with the settings every connection needs."""
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        # FULL: an event is published right after its commit, so a power cut must not take it back.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_size_limit = 16777216")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(path: Path) -> tuple[sqlite3.Connection, str]:
    """Open or create the journal: the writing connection and the epoch. Raises StoreUnavailable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise _not_openable(path, error) from error
    connection = None
    try:
        connection = connect(path)
        # Takes effect in a file without tables only: what expires gives its pages back.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _use_wal(connection)
        return connection, _create(connection, path)
    except (sqlite3.Error, StoreUnavailable) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, StoreUnavailable):
            raise
        raise unavailable(path, error) from error


def _not_openable(path: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"The task journal {path} cannot be opened: {(error.strerror or str(error)).lower()}.",
        hint=f"Make its folder writable. {_ELSEWHERE}",
        path=str(path),
        reason=type(error).__name__,
    )


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; a file system without it keeps the default, as safe."""
    give_up = time.monotonic() + BUSY_S
    while True:
        # SQLite reports a lock here at once, whatever the busy timeout says.
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        if time.monotonic() > give_up:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        time.sleep(0.02)


def _create(connection: sqlite3.Connection, path: Path) -> str:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if version := _meta(connection, "schema"):
            _refuse_newer(int(version), path)
            _migrate(connection, int(version))
        else:
            _run(connection, TABLES)
            fresh = [("schema", str(VERSION)), ("epoch", uuid.uuid4().hex)]
            connection.executemany("INSERT INTO meta VALUES (?, ?)", fresh)
        epoch = _meta(connection, "epoch")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return str(epoch)


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    for step in range(version, VERSION):
        _run(connection, MIGRATIONS[step])
    if version < VERSION:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(VERSION),))


def _run(connection: sqlite3.Connection, statements: str) -> None:
    """One by one: ``executescript`` would commit first."""
    for statement in filter(str.strip, statements.split(";")):
        connection.execute(statement)


def _refuse_newer(version: int, path: Path) -> None:
    if version > VERSION:
        raise StoreUnavailable(
            f"The task journal {path} was written by a newer stockwidget "
            f"(schema {version}, this one reads up to {VERSION}).",
            hint=f"Upgrade stockwidget. {_ELSEWHERE}",
            path=str(path),
        )


def _meta(connection: sqlite3.Connection, key: str) -> str | None:
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
    if connection.execute(known).fetchone() is None:
        return None
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])
