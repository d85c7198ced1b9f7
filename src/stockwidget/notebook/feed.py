"""Feeds a card whose page cannot reach the runner: snapshots over the comm, and the result.

It starts at once for tasks of the child process, and for others when their page asks the kernel,
which a page does only if its own server is not the one that runs the task.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from stockwidget.errors import StockwidgetError
from stockwidget.notebook.backend import Backend
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.widgets import TaskCard, listen

if TYPE_CHECKING:
    from stockwidget.notebook.handle import Task

INTERVAL_S = 0.1
ROWS_A_SECOND = 20_000
"""A snapshot holds all rows so far: the more there are, the more rarely it is sent."""


class Feed:
    """Keeps ``card.snapshot`` up to date and answers its page."""

    def __init__(
        self, card: TaskCard, task: Task[Any], followed: Followed, backend: Backend
    ) -> None:
        self._card = card
        self._task = task
        self._followed = followed
        self._backend = backend
        self._lock = threading.Lock()
        self._last = 0.0
        self._timer: threading.Timer | None = None
        self._started = False
        listen(card, self._answer)

    def start(self) -> None:
        """Send what is known and go on until the task has settled. May be called again."""
        with self._lock:
            if self._started:
                return
            self._started = True
        self._followed.on_change(self._changed)
        self._changed()

    def _answer(self, kind: str) -> dict[str, Any] | None:
        self.start()
        try:
            if kind == "result":
                return {"type": "result", "result": self._task.result(0).document}
            if kind == "cancel":
                self._backend.cancel(self._task.id)
        except TimeoutError:
            return None  # the result follows by itself at the end
        except StockwidgetError as error:
            return {"type": "error", "error": error.to_dict()}
        return None

    def _changed(self) -> None:
        with self._lock:
            if self._timer is not None:
                return
            rows = len(self._followed.snapshot.partial.get("rows", ()))
            due = self._last + max(INTERVAL_S, rows / ROWS_A_SECOND)
            wait = 0.0 if self._followed.settled else due - time.monotonic()
            self._timer = threading.Timer(max(0.0, wait), self._send)
            self._timer.daemon = True
            self._timer.start()

    def _send(self) -> None:
        with self._lock:
            self._timer = None
            self._last = time.monotonic()
        settled = self._followed.settled  # before the snapshot: what comes between sends again
        self._card.snapshot = self._followed.to_dict()
        if settled and self._followed.snapshot.record.status == "completed":
            try:
                self._card.send({"type": "result", "result": self._task.result().document})
            except StockwidgetError as error:
                self._card.send({"type": "error", "error": error.to_dict()})
