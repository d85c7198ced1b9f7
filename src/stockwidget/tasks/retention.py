"""What is removed when. Pure: records and a time in, answers out.

A result stays for its kind's retention after the task *ended*, for as long as somebody follows it
and ten minutes more, until the time it was asked to be kept, and while it is pinned: the latest
of these counts (``TaskRecord.kept_until``). Then the task, its events and its result go at once,
and a tombstone stays for a day, so that a reader who comes too late hears "expired" (410) and how
to run it again, while an id that never existed is "unknown" (404).
"""

from __future__ import annotations

from stockwidget.errors import TaskExpired, UnknownTask
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.store import Tombstone

TOMBSTONE_MS = 24 * 3600 * 1000


def due(record: TaskRecord, now: int) -> bool:
    """Whether nothing protects an ended task any more at ``now`` (UTC ms)."""
    return record.terminal and record.kept_until is not None and now > record.kept_until


def tombstone(record: TaskRecord, now: int) -> Tombstone:
    """What stays of an expired task."""
    return Tombstone(
        id=record.id,
        kind=record.kind,
        title=record.title,
        params=dict(record.params),
        expired_at=now,
        name=record.name,
    )


def missing(task_id: str, stone: Tombstone | None, now: int) -> TaskExpired | UnknownTask:
    """The error for a task that is not there: expired while its tombstone stands, else unknown."""
    if stone is None or now > stone.expired_at + TOMBSTONE_MS:
        return UnknownTask(
            f"No task {task_id!r} is known here.",
            hint="Check the id; tasks() lists those that exist.",
            task_id=task_id,
        )
    return TaskExpired(
        f"The result of {stone.kind} {stone.title!r} was removed, as nobody followed it.",
        hint="Run it again with the same parameters.",
        task_id=task_id,
        expired_at=stone.expired_at,
        how_to_rerun={"kind": stone.kind, "params": dict(stone.params)},
    )
