"""What is due, what a tombstone says, and that 410 and 404 never swap."""

from stockwidget.errors import TaskExpired, UnknownTask
from stockwidget.tasks.retention import TOMBSTONE_MS, due, missing, tombstone


def test_only_ended_tasks_become_due_and_only_after_their_time(make_record):
    done = make_record(status="completed", retain_until=100)
    assert not due(done, 100)
    assert due(done, 101)
    assert not due(make_record(status="running"), 10**15)


def test_a_tombstone_says_how_to_run_it_again_for_a_day(make_record):
    stone = tombstone(make_record(), 500)
    error = missing("t1", stone, 500 + TOMBSTONE_MS)
    assert isinstance(error, TaskExpired)
    assert error.data["expired_at"] == 500
    assert error.data["how_to_rerun"] == {"kind": "completes", "params": {"a": 1}}
    assert isinstance(missing("t1", stone, 501 + TOMBSTONE_MS), UnknownTask)
    assert isinstance(missing("t1", None, 0), UnknownTask)
