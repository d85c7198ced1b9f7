"""Several servers on one journal: each answers, follows and cancels for all; one runner a task, always."""

import asyncio
import os
import random
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from dataclasses import replace

import pytest

from stockwidget.errors import WrongTaskState
from stockwidget.tasks.sqlite import SqliteStore


@pytest.fixture
async def pair(make_runner):
    return await make_runner("a"), await make_runner("b")


async def test_a_follower_elsewhere_is_told_the_same_in_order(pair, follow):
    one, two = pair
    task = await one.submit("talks", {})
    here, there = follow(one, task.id), follow(two, task.id)
    seen = await two.snapshot(task.id)
    assert (await there.end())["status"] == "completed"
    kept = [e for e in here.events if not e.conflatable]
    told = [e for e in there.events if not e.conflatable]
    assert told == kept[-len(told) :]
    for event in there.events:
        if event.s > seen.record.s:
            seen = seen.apply(event)
    final = await one.snapshot(task.id)
    assert seen.partial == final.partial
    assert seen.record.status == "completed"
    assert seen.record.q == final.record.q, "nothing that may not be dropped is missing"


async def test_events_elsewhere_come_within_half_a_second(pair, follow, tmp_path):
    one, two = pair
    delays = []
    for i in range(5):
        gate = tmp_path / f"gate{i}"
        task = await one.submit("waits_for", {"gate": str(gate), "runs": str(tmp_path / "runs")})
        here, there = follow(one, task.id), follow(two, task.id)
        progress = await there.until(lambda e: e.kind == "progress")
        assert progress.data["progress"] == 40
        gate.touch()
        await here.end()
        told = time.monotonic()
        await there.end()
        delays.append(time.monotonic() - told)
    assert statistics.median(delays) < 0.5, delays


async def test_a_snapshot_and_what_follows_leave_no_gap(pair, tmp_path):
    """As a connection does it: subscribe first, then read, while the task talks on."""
    one, two = pair
    for i in range(10):
        task = await one.submit("talks", {"i": i})
        await asyncio.sleep(random.Random(i).random() * 0.2)
        events, ended = [], asyncio.Event()
        leave = two.subscribe(
            task.id, lambda e, to=events, x=ended: (to.append(e), e.kind == "end" and x.set())
        )
        snapshot = await two.snapshot(task.id)
        if not snapshot.record.terminal:
            await asyncio.wait_for(ended.wait(), 20)
        q = snapshot.record.q
        for event in events:
            if event.s > snapshot.record.s:
                assert event.q == q + (not event.conflatable)
                q, snapshot = event.q, snapshot.apply(event)
        assert snapshot.partial["rows"] == [[0], [1], [2]]
        leave()


async def test_cancel_reaches_the_server_that_runs_it(pair, follow):
    one, two = pair
    task = await one.submit("steps_for_ever", {})
    here, there = follow(one, task.id), follow(two, task.id)
    await here.until(lambda e: e.kind == "progress")
    begin = time.monotonic()
    assert (await two.cancel(task.id)).status in {"cancelling", "cancelled"}
    assert (await there.end())["status"] == "cancelled"
    assert time.monotonic() - begin < 3
    with pytest.raises(WrongTaskState, match="is cancelled"):
        await two.cancel(task.id)


async def test_a_wish_outlives_the_server_it_was_for(make_runner, follow, journal):
    one, two = await make_runner("a", workers=1), await make_runner("b", workers=1)
    task = await one.submit("never_yields", {})
    await follow(one, task.id).until(lambda e: e.kind == "log")
    await one._elsewhere.stop()
    await two.cancel(task.id)
    assert (await two.get(task.id)).status == "running"
    follower = follow(two, task.id)
    for _ in range(8):
        await two.sweep()
    assert (await follower.end())["status"] == "cancelled"


async def test_a_follower_stays_with_a_task_that_changes_its_server(make_runner, follow, tmp_path):
    one, two, three = [await make_runner(name) for name in "abc"]
    gate = tmp_path / "gate"
    task = await one.submit("waits_for", {"gate": str(gate), "runs": str(tmp_path / "runs")})
    there = follow(three, task.id)
    snapshot = await three.snapshot(task.id)
    await there.until(lambda e: e.kind == "progress")
    await one.stop(grace_s=0)
    for _ in range(2):
        await two.sweep()
    assert (await three.get(task.id)).owner == "b"
    gate.touch()
    assert (await there.end())["status"] == "completed"
    for event in there.events:
        if event.s > snapshot.record.s:
            snapshot = snapshot.apply(event)
    assert snapshot.record.attempt == 2
    assert snapshot.partial == {"rows": [[1]]}


