"""Live snapshots and their readers. Memory grows with live tasks, not with all that ever ran."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from stockwidget.tasks.events import Event, Snapshot

Callback = Callable[[Event], None]
_log = logging.getLogger(__name__)


class Hub:
    """What is published is what the journal already holds; see ``runner.py`` for the one exception."""

    def __init__(self) -> None:
        self._live: dict[str, Snapshot] = {}
        self._readers: dict[str, list[Callback]] = {}

    def __len__(self) -> int:
        """Live tasks."""
        return len(self._live)

    def open(self, snapshot: Snapshot) -> None:
        """Hold a live task's snapshot from now on."""
        self._live[snapshot.record.id] = snapshot

    def snapshot(self, task_id: str) -> Snapshot | None:
        """The published state of a live task."""
        return self._live.get(task_id)

    def close(self, task_id: str) -> None:
        """Let go of a task that ended; its readers stay, to hear of its expiry."""
        self._live.pop(task_id, None)

    def publish(self, events: Sequence[Event]) -> None:
        """Reduce the events into the snapshot and tell every reader, in order."""
        for event in events:
            snapshot = self._live.get(event.task_id)
            if snapshot is not None:
                self._live[event.task_id] = snapshot.apply(event)
            for reader in tuple(self._readers.get(event.task_id, ())):
                self._tell(reader, event)

    def subscribe(self, task_id: str, callback: Callback) -> Callable[[], None]:
        """Call back on each event of the task; returns the function that ends it (safe to call twice)."""
        self._readers.setdefault(task_id, []).append(callback)
        return lambda: self._drop(task_id, callback)

    def _tell(self, reader: Callback, event: Event) -> None:
        try:
            reader(event)
        except Exception:
            _log.exception("A reader of task %s failed and is dropped.", event.task_id)
            self._drop(event.task_id, reader)

    def _drop(self, task_id: str, callback: Callback) -> None:
        readers = self._readers.get(task_id, [])
        if callback in readers:
            readers.remove(callback)
        if not readers:
            self._readers.pop(task_id, None)
