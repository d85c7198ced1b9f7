"""A task that stopped goes on where it was: no finished chunk is done twice, none is lost."""

import asyncio
import os
import signal
import sys
from dataclasses import replace

import orjson
import pytest

from stockwidget.errors import WrongTaskState
from stockwidget.tasks.submission import Wanted


@pytest.fixture
def job(tmp_path):
    """Parameters of a job of ten chunks that holds after the sixth until ``gate`` exists."""
    gate, runs = tmp_path / "gate", tmp_path / "runs"
    params = {"n": 10, "hold": 5, "gate": str(gate), "runs": str(runs), "fails": [2, 7]}
    return params, gate, lambda: [int(i) for i in runs.read_text().split()]


def held(event):
    return event.kind == "progress" and event.data["progress"] >= 60


async def settled(runner, follow, task_id):
    record = await runner.get(task_id)
    while not record.terminal:
        await asyncio.sleep(0.005)
        record = await runner.get(task_id)
    return record


async def test_after_an_orderly_restart_only_the_rest_is_done(make_runner, follow, job):
    params, gate, computed = job
    one = await make_runner("a")
    task = await one.submit("chunks", params)
    await follow(one, task.id).until(held)
    await one.stop(grace_s=0)
    gate.touch()
    two = await make_runner("b")
    assert (await settled(two, follow, task.id)).status == "completed"
    assert computed() == list(range(10))
    values = [None if i in {2, 7} else i * i for i in range(10)]
    assert orjson.loads(await two.result(task.id)) == {"values": values}
    rows = (await two.snapshot(task.id)).partial["rows"]
    assert rows == [[i, value] for i, value in enumerate(values)], "told again, and once"


