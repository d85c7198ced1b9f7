"""The tasks that this process follows: where each stands, and what a frame means. Without any I/O.

Several handles may follow one task, each from its own position; a task's cursor is that of the one
that is furthest behind, since the others drop what they know.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from stockwidget.errors import StockwidgetError
from stockwidget.notebook.followed import Followed

Cursors = dict[str, dict[str, Any] | None]


class Reader:
    """Safe to use from several threads: cells add tasks, one thread hands in frames."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[str, list[Followed]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def add(self, task: Followed) -> None:
        """Follow ``task``."""
        with self._lock:
            self._tasks.setdefault(task.snapshot.record.id, []).append(task)

    def cursors(self, ids: Iterable[str] | None = None) -> Cursors:
        """Where to go on with ``ids`` (all); None asks for a whole snapshot."""
        wanted = None if ids is None else set(ids)
        with self._lock:
            return {
                task_id: _furthest_behind(tasks)
                for task_id, tasks in self._tasks.items()
                if wanted is None or task_id in wanted
            }

    def take(self, frame: Mapping[str, Any]) -> bool:
        """Fold a frame of a task in. False means that something was missed: subscribe again."""
        whole = [task.accept(frame) for task in self._of(str(frame.get("t")))]
        return all(whole)

    def behind(self, tops: Mapping[str, tuple[int, int]]) -> list[str]:
        """The ids of which a heartbeat knows more than is here."""
        return [
            task_id
            for task_id, (_s, q) in tops.items()
            if any(task.behind(q) for task in self._of(task_id))
        ]

    def distrust(self, task_id: str) -> None:
        """Ask for the whole of this task next time."""
        for task in self._of(task_id):
            task.distrust()

    def prune(self) -> list[str]:
        """Let go of what has settled; the ids that nobody follows any more."""
        with self._lock:
            for tasks in self._tasks.values():
                tasks[:] = [task for task in tasks if not task.settled]
            done = [task_id for task_id, tasks in self._tasks.items() if not tasks]
            for task_id in done:
                del self._tasks[task_id]
        return done

    def trouble(self, error: StockwidgetError) -> None:
        """Tell every task that nobody can be asked about it for the time being."""
        with self._lock:
            every = [task for tasks in self._tasks.values() for task in tasks]
        for task in every:
            task.trouble_is(error)

    def _of(self, task_id: str) -> list[Followed]:
        with self._lock:
            return list(self._tasks.get(task_id, ()))


def _furthest_behind(tasks: list[Followed]) -> dict[str, Any] | None:
    cursors = []
    for task in tasks:
        cursor = task.cursor
        if cursor is None:
            return None
        cursors.append(cursor)
    if len({cursor["e"] for cursor in cursors}) != 1:
        return None
    return min(cursors, key=lambda cursor: int(cursor["s"]))
