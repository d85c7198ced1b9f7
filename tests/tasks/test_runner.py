"""A runner on a real file with real processes: every task ends in the state that is true, and stays findable."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import replace

import orjson
import pytest

from stockwidget.errors import (
    InvalidRequest,
    ServerError,
    StoreUnavailable,
    TaskExpired,
    UnknownTask,
    WrongTaskState,
    from_dict,
)
from stockwidget.tasks.events import Snapshot
from stockwidget.tasks.sqlite import SqliteStore
from stockwidget.tasks.store import Sought

HOUR = 3_600_000


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def until(condition, *, timeout=10):
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_task_runs_to_its_result(runner, follow):
    task = await runner.submit("completes", {"x": 1}, name="mine")
    assert (task.status, task.name, task.title, task.q) == ("queued", "mine", "title", 1)
    follower = follow(runner, task.id)
    end = await follower.end()
    assert (end["status"], end["progress"], end["summary"]) == ("completed", 100, {"n": 1})
    assert end["retain_until"] == end["ended_at"] + 60_000
    assert orjson.loads(await runner.result(task.id)) == {"echo": {"x": 1}, "nan": None}
    record = await runner.get(task.id)
    assert record.created_at <= record.started_at <= record.ended_at
    assert runner.active == 0


async def test_the_journal_knows_an_event_before_any_reader(runner, follow, journal):
    task = await runner.submit("talks", {})
    known = []
    with closing(sqlite3.connect(journal)) as db:

        def look(event):
            sql = "SELECT count(*) FROM events WHERE task_id = ? AND q = ?"
            known.append(db.execute(sql, (task.id, event.q)).fetchone()[0])
            if event.kind == "end":
                sql = "SELECT count(*) FROM results JOIN tasks ON id = task_id WHERE status = ?"
                known.append(db.execute(sql, ("completed",)).fetchone()[0])

        runner.subscribe(task.id, look)
        await follow(runner, task.id).end()
    assert len(known) > 5
    assert set(known) == {1}


async def test_what_was_published_can_be_replayed_from_the_journal(runner, follow):
    task = await runner.submit("talks", {})
    follower = follow(runner, task.id)
    await follower.end()
    snapshot = await runner.snapshot(task.id)
    assert snapshot.partial == {"columns": ["a"], "rows": [[0], [1], [2]]}
    assert [line["message"] for line in snapshot.logs] == ["begin", "done"]
    kept = [e for e in follower.events if not e.conflatable]
    assert await runner.tail(task.id, 1) == kept
    assert await runner.tail(task.id, kept[2].s) == kept[3:]
    assert [e.q for e in kept] == list(range(2, 2 + len(kept)))
    live = Snapshot(record=task)
    for event in follower.events:
        live = live.apply(event)
    assert snapshot.record.watched_at, "whoever follows it keeps it"
    unwatched = replace(snapshot.record, watched_at=None, leased_until=None)
    assert live.record == unwatched
    assert live.partial == snapshot.partial


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("known_error", "insufficient_history", "Only 3 bars."),
        ("unknown_error", "job_failed", "ZeroDivisionError: division by zero"),
        ("no_result", "job_failed", "ended without a Result"),
        ("unserialisable", "job_failed", "JSON"),
        ("segfaults", "worker_crashed", "segmentation fault (SIGSEGV)"),
        ("exits", "worker_crashed", "exited with code 3"),
    ],
)
async def test_a_failure_is_told_in_words_and_hurts_nobody_else(runner, follow, kind, code, words):
    bystander = await runner.submit("steps_for_ever", {})
    task = await runner.submit(kind, {})
    end = await follow(runner, task.id).end()
    assert end["status"] == "failed"
    assert end["error"]["code"] == code
    assert words in end["error"]["message"]
    assert end["error"]["hint"]
    with pytest.raises(WrongTaskState) as caught:
        await runner.result(task.id)
    assert from_dict(caught.value.data["error"]).message == end["error"]["message"]
    assert (await runner.get(bystander.id)).status == "running"
    after = await runner.submit("whoami", {})
    assert (await follow(runner, after.id).end())["status"] == "completed"


async def test_a_job_error_carries_its_traceback(runner, follow):
    task = await runner.submit("unknown_error", {})
    error = (await follow(runner, task.id).end())["error"]
    assert "jobs_for_tests.py" in error["traceback"]


async def test_a_cancelled_job_gets_to_close_its_files(runner, follow, tmp_path):
    mark = tmp_path / "mark"
    task = await runner.submit("steps_for_ever", {"mark": str(mark)})
    follower = follow(runner, task.id)
    await follower.until(lambda e: e.kind == "progress")
    assert (await runner.cancel(task.id)).status == "cancelling"
    assert (await runner.cancel(task.id)).status in {"cancelling", "cancelled"}
    assert (await follower.end())["status"] == "cancelled"
    assert mark.read_text() == "closed"
    with pytest.raises(WrongTaskState, match="is cancelled"):
        await runner.cancel(task.id)
    with pytest.raises(WrongTaskState, match="cancelled"):
        await runner.result(task.id)


async def test_a_job_that_never_yields_is_killed_within_its_grace(runner, follow):
    task = await runner.submit("never_yields", {})
    follower = follow(runner, task.id)
    line = await follower.until(lambda e: e.kind == "log")
    pid = int(line.data["message"].split()[1])
    asked = time.monotonic()
    await runner.cancel(task.id)
    assert (await follower.end())["status"] == "cancelled"
    assert time.monotonic() - asked < 3
    assert gone(pid)
    assert [e.kind for e in follower.events].count("end") == 1


async def test_cancel_in_the_queue_means_it_never_runs(make_runner, follow, tmp_path):
    runner = await make_runner(workers=1)
    first = await runner.submit("steps_for_ever", {})
    params = {"runs": str(tmp_path / "runs"), "gate": str(tmp_path)}
    second = await runner.submit("waits_for", params)
    assert (await runner.cancel(second.id)).status == "cancelled"
    await runner.cancel(first.id)
    await follow(runner, first.id).end()
    third = await runner.submit("completes", {})
    await follow(runner, third.id).end()
    assert not (tmp_path / "runs").exists()


async def test_tasks_run_in_the_order_they_came(make_runner, follow):
    runner = await make_runner(workers=1)
    tasks = [await runner.submit("whoami", {}) for _ in range(5)]
    followers = [follow(runner, t.id) for t in tasks]
    for follower in followers:
        await follower.end()
    starts = [(await runner.get(t.id)).started_at for t in tasks]
    assert starts == sorted(starts)
    pids = {orjson.loads(await runner.result(t.id))["pid"] for t in tasks}
    assert len(pids) == 1, "a warm worker is used again"
    assert [t.id for t in await runner.tasks(Sought(limit=3))] == [t.id for t in tasks[:1:-1]]


async def test_a_million_steps_become_a_few_events(runner, follow):
    task = await runner.submit("million", {})
    follower = follow(runner, task.id)
    await follower.end()
    record = await runner.get(task.id)
    seconds = (record.ended_at - record.started_at) / 1000
    assert len(follower.events) <= 20 * seconds + 5
    progress = [e.data["progress"] for e in follower.events if e.kind == "progress"]
    assert progress == sorted(progress)
    assert follower.events[-2].data["counters"] == {"i": 999_999}


async def test_bad_requests_name_the_field(runner):
    for kind, params, name, field in [
        ("complete", {}, None, "kind"),
        ("completes", {"bad": 1}, None, "bad"),
        ("completes", {}, "n" * 201, "name"),
    ]:
        with pytest.raises(InvalidRequest) as caught:
            await runner.submit(kind, params, name=name)
        assert caught.value.data["field"] == field
    assert await runner.tasks() == []


async def test_unknown_and_expired_never_swap(make_runner, follow, clock):
    runner = await make_runner(clock=clock)
    task = await runner.submit("completes", {"a": 1})
    await until(lambda: runner.active == 0)
    clock.now += 60_000
    assert (await runner.get(task.id)).status == "completed"
    clock.now += 1
    for ask in (runner.get, runner.snapshot, runner.result, runner.cancel):
        with pytest.raises(TaskExpired):
            await ask(task.id)
    await runner.sweep()
    with pytest.raises(TaskExpired) as caught:
        await runner.get(task.id)
    rerun = {"kind": "completes", "params": {"a": 1}}
    assert caught.value.data["how_to_rerun"] == rerun
    assert caught.value.data["expired_at"] == clock.now
    assert await runner.tail(task.id, 0) is None
    with pytest.raises(UnknownTask):
        await runner.get("never")
    clock.now += 25 * HOUR
    await runner.sweep()
    with pytest.raises(UnknownTask):
        await runner.get(task.id)


async def test_a_reader_that_raises_is_dropped_alone(runner, follow, caplog):
    task = await runner.submit("talks", {})
    calls = []

    def breaks(event):
        calls.append(event)
        raise RuntimeError("reader")

    runner.subscribe(task.id, breaks)
    follower = follow(runner, task.id)
    assert (await follower.end())["status"] == "completed"
    assert len(calls) == 1
    assert "is dropped" in caplog.text


async def test_another_server_on_the_file_answers_the_same(make_runner, follow):
    one, two = await make_runner("a"), await make_runner("b")
    running = await one.submit("steps_for_ever", {})
    await follow(one, running.id).until(lambda e: e.kind == "progress")
    done = await one.submit("talks", {})
    await follow(one, done.id).end()
    assert two.epoch == one.epoch
    assert (await two.get(running.id)).status == "running"
    assert await two.snapshot(done.id) == await one.snapshot(done.id)
    assert await two.result(done.id) == await one.result(done.id)
    assert [t.id for t in await two.tasks()] == [done.id, running.id]
    assert two.active == 0


async def test_an_orderly_restart_loses_nothing(make_runner, follow, tmp_path):
    one = await make_runner("a", workers=1)
    gate = tmp_path / "gate"
    params = {"gate": str(gate), "runs": str(tmp_path / "runs")}
    running = await one.submit("waits_for", params)
    follower = follow(one, running.id)
    before = await follower.until(lambda e: e.kind == "progress")
    waiting = await one.submit("completes", {})
    begin = time.monotonic()
    await one.stop(grace_s=0.1)
    assert time.monotonic() - begin < 3
    assert follower.events[-1].data["status"] == "interrupted"
    with pytest.raises(ServerError, match="stopping"):
        await one.submit("completes", {})

    gate.touch()
    two = await make_runner("a")
    later = follow(two, running.id)
    assert (await later.end())["status"] == "completed"
    await until(lambda: two.active == 0)
    assert (await two.get(waiting.id)).status == "completed"
    record = await two.get(running.id)
    assert record.attempt == 2
    assert min(e.s for e in later.events) > before.s
    snapshot = await two.snapshot(running.id)
    assert snapshot.partial == {"rows": [[1]]}, "the first attempt's rows are void"
    assert (tmp_path / "runs").read_text() == "xx"


SERVER = """
import asyncio, sys
from conftest import KINDS, ENV
from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore
async def main(journal, gate, runs):
    executor = ProcessExecutor(workers=1, reserve=0, warm=None, env=ENV)
    runner = Runner(store=SqliteStore(journal), executor=executor, kinds=KINDS, server_id="dead")
    await runner.start()
    task = await runner.submit("waits_for", {"gate": gate, "runs": runs})
    other = await runner.submit("steps_for_ever", {})
    runner.subscribe(task.id, lambda e: print(task.id, other.id, *executor.pids, flush=True)
                     if e.kind == "progress" else None)
    await asyncio.sleep(3600)
asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_killed_server_leaves_no_orphan_process_and_its_tasks_are_adopted(
    make_runner, follow, journal, tmp_path, jobs_env
):
    gate = tmp_path / "gate"
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVER, str(journal), str(gate), str(tmp_path / "runs")),
        env={**os.environ, **jobs_env},
        stdout=asyncio.subprocess.PIPE,
    )
    running, queued, worker = (await server.stdout.readline()).decode().split()
    bystander = await make_runner("b")
    assert (await bystander.get(running)).status == "running", "a living server keeps its tasks"
    server.send_signal(signal.SIGKILL)
    await server.wait()
    await until(lambda: gone(int(worker)))

    gate.touch()
    runner = await make_runner("a")
    assert (await follow(runner, running).end())["status"] == "completed"
    assert (await runner.get(running)).attempt == 2
    assert (await runner.get(queued)).attempt == 1
    await runner.cancel(queued)


async def test_a_server_that_fell_silent_is_relieved_and_does_not_disturb(
    make_runner, follow, tmp_path
):
    gate = tmp_path / "gate"
    silent, other = await make_runner("a"), await make_runner("b")
    params = {"gate": str(gate), "runs": str(tmp_path / "runs")}
    task = await silent.submit("waits_for", params)
    follower = follow(silent, task.id)
    await follower.until(lambda e: e.kind == "progress")
    for _ in range(8):
        assert other.active == 0
        await other.sweep()
    assert other.active == 1
    gate.touch()
    assert (await follow(other, task.id).end())["status"] == "completed"
    await until(lambda: silent.active == 0)
    assert (await silent.get(task.id)).attempt == 2
    assert "end" not in [e.kind for e in follower.events]


