"""Wire transcripts: what goes into a session and what comes out (``recorder.py`` has the form of their lines).

``python tests/delivery/transcripts.py`` writes ``tests/wire/*.jsonl`` anew; ``test_transcripts.py`` replays
them through the Python session and reader, and the TypeScript client replays their frames.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from reader import EPOCH, WALL, Task, View
from recorder import PollRecorder, Recorder

from stockwidget.delivery.limits import Limits

FOLDER = Path(__file__).parents[1] / "wire"
SHORT = Limits(queue_events=4, opening=2)


def followed_to_the_end() -> Recorder:
    tape, task = Recorder("A task is followed from its first event to its end."), Task()
    tape.step(0.0, wake=True)
    tape.step(0.0, written=True)
    tape.subscribe(0.1, t1=None)
    tape.answer(0.12, task)
    tape.step(0.13, written=True)
    for at, event in enumerate([task.progress(10.0), task.log("one"), task.rows(1, 2)]):
        tape.event(1.0 + at, event)
        tape.step(1.5 + at, written=True)
    tape.event(4.0, task.end())
    tape.step(4.1, written=True)
    return tape


def recovered_by_cursor() -> Recorder:
    task = Task()
    task.log("one")
    before = reader_of(task)
    cursor = before.cursor
    about = "A reader comes back with a cursor and gets exactly what it missed."
    tape = Recorder(about, before={"t1": before})
    # Line by line, so that the progress lies between two events that are never dropped.
    task.progress(10.0)
    task.log("two")
    task.progress(20.0)
    task.rows(3)
    tape.subscribe(0.0, t1=cursor)
    tape.step(0.0, written=True)
    tape.answer(0.1, task, after=1)
    tape.step(0.1, written=True)
    tape.event(0.5, task.log("three"))
    return tape


def recovery_refused() -> Recorder:
    tape, task = Recorder("A cursor of another epoch: the snapshot is the whole truth."), Task()
    task.rows(1)
    tape.subscribe(0.0, t1={"e": "another", "s": 9, "q": 9})
    tape.step(0.0, written=True)
    tape.answer(0.1, task)
    return tape


def race_of_snapshot_and_events() -> Recorder:
    tape, task = Recorder("Events come between the question for a snapshot and its answer."), Task()
    tape.subscribe(0.0, t1=None)
    tape.step(0.0, written=True)
    tape.event(0.1, task.log("in the snapshot too"))
    known = Task()
    known.snapshot = task.snapshot
    tape.event(0.2, task.log("after the snapshot"))
    tape.event(0.2, task.progress(30.0))
    tape.answer(0.3, known)
    return tape


def progress_is_conflated() -> Recorder:
    tape, task = Recorder("Progress at 50/s is sent at 10/s, visible, and at 1/s, hidden."), Task()
    tape.subscribe(0.0, t1=None)
    tape.step(0.0, written=True)
    tape.answer(0.0, task)
    tape.step(0.0, written=True)
    for n in range(40):
        if n == 20:
            tape.step(0.4, message={"op": "visible", "visible": False})
        tape.event(n / 50, task.progress(float(n)))
        tape.step(n / 50, written=True)
    tape.step(1.5, wake=True)
    return tape


def overflow_collapses() -> Recorder:
    tape = Recorder("A queue of four events overflows and collapses into a snapshot.", SHORT)
    task = Task()
    tape.subscribe(0.0, t1=None)
    tape.step(0.0, written=True)
    tape.answer(0.0, task)
    for n in range(6):
        tape.event(1.0, task.log(str(n)))
    tape.step(2.0, written=True)
    tape.answer(2.1, task, ticket=2)
    return tape


def blocked_reader_is_closed() -> Recorder:
    tape = Recorder("A reader takes nothing for ten seconds and is closed, resumable.")
    tape.step(0.0, wake=True)
    tape.step(9.0, wake=True)
    tape.step(10.0, wake=True)
    return tape


def bad_messages() -> Recorder:
    tape = Recorder(
        "Bad messages are answered by errors that name the field; the connection lives."
    )
    tape.step(0.0, message="{")
    tape.step(0.0, written=True)
    for message in (
        [1],
        {"op": "subscibe"},
        {"op": "subscribe"},
        {"op": "subscribe", "tasks": ["t1"]},
        {"op": "subscribe", "tasks": {"../etc": None}},
        {"op": "subscribe", "tasks": {"t1": {"e": EPOCH, "s": -1, "q": 0}}},
        {"op": "subscribe", "tasks": {"t1": None}, "tsaks": 1},
        {"op": "visible", "visible": 1},
    ):
        tape.step(0.1, message=message)
        tape.step(0.1, written=True)
    tape.step(0.2, message={"op": "ping"})
    return tape


def unknown_task() -> Recorder:
    tape = Recorder("A task that never existed: one error about it, and it is dropped.")
    tape.subscribe(0.0, nope=None)
    tape.step(0.0, written=True)
    error = {"code": "unknown_task", "message": "No task nope.", "hint": "Run it again."}
    tape.step(0.1, refuse={"ticket": 1, "error": {**error, "task_id": "nope"}})
    return tape


def expiry() -> Recorder:
    tape, task = Recorder("A finished task's result is removed while somebody looks."), Task()
    task.end()
    tape.subscribe(0.0, t1=None)
    tape.step(0.0, written=True)
    tape.answer(0.0, task)
    tape.step(0.0, written=True)
    gone = task.emit("gone", code="expired", expired_at=WALL, how_to_rerun="sw.analyze('AAPL')")
    tape.event(5.0, gone)
    return tape


def polled_in_pieces() -> Recorder:
    tape, task = (
        PollRecorder("A task is polled; each answer holds what was missed, or nothing."),
        Task(),
    )
    task.log("one")
    tape.poll(0.0, "t1")
    tape.answer(0.01, task)
    tape.step(0.04, over=True)
    task.progress(10.0)
    task.log("two")
    task.progress(20.0)
    tape.poll(1.0, "t1")
    tape.answer(1.01, task, after=1)
    tape.step(1.04, over=True)
    tape.poll(2.0, "t1")
    tape.answer(2.01, task, after=4)
    tape.step(22.0, over=True)
    tape.poll(23.0, "t1")
    tape.answer(23.01, task, after=4)
    tape.event(30.0, task.rows(1, 2))
    tape.event(30.01, task.end())
    tape.step(30.03, over=True)
    return tape


def polled_among_bad_ids() -> Recorder:
    tape, task = (
        PollRecorder("Polled: one task never existed, one has expired, one has news."),
        Task(),
    )
    old = Task("t2")
    tape.poll(0.0, "t1", "t2")
    tape.answer(0.01, task)
    tape.answer(0.01, old, ticket=2)
    tape.step(0.04, over=True)
    news = task.log("one")
    tape.poll(1.0, "t1", "t2", "nope")
    tape.answer(1.01, task, after=0)
    expired = {
        "code": "expired",
        "message": "The result was removed.",
        "hint": "Run it again.",
        "task_id": "t2",
        "expired_at": WALL,
        "how_to_rerun": {"kind": "analysis", "params": {"symbol": "AAPL"}},
    }
    tape.step(1.01, refuse={"ticket": 2, "error": expired})
    error = {"code": "unknown_task", "message": "No task nope.", "hint": "Run it again."}
    tape.step(1.02, refuse={"ticket": 3, "error": {**error, "task_id": "nope"}})
    tape.event(1.02, news)
    tape.step(1.05, over=True)
    return tape


def reader_of(task: Task) -> View:
    """The view of a reader that has seen all of ``task`` so far."""
    link = Recorder("")
    link.subscribe(0.0, **{task.id: None})
    link.step(0.0, written=True)
    link.answer(0.0, task)
    return link.reader.views[task.id]


SCENARIOS: tuple[Callable[[], Recorder], ...] = (
    followed_to_the_end,
    recovered_by_cursor,
    recovery_refused,
    race_of_snapshot_and_events,
    progress_is_conflated,
    overflow_collapses,
    blocked_reader_is_closed,
    bad_messages,
    unknown_task,
    expiry,
    polled_in_pieces,
    polled_among_bad_ids,
)


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        (FOLDER / f"{scenario.__name__}.jsonl").write_bytes(scenario().text())


if __name__ == "__main__":
    sys.exit(write())
