"""Polling again and again tells a reader what a stream would, in whatever pieces, and nothing in vain."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader import EPOCH, WALL, Reader, Task

from stockwidget.delivery.commands import Drop, Fetch, Send
from stockwidget.delivery.cursors import Cursors, read_cursors
from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.gathering import ANSWER_BYTES, Gathering
from stockwidget.delivery.session import Session
from stockwidget.errors import UnknownTask
from stockwidget.tasks.events import Event


class Poll:
    """One request, performed at once, but for the answers to fetches that a test keeps back."""

    def __init__(self, tasks: dict[str, Task], cursors: Cursors) -> None:
        self.tasks = tasks
        encoder = Encoder(EPOCH)
        self.session = Session(encoder=encoder, server_id="s", wall=lambda: WALL, now=0.0)
        self.gathering = Gathering(cursors, encoder=encoder)
        self.followed: set[str] = set()
        self.session.subscribe(cursors)
        self.turn(0.0)

    def turn(self, now: float) -> None:
        while commands := self.session.drain(now):
            for command in commands:
                match command:
                    case Send(frames=frames):
                        for frame in frames:
                            self.gathering.take(frame)
                        self.session.written()
                    case Fetch(task=task, after=after, ticket=ticket):
                        self.followed.add(task)
                        self._answer(task, after, ticket)
                    case Drop(task=task):
                        self.followed.discard(task)

    def _answer(self, task: str, after: int | None, ticket: int) -> None:
        known = self.tasks.get(task)
        if known is None:
            self.session.refuse(ticket, UnknownTask("No.", task_id=task))
        else:
            tail = None if after is None else known.tail(after)
            self.session.answer(ticket, known.snapshot, tail)

    def publish(self, event: Event, now: float) -> None:
        if event.task_id in self.followed:
            self.session.deliver(event)
        self.turn(now)

    def answer(self) -> dict[str, Any]:
        assert self.gathering.complete
        return orjson.loads(self.gathering.body(server_id="s", next_ms=5))


class Polled:
    """A reader that polls."""

    def __init__(self, *tasks: Task) -> None:
        self.tasks = {task.id: task for task in tasks}
        self.reader = Reader()

    def ask(self) -> Poll:
        views = self.reader.views
        cursors = {task: views[task].cursor if task in views else None for task in self.tasks}
        return Poll(self.tasks, read_cursors(cursors, field="since"))

    def read(self, poll: Poll) -> list[dict[str, Any]]:
        frames = poll.answer()["frames"]
        for frame in frames:
            self.reader.feed(orjson.dumps(frame))
        return frames


KINDS = st.sampled_from(["log", "progress", "rows", "poll", "answer"])


@given(st.lists(st.tuples(st.integers(0, 2), KINDS, st.floats(0, 0.2)), max_size=60))
def test_a_reader_that_polls_ends_up_knowing_the_truth(steps):
    tasks = [Task(f"t{n}") for n in range(3)]
    polled, now, open_poll = Polled(*tasks), 0.0, None
    for number, what, dt in steps:
        now += dt
        task = tasks[number]
        if what == "poll":
            open_poll = open_poll or polled.ask()
        elif what == "answer":
            if open_poll:
                frames = polled.read(open_poll)
                assert bool(frames) == open_poll.gathering.news
                open_poll = None
        else:
            value = round(now * 10) if what == "progress" else 1
            event = {"log": lambda t, _: t.log("x"), "progress": Task.progress, "rows": Task.rows}[
                what
            ](task, value)
            if open_poll:
                open_poll.publish(event, now)
    polled.read(polled.ask())
    assert all(polled.reader.knows(task) for task in tasks)
    assert polled.read(polled.ask()) == [], "whoever knows everything is told nothing"


def test_only_tasks_with_news_have_frames_and_each_begins_with_a_snapshot():
    tasks = [Task(f"t{n}") for n in range(5)]
    polled = Polled(*tasks)
    polled.read(polled.ask())
    tasks[2].log("news")
    frames = polled.read(polled.ask())
    assert [(f["t"], f["k"]) for f in frames] == [("t2", "snapshot"), ("t2", "log")]
    assert frames[0]["d"]["recovered"] is True


def test_the_tag_says_where_a_reader_stands_and_nothing_else():
    task = Task()
    polled = Polled(task)
    first = polled.ask()
    polled.read(first)
    again = polled.ask()
    assert again.gathering.etag == first.gathering.etag
    task.log("news")
    later = polled.ask()
    assert later.gathering.etag != first.gathering.etag
    assert Poll({"t1": task}, {"t1": None}).gathering.etag == later.gathering.etag


def test_it_is_complete_when_every_task_has_been_answered_for():
    encoder = Encoder(EPOCH)
    gathering = Gathering({"t1": None, "t2": None}, encoder=encoder)
    assert not gathering.complete
    gathering.take(encoder.snapshot(Task("t1").snapshot, ts=WALL))
    assert not gathering.complete
    gathering.take(encoder.error(UnknownTask("No.", task_id="t2"), ts=WALL, task="t2"))
    assert gathering.complete
    assert gathering.news
    assert Gathering({}, encoder=encoder).complete


@pytest.mark.parametrize("ahead", [0, 5])
def test_a_snapshot_at_or_behind_the_cursor_is_no_news(ahead):
    encoder, task = Encoder(EPOCH), Task()
    task.log("one")
    cursors = read_cursors({"t1": {"e": EPOCH, "s": 1 + ahead, "q": 1}}, field="since")
    gathering = Gathering(cursors, encoder=encoder)
    gathering.take(encoder.snapshot(task.snapshot, ts=WALL))
    assert (gathering.complete, gathering.news) == (True, False)
    for _ in range(ahead + 1):
        gathering.take(encoder.event(task.log("later")))
    kinds = [orjson.loads(frame)["k"] for frame in gathering.frames]
    assert kinds == ["snapshot", "log"]


def test_it_knows_when_it_is_full():
    encoder, task = Encoder(EPOCH), Task()
    gathering = Gathering({"t1": None}, encoder=encoder)
    gathering.take(encoder.snapshot(task.snapshot, ts=WALL))
    assert not gathering.full
    gathering.take(encoder.event(task.log("x" * ANSWER_BYTES)))
    assert gathering.full
