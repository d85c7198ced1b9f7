"""A journal of every earlier version opens, keeps all it held, and then equals a new one."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stockwidget.errors import StoreUnavailable, TaskExpired
from stockwidget.tasks.schema import MIGRATIONS, VERSION, prepare

FIXTURES = Path(__file__).parent / "fixtures"
"""``journal_N.sql``: the dump of a journal that version N itself wrote."""


@pytest.fixture
def old(journal):
    def make(version):
        journal.parent.mkdir()
        with closing(sqlite3.connect(journal)) as db:
            db.executescript((FIXTURES / f"journal_{version}.sql").read_text(encoding="utf-8"))
        return journal

    return make


def layout(path):
    with closing(sqlite3.connect(path)) as db:
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {t: db.execute(f"PRAGMA table_info({t})").fetchall() for t in tables}
        indexes = db.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL")
        return columns, sorted(re.sub(r"\s+", " ", row[0]) for row in indexes)


def test_there_is_a_way_and_a_fixture_from_every_version():
    assert sorted(MIGRATIONS) == list(range(1, VERSION))
    assert sorted(p.name for p in FIXTURES.glob("journal_*.sql")) == [
        f"journal_{n}.sql" for n in MIGRATIONS
    ]


@pytest.mark.parametrize("version", MIGRATIONS)
def test_a_migrated_file_has_the_layout_of_a_new_one(old, tmp_path, version):
    migrated, epoch = prepare(old(version))
    fresh, _ = prepare(tmp_path / "fresh.sqlite")
    assert layout(tmp_path / "data" / "tasks.sqlite") == layout(tmp_path / "fresh.sqlite")
    assert migrated.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == (
        str(VERSION),
    )
    assert epoch == "EPOCH"
    migrated.close()
    fresh.close()


@pytest.mark.parametrize("version", MIGRATIONS)
async def test_everything_it_held_is_there_and_goes_on(old, make_runner, follow, clock, version):
    old(version)
    clock.now = 1_700_000_100_000
    runner = await make_runner(clock=clock)
    assert await runner.result("done") == b'{"echo":{"x":1},"nan":null}'
    assert (await runner.get("done")).name == "nightly"
    assert (await runner.snapshot("talked")).partial["rows"] == [[0], [1], [2]]
    assert (await runner.get("failed")).error["code"] == "insufficient_history"
    assert (await runner.get("cancelled")).status == "cancelled"
    with pytest.raises(TaskExpired):
        await runner.get("gone")
    assert (await runner.pin("done")).pinned
    while (await runner.get("queued")).status != "completed":
        await follow(runner, "queued").end()
    running = follow(runner, "running")
    await running.until(lambda e: e.kind == "progress")
    assert (await runner.get("running")).attempt == 2
    await runner.cancel("running")


def test_a_migration_that_fails_leaves_the_file_as_it_was(old):
    path = old(1)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE requests (in_the_way)")
        db.commit()
    before = layout(path)
    with pytest.raises(StoreUnavailable):
        prepare(path)
    assert layout(path) == before
