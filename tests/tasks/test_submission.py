"""The same thing is done once: alike submissions meet, an idempotency key holds, a full queue says so."""

import asyncio
import threading
from dataclasses import replace

import pytest

from stockwidget.errors import InvalidRequest, QueueFull, SourceUnavailable, TaskExpired, from_dict
from stockwidget.tasks.submission import Wanted, task_key

HOUR = 3_600_000


@pytest.fixture
def versioned(kinds):
    """Kinds whose results can be compared; ``version`` may be changed by the test."""
    data = {"version": "1"}
    known = {k: replace(kind, version=lambda _: data["version"]) for k, kind in kinds.items()}
    return known, data


async def idle(*runners):
    async with asyncio.timeout(20):
        while any(r.active for r in runners):
            await asyncio.sleep(0.002)


async def offer(runner, kind="completes", params=None, **rest):
    taken = await runner.offer(Wanted(kind=kind, params=params or {"a": 1}, **rest))
    return taken.record.id, taken.new


async def test_alike_means_the_running_one_then_the_finished_one(make_runner, versioned, tmp_path):
    runner = await make_runner(kinds=versioned[0])
    params = {"runs": str(tmp_path / "runs"), "gate": str(tmp_path / "gate")}
    first, new = await offer(runner, "waits_for", params)
    assert new
    assert await offer(runner, "waits_for", dict(reversed(params.items()))) == (first, False)
    (tmp_path / "gate").touch()
    await idle(runner)
    assert await offer(runner, "waits_for", params) == (first, False)
    assert (tmp_path / "runs").read_text() == "x"
    again, new = await offer(runner, "waits_for", params, force=True)
    assert new
    assert again != first


async def test_not_alike(make_runner, versioned, clock):
    kinds, data = versioned
    runner = await make_runner(kinds=kinds, clock=clock)
    await offer(runner)
    await idle(runner)
    assert (await offer(runner, params={"a": 2}))[1], "other parameters"
    assert (await offer(runner, "talks"))[1], "another kind"
    assert (await offer(runner, name="nightly"))[1], "it could not be found by that name"
    assert not (await offer(runner, name="nightly"))[1]
    data["version"] = "2"
    second, new = await offer(runner)
    assert new, "other data"
    await idle(runner)
    assert await offer(runner) == (second, False)
    clock.now += HOUR
    assert (await offer(runner))[1], "expired, though not yet removed"
    data["version"] = None
    assert (await offer(runner))[1]
    assert (await offer(runner))[1], "nobody knows whether data changed"


async def test_what_failed_or_was_cancelled_is_run_again(make_runner, versioned):
    runner = await make_runner(kinds=versioned[0])
    await offer(runner, "known_error")
    await idle(runner)
    assert (await offer(runner, "known_error"))[1]
    stopped, _ = await offer(runner, "steps_for_ever")
    await runner.cancel(stopped)
    assert (await offer(runner, "steps_for_ever"))[1]


async def test_two_servers_asked_at_once_run_it_once(make_runner, versioned):
    servers = [await make_runner(name, kinds=versioned[0]) for name in "ab"]
    found = await asyncio.gather(*(offer(servers[i % 2]) for i in range(40)))
    assert len({task for task, _ in found}) == 1
    assert sum(new for _, new in found) == 1
    await idle(*servers)


async def test_who_gets_a_finished_task_gets_it_for_a_while(make_runner, versioned, clock):
    runner = await make_runner(kinds=versioned[0], clock=clock)
    task, _ = await offer(runner)
    await idle(runner)
    clock.now += 59_000
    assert await offer(runner) == (task, False)
    await runner.sweep()
    clock.now += 9 * 60_000
    await runner.sweep()
    assert (await runner.get(task)).status == "completed"


async def test_an_idempotency_key_gets_the_same_task_whatever_became_of_it(make_runner, clock):
    one, two = await make_runner("a", clock=clock), await make_runner("b", clock=clock)
    task, new = await offer(one, "known_error", idempotency_key="k1")
    assert new
    await idle(one)
    assert await offer(two, "known_error", idempotency_key="k1") == (task, False)
    assert (await offer(one, "known_error", idempotency_key="k2"))[1]
    with pytest.raises(InvalidRequest) as caught:
        await offer(one, "known_error", {"other": 1}, idempotency_key="k1")
    assert caught.value.data["field"] == "idempotency_key"
    clock.now += HOUR
    await one.sweep()
    with pytest.raises(TaskExpired):
        await offer(one, "known_error", idempotency_key="k1")


