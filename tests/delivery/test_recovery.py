"""A reader with a cursor gets what it missed and no more, or else the whole truth."""

from __future__ import annotations

import orjson
import pytest
from reader import EPOCH, Task, kinds, say, wire

from stockwidget.delivery.commands import Fetch, Send
from stockwidget.delivery.limits import Limits


def test_a_current_cursor_recovers_exactly_what_was_missed():
    task = Task()
    for event in (task.log("1"), task.progress(10.0), task.log("2")):
        assert event.s
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
    seen = link.reader.views["t1"]
    task.progress(20.0), task.log("3"), task.progress(30.0), task.rows(1), task.log("4")

    again = wire(task)
    again.reader.views["t1"] = seen
    say(again, op="subscribe", tasks={"t1": seen.cursor})
    again.settle(0.0)
    frames = again.reader.frames[1:]
    assert [(frame["k"], frame["s"]) for frame in frames] == [
        ("snapshot", 3),
        ("log", 5),
        ("progress", 6),  # under its true number: the newest that was missed
        ("partial", 7),
        ("log", 8),
    ]
    assert frames[0]["d"]["recovered"] is True
    assert "partial" not in frames[0]["d"]
    assert again.reader.knows(task)


def test_a_cursor_at_the_top_gets_a_snapshot_and_nothing_else():
    task = Task()
    task.log("1")
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": {"e": EPOCH, "s": 1, "q": 1}})
    link.drain(0.0)
    link.answer()
    (send,) = link.session.drain(0.0)
    assert isinstance(send, Send)
    (frame,) = map(orjson.loads, send.frames)
    assert (frame["k"], frame["s"], frame["q"], frame["d"]["recovered"]) == ("snapshot", 1, 1, True)


@pytest.mark.parametrize(
    ("cursor", "why"),
    [
        ({"e": "other", "s": 2, "q": 2}, "another epoch"),
        ({"e": EPOCH, "s": 99, "q": 99}, "from the future"),
        ({"e": EPOCH, "s": 1, "q": 0}, "a count that does not fit"),
    ],
)
def test_a_cursor_that_does_not_fit_gets_the_whole_truth(cursor: dict[str, object], why: str):
    task = Task()
    for n in range(3):
        task.log(str(n))
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": cursor})
    link.settle(0.0)
    snapshots = [frame for frame in link.reader.frames if frame["k"] == "snapshot"]
    assert [frame["d"]["recovered"] for frame in snapshots] == [False], why
    assert kinds(link) == ["hello", "snapshot"]
    assert link.reader.knows(task)


def test_a_tail_that_is_no_longer_kept_gets_the_whole_truth():
    task = Task()
    for n in range(3):
        task.log(str(n))
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": {"e": EPOCH, "s": 1, "q": 1}})
    (fetch,) = (each for each in link.drain(0.0) if isinstance(each, Fetch))
    assert fetch.after == 1
    link.session.answer(fetch.ticket, task.snapshot, None)
    link.drain(0.0)
    assert kinds(link) == ["hello", "snapshot"]
    assert link.reader.knows(task)


def test_a_tail_that_ends_before_the_snapshot_is_no_recovery():
    task = Task()
    for n in range(4):
        task.log(str(n))
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": {"e": EPOCH, "s": 1, "q": 1}})
    (fetch,) = (each for each in link.drain(0.0) if isinstance(each, Fetch))
    link.session.answer(fetch.ticket, task.snapshot, task.tail(1)[:-1])
    link.drain(0.0)
    assert kinds(link) == ["hello", "snapshot"]
    assert link.reader.knows(task)


def test_a_tail_longer_than_the_queue_is_not_replayed():
    task = Task()
    for n in range(10):
        task.log(str(n))
    link = wire(task, limits=Limits(queue_events=5))
    say(link, op="subscribe", tasks={"t1": {"e": EPOCH, "s": 1, "q": 1}})
    link.settle(0.0)
    assert kinds(link) == ["hello", "snapshot"]


def test_events_between_the_question_and_its_answer_are_neither_lost_nor_doubled():
    task = Task()
    task.log("before")
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.drain(0.0)
    link.publish(task.log("in the snapshot and on the wire"))
    (fetch,) = link.fetches
    snapshot = task.snapshot
    link.publish(task.log("after the snapshot was read"))
    link.session.answer(fetch.ticket, snapshot, None)
    link.drain(0.0)
    assert [(frame["k"], frame.get("s")) for frame in link.reader.frames[1:]] == [
        ("snapshot", 2),
        ("log", 3),
    ]
    assert link.reader.knows(task)


def test_a_gap_from_the_hub_is_noticed_and_healed():
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
    task.log("never published")
    link.publish(task.progress(5.0))
    link.settle(0.0)
    assert link.reader.views["t1"].resyncs == 1
    assert link.reader.knows(task)
