"""A word means one task or is refused with what to do; labels are found by, kept, and never recompute."""

from dataclasses import replace

import pytest

from stockwidget.errors import AmbiguousTask, InvalidRequest, TaskExpired, UnknownTask
from stockwidget.tasks.finding import choose
from stockwidget.tasks.labels import NOTES_LIMIT, TAGS, check_labels, merged
from stockwidget.tasks.store import Labels, Sought
from stockwidget.tasks.submission import Wanted


async def ended(runner, follow, **wanted):
    task = await runner.offer(
        Wanted(**{"kind": "completes", "params": {}, "force": True, **wanted})
    )
    if task.new:
        await follow(runner, task.record.id).end()
    return task.record.id


async def test_by_id_by_its_beginning_by_name_and_the_newest(make_runner, follow):
    runner = await make_runner()
    first = await ended(runner, follow, name="nightly")
    second = await ended(runner, follow)
    assert (await runner.find(first)).id == first
    assert (await runner.find(second[:6])).id == second
    assert (await runner.find("nightly")).id == first
    assert (await runner.find("last")).id == second
    with pytest.raises(UnknownTask):
        await runner.find(second[:5])


async def test_every_server_on_the_journal_finds_it(make_runner, follow):
    one, two = await make_runner("a"), await make_runner("b")
    task = await ended(one, follow, name="nightly", tags=["x"])
    assert (await two.find("nightly")).id == task
    assert (await two.label(task, Labels(name="weekly", notes="odd"))).notes == "odd"
    assert (await one.find("weekly")).tags == ("x",)


async def test_nobody_is_called_so(make_runner, follow):
    runner = await make_runner()
    with pytest.raises(UnknownTask, match=r"sw\.analyze"):
        await runner.find("last")
    await ended(runner, follow, name="nightly")
    with pytest.raises(UnknownTask, match="Did you mean 'nightly'"):
        await runner.find("nihgtly")


async def test_two_of_a_name_are_told_apart_by_id(make_runner, follow):
    runner = await make_runner()
    ids = [await ended(runner, follow, name="nightly") for _ in range(2)]
    with pytest.raises(AmbiguousTask, match=ids[0][:8]) as caught:
        await runner.find("nightly")
    assert [each["id"] for each in caught.value.data["candidates"]] == ids[::-1]
    await runner.label(ids[0], Labels(name=""))
    assert (await runner.find("nightly")).id == ids[1]


async def test_a_name_goes_on_to_the_successor(make_runner, follow, tmp_path):
    runner = await make_runner()
    params = {"n": 3, "runs": str(tmp_path / "runs"), "fails": [1]}
    old = await ended(
        runner, follow, kind="chunks", params=params, name="weekly", tags=["a"], notes="n"
    )
    new = await runner.retry_failed(old)
    await follow(runner, new.id).end()
    found = await runner.find("weekly")
    assert (found.id, found.tags, found.notes) == (new.id, ("a",), "n")


async def test_what_expired_says_so_by_name_too(make_runner, follow, clock):
    runner = await make_runner(clock=clock)
    task = await ended(runner, follow, name="nightly")
    clock.now += 3_600_000
    for word in ("nightly", task, task[:8]):
        with pytest.raises(TaskExpired):
            await runner.find(word)
    await runner.sweep()
    for word in ("nightly", task, task[:8]):
        with pytest.raises(TaskExpired) as caught:
            await runner.find(word)
        assert caught.value.data["how_to_rerun"] == {"kind": "completes", "params": {}}
    with pytest.raises(UnknownTask):
        await runner.find("last")
    clock.now += 25 * 3_600_000
    with pytest.raises(UnknownTask):
        await runner.find("nightly")


async def test_whoever_found_it_keeps_it(make_runner, follow, clock):
    runner = await make_runner(clock=clock)
    task = await ended(runner, follow)
    clock.now += 59_000
    await runner.find(task)
    await runner.sweep()
    clock.now += 590_000
    await runner.sweep()
    assert (await runner.get(task)).status == "completed"


async def test_lists_are_filtered(make_runner, follow):
    runner = await make_runner()
    a = await ended(runner, follow, name="one", tags=["x", "y"])
    b = await ended(runner, follow, tags=["y"])
    c = await ended(runner, follow, kind="known_error")

    async def ids(**sought):
        return [task.id for task in await runner.tasks(Sought(**sought))]

    assert await ids() == [c, b, a]
    assert await ids(tag="y") == [b, a]
    assert await ids(name="one", tag="x") == [a]
    assert await ids(status=frozenset({"failed", "running"})) == [c]
    assert await ids(kind="completes", limit=1) == [b]


async def test_labels_of_a_live_task_are_told_at_once_and_outlive_its_end(make_runner, follow):
    runner = await make_runner()
    task = (await runner.offer(Wanted(kind="steps_for_ever", params={}, name="a"))).record
    assert (await runner.label(task.id, Labels(tags=("t",)))).tags == ("t",)
    assert (await runner.snapshot(task.id)).record.tags == ("t",)
    await runner.cancel(task.id)
    await follow(runner, task.id).until(lambda e: e.kind == "end")
    found = await runner.get(task.id)
    assert (found.name, found.tags) == ("a", ("t",))


async def test_who_shares_a_task_adds_its_tags(make_runner, follow, kinds):
    versioned = {"completes": replace(kinds["completes"], version=lambda _: "1")}
    runner = await make_runner(kinds=versioned)
    first = await ended(runner, follow, force=False, tags=["a"])
    taken = await runner.offer(Wanted(kind="completes", params={}, tags=["b"], notes="mine"))
    assert (taken.new, taken.record.id) == (False, first)
    assert (taken.record.tags, taken.record.notes) == (("a", "b"), "mine")


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        ({"name": "x" * 201}, "name"),
        ({"name": 3}, "name"),
        ({"tags": "abc"}, "tags"),
        ({"tags": [""]}, "tags"),
        ({"tags": [1]}, "tags"),
        ({"tags": ["x"] * (TAGS + 1)}, "tags"),
        ({"notes": "x" * (NOTES_LIMIT + 1)}, "notes"),
    ],
)
def test_bad_labels_name_the_field(labels, field):
    with pytest.raises(InvalidRequest) as caught:
        check_labels(**labels)
    assert caught.value.data["field"] == field


def test_tags_are_trimmed_and_once():
    assert check_labels(tags=[" a", "b", "a"]).tags == ("a", "b")
    assert merged(["a"], ["b", "a"]) == ("a", "b")
    assert check_labels() == Labels()


def test_an_id_goes_before_a_name_that_looks_like_one(make_record):
    one, two = make_record("abcdef12"), make_record("ffff", name="abcdef12")
    assert choose("abcdef12", [two, one], 0).id == "abcdef12"
    assert choose("ffff", [two], 0) is two
