"""The journal keeps what it acknowledged, is shared by several processes, and says in words when it cannot."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from stockwidget.errors import StoreUnavailable
from stockwidget.tasks.documents import pack
from stockwidget.tasks.events import WATCHED_MS, Event
from stockwidget.tasks.schema import prepare
from stockwidget.tasks.sqlite import SqliteStore
from stockwidget.tasks.store import Lease, NotOwner, Server, Sought, Tombstone
from stockwidget.tasks.tally import NO_TASKS


def event(s, q, kind="log", task_id="t1", **data):
    return Event(task_id=task_id, kind=kind, s=s, q=q, ts=s, data=data)


@pytest.fixture
async def store(journal):
    store = SqliteStore(journal)
    await store.open()
    yield store
    await store.close()


async def test_a_record_comes_back_as_it_was(store, make_record):
    record = make_record(counters={"n": 1}, summary={"x": None}, error={"code": "c"}, s=1, q=1)
    await store.create(record, [event(1, 1, "state", status="queued")])
    assert await store.find("t1") == record
    assert await store.events("t1") == [event(1, 1, "state", status="queued")]


async def test_progress_only_touches_the_row(store, make_record):
    await store.create(make_record(s=1, q=1), [event(1, 1, "state")])
    await store.write(make_record(s=2, q=1, progress=40.0), [event(2, 1, "progress", progress=40)])
    assert (await store.find("t1")).progress == 40.0
    assert [e.s for e in await store.events("t1")] == [1]


async def test_the_tail_is_what_came_after_s_in_order(store, make_record):
    await store.create(make_record(s=4, q=3), [event(1, 1), event(3, 2), event(4, 3)])
    assert [e.s for e in await store.events("t1", after=1)] == [3, 4]


async def test_the_result_is_written_with_its_end_or_not_at_all(store, make_record):
    await store.create(make_record(s=1, q=1), [event(1, 1)])
    done = make_record(status="completed", s=2, q=2, retain_until=99)
    stranger = replace(done, owner="b")
    with pytest.raises(NotOwner):
        await store.write(stranger, [event(2, 2, "end")], document=pack(b"{}"))
    assert await store.document("t1") is None
    assert len(await store.events("t1")) == 1
    await store.write(done, [event(2, 2, "end")], document=pack(b'{"a":1}'))
    assert await store.document("t1") == b'{"a":1}'
    with pytest.raises(NotOwner):
        await store.write(replace(done, status="running", retain_until=None), [event(3, 3)])
    assert (await store.find("t1")).status == "completed"


async def test_a_refused_write_does_not_take_its_neighbours_with_it(store, make_record):
    await store.create(make_record(s=1, q=1), [event(1, 1)])
    results = await asyncio.gather(
        *(store.create(make_record(f"n{i}"), []) for i in range(20)),
        store.write(make_record(owner="b", s=2), [event(2, 2)]),
        *(store.create(make_record(f"m{i}"), []) for i in range(20)),
        return_exceptions=True,
    )
    assert [r for r in results if not isinstance(r, str)] == [results[20]]
    assert isinstance(results[20], NotOwner)
    assert len(await store.recent(Sought(limit=100))) == 41


async def test_only_one_of_two_adopters_gets_the_task(store, journal, make_record):
    other = SqliteStore(journal)
    await other.open()
    seen = make_record(owner="dead", s=5, q=2)
    await store.create(seen, [])
    got = await asyncio.gather(
        store.claim(replace(seen, owner="a", s=9), [], seen=seen),
        other.claim(replace(seen, owner="b", s=9), [], seen=seen),
    )
    await other.close()
    assert sorted(got) == [False, True]


async def test_a_task_that_moved_on_is_not_claimed(store, make_record):
    seen = make_record(owner="slow", s=5, q=2)
    await store.create(seen, [])
    await store.write(replace(seen, s=6, progress=50.0))
    assert not await store.claim(replace(seen, owner="b", s=9), [], seen=seen)


async def test_newest_first_and_filtered(store, make_record):
    for i, status in enumerate(["queued", "running", "running"]):
        await store.create(make_record(f"t{i}", created_at=i, status=status), [])
    await store.create(make_record("s", kind="talks", created_at=9), [])
    assert [r.id for r in await store.recent()] == ["s", "t2", "t1", "t0"]
    assert [r.id for r in await store.recent(Sought(status=frozenset({"running"}), limit=1))] == [
        "t2"
    ]
    assert [r.id for r in await store.recent(Sought(kind="talks"))] == ["s"]
    assert [r.id for r in await store.unfinished()] == ["t0", "t1", "t2", "s"]


async def test_an_expired_task_leaves_a_tombstone_and_nothing_else(store, journal, make_record):
    stone = Tombstone(id="t1", kind="completes", title="title", params={"a": 1}, expired_at=100)
    await store.create(make_record(s=1, q=1), [event(1, 1)])
    assert not await store.expire(stone)
    done = make_record(status="completed", s=2, q=2, retain_until=99)
    await store.write(done, [event(2, 2, "end")], document=pack(b"{}"))
    assert [r.id for r in await store.due(100)] == ["t1"]
    assert await store.expire(stone)
    assert await store.find("t1") == stone
    with closing(sqlite3.connect(journal)) as db:
        for table in ("tasks", "events", "results"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    await store.bury(101)
    assert await store.find("t1") is None


async def test_tasks_are_counted_by_state_and_tombstones_as_expired(store, make_record):
    assert await store.tally(0) == NO_TASKS
    for number, status in enumerate(["running", "running", "failed"]):
        ended = 99 if status == "failed" else None
        await store.create(make_record(id=f"t{number}", status=status, retain_until=ended), [])
    counts = (await store.tally(0)).by_state
    assert {status: n for status, n in counts.items() if n} == {"running": 2, "failed": 1}
    stone = Tombstone(id="t2", kind="analysis", title="AAPL", params={}, expired_at=100)
    assert await store.expire(stone)
    counts = (await store.tally(0)).by_state
    assert {status: n for status, n in counts.items() if n} == {"running": 2, "expired": 1}


async def test_what_keeps_a_task_is_counted_as_long_as_it_does(store, make_record):
    await store.create(make_record(id="running"), [])
    for name in ("plain", "pinned", "kept", "leased"):
        ended = make_record(id=name, status="completed", retain_until=5000)
        await store.create(ended, [])
    await store.pin("pinned", pinned=True, keep_until=None, now=1000)
    await store.pin("kept", pinned=False, keep_until=9000, now=1000)
    await store.lease([Lease(task_id="leased", at=1000, until=8000)], 1000)
    now = await store.tally(8000)
    assert (now.protected, now.leased, now.pinned) == (4, 1, 1)
    later = await store.tally(8001)
    assert (later.protected, later.leased) == (4, 0), "who looked a moment ago still counts"
    last = await store.tally(1000 + WATCHED_MS + 1)
    assert (last.protected, last.leased, last.pinned) == (2, 0, 1), "kept and watched are over"


async def test_servers_are_known_by_their_beat(store):
    row = Server(id="a", host="h", pid=1, beat=5)
    await store.beat(row)
    await store.beat(replace(row, beat=6, stopped=True))
    assert await store.servers() == [replace(row, beat=6, stopped=True)]


async def test_the_epoch_stays_with_the_file(store, journal):
    again = SqliteStore(journal)
    await again.open()
    await again.close()
    assert again.epoch == store.epoch != ""


async def test_the_file_is_private_and_in_wal_mode(store, journal):
    assert journal.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(journal)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_the_loop_goes_on_while_another_process_holds_the_file(store, journal, make_record):
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        write = asyncio.create_task(store.create(make_record(), []))
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert not write.done()
        assert await store.find("t1") is None
        db.execute("COMMIT")
        await write
    assert (await store.find("t1")).id == "t1"


WRITES = """
import asyncio, sys
from stockwidget.tasks.events import Event, TaskRecord
from stockwidget.tasks.sqlite import SqliteStore
async def main(path, name):
    store = SqliteStore(path)
    await store.open()
    print(store.epoch)
    for i in range(50):
        record = TaskRecord(id=f"{name}-{i}", kind="k", title="t", params={}, key="k",
                            status="queued", created_at=i, owner=name)
        await store.create(record, [Event(task_id=record.id, kind="log", s=1, q=1, ts=1, data={})])
    await store.close()