SERVER = """
import asyncio, json, sys
from conftest import KINDS, ENV
from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore
async def main(journal, params):
    executor = ProcessExecutor(workers=1, reserve=0, warm=None, env=ENV)
    runner = Runner(store=SqliteStore(journal), executor=executor, kinds=KINDS, server_id="dead")
    await runner.start()
    task = await runner.submit("chunks", json.loads(params))
    print(task.id, flush=True)
    await asyncio.sleep(3600)
asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
async def test_a_killed_server_costs_at_most_the_chunk_in_flight(
    make_runner, follow, journal, jobs_env, tmp_path, share
):
    runs = tmp_path / "runs"
    runs.touch()
    params = {"n": 40, "runs": str(runs), "sleep": 0.06}
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVER, str(journal), orjson.dumps(params).decode()),
        env={**os.environ, **jobs_env},
        stdout=asyncio.subprocess.PIPE,
    )
    task = (await server.stdout.readline()).decode().strip()
    while len(runs.read_text().split()) < 40 * share:
        await asyncio.sleep(0.005)
    server.send_signal(signal.SIGKILL)
    await server.wait()
    await asyncio.sleep(0.1)
    before = runs.read_text().split()
    assert len(before) < 40
    runner = await make_runner("b")
    assert (await settled(runner, follow, task)).status == "completed"
    after = [int(i) for i in runs.read_text().split()]
    assert sorted(set(after)) == list(range(40))
    # Outbox and pipe hold what was computed within 50 ms before the kill.
    assert len(after) - 40 <= 5
    assert orjson.loads(await runner.result(task)) == {"values": [i * i for i in range(40)]}


async def test_a_cancelled_task_is_resumed_by_a_successor_that_takes_over(
    make_runner, follow, job, clock
):
    params, gate, computed = job
    runner = await make_runner(clock=clock)
    old = await runner.submit("chunks", params, name="nightly")
    await follow(runner, old.id).until(held)
    with pytest.raises(WrongTaskState, match="is running"):
        await runner.resume(old.id)
    await runner.cancel(old.id)
    await settled(runner, follow, old.id)
    gate.touch()
    new = await runner.resume(old.id)
    assert (new.predecessor, new.name, new.params) == (old.id, "nightly", params)
    assert new.id != old.id
    assert (await runner.resume(old.id)).id == new.id, "asked twice, done once"
    assert (await settled(runner, follow, new.id)).status == "completed"
    assert computed() == list(range(10))
    assert (await runner.get(old.id)).status == "cancelled"
    assert (await runner.snapshot(old.id)).partial["rows"][0] == [0, 0], "and keeps its partials"
    assert (await runner.resume(old.id)).id == new.id


async def test_failed_parts_are_tried_again_by_a_successor(make_runner, follow, job):
    params, gate, computed = job
    gate.touch()
    runner = await make_runner()
    old = await runner.submit("chunks", params)
    assert (await settled(runner, follow, old.id)).counters == {"failed": 2}
    with pytest.raises(WrongTaskState):
        await runner.resume(old.id)
    new = await runner.retry_failed(old.id)
    assert (await settled(runner, follow, new.id)).counters == {"failed": 0}
    assert computed() == [*range(10), 2, 7]
    assert orjson.loads(await runner.result(new.id)) == {"values": [i * i for i in range(10)]}
    assert orjson.loads(await runner.result(old.id))["values"][2] is None
    with pytest.raises(WrongTaskState, match="nothing in it failed"):
        await runner.retry_failed(new.id)
    later = await runner.submit("chunks", {**params, "fails": []}, force=True)
    assert (await runner.get(later.id)).predecessor is None


async def test_chunks_of_other_data_are_not_taken_over(make_runner, follow, job, kinds):
    params, gate, computed = job
    runner = await make_runner(
        "a", kinds={"chunks": replace(kinds["chunks"], version=lambda _: "1")}
    )
    old = await runner.submit("chunks", params)
    await follow(runner, old.id).until(held)
    await runner.cancel(old.id)
    await settled(runner, follow, old.id)
    other = await runner.submit("chunks", {**params, "fails": []})
    await follow(runner, other.id).until(held)
    await runner.stop(grace_s=0)
    gate.touch()
    upgraded = {"chunks": replace(kinds["chunks"], version=lambda _: "2")}
    runner = await make_runner("a", kinds=upgraded)
    await settled(runner, follow, other.id)
    new = await runner.resume(old.id)
    await settled(runner, follow, new.id)
    assert computed() == [*range(6), *range(6), *range(10), *range(10)]


async def test_a_retry_after_a_transient_failure_takes_over_too(make_runner, follow, tmp_path):
    runner = await make_runner(backoff=lambda _: 0)
    runs = tmp_path / "runs"
    params = {"n": 6, "runs": str(runs), "breaks": 3}
    task = (await runner.offer(Wanted(kind="chunks", params=params, retries=1))).record
    assert (await settled(runner, follow, task.id)).status == "completed"
    assert (await runner.get(task.id)).attempt == 2
    assert runs.read_text().split() == ["0", "1", "2", "3", "3", "4", "5"]


async def test_a_job_in_one_piece_has_nothing_to_resume(make_runner, follow):
    runner = await make_runner()
    task = await runner.submit("known_error", {})
    await settled(runner, follow, task.id)
    with pytest.raises(WrongTaskState, match="in one piece"):
        await runner.resume(task.id)


async def test_by_policy_a_task_stays_interrupted_until_it_is_resumed(
    make_runner, follow, job, kinds, clock
):
    params, gate, computed = job
    parked = {"chunks": replace(kinds["chunks"], rerun=False)}
    one = await make_runner("a", kinds=parked, clock=clock, workers=1)
    task = await one.submit("chunks", params)
    waiting = await one.submit("chunks", {**params, "n": 1, "hold": 9})
    await follow(one, task.id).until(held)
    await one.stop(grace_s=0)
    gate.touch()
    two = await make_runner("b", kinds=parked, clock=clock)
    assert (await two.get(task.id)).status == "interrupted"
    await two.sweep()
    assert (await two.get(task.id)).status == "interrupted"
    assert (await settled(two, follow, waiting.id)).status == "completed"
    assert (await two.resume(task.id)).id == task.id
    assert (await settled(two, follow, task.id)).status == "completed"
    assert sorted(computed()) == sorted([0, *range(10)])


async def test_what_nobody_resumes_fails_in_the_end_and_goes(
    make_runner, follow, job, kinds, clock
):
    params, _, _ = job
    parked = {"chunks": replace(kinds["chunks"], rerun=False)}
    one = await make_runner("a", kinds=parked, clock=clock)
    task = await one.submit("chunks", params)
    await follow(one, task.id).until(held)
    await one.stop(grace_s=0)
    clock.now += 60_001
    two = await make_runner("b", kinds=parked, clock=clock)
    record = await two.get(task.id)
    assert record.status == "failed"
    assert "nobody resumed" in record.error["message"]