async def test_a_disk_that_fails_fails_the_task_and_not_the_server(make_runner, follow, journal):
    runner = await make_runner()
    task = await runner.submit("steps_for_ever", {})
    follower = follow(runner, task.id)
    await follower.until(lambda e: e.kind == "progress")
    with closing(sqlite3.connect(journal)) as db:
        db.execute("ALTER TABLE tasks RENAME TO hidden")
        end = await follower.end()
        assert (end["status"], end["error"]["code"]) == ("failed", "store_unavailable")
        assert (await runner.get(task.id)).status == "failed"
        with pytest.raises(StoreUnavailable):
            await runner.submit("completes", {})
        db.execute("ALTER TABLE hidden RENAME TO tasks")
    await runner.sweep()
    store = SqliteStore(journal)
    await store.open()
    assert (await store.find(task.id)).error["code"] == "store_unavailable"
    kept = [e for e in follower.events if not e.conflatable]
    assert [e.q for e in await store.events(task.id)] == list(range(1, 2 + len(kept)))
    await store.close()
    again = await runner.submit("completes", {})
    assert (await follow(runner, again.id).end())["status"] == "completed"


async def test_a_caller_who_leaves_does_not_lose_the_task(runner, follow):
    for _ in range(20):
        call = asyncio.create_task(runner.submit("completes", {}))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    last = await runner.submit("completes", {})
    assert (await follow(runner, last.id).end())["status"] == "completed"
    await until(lambda: runner.active == 0)
    assert [t.status for t in await runner.tasks()] == ["completed"] * 21


