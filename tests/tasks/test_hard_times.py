"""A full disk, a damaged file, a clock set back, a thousand tasks: said in words, and nothing acknowledged is lost."""

import asyncio
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stockwidget.errors import StoreUnavailable
from stockwidget.tasks.sqlite import SqliteStore
from stockwidget.tasks.store import Sought

DAY = 86_400_000


async def ended(runner, follow, kind="completes", params=None):
    task = await runner.submit(kind, params or {}, force=True)
    await follow(runner, task.id).end()
    return task.id


async def test_a_full_disk_refuses_what_is_new_keeps_what_is_there_and_heals(
    make_runner, follow, journal
):
    store = SqliteStore(journal)
    runner = await make_runner(store=store)
    kept = [await ended(runner, follow) for _ in range(3)]
    running = await runner.submit("steps_for_ever", {})
    await follow(runner, running.id).until(lambda e: e.kind == "progress")
    pages = await store._write(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await store._write(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
    with pytest.raises(StoreUnavailable, match="the disk is full") as caught:
        for _ in range(50):
            kept.append((await runner.submit("completes", {"x": "y" * 2_000}, force=True)).id)
    assert "Free some space" in caught.value.hint
    for task in kept:
        assert (await runner.get(task)).id == task
    assert await runner.result(kept[0])
    await store._write(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone())
    await runner.sweep()
    assert (await runner.get(await ended(runner, follow))).status == "completed"
    for task in kept:
        found = await runner.get(task)
        assert (
            found.status in {"queued", "running", "completed"}
            or found.error["code"] == "store_unavailable"
        )


LIMITED = """
import asyncio, json, resource, sys
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.sqlite import SqliteStore
from stockwidget.errors import StoreUnavailable

async def main():
    store = SqliteStore(sys.argv[1])
    await store.open()
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    done = []
    try:
        for n in range(1000):
            task = f"{n:032x}"
            record = TaskRecord(id=task, kind="k", title="t", params={"x": "y" * 3000}, key="", status="queued", created_at=n)
            await store.create(record, [])
            done.append(task)
    except StoreUnavailable as error:
        print(json.dumps({"done": done, "says": str(error), "reads": len(await store.recent())}))

asyncio.run(main())
"""


async def test_a_file_that_may_not_grow_loses_nothing_acknowledged(journal):
    """The operating system itself refuses to write on."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(journal)], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert str(journal) in said["says"] and "disk" in said["says"]
    assert said["reads"] == min(100, len(said["done"])), "what is there can still be read"
    assert 5 < len(said["done"]) < 1000
    store = SqliteStore(journal)
    await store.open()
    assert [r.id for r in await store.recent(Sought(limit=1000))] == said["done"][::-1]
    await store.close()


async def test_a_damaged_journal_is_said_to_be_so_and_left_alone(make_runner, follow, journal):
    runner = await make_runner()
    for _ in range(30):
        await ended(runner, follow)
    await runner.stop(grace_s=0)
    content = journal.read_bytes()
    journal.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    with pytest.raises(StoreUnavailable, match="damaged") as caught:
        await make_runner("b")
    assert "Move the file away" in caught.value.hint and str(journal) in caught.value.message
    assert journal.read_bytes()[4096:] == b"\xa5" * (len(content) - 4096)


@pytest.mark.parametrize("back", [60_000, DAY, 400 * DAY])
async def test_a_clock_set_back_removes_nothing_early_and_stops_nothing(
    make_runner, follow, clock, back
):
    runner = await make_runner(clock=clock)
    old = await ended(runner, follow)
    clock.now -= back
    await runner.sweep()
    assert await runner.result(old)
    new = await ended(runner, follow)
    assert (await runner.get(new)).progress == 100
    await runner.pin(old, keep_s=60)
    await runner.stop(grace_s=0)
    again = await make_runner("b", clock=clock)
    await again.sweep()
    assert await again.result(old) and await again.result(new)
    assert {(await again.find(word)).id for word in (old, new)} == {old, new}
    clock.now += back + 3 * DAY
    await again.sweep()
    assert await again.tasks() == [], "in the end both go"


async def test_tasks_leave_no_thread_no_descriptor_and_no_memory_of_themselves(make_runner, follow):
    runner = await make_runner()

    def standing():
        # The loop's own pool has a bound, and grows to it as chance has it.
        threads = [t for t in threading.enumerate() if not t.name.startswith("asyncio_")]
        return (
            len(threads),
            len(list(Path("/proc/self/fd").iterdir())),
            len(runner._hub),
            runner.active,
        )

    async def many(n):
        tasks = [await runner.submit("completes", {"n": i}, force=True) for i in range(n)]
        for task in tasks:
            if not (await runner.get(task.id)).terminal:
                follower = follow(runner, task.id)
                if not (await runner.get(task.id)).terminal:
                    await follower.end()
                follower.leave()

    await many(100)
    before = standing()
    await many(900)
    assert standing() == before
    assert before[2:] == (0, 0)
    assert len(runner._hub._readers) == len(runner._hub._positions) == 0


def test_a_journal_in_a_folder_without_rights_is_left_alone(tmp_path):
    """What a read-only disk says, at the next write: the file is there and cannot be written."""
    program = (
        "import asyncio, os, sys\n"
        "from stockwidget.errors import StoreUnavailable\n"
        "from stockwidget.tasks.sqlite import SqliteStore\n"
        "if os.geteuid() == 0: os.setgid(65534), os.setuid(65534)\n"
        "try: asyncio.run(SqliteStore(sys.argv[1]).open())\n"
        "except StoreUnavailable as error: print(error)\n"
    )
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_mode & 0o005 != 0o005 and os.geteuid() == 0:
            parent.chmod(parent.stat().st_mode | 0o005)
    file = folder / "tasks.sqlite"
    file.write_bytes(b"")
    file.chmod(0o444)
    if os.geteuid() != 0:
        folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True
    )
    folder.chmod(0o755)
    assert "cannot be opened: permission denied" in done.stdout and "writable" in done.stdout


async def test_what_cannot_be_journalled_is_followed_by_nothing(
    make_runner, follow, journal, tmp_path
):
    """The journal is locked when a task begins, and free again when it says its first word."""
    store = SqliteStore(journal)
    runner = await make_runner(store=store, workers=1)
    await store._write(lambda db: db.execute("PRAGMA busy_timeout = 500").fetchall())
    gate, runs = tmp_path / "gate", tmp_path / "runs"
    first = await runner.submit("waits_for", {"gate": str(gate), "runs": str(runs)})
    await follow(runner, first.id).until(lambda e: e.kind == "progress")
    task = await runner.submit("chunks", {"n": 2, "sleep": 0.75, "runs": str(runs)})
    follower = follow(runner, task.id)
    with contextlib.closing(sqlite3.connect(journal, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        gate.touch()
        end = await follower.end()
    assert end["status"] == "failed" and end["error"]["code"] == "store_unavailable"
    await asyncio.sleep(0.6)
    await runner.sweep()
    assert [e.kind for e in follower.events] == ["end"]
    assert [e.kind for e in await runner.tail(task.id, 0)] == ["state", "end"]
    assert (await runner.get(task.id)).status == "failed"


async def test_an_end_that_was_told_is_journalled_before_the_server_goes(
    make_runner, follow, journal
):
    store = SqliteStore(journal)
    runner = await make_runner(store=store)
    await store._write(lambda db: db.execute("PRAGMA busy_timeout = 200").fetchall())
    task = await runner.submit("steps_for_ever", {})
    follower = follow(runner, task.id)
    await follower.until(lambda e: e.kind == "progress")
    with contextlib.closing(sqlite3.connect(journal, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert (await follower.end())["status"] == "failed"
    await runner.stop(grace_s=0)
    again = await make_runner("b")
    assert (await again.get(task.id)).status == "failed"
    assert again.active == 0


async def test_who_follows_finds_the_result_again_after_a_night_with_the_lid_closed(
    make_runner, follow, clock
):
    """The machine slept for ten hours: to its own clock no time has passed."""
    runner = await make_runner(clock=clock, steady=lambda: 0)
    followed, _ = [(await runner.submit("completes", {}, force=True)).id for _ in range(2)]
    follower = follow(runner, followed)
    while runner.active:
        await asyncio.sleep(0.01)
    clock.now += DAY
    assert await runner.result(followed), "the page connects again before anything else happens"
    follower.leave()
    for _ in range(2):
        await runner.sweep()
    assert await runner.result(followed)
    assert [each.id for each in await runner.tasks()] == [followed], "nobody followed the other"
