"""What a reader does not take costs bounded memory, and in the end its connection."""

from __future__ import annotations

from reader import Task, say, wire

from stockwidget.delivery.commands import SLOW_READER, Close


def test_a_blocked_reader_is_closed_after_ten_seconds_with_a_resumable_code():
    link = wire()
    link.stuck = True
    link.drain(0.0)
    assert link.session.next_wake() == 10.0
    assert link.drain(9.99) == []
    (close,) = link.drain(10.0)
    assert isinstance(close, Close)
    assert close.code == SLOW_READER
    assert link.drain(11.0) == []
    assert link.session.next_wake() is None


def test_the_queue_of_a_blocked_reader_is_bounded_and_collapses_into_one_snapshot():
    task, quiet = Task("t1"), Task("quiet")
    link = wire(task, quiet)
    say(link, op="subscribe", tasks={"t1": None, "quiet": None})
    link.settle(0.0)
    link.stuck = True
    say(link, op="ping")
    link.drain(0.0)
    link.publish(quiet.log("one line"))
    for n in range(1000):
        link.publish(task.log(str(n)))
    assert link.session.budget.events <= 256
    before = len(link.reader.frames)
    link.settle(1.0)
    late = [(frame["t"], frame["k"]) for frame in link.reader.frames[before:]]
    assert sorted(late) == [("quiet", "log"), ("t1", "snapshot")]
    assert link.reader.knows(task)
    assert link.reader.knows(quiet)
    assert (link.session.budget.events, link.session.budget.size) == (0, 0)


def test_the_queue_is_bounded_in_bytes_too():
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
    link.stuck = True
    say(link, op="ping")
    link.drain(0.0)
    for _ in range(20):
        link.publish(task.log("x" * 100_000))
        assert link.session.budget.size <= 1024 * 1024
    link.settle(1.0)
    assert link.reader.knows(task)