asyncio.run(main(*sys.argv[1:]))
"""


async def test_several_processes_start_on_one_new_file_and_lose_nothing(journal):
    command = [sys.executable, "-c", WRITES, str(journal)]
    running = [
        await asyncio.create_subprocess_exec(*command, name, stdout=subprocess.PIPE)
        for name in "abcd"
    ]
    outputs = [(await p.communicate())[0].strip() for p in running]
    assert [p.returncode for p in running] == [0] * 4
    assert len(set(outputs)) == 1
    store = SqliteStore(journal)
    await store.open()
    assert len(await store.recent(Sought(limit=1000))) == 200
    await store.close()


def left_open(path):
    """What this process has open there, or where SQLite lays its files beside it."""
    links = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the folder's own, gone by now
            links.append(str(link.readlink()))
    return [link for link in links if link.startswith(str(path))]


async def refused(path):
    store = SqliteStore(path)
    with pytest.raises(StoreUnavailable) as caught:
        await store.open()
    error = caught.value
    assert error.data["path"] == str(path)
    assert str(path) in error.message
    assert error.hint
    assert left_open(path) == []
    return error.message


async def test_a_folder_that_is_a_file_is_refused_in_words(tmp_path):
    (tmp_path / "data").write_text("a file")
    assert "cannot be opened" in await refused(tmp_path / "data" / "tasks.sqlite")


@pytest.fixture
def nobody():
    """Root writes everywhere, so for a moment be somebody who does not."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


def test_a_read_only_folder_is_refused_in_words(nobody):
    with pytest.raises(StoreUnavailable, match=r"cannot be opened: permission denied") as caught:
        prepare(Path("/usr/tasks.sqlite"))
    assert "writable" in caught.value.hint


async def test_a_file_of_something_else_is_refused_and_left_alone(journal):
    journal.parent.mkdir()
    journal.write_bytes(b"these are my notes, not a database" * 100)
    assert "is not a task journal" in await refused(journal)
    assert journal.read_bytes().startswith(b"these are my notes")


async def test_an_opening_that_is_given_up_closes_what_it_opened(journal):
    opening = asyncio.create_task(SqliteStore(journal).open())
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    for _ in range(500):
        await asyncio.sleep(0.01)
        if journal.exists() and not left_open(journal):
            break
    assert left_open(journal) == []


async def test_a_journal_of_a_newer_version_is_refused_in_words(journal):
    await (made := SqliteStore(journal)).open()
    await made.close()
    with closing(sqlite3.connect(journal)) as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
        db.commit()
    assert "newer stockwidget (schema 99" in await refused(journal)


async def test_a_write_that_fails_says_why(store, make_record, journal):
    with closing(sqlite3.connect(journal)) as db:
        db.execute("DROP TABLE tasks")
    with pytest.raises(StoreUnavailable, match=str(journal)):
        await store.create(make_record(), [])
    with pytest.raises(StoreUnavailable, match=str(journal)):
        await store.recent()


async def test_a_closed_store_says_so(store, make_record):
    await store.close()
    with pytest.raises(StoreUnavailable, match="not open"):
        await store.create(make_record(), [])
