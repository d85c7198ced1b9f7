"""Who runs next. Pure: ids in, ids out.

First come, first served, with one exception: a *short* task (an analysis) may use a reserved slot
when all others are taken. It never waits behind a scan, however many scans there are, and no scan
waits for longer than without the exception.
"""

from __future__ import annotations

from collections import deque

from stockwidget.errors import QueueFull

RETRY_AFTER_S = 10


class Schedule:
    """Tasks that wait and tasks that run: ``slots`` for all, ``reserve`` more for short ones."""

    def __init__(self, *, slots: int, reserve: int = 0, most: int = 1_000) -> None:
        self._slots = slots
        self._reserve = reserve
        self._most = most
        self._short: deque[tuple[int, str]] = deque()
        self._long: deque[tuple[int, str]] = deque()
        self._waiting: set[str] = set()
        self._running: dict[str, bool] = {}
        """Whether it took a reserved slot, by id."""
        self._number = 0

    def __len__(self) -> int:
        """Tasks that wait."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether nothing new should be taken in."""
        return len(self._waiting) >= self._most

    def refusal(self) -> QueueFull:
        """Why nothing new is taken in."""
        return QueueFull(
            f"{len(self._waiting)} tasks are waiting already; {self._most} are the most.",
            hint="Wait until some have ended, or cancel those that nobody needs.",
            waiting=len(self._waiting),
            retry_after_s=RETRY_AFTER_S,
        )

    def add(self, task_id: str, *, long: bool) -> None:
        """Queue a task; what was taken in earlier is never refused."""
        self._number += 1
        (self._long if long else self._short).append((self._number, task_id))
        self._waiting.add(task_id)

    def withdraw(self, task_id: str) -> None:
        """Forget a task that waits no more."""
        self._waiting.discard(task_id)

    def take(self) -> str | None:
        """The next task to begin, which counts as running from now on; None if none may."""
        self._drop_withdrawn()
        reserved = sum(self._running.values())
        normal = len(self._running) - reserved < self._slots
        line = self._first(self._short, self._long) if normal else self._short
        if not line or (not normal and reserved >= self._reserve):
            return None
        _, task_id = line.popleft()
        self._waiting.discard(task_id)
        self._running[task_id] = not normal
        return task_id

    def ended(self, task_id: str) -> None:
        """Give its slot back."""
        self._running.pop(task_id, None)

    @staticmethod
    def _first(
        one: deque[tuple[int, str]], other: deque[tuple[int, str]]
    ) -> deque[tuple[int, str]]:
        if one and other:
            return one if one[0] < other[0] else other
        return one or other

    def _drop_withdrawn(self) -> None:
        for line in (self._short, self._long):
            while line and line[0][1] not in self._waiting:
                line.popleft()
