"""A followed task as a runner would offer it, so that the kernel can pass its events on.

What the kernel hears of a task becomes a snapshot, live events and the tail of those that may not
be lost: the same three things that a delivery session asks of a runner.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import cast
from weakref import WeakValueDictionary

from stockwidget.errors import UnknownTask
from stockwidget.notebook import background
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.task_events import TaskEvent
from stockwidget.tasks.events import Event, EventKind, Snapshot

KEPT = 256
"""Events of a task kept for readers that come back."""


class Source:
    """One task. Events come from the thread that follows it, readers are on the background loop."""

    def __init__(self, followed: Followed) -> None:
        self.followed = followed
        self._lock = threading.Lock()
        self._tail: deque[Event] = deque(maxlen=KEPT)
        self._readers: list[Callable[[Event], None]] = []
        self._anew: list[Callable[[], None]] = []
        self._stop = followed.listen(self._heard)

    @property
    def id(self) -> str:
        """The task's id."""
        return self.followed.snapshot.record.id

    def tail(self, s: int) -> list[Event] | None:
        """The events after ``s`` that may not be lost, in order, as far back as they are kept.

        Whether they are all is for the session to see, by their numbers.
        """
        with self._lock:
            return [event for event in self._tail if event.s > s]

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``callback`` on the loop with each event; returns the undo."""
        self._readers.append(callback)
        return lambda: self._readers.remove(callback)

    def on_whole(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` on the loop when only a new snapshot tells what happened."""
        self._anew.append(callback)
        return lambda: self._anew.remove(callback)

    def _heard(self, event: TaskEvent) -> None:
        if event.kind in {"snapshot", "error"}:
            with self._lock:
                self._tail.clear()
            background.soon(self._tell_whole)
            return
        told = Event(
            task_id=self.id,
            kind=cast("EventKind", event.kind),
            s=event.s,
            q=event.q,
            ts=event.ts,
            data=event.data,
        )
        if not told.conflatable:
            with self._lock:
                self._tail.append(told)
        background.soon(self._tell, told)

    def _tell(self, event: Event) -> None:
        for reader in tuple(self._readers):
            reader(event)

    def _tell_whole(self) -> None:
        for reader in tuple(self._anew):
            reader()


class Sources:
    """The tasks that cards of this kernel show; what a session follows (``Followable``)."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[str, Source] = WeakValueDictionary()

    def of(self, followed: Followed) -> Source:
        """The source of a task; the first handle's serves all of them."""
        source = self._known.get(followed.snapshot.record.id)
        if source is None:
            source = Source(followed)
            self._known[source.id] = source
        return source

    def seen_from(self, epoch: str) -> Journal:
        """The tasks of one journal: numbers of another would mean something else."""
        return Journal(self._known, epoch)


class Journal:
    """Sources of one epoch, as a ``Followable``."""

    def __init__(self, known: WeakValueDictionary[str, Source], epoch: str) -> None:
        self._known = known
        self._epoch = epoch

    async def snapshot(self, task_id: str) -> Snapshot:
        """The task as the kernel knows it. Raises UnknownTask."""
        return self._source(task_id).followed.snapshot

    async def tail(self, task_id: str, s: int) -> list[Event] | None:
        """See ``Source.tail``."""
        return self._source(task_id).tail(s)

    def subscribe(self, task_id: str, callback: Callable[[Event], None]) -> Callable[[], None]:
        """See ``Source.subscribe``; for an unknown task the snapshot will raise."""
        source = self._known.get(task_id)
        return (lambda: None) if source is None else source.subscribe(callback)

    def _source(self, task_id: str) -> Source:
        source = self._known.get(task_id)
        if source is None or source.followed.epoch != self._epoch:
            raise UnknownTask(
                f"This kernel shows no task {task_id}.",
                hint="Run the cell that made it again.",
                task_id=task_id,
            )
        return source


SOURCES = Sources()
"""Those of this kernel."""
