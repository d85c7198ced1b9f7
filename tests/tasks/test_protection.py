"""A result stays exactly as long as promised, whatever protects it, whoever asks, also after a restart."""

import asyncio
import random
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockwidget.errors import InvalidRequest, TaskExpired, UnknownTask
from stockwidget.jobs import KINDS
from stockwidget.tasks.archive import Archive
from stockwidget.tasks.documents import pack
from stockwidget.tasks.events import Event, TaskRecord
from stockwidget.tasks.retention import due
from stockwidget.tasks.sqlite import SqliteStore
from stockwidget.tasks.sqlite_keeping import DUE
from stockwidget.tasks.store import Caps, Lease, Sought

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NOW = 1_700_000_000_000


async def ended(runner, kind="completes", params=None):
    task = await runner.submit(kind, params or {})
    async with asyncio.timeout(20):
        while runner.active:
            await asyncio.sleep(0.002)
    return task.id


async def known(runner, task_id):
    """What a poll hears: 200, 410 or 404."""
    try:
        assert await runner.result(task_id)
    except TaskExpired:
        return 410
    except UnknownTask:
        return 404
    return 200


@pytest.fixture
def hours(kinds):
    """The test kinds, kept as long as the real ones."""
    kept = {"completes": KINDS["analysis"].retention_s, "talks": KINDS["scan"].retention_s}
    return {name: replace(kinds[name], retention_s=seconds) for name, seconds in kept.items()}


@pytest.mark.parametrize(("kind", "kept"), [("completes", 2 * HOUR), ("talks", 4 * HOUR)])
@pytest.mark.parametrize("restart", [False, True])
async def test_the_promised_hours_to_the_second(make_runner, clock, hours, kind, kept, restart):
    begin = clock.now
    runner = await make_runner(clock=clock, kinds=hours)
    clock.now = begin + 45 * SECOND
    task = await ended(runner, kind)
    for at, answer in [
        (90 * SECOND, 200),
        (45 * SECOND + kept - SECOND, 200),
        (46 * SECOND + kept, 410),
    ]:
        if restart:
            await runner.stop(grace_s=0)
            runner = await make_runner(clock=clock, kinds=hours)
        clock.now = begin + at
        assert await known(runner, task) == answer
        await runner.sweep()
        assert await known(runner, task) == answer
    clock.now += 24 * HOUR - SECOND
    await runner.sweep()
    assert await known(runner, task) == 410
    clock.now += 2 * SECOND
    await runner.sweep()
    assert await known(runner, task) == 404


async def test_a_follower_keeps_it_and_ten_minutes_more(make_runner, clock):
    runner = await make_runner(clock=clock)
    task = await ended(runner)
    leave = runner.subscribe(task, lambda event: None)
    for _ in range(10):
        clock.now += MINUTE
        await runner.sweep()
        assert await known(runner, task) == 200
    leave()
    clock.now += 10 * MINUTE
    await runner.sweep()
    assert await known(runner, task) == 200
    clock.now += 1
    await runner.sweep()
    assert await known(runner, task) == 410


async def test_a_poll_in_time_counts_at_once_on_every_server(make_runner, clock):
    one, two = await make_runner("a", clock=clock), await make_runner("b", clock=clock)
    task = await ended(one)
    clock.now += 59 * SECOND
    one.lease(task)
    while (await two.get(task)).leased_until is None:
        await asyncio.sleep(0.002)
    clock.now += 5 * MINUTE
    await two.sweep()
    assert await known(two, task) == 200
    assert (await two.get(task)).kept_until == clock.now + 5 * MINUTE


async def test_a_lease_outlives_its_server(make_runner, clock):
    one = await make_runner("a", clock=clock)
    task = await ended(one)
    clock.now += 59 * SECOND
    one.lease(task, 3_600)
    await one.stop(grace_s=0)
    two = await make_runner("a", clock=clock)
    clock.now += HOUR
    await two.sweep()
    assert await known(two, task) == 200
    clock.now += 1
    assert await known(two, task) == 410


