"""How many tasks a journal holds, by state and by what keeps them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from stockwidget.tasks.events import WATCHED_MS, Status
from stockwidget.tasks.lifecycle import STATES

_KEPT = (
    "SELECT count(*), total(coalesce(leased_until, 0) >= :now), total(pinned) FROM tasks "
    "WHERE retain_until IS NULL OR pinned OR coalesce(keep_until, 0) >= :now "
    "OR coalesce(leased_until, 0) >= :now OR coalesce(watched_at + :watched, 0) >= :now"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """Of all servers on the journal."""

    by_state: Mapping[Status, int]
    """States without a task are 0; the expired ones are tombstones."""
    protected: int
    """Not ended, pinned, asked to be kept, or followed within the last ten minutes: these would
    stay even if their kind's own retention were over."""
    leased: int
    """Whoever follows them counts as present."""
    pinned: int


NO_TASKS = Tally(by_state=dict.fromkeys(STATES, 0), protected=0, leased=0, pinned=0)


def tally(db: sqlite3.Connection, now: int) -> Tally:
    """Count the rows of the journal at ``now`` (UTC ms)."""
    by_state: dict[Status, int] = dict.fromkeys(STATES, 0)
    by_state |= db.execute("SELECT status, count(*) FROM tasks GROUP BY status")
    by_state["expired"] += db.execute("SELECT count(*) FROM tombstones").fetchone()[0]
    row = db.execute(_KEPT, {"now": now, "watched": WATCHED_MS}).fetchone()
    protected, leased, pinned = map(int, row)
    return Tally(by_state=by_state, protected=protected, leased=leased, pinned=pinned)
