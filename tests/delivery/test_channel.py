"""Readers of a task that stand alike are served by one lane, and nobody can tell by the frames.

Proved over random histories of three readers and two tasks (hypothesis), then by example.
"""

from __future__ import annotations

import asyncio
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from room import Room, Wire

from stockwidget.delivery import channel
from stockwidget.delivery.limits import Limits

SMALL = Limits(queue_events=3, opening=1, batch_bytes=300)


@pytest.fixture
async def room() -> Room:
    made = Room()
    await made.rounds.settle(1.0)
    return made


ACTIONS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["a", "b"]),
        st.sampled_from(
            [
                "progress",
                "progress",
                "log",
                "log",
                "turn",
                "turn",
                "step",
                "step",
                "leave",
                "wait",
                "rows",
                "state",
                "same",
                "hold",
                "release",
                "hide",
                "show",
                "ping",
                "again",
                "reconnect",
            ]
        ),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(ACTIONS, st.sampled_from([None, SMALL]), st.sampled_from([1, 2, 256]))
def test_random_histories_end_with_the_truth_for_everybody(
    actions: list[tuple[int, str, str]], limits: Limits | None, stride: int
):
    with mock.patch.object(channel, "_STRIDE", stride):
        asyncio.run(_random_history(actions, limits))


async def _random_history(actions: list[tuple[int, str, str]], limits: Limits | None) -> None:
    room = Room(limits)
    journal, rounds = room.journal, room.rounds
    for count, (place, name, action) in enumerate(actions):
        task = journal.tasks[name]
        match action:
            case "progress":
                journal.publish(task.progress(float(count)))
            case "same":
                journal.publish(task.progress(task.snapshot.record.progress))
            case "log":
                journal.publish(task.log(str(count)))
            case "rows":
                journal.publish(task.rows(count))
            case "state":
                journal.publish(task.emit("state", status="running", stage=f"stage {count}"))
            case "turn":
                await rounds.settle()
            case "step":
                await rounds.step()
            case "wait":
                await rounds.settle(0.07)
            case "leave":
                room.say(place, op="unsubscribe", tasks=[name])
                room.say(place, op="subscribe", tasks={name: None})
            case "hold":
                room.hold(place)
            case "release":
                room.release(place)
            case "hide" | "show":
                room.say(place, op="visible", visible=action == "show")
            case "ping":
                room.say(place, op="ping")
            case "again":
                room.say(place, op="subscribe", tasks={name: None})
            case "reconnect":
                await rounds.settle()
                room.connect(place)
    for place in range(3):
        room.release(place)
        room.say(place, op="visible", visible=True)
    await rounds.settle(2.0)
    assert room.everybody_knows()
    for task in journal.tasks.values():
        journal.publish(task.end())
    await rounds.settle(20.0)  # A heartbeat later: it must show no loss.
    assert room.everybody_knows()
    for pump in room.pumps:
        pump.stop()
    assert journal.readers == []


async def test_events_of_a_moment_are_spelled_once_and_written_once_to_each(room):
    task = room.journal.tasks["a"]
    for n in range(3):
        room.journal.publish(task.log(str(n)))
    await room.rounds.settle()
    assert room.spelled == [3]
    assert [line.shared for line in room.lines] == [1, 1, 1]
    assert room.everybody_knows()
    assert len(room.journal.readers) == 2  # one a task, however many follow it


async def test_progress_is_conflated_and_repetitions_are_nothing(room):
    task = room.journal.tasks["a"]
    for n in range(100):
        room.journal.publish(task.progress(n / 2))
        await room.rounds.settle(0.01)
    await room.rounds.settle(1.0)
    sent = len(room.spelled)
    assert 10 <= sent <= 12  # 10/s for a second
    assert room.everybody_knows()
    for _ in range(1000):
        room.journal.publish(task.progress(49.5))
    await room.rounds.settle(1.0)
    assert len(room.spelled) == sent
    assert room.meter.progress_conflated == 3 * (100 - sent + 1000)


async def test_a_reader_that_takes_nothing_stands_apart_and_others_go_on(room):
    task = room.journal.tasks["a"]
    room.hold(1)
    for n in range(5):
        room.journal.publish(task.log(str(n)))
        await room.rounds.settle()
    assert [line.shared for line in room.lines] == [5, 1, 5]
    assert [line.reader.knows(task) for line in room.lines] == [True, False, True]
    room.release(1)
    await room.rounds.settle()
    assert room.everybody_knows()
    room.journal.publish(task.log("level again"))
    await room.rounds.settle()
    assert [line.shared for line in room.lines] == [6, 2, 6]


