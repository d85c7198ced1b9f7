"""Snapshots are asked for a few at a time; an answer that nobody waits for any more is void."""

from __future__ import annotations

from reader import Task, kinds, say, wire

from stockwidget.delivery.commands import Drop


def test_snapshots_are_fetched_a_few_at_a_time():
    tasks = [Task(f"t{n}") for n in range(30)]
    link = wire(*tasks)
    say(link, op="subscribe", tasks={task.id: None for task in tasks})
    link.drain(0.0)
    assert len(link.fetches) == 8
    link.settle(0.0)
    assert len(link.reader.views) == 30


def test_subscribing_again_is_answered_by_exactly_one_more_snapshot():
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.drain(0.0)
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
    assert kinds(link) == ["hello", "snapshot"]
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
    assert kinds(link) == ["hello", "snapshot", "snapshot"]


def test_an_unknown_task_is_answered_by_one_error_and_dropped():
    link = wire()
    say(link, op="subscribe", tasks={"nope": None})
    link.settle(0.0)
    (error,) = link.reader.errors
    assert (error["t"], error["d"]["code"]) == ("nope", "unknown_task")
    assert link.followed == set()


def test_unsubscribing_stops_the_events_and_ignores_the_late_answer():
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.drain(0.0)
    say(link, op="unsubscribe", tasks=["t1", "never"])
    assert Drop(task="t1") in link.drain(0.0)
    link.answer()
    link.session.deliver(task.log("late"))
    link.settle(0.0)
    assert kinds(link) == ["hello"]