async def test_a_cancel_at_any_moment_is_done_or_refused_in_words(runner, follow):
    """Also between two turns of the loop: the task may have ended since it was looked up."""
    for number in range(40):
        task = await runner.submit("whoami", {"n": number})
        follower = follow(runner, task.id)
        await follower.until(lambda e: e.data.get("status") == "running")

        async def cancel(delay_s, task_id=task.id):
            await asyncio.sleep(delay_s)
            with contextlib.suppress(WrongTaskState):
                await runner.cancel(task_id)

        await asyncio.gather(*(cancel(n * 0.0001) for n in range(80)))
        assert (await follower.end())["status"] in {"cancelled", "completed"}
        follower.leave()


async def test_a_cancel_follows_a_task_to_the_server_that_took_it_over(
    make_runner, follow, tmp_path
):
    silent, other = await make_runner("a"), await make_runner("b")
    params = {"gate": str(tmp_path / "gate"), "runs": str(tmp_path / "runs")}
    task = await silent.submit("waits_for", params)
    await follow(silent, task.id).until(lambda e: e.kind == "progress")
    while not other.active:
        await other.sweep()
    assert silent.active == 1, "it has not noticed"
    follower = follow(other, task.id)
    await silent.cancel(task.id)
    assert (await follower.end())["status"] == "cancelled"


async def test_a_failed_round_of_housekeeping_is_not_the_last_one(make_runner, monkeypatch, caplog):
    rounds = []

    async def adopt(_living):
        rounds.append(1)
        raise TypeError("a row that nobody can read")

    runner = await make_runner(sweep_s=0.01)
    monkeypatch.setattr(runner._take_over, "adopt", adopt)
    async with asyncio.timeout(10):
        while len(rounds) < 3:
            await asyncio.sleep(0.01)
    assert "a row that nobody can read" in caplog.text