async def test_who_comes_too_late_does_not_wake_the_dead(make_runner, clock):
    runner = await make_runner(clock=clock)
    task = await ended(runner)
    clock.now += HOUR
    told = []
    runner.subscribe(task, told.append)
    assert await known(runner, task) == 410
    with pytest.raises(TaskExpired):
        await runner.pin(task)
    await runner.sweep()
    assert await known(runner, task) == 410


async def test_a_follower_here_hears_that_another_server_removed_it(make_runner, clock):
    one = await make_runner("a", clock=clock)
    two = await make_runner("b", clock=lambda: clock.now + HOUR)
    task = await ended(one, params={"a": 1})
    await two.sweep()
    told = []
    one.subscribe(task, told.append)
    await one.sweep()
    assert [(e.kind, e.data["how_to_rerun"]["params"]) for e in told] == [("gone", {"a": 1})]
    assert told[0].data["expired_at"] == clock.now + HOUR


async def test_pinned_until_unpinned(make_runner, clock):
    runner = await make_runner(clock=clock)
    task = await ended(runner)
    pinned = await runner.pin(task)
    assert (pinned.pinned, pinned.kept_until) == (True, None)
    clock.now += 1_000 * HOUR
    await runner.sweep()
    assert await known(runner, task) == 200
    loose = await runner.unpin(task)
    assert (loose.pinned, loose.kept_until) == (False, clock.now + 10 * MINUTE)
    clock.now += 10 * MINUTE + 1
    assert await known(runner, task) == 410


async def test_a_running_task_can_be_pinned_and_shows_it(make_runner, clock, follow):
    runner = await make_runner(clock=clock)
    task = await runner.submit("steps_for_ever", {})
    await follow(runner, task.id).until(lambda e: e.kind == "progress")
    assert (await runner.pin(task.id)).pinned
    assert (await runner.get(task.id)).public("e")["pinned"] is True
    await runner.cancel(task.id)
    while runner.active:
        await asyncio.sleep(0.002)
    assert (await runner.get(task.id)).public("e")["retain_until"] is None


async def test_protections_overlap_and_end_at_the_latest(make_runner, clock):
    runner = await make_runner(clock=clock)
    task = await ended(runner)
    end = clock.now
    assert (await runner.pin(task, keep_s=7_200)).kept_until == end + 2 * HOUR
    assert (await runner.pin(task, keep_s=3_600)).kept_until == end + 2 * HOUR
    runner.lease(task, 3 * 3_600)
    await runner.sweep()
    assert (await runner.get(task)).kept_until == end + 3 * HOUR
    for bad in (0, -1, float("nan"), 10**9):
        with pytest.raises(InvalidRequest) as caught:
            await runner.pin(task, keep_s=bad)
        assert caught.value.data["field"] == "keep_for_s"


async def test_beyond_the_cap_the_oldest_unwatched_goes(make_runner, clock):
    runner = await make_runner(clock=lambda: clock.now, caps=Caps(tasks=3))
    tasks = []
    for i in range(7):
        clock.now += 1
        tasks.append(await ended(runner, params={"i": i}))
    await runner.pin(tasks[0])
    runner.subscribe(tasks[1], lambda event: None)
    await runner.pin(tasks[2], keep_s=60)
    await runner.sweep()
    assert [await known(runner, t) for t in tasks] == [200, 200, 200, 410, 410, 410, 410]
    assert (await runner.get(await ended(runner))).status == "completed", (
        "a live one is never counted"
    )


async def test_beyond_the_size_the_oldest_go_and_the_file_shrinks(journal, make_record):
    store = SqliteStore(journal)
    await store.open()
    noise = random.Random(1)
    for i in range(60):
        record = make_record(f"t{i:02}", created_at=i, s=1, q=1)
        await store.create(record, [])
        done = replace(record, status="completed", s=2, q=2, retain_until=10**15)
        await store.write(done, [], document=pack(noise.randbytes(100_000).hex().encode()))
    caps = Caps(size=2_000_000)
    archive = Archive(store, lambda: NOW)
    await archive.remove_expired(caps)
    await archive.remove_expired(caps)
    left = await store.recent(Sought(limit=100))
    with closing(sqlite3.connect(journal)) as db:
        size = db.execute("PRAGMA page_count").fetchone()[0] * 4096
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert 0 < len(left) < 40
    assert left[0].id == "t59"
    assert size < 2_500_000
    await store.close()


