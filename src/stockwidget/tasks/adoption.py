"""How a server takes over a task whose server died. Pure: a record in, what follows out."""

from __future__ import annotations

from stockwidget.errors import JobFailed
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.lifecycle import Happening, Outcome, advance

MAX_ATTEMPTS = 5
"""A task that ran when its server died this often is not tried again: it may be the cause."""


def adopt(seen: TaskRecord, *, owner: str, ts: int, retention_s: int) -> Outcome:
    """Make ``owner`` responsible: queued again, cancelled if that was asked, or given up."""
    asked = seen.status != "queued"
    outcome = advance(
        seen,
        Happening(
            trigger="adopt",
            ts=ts,
            owner=owner,
            retention_s=retention_s,
            reason="Its server stopped." if asked else None,
        ),
    )
    if seen.status != "running" or seen.attempt - seen.retried < MAX_ATTEMPTS:
        return outcome
    error = JobFailed(
        f"Its server died {MAX_ATTEMPTS} times while it ran.",
        hint="It may need more memory than there is: ask for less.",
        task_id=seen.id,
    )
    last = advance(
        outcome.record,
        Happening(trigger="fail", ts=ts, retention_s=retention_s, error=error.to_dict()),
    )
    return Outcome(record=last.record, events=(*outcome.events, *last.events))


def park(seen: TaskRecord, *, ts: int, retention_s: int) -> Outcome | None:
    """Leave a task whose server died interrupted, until somebody resumes it or it is too old."""
    if seen.status == "running":
        return advance(seen, Happening(trigger="interrupt", ts=ts, reason="Its server stopped."))
    if ts <= (seen.started_at or seen.created_at) + 1_000 * retention_s:
        return None
    error = JobFailed(
        "It was interrupted when its server stopped, and nobody resumed it.",
        hint="Run it again.",
        task_id=seen.id,
    )
    give_up = Happening(trigger="fail", ts=ts, retention_s=retention_s, error=error.to_dict())
    return advance(seen, give_up)
