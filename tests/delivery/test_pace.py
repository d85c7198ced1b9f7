"""Progress comes as often as a reader can use it; nothing else waits longer, and nothing overtakes."""

from __future__ import annotations

import pytest
from reader import Task, Wire, kinds, say, wire


def followed() -> tuple[Task, Wire]:
    """A task, and a reader who has its snapshot."""
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
    return task, link


@pytest.mark.parametrize(("visible", "expected"), [(True, 10), (False, 1)])
def test_progress_is_conflated_to_ten_or_one_a_second(visible: bool, expected: int):
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    say(link, op="visible", visible=visible)
    link.settle(0.0)
    before = len(link.reader.frames)
    for tick in range(1000):
        link.publish(task.progress(tick / 10))
        link.drain(tick / 1000)
    assert len(link.reader.frames) - before == expected
    link.settle(1.0)
    assert link.reader.views["t1"].state["progress"] == 99.9


def test_a_thousand_identical_updates_produce_no_frame():
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.publish(task.progress(50.0))
    link.settle(0.0)
    before = len(link.reader.frames)
    for tick in range(1000):
        link.publish(task.progress(50.0))
        link.drain(tick / 100)
    assert len(link.reader.frames) == before


def test_progress_after_a_new_attempt_is_sent_though_it_was_shown_before():
    task, link = followed()
    for at, event in enumerate(
        (
            task.progress(40.0),
            task.emit("state", status="running", progress=0.0, attempt=2),
            task.progress(40.0),
        )
    ):
        link.publish(event)
        link.drain(float(at))
    assert kinds(link)[-3:] == ["progress", "state", "progress"]
    assert link.reader.knows(task)


def test_progress_that_was_shown_before_a_change_of_state_is_news_after_it():
    task, link = followed()
    link.publish(task.progress(40.0))
    link.publish(task.emit("state", status="running", progress=0.0, stage="queue"))
    link.drain(1.0)
    link.publish(task.progress(40.0))
    link.drain(2.0)
    assert kinds(link)[-3:] == ["progress", "state", "progress"]
    assert link.reader.knows(task)


def test_a_change_of_stage_does_not_wait_and_brings_the_rows_behind_it():
    task, link = followed()
    link.publish(task.progress(1.0))
    link.drain(1.0)
    link.publish(task.emit("progress", progress=2.0, stage="scan", counters={}, eta_s=None))
    link.publish(task.rows(1))
    link.drain(1.01)
    assert kinds(link)[-2:] == ["progress", "partial"]
    link.publish(task.emit("progress", progress=3.0, stage="scan", counters={}, eta_s=None))
    link.drain(1.02)
    assert kinds(link)[-1] == "partial"


def test_a_log_never_overtakes_the_progress_before_it_nor_waits_longer_than_its_interval():
    task, link = followed()
    link.publish(task.progress(1.0))
    link.drain(1.0)
    link.publish(task.progress(2.0))
    link.publish(task.log("after 2 %"))
    link.drain(1.01)
    assert kinds(link)[-1] == "progress"
    assert link.session.next_wake() == pytest.approx(1.1)
    link.drain(1.1)
    assert kinds(link)[-2:] == ["progress", "log"]


@pytest.mark.parametrize(("visible", "writes"), [(True, 10), (False, 1)])
def test_rows_come_with_the_counters_said_before_them_or_newer_ones(visible: bool, writes: int):
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    say(link, op="visible", visible=visible)
    link.settle(0.0)
    view, seen = link.reader.views["t1"], []
    for tick in range(1, 51):
        link.publish(task.progress(float(tick)))
        link.publish(task.rows(tick))
        link.drain(tick / 50)
        rows = view.partial.get("rows", [])
        if not seen or rows[-1:] != seen[-1]:
            assert not rows or view.state["progress"] >= rows[-1][0]
            seen.append(rows[-1:])
    assert writes <= len(seen) <= writes + 2
    link.settle(2.0)
    assert link.reader.knows(task)


def test_changes_of_state_do_not_wait_for_progress():
    task, link = followed()
    for event in (task.progress(1.0), task.progress(2.0)):
        link.publish(event)
        link.drain(1.0)
    link.publish(task.emit("state", status="cancelling"))
    link.drain(1.001)
    assert kinds(link)[-2:] == ["progress", "state"]
    link.publish(task.progress(3.0))
    link.publish(task.end())
    link.drain(1.002)
    assert kinds(link)[-1] == "end"