async def test_of_many_who_try_one_takes_over(make_runner, follow, tmp_path):
    one = await make_runner("dead", workers=1)
    runs = tmp_path / "runs"
    tasks = [
        (await one.submit("waits_for", {"gate": str(tmp_path), "runs": str(runs), "i": i})).id
        for i in range(6)
    ]
    await one.stop(grace_s=0)
    already = len(runs.read_text()) if runs.exists() else 0
    others = [await make_runner(f"s{i}", workers=1) for i in range(3)]
    await asyncio.gather(*(s.sweep() for s in others for _ in range(3)))
    for task in tasks:
        while (await others[0].get(task)).status != "completed":
            await asyncio.sleep(0.01)
    with closing(sqlite3.connect(tmp_path / "data" / "tasks.sqlite")) as db:
        starts = db.execute(
            "SELECT task_id, count(*) FROM events WHERE kind = 'state' "
            "AND json_extract(CAST(data AS TEXT), '$.status') = 'running' GROUP BY task_id"
        ).fetchall()
    attempts = {task: (await others[0].get(task)).attempt for task in tasks}
    assert dict(starts) == attempts
    assert len(runs.read_text()) <= 6 + already


async def test_nobody_looks_while_nobody_needs_to_know(make_runner, follow, monkeypatch):
    looks = []
    version = SqliteStore.version

    async def counted(store):
        looks.append(1)
        return await version(store)

    monkeypatch.setattr(SqliteStore, "version", counted)
    one, two = await make_runner("a"), await make_runner("b")
    done = await one.submit("completes", {})
    await follow(one, done.id).end()
    there = follow(two, done.id)
    assert (await two.snapshot(done.id)).record.status == "completed"
    await asyncio.sleep(0.5)
    looks.clear()
    await asyncio.sleep(1)
    assert looks == []
    assert there.events == []


ASKER = """
import asyncio, sys
from conftest import KINDS, ENV
from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore
async def main(journal, task):
    executor = ProcessExecutor(workers=1, warm=None, env=ENV)
    runner = Runner(store=SqliteStore(journal), executor=executor, kinds=KINDS, server_id="other")
    await runner.start()
    events, ended = [], asyncio.Event()
    runner.subscribe(task, lambda e: (events.append(e.kind), e.kind == "end" and ended.set()))
    print((await runner.get(task)).status, flush=True)
    print((await runner.cancel(task)).status, flush=True)
    await asyncio.wait_for(ended.wait(), 10)
    print(events[-1], flush=True)
    await runner.stop(grace_s=0)
asyncio.run(main(*sys.argv[1:]))
"""


async def test_the_other_server_may_be_another_process(make_runner, follow, journal, jobs_env):
    runner = await make_runner("a")
    task = await runner.submit("steps_for_ever", {})
    await follow(runner, task.id).until(lambda e: e.kind == "progress")
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ASKER, str(journal), task.id),
        env={**os.environ, **jobs_env},
        stdout=asyncio.subprocess.PIPE,
    )
    said = (await asyncio.wait_for(other.communicate(), 30))[0].decode().split()
    assert said[0] == "running"
    assert said[1] in {"cancelling", "cancelled"}
    assert said[2] == "end"
    assert (await runner.get(task.id)).status == "cancelled"


async def test_a_task_that_is_wanted_cancelled_will_not_do_for_another_request(
    make_runner, follow, kinds, tmp_path
):
    alike = {**kinds, "waits_for": replace(kinds["waits_for"], version=lambda _: "1")}
    one, two = await make_runner("a", kinds=alike), await make_runner("b", kinds=alike)
    params = {"gate": str(tmp_path / "gate"), "runs": str(tmp_path / "runs")}
    task = await one.submit("waits_for", params)
    await follow(one, task.id).until(lambda e: e.kind == "progress")
    assert (await two.submit("waits_for", params)).id == task.id
    await one._elsewhere.stop()  # it will hear of the wish later
    await two.cancel(task.id)
    assert (await two.submit("waits_for", params)).id != task.id


async def test_a_wish_for_a_task_that_is_just_ending_is_quietly_dropped(
    make_runner, follow, caplog
):
    one, two = await make_runner("a"), await make_runner("b")
    task = await one.submit("steps_for_ever", {})
    await follow(one, task.id).until(lambda e: e.kind == "progress")
    await one._elsewhere.stop()
    await two.cancel(task.id)
    live = one._ledger.live[task.id]
    writing = one._ledger.apply(live, one._ledger.when(live, "finish"))
    await one._elsewhere.look()
    await writing
    assert (await two.get(task.id)).status == "completed"
    assert "could not be looked at" not in caplog.text
