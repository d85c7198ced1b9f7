"""A reader that follows the protocol ends with the truth, whatever happens on the way.

Proved over random histories (hypothesis); rules of docs/protocol.md that concern the connection
follow, one at a time. Those of recovery, pace and slow readers have files of their own.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from reader import EPOCH, WALL, Task, kinds, say, wire

from stockwidget.delivery.limits import Limits

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(
            [
                "progress",
                "progress",
                "log",
                "rows",
                "state",
                "drain",
                "answer",
                "wait",
                "stuck",
                "unblock",
                "reconnect",
                "hide",
                "show",
                "ping",
            ]
        ),
    ),
    max_size=80,
)


@settings(max_examples=300, deadline=None)
@given(ACTIONS, st.sampled_from([Limits(), Limits(queue_events=3, opening=1, batch_bytes=300)]))
def test_random_histories_end_with_the_truth(actions: list[tuple[str, str]], limits: Limits):
    tasks = {"a": Task("a"), "b": Task("b")}
    link = wire(*tasks.values(), limits=limits)
    say(link, op="subscribe", tasks={"a": None, "b": None})
    now, count = 0.0, 0
    for name, action in actions:
        task, count = tasks[name], count + 1
        match action:
            case "progress":
                link.publish(task.progress(float(count)))
            case "log":
                link.publish(task.log(str(count)))
            case "rows":
                link.publish(task.rows(count))
            case "state":
                link.publish(task.emit("state", status="running", stage=f"stage {count}"))
            case "drain":
                link.drain(now)
            case "answer" if link.fetches:
                link.answer()
            case "wait":
                now += 0.07
            case "stuck":
                link.stuck = True
            case "unblock":
                link.unblock()
            case "hide" | "show":
                say(link, now, op="visible", visible=action == "show")
            case "ping":
                say(link, now, op="ping")
            case "reconnect":
                views = link.reader.views
                cursors = {key: views[key].cursor if key in views else None for key in tasks}
                link = wire(*tasks.values(), limits=limits)
                link.reader.views = views
                say(link, now, op="subscribe", tasks=cursors)
    link.settle(now)
    assert link.closed is None
    for task in tasks.values():
        assert link.reader.knows(task)
    for task in tasks.values():
        link.publish(task.end())
    link.settle(now)
    assert all(link.reader.knows(task) for task in tasks.values())


def test_hello_is_first_and_says_the_limits():
    link = wire()
    link.drain(0.0)
    (hello,) = link.reader.frames
    assert (hello["v"], hello["k"], hello["e"], hello["ts"]) == (1, "hello", EPOCH, WALL)
    assert hello["d"]["heartbeat_ms"] == 15_000
    assert hello["d"]["limits"]["subscriptions"] == 256


def test_the_heartbeat_comes_every_fifteen_seconds_and_on_ping_with_positions():
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
    link.publish(task.log("1"))
    link.drain(14.9)
    assert kinds(link)[-1] == "log"
    link.drain(15.0)
    assert link.reader.frames[-1]["d"] == {"tasks": {"t1": [1, 1]}}
    assert link.session.next_wake() == 30.0
    say(link, 20.0, op="ping")
    link.drain(20.0)
    assert kinds(link)[-2:] == ["hb", "hb"]


def test_too_many_subscriptions_are_refused_as_a_whole():
    link = wire(Task("t0"), limits=Limits(subscriptions=2))
    say(link, op="subscribe", tasks={"t0": None})
    say(link, op="subscribe", tasks={"t1": None, "t2": None})
    link.settle(0.0)
    (error,) = link.reader.errors
    assert error["d"]["field"] == "tasks"
    assert list(link.reader.views) == ["t0"]


def test_bad_messages_do_not_end_the_connection_and_do_not_pile_up():
    link = wire()
    link.stuck = True
    link.drain(0.0)
    for _ in range(1000):
        link.session.receive(b"\x00", 0.0)
    link.unblock()
    link.settle(0.0)
    assert len(link.reader.errors) == 32
    say(link, op="ping")
    link.drain(0.0)
    assert kinds(link)[-1] == "hb"
