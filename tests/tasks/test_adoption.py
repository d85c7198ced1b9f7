"""What a server decides about each task that another one left."""

import pytest

from stockwidget.tasks.adoption import MAX_ATTEMPTS, adopt


@pytest.mark.parametrize(
    ("status", "attempt", "becomes", "next_attempt", "then"),
    [
        ("queued", 1, "queued", 1, "enqueue"),
        ("running", 1, "queued", 2, "enqueue"),
        ("interrupted", 9, "queued", 10, "enqueue"),
        ("cancelling", 1, "cancelled", 1, None),
        ("running", MAX_ATTEMPTS, "failed", MAX_ATTEMPTS + 1, None),
    ],
)
def test_by_state(make_record, status, attempt, becomes, next_attempt, then):
    seen = make_record(status=status, attempt=attempt, s=7, q=3, progress=40.0)
    outcome = adopt(seen, owner="b", ts=1_000, retention_s=60)
    record = outcome.record
    assert (record.status, record.attempt, record.owner) == (becomes, next_attempt, "b")
    assert outcome.then == then
    assert [e.q for e in outcome.events] == list(range(4, 4 + len(outcome.events)))
    if record.terminal:
        assert record.retain_until == 61_000
        assert outcome.events[-1].kind == "end"
