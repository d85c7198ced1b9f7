"""A followed task equals what the journal says, whatever is repeated, lost or cut."""

from __future__ import annotations

import threading

import pytest

from stockwidget.errors import ServerUnreachable, UnknownTask
from stockwidget.notebook.followed import Followed

STATE = {
    "id": "t1", "kind": "scan", "title": "sample", "params": {}, "status": "queued", "progress": 0.0,
    "stages": ["universe", "scan"], "created_at": 1, "epoch": "E", "seq": 1, "q": 1,
}  # fmt: skip


def frame(kind: str, s: int, q: int, epoch: str = "E", **body: object) -> dict[str, object]:
    return {"v": 1, "k": kind, "t": "t1", "e": epoch, "s": s, "q": q, "ts": 5, "d": body}


def rows(s: int, q: int, *names: str) -> dict[str, object]:
    return frame("partial", s, q, append={"rows": [[name] for name in names]})


@pytest.fixture
def task() -> Followed:
    task = Followed(STATE)
    assert task.cursor is None  # what came before it is unknown: ask for the whole
    assert task.accept(frame("snapshot", 1, 1, state=STATE, recovered=False))
    return task


def found(task: Followed) -> list[str]:
    return [row[0] for row in task.snapshot.partial.get("rows", ())]


def test_repeated_frames_change_nothing(task):
    for each in (rows(2, 2, "A"), rows(2, 2, "A"), rows(3, 3, "B"), rows(2, 2, "A")):
        assert task.accept(each)
    assert found(task) == ["A", "B"]
    assert task.cursor == {"e": "E", "s": 3, "q": 3}


def test_conflated_progress_is_no_loss(task):
    assert task.accept(frame("progress", 9, 1, progress=40.0, stage="scan"))
    assert task.accept(rows(12, 2, "A"))
    assert task.snapshot.record.progress == 40.0


@pytest.mark.parametrize("late", [rows(5, 4, "C"), frame("progress", 5, 3, progress=1.0)])
def test_a_gap_in_q_asks_again_and_applies_nothing(task, late):
    assert not task.accept(late)
    assert found(task) == []
    assert task.cursor == {"e": "E", "s": 1, "q": 1}


def test_epochs_are_never_merged(task):
    assert not task.accept(frame("state", 2, 2, epoch="F", status="running"))
    task.accept(frame("snapshot", 1, 1, epoch="F", state={**STATE, "status": "failed"}))
    assert (task.epoch, task.snapshot.record.status) == ("F", "failed")


def test_recovered_snapshot_keeps_what_is_here(task):
    task.accept(rows(2, 2, "A"))
    task.accept(frame("snapshot", 2, 2, state={**STATE, "progress": 99.0}, recovered=True))
    assert found(task) == ["A"]


def test_heartbeat_shows_a_silent_loss(task):
    assert not task.behind(1)
    assert task.behind(2)


def test_distrust_forces_a_whole_snapshot(task):
    task.distrust()
    assert task.cursor is None
    task.accept(frame("snapshot", 3, 3, state={**STATE, "status": "running"}, recovered=False))
    assert task.cursor == {"e": "E", "s": 3, "q": 3}


def test_a_snapshot_from_a_slower_connection_takes_nothing_back(task):
    for each in (rows(2, 2, "A"), rows(3, 3, "B")):
        task.accept(each)
    task.accept(frame("snapshot", 2, 2, state=STATE, partial={"rows": [["A"]]}, recovered=False))
    assert found(task) == ["A", "B"]


def test_the_removal_of_a_result_is_never_a_gap(task):
    assert task.accept(frame("gone", 9, 9, code="expired", expired_at=7))
    assert task.snapshot.record.status == "expired"


def test_the_end_wakes_a_waiter(task):
    ended = []
    waiter = threading.Thread(
        target=lambda: ended.append(task.wait(10, until=lambda: task.settled))
    )
    waiter.start()
    task.accept(frame("end", 2, 2, status="completed", progress=100.0, ended_at=9))
    waiter.join(10)
    assert ended == [True]


def test_trouble_passes_when_news_come(task):
    task.trouble_is(ServerUnreachable("down"), now=5.0)
    task.trouble_is(ServerUnreachable("down"), now=6.0)
    assert task.trouble_since == 5.0
    task.accept(rows(2, 2, "A"))
    assert task.trouble is None


def test_a_task_nobody_knows_is_settled_with_the_error(task):
    task.accept(frame("error", 0, 0, **UnknownTask("no such task", hint="Run again.").to_dict()))
    assert task.settled
    assert task.snapshot.record.error["code"] == "unknown_task"


def test_an_ended_task_never_changes(task):
    task.accept(frame("end", 2, 2, status="completed"))
    task.fail(UnknownTask("late"))
    assert task.snapshot.record.status == "completed"


def test_a_listener_that_fails_stops_nothing(task, caplog):
    seen = []
    task.on_change(lambda: 1 / 0)
    undo = task.on_change(lambda: seen.append(task.snapshot.record.s))
    task.accept(rows(2, 2, "A"))
    undo()
    task.accept(rows(3, 3, "B"))
    assert seen == [2]
    assert "ZeroDivisionError" in caplog.text