protections = {
    "retain_until": st.integers(0, 5) | st.none(),
    "keep_until": st.integers(0, 5) | st.none(),
    "leased_until": st.integers(0, 5) | st.none(),
    "watched_at": st.integers(-600_005, -599_995) | st.none(),
    "pinned": st.booleans(),
}


@given(st.fixed_dictionaries(protections), st.integers(0, 6))
def test_the_journal_and_the_record_agree_on_what_is_due(fields, now):
    columns = ", ".join(f":{name} AS {name}" for name in fields)
    with closing(sqlite3.connect(":memory:")) as db:
        sql = f"SELECT {DUE} IS TRUE FROM (SELECT {columns})"
        found = db.execute(sql, {**fields, "now": now}).fetchone()[0]
    status = "running" if fields["retain_until"] is None else "completed"
    basics = {"id": "t", "kind": "k", "title": "t", "params": {}, "key": "k", "created_at": 1}
    assert bool(found) == due(TaskRecord(**basics, status=status, **fields), now)


async def fill(journal, make_record, count):
    store = SqliteStore(journal)
    await store.open()

    async def one(i):
        record = make_record(f"t{i}", s=1, q=1, owner="x")
        start = Event(task_id=record.id, kind="state", s=1, q=1, ts=1, data={"status": "queued"})
        await store.create(record, [start])
        done = replace(record, status="completed", s=2, q=2, ended_at=NOW, retain_until=NOW + HOUR)
        await store.write(done, [], document=pack(b"{}"))

    await asyncio.gather(*(one(i) for i in range(count)))
    await store.close()


async def test_a_thousand_tasks_polled_during_cleanup_and_never_a_404(
    make_runner, journal, make_record, clock
):
    await fill(journal, make_record, 1_000)
    clock.now = NOW
    runner = await make_runner(clock=lambda: clock.now)
    rng = random.Random(7)
    heard = set()
    cleaning = True

    async def clean():
        nonlocal cleaning
        for _ in range(20):
            clock.now += 4 * MINUTE
            await runner.sweep()
        cleaning = False

    async def poll():
        while cleaning:
            i = rng.randrange(1_000)
            if i % 3 == 0:
                runner.lease(f"t{i}")
            answer = await known(runner, f"t{i}")
            heard.add(answer)
            assert answer == 200 or clock.now > NOW + HOUR

    await asyncio.gather(clean(), *(poll() for _ in range(20)))
    assert heard == {200, 410}


async def test_two_servers_a_thousand_alternating_polls_and_never_a_404(make_runner):
    servers = [await make_runner("a"), await make_runner("b")]
    tasks = []
    for i in range(1_000):
        if i % 50 == 0:
            tasks.append((await servers[i // 50 % 2].submit("completes", {"i": i})).id)
        for task in tasks[-2:]:
            assert (await servers[i % 2].get(task)).id == task
            assert (await servers[i % 2].snapshot(task)).record.id == task


async def test_a_lease_of_what_never_was_is_harmless(make_runner):
    runner = await make_runner()
    runner.lease("never")
    told = []
    runner.subscribe("never", told.append)
    await runner.sweep()
    assert told == []
    assert await known(runner, "never") == 404


async def test_leases_survive_a_journal_that_cannot_be_written_for_a_moment(journal, make_record):
    await fill(journal, make_record, 1)
    store = SqliteStore(journal)
    await store.open()
    lease = Lease(task_id="t0", at=NOW, until=NOW + 1)
    assert await store.lease([lease, replace(lease, task_id="no")], NOW) == ["no"]
    assert (await store.find("t0")).leased_until == NOW + 1
    await store.close()