async def test_one_that_takes_nothing_for_ten_seconds_is_closed(room):
    room.hold(1)
    room.journal.publish(room.journal.tasks["a"].log("never taken"))
    await room.rounds.settle(11.0)
    assert [line.closed and line.closed[0] for line in room.lines] == [None, 4408, None]


async def test_a_broken_line_ends_alone(room):
    room.lines[0].broken = True
    room.journal.publish(room.journal.tasks["a"].log("x"))
    await room.rounds.settle()
    assert [line.reader.knows(room.journal.tasks["a"]) for line in room.lines] == [
        False,
        True,
        True,
    ]
    assert room.meter.traffic["ws"].ended["lost"] == 1
    assert room.meter.traffic["ws"].open == 2


async def test_a_hidden_page_gets_progress_at_its_own_pace(room):
    room.say(2, op="visible", visible=False)
    await room.rounds.settle()
    task = room.journal.tasks["b"]
    before = [len(line.reader.frames) for line in room.lines]
    for n in range(30):
        room.journal.publish(task.progress(float(n)))
        await room.rounds.settle(0.1)
    got = [len(line.reader.frames) - n for line, n in zip(room.lines, before, strict=True)]
    assert got[0] == got[1] == 30
    assert 3 <= got[2] <= 4


async def test_what_is_counted_is_what_was_delivered(room):
    traffic = room.meter.traffic["ws"]
    frames, size, n = traffic.frames, traffic.bytes, room.meter.latency.n
    before = sum(line.bytes for line in room.lines)
    room.hold(0)
    for text in ("one", "two"):
        room.journal.publish(room.journal.tasks["a"].log(text))
    await room.rounds.settle()
    assert traffic.frames - frames == 4
    room.release(0)
    await room.rounds.settle()
    assert traffic.frames - frames == 6
    assert traffic.bytes - size == sum(line.bytes for line in room.lines) - before
    assert room.meter.latency.n - n == 3


async def test_a_gap_sends_each_of_them_a_snapshot_and_they_are_level_again(room):
    task = room.journal.tasks["a"]
    task.log("lost on the way to the hub")
    room.journal.publish(task.log("and this one shows it"))
    await room.rounds.settle()
    assert room.everybody_knows()
    assert [line.reader.views["a"].resyncs for line in room.lines] == [1, 1, 1]
    assert room.meter.resyncs == 3
    room.journal.publish(task.log("together"))
    await room.rounds.settle()
    assert [line.shared for line in room.lines] == [1, 1, 1]


@pytest.fixture
def one_a_turn(monkeypatch):
    monkeypatch.setattr(channel, "_STRIDE", 1)


def _texts(line: Wire) -> list[str]:
    return [frame["d"]["message"] for frame in line.reader.frames if frame["k"] == "log"]


async def test_what_comes_while_many_are_written_goes_together_in_the_next_write(room, one_a_turn):
    task = room.journal.tasks["a"]
    for text in ("one", "two", "three"):
        room.journal.publish(task.log(text))
        await room.rounds.step()
    assert sorted(line.shared for line in room.lines) == [1, 1, 1]
    await room.rounds.settle()
    assert [line.shared for line in room.lines] == [2, 2, 2]
    assert [_texts(line) for line in room.lines] == [["one", "two", "three"]] * 3


@pytest.mark.parametrize("act", ["ping", "heartbeat", "hide"])
async def test_one_that_speaks_before_it_was_reached_gets_everything_once_and_in_order(
    room, one_a_turn, act
):
    task = room.journal.tasks["a"]
    room.journal.publish(task.log("one"))
    await room.rounds.step()
    last = [line.shared for line in room.lines].index(0) + 1
    if act == "heartbeat":
        room.rounds.now += 60
        room.rounds.soon(room.pumps[last])
    else:
        room.say(last, **({"op": "ping"} if act == "ping" else {"op": "visible", "visible": False}))
    room.journal.publish(task.log("two"))
    await room.rounds.settle()
    assert [_texts(line) for line in room.lines] == [["one", "two"]] * 3
    assert room.everybody_knows()
    assert room.lines[last].reader.views["a"].resyncs == 0


async def test_one_that_leaves_before_it_was_reached_costs_the_others_nothing(room, one_a_turn):
    room.journal.publish(room.journal.tasks["a"].log("one"))
    await room.rounds.step()
    last = [line.shared for line in room.lines].index(0) + 1
    room.pumps[last].stop()
    await room.rounds.settle()
    assert [len(_texts(line)) for line in room.lines] == [0 if i == last else 1 for i in range(3)]
