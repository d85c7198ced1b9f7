"""A reader that follows the protocol ends with the truth, whatever happens on the way.

Proved over random histories (hypothesis) and, one rule of docs/protocol.md at a time, by example.
"""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader import EPOCH, WALL, Task, Wire

from stockwidget.delivery.commands import SLOW_READER, Close, Drop, Fetch, Send
from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.session import Session


def session(limits: Limits | None = None) -> Session:
    return Session(
        encoder=Encoder(EPOCH), server_id="server", wall=lambda: WALL, now=0.0, limits=limits
    )


def wire(*tasks: Task, limits: Limits | None = None) -> Wire:
    return Wire(session(limits), *tasks)


def say(link: Wire, now: float = 0.0, **message: object) -> None:
    link.session.receive(orjson.dumps(message), now)


def kinds(link: Wire) -> list[str]:
    return [frame["k"] for frame in link.reader.frames]


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


def test_progress_after_a_new_attempt_is_sent_though_it_was_shown_before():
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
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


def test_a_log_never_overtakes_the_progress_before_it_nor_waits_longer_than_its_interval():
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
    link.publish(task.progress(1.0))
    link.drain(1.0)
    link.publish(task.progress(2.0))
    link.publish(task.log("after 2 %"))
    link.drain(1.01)
    assert kinds(link)[-1] == "progress"
    assert link.session.next_wake() == pytest.approx(1.1)
    link.drain(1.1)
    assert kinds(link)[-2:] == ["progress", "log"]


def test_changes_of_state_do_not_wait_for_progress():
    task = Task()
    link = wire(task)
    say(link, op="subscribe", tasks={"t1": None})
    link.settle(0.0)
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


def test_snapshots_are_fetched_a_few_at_a_time():
    tasks = [Task(f"t{n}") for n in range(30)]
    link = wire(*tasks)
    say(link, op="subscribe", tasks={task.id: None for task in tasks})
    link.drain(0.0)
    assert len(link.fetches) == 8
    link.settle(0.0)
    assert len(link.reader.views) == 30


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
