"""Live snapshots and their readers. Memory grows with live tasks, not with all that ever ran."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, KeysView, Sequence
from dataclasses import replace
from typing import Any

from stockwidget.tasks.events import Event, Snapshot

Callback = Callable[[Event], None]
log = logging.getLogger(__name__)


class Hub:
    """What is published the journal already holds; ``runner.py`` has the one exception."""

    def __init__(self) -> None:
        self._live: dict[str, Snapshot] = {}
        self._readers: dict[str, dict[int, Callback]] = {}
        self._positions: dict[str, int] = {}
        """``s`` of the last event that readers of a task were told, or of where it stood."""
        self._numbers = itertools.count()

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

    @property
    def followed(self) -> KeysView[str]:
        """Ids of the tasks that have readers."""
        return self._readers.keys()

    def position(self, task_id: str) -> int | None:
        """How far the readers of a task have been told; None if that is not known yet."""
        return self._positions.get(task_id)

    def place(self, task_id: str, s: int) -> None:
        """Note that readers of a task know all up to ``s``."""
        if task_id in self._readers:
            self._positions[task_id] = max(s, self._positions.get(task_id, 0))

    def amend(self, task_id: str, **fields: Any) -> None:
        """Note in a live task's record what is no event of its life."""
        snapshot = self._live.get(task_id)
        if snapshot is not None:
            record = replace(snapshot.record, **fields)
            self._live[task_id] = replace(snapshot, record=record)

    def publish(self, events: Sequence[Event]) -> None:
        """Reduce the events into the snapshot and tell every reader, in order."""
        for event in events:
            snapshot = self._live.get(event.task_id)
            if snapshot is not None:
                self._live[event.task_id] = snapshot.apply(event)
            if event.task_id in self._readers:
                self._positions[event.task_id] = event.s
            for number, reader in tuple(self._readers.get(event.task_id, {}).items()):
                try:
                    reader(event)
                except Exception:
                    log.exception("A reader of task %s failed and is dropped.", event.task_id)
                    self._drop(event.task_id, number)

    def subscribe(self, task_id: str, callback: Callback) -> Callable[[], None]:
        """Call back on each event of the task; returns what ends it (safe to call twice)."""
        number = next(self._numbers)
        self._readers.setdefault(task_id, {})[number] = callback
        return lambda: self._drop(task_id, number)

    def _drop(self, task_id: str, number: int) -> None:
        readers = self._readers.get(task_id, {})
        readers.pop(number, None)
        if not readers:
            self._readers.pop(task_id, None)
            self._positions.pop(task_id, None)