async def test_a_full_queue_refuses_but_still_answers_what_it_knows(make_runner, versioned):
    runner = await make_runner(kinds=versioned[0], workers=1, max_queued=2)
    running, _ = await offer(runner, "steps_for_ever")
    waiting = [(await offer(runner, params={"i": i}))[0] for i in range(2)]
    with pytest.raises(QueueFull) as caught:
        await offer(runner, params={"i": 9})
    assert caught.value.status_hint == 429
    assert await offer(runner, params={"i": 1}) == (waiting[1], False)
    await runner.cancel(waiting[0])
    assert (await offer(runner, params={"i": 9}))[1]
    assert len(await runner.tasks()) == 4
    await runner.cancel(running)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", 7), ("retries", 11), ("retries", True), ("retries", "x"), ("keep_for_s", -1), ("keep_for_s", 1e12), ("idempotency_key", "k" * 201)],
)  # fmt: skip
async def test_bad_wishes_name_the_field(make_runner, field, value):
    runner = await make_runner()
    with pytest.raises(InvalidRequest) as caught:
        await offer(runner, **{field: value})
    assert caught.value.data["field"] == field


async def test_kept_for_as_long_as_asked_counts_from_the_end(make_runner, clock):
    runner = await make_runner(clock=clock)
    task, _ = await offer(runner, keep_for_s=7200)
    await idle(runner)
    record = await runner.get(task)
    assert record.retain_until == record.ended_at + 2 * HOUR


@pytest.mark.parametrize(
    ("times", "retries", "status", "attempts"),
    [(2, 3, "completed", 3), (3, 2, "failed", 3), (1, 0, "failed", 1)],
)
async def test_a_transient_failure_is_tried_again_as_often_as_asked(
    make_runner, follow, tmp_path, times, retries, status, attempts
):
    waits = []
    runner = await make_runner(backoff=lambda n: waits.append(n) or 0.01)
    runs = tmp_path / "runs"
    task, _ = await offer(runner, "flaky", {"times": times, "runs": str(runs)}, retries=retries)
    follower = follow(runner, task)
    end = await follower.end()
    assert end["status"] == status
    assert runs.stat().st_size == attempts
    record = await runner.get(task)
    assert record.attempt == attempts
    assert waits == list(range(1, attempts))
    again = [e.data for e in follower.events if e.data.get("status") == "queued"]
    assert all("No answer." in data["reason"] for data in again)
    if status == "failed":
        assert isinstance(from_dict(end["error"]), SourceUnavailable)


async def test_other_failures_are_not_tried_again(make_runner, follow):
    runner = await make_runner()
    task, _ = await offer(runner, "unknown_error", retries=5)
    await follow(runner, task).end()
    assert (await runner.get(task)).attempt == 1


async def test_a_task_that_waits_for_its_next_try_can_be_cancelled_and_survives_a_restart(
    make_runner, follow, tmp_path
):
    one = await make_runner("a", backoff=lambda _: 60)
    params = {"times": 1, "runs": str(tmp_path / "runs")}
    first, _ = await offer(one, "flaky", params, retries=1)
    await follow(one, first).until(lambda e: e.data.get("status") == "queued")
    other = {"times": 9, "runs": str(tmp_path / "other")}
    second, _ = await offer(one, "flaky", other, retries=1)
    await follow(one, second).until(lambda e: e.data.get("status") == "queued")
    assert (await one.cancel(second)).status == "cancelled"
    await one.stop(grace_s=0)
    two = await make_runner("a")
    if (await two.get(first)).status != "completed":
        await follow(two, first).end()
    assert (await two.get(first)).status == "completed"
    assert (await two.get(first)).retried == 1
    assert (await two.get(second)).status == "cancelled"


def test_the_key_depends_on_everything_a_result_depends_on():
    keys = {
        task_key("a", {"x": 1, "y": 2}, "1"),
        task_key("b", {"x": 1, "y": 2}, "1"),
        task_key("a", {"x": 1, "y": 3}, "1"),
        task_key("a", {"x": 1, "y": 2}, "2"),
        task_key("a", {"x": 1, "y": 2}, None),
    }
    assert len(keys) == 5
    assert task_key("a", {"y": 2, "x": 1}, "1") in keys


async def test_the_loop_goes_on_while_a_source_looks_for_its_version(make_runner, kinds):
    went_on = threading.Event()

    def looks(_params):
        assert went_on.wait(10), "the loop stood"
        return "1"

    kind = replace(kinds["completes"], version=looks)
    runner = await make_runner(kinds={**kinds, "completes": kind})
    asyncio.get_running_loop().call_later(0.05, went_on.set)
    assert (await runner.submit("completes", {})).status == "queued"
