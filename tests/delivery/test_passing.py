"""An event that need not wait is encoded once for all, and held back where it is wanted no more."""

from __future__ import annotations

from reader import EPOCH, WALL, Task, Wire, kinds, say, wire

from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.session import Session


def test_an_event_that_need_not_wait_is_the_very_frame_of_the_encoder():
    task, encoder = Task(), Encoder(EPOCH)
    readers = [
        Wire(Session(encoder=encoder, server_id="s", wall=lambda: WALL, now=0.0), task)
        for _ in range(2)
    ]
    for link in readers:
        say(link, op="subscribe", tasks={"t1": None})
        link.settle(0.0)
    event = task.log("for all")
    sent = []
    for link in readers:
        link.publish(event)
        (command,) = link.drain(1.0)
        sent.append(command.frames)
    assert sent[0] == sent[1] == (encoder.event(event),)
    assert sent[0][0] is sent[1][0]


def test_readers_of_different_tasks_get_their_own_only_though_all_happens_in_one_moment():
    """The command made for one reader serves the next one only if it is the same."""
    a, b = Task("a"), Task("b")
    encoder = Encoder(EPOCH)
    both, one = (
        Wire(Session(encoder=encoder, server_id="s", wall=lambda: WALL, now=0.0), a, b)
        for _ in range(2)
    )
    say(both, op="subscribe", tasks={"a": None, "b": None})
    say(one, op="subscribe", tasks={"a": None})
    for link in (both, one):
        link.settle(0.0)
    for event in (a.log("of a"), b.log("of b")):
        both.publish(event)
        one.publish(event)
    for link in (both, one):
        link.drain(0.0)
    assert [frame["t"] for frame in both.reader.frames[-2:]] == ["a", "b"]
    assert [frame["t"] for frame in one.reader.frames if frame["k"] == "log"] == ["a"]


def test_what_was_about_to_leave_is_held_back_when_the_reader_lets_go_or_starts_over():
    task, other = Task("t1"), Task("t2")
    link = wire(task, other)
    say(link, op="subscribe", tasks={"t1": None, "t2": None})
    now = link.settle(0.0)
    link.publish(task.log("not any more"))
    link.publish(other.log("this one"))
    say(link, op="unsubscribe", tasks=["t1"])
    now = link.settle(now)
    assert [(f["t"], f["k"]) for f in link.reader.frames[3:]] == [("t2", "log")]
    cursor = link.reader.views["t2"].cursor
    link.publish(other.log("in the replay"))
    say(link, op="subscribe", tasks={"t2": cursor})
    link.settle(now)
    assert kinds(link)[4:] == ["snapshot", "log"]
    assert link.reader.knows(other)
