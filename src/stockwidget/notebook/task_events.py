"""What happens to a task, as an iterator: ``for event in task.events()``, or ``async for``."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from stockwidget.errors import from_dict
from stockwidget.tasks.events import TERMINAL, EventKind

if TYPE_CHECKING:
    from stockwidget.notebook.followed import Followed

TaskEventKind = EventKind | Literal["snapshot", "error"]
_LOOK_S = 1.0
"""How often a waiting loop looks whether anybody can still be asked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskEvent:
    """One event. ``snapshot`` carries ``{state, partial, logs}``: the whole, from nothing."""

    kind: TaskEventKind
    data: Mapping[str, Any]
    s: int
    q: int
    ts: int
    """UTC milliseconds."""

    @property
    def last(self) -> bool:
        """Whether nothing can follow."""
        if self.kind == "snapshot":
            return self.data["state"]["status"] in TERMINAL
        return self.kind in {"end", "gone", "error"}


class Inbox:
    """Events between the thread that reads and the loop that consumes, newest progress only."""

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._waiting: deque[TaskEvent] = deque()

    def put(self, event: TaskEvent) -> None:
        """Add an event, from any thread."""
        with self._lock:
            if self._waiting and event.kind == self._waiting[-1].kind == "progress":
                self._waiting.pop()
            self._waiting.append(event)
        self._wake()

    def take(self) -> TaskEvent | None:
        """The oldest event, or None."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None


class Events:
    """An iterable of ``TaskEvent``; each loop over it begins with a snapshot of its own."""

    def __init__(self, followed: Followed, *, check: Callable[[], None]) -> None:
        self._followed = followed
        self._check = check

    def __iter__(self) -> Iterator[TaskEvent]:
        ready = threading.Event()
        inbox = Inbox(ready.set)
        undo = self._followed.listen(inbox.put)
        try:
            while True:
                ready.clear()
                event = inbox.take()
                if event is not None:
                    yield _or_raise(event)
                    if event.last:
                        return
                elif not ready.wait(_LOOK_S):
                    self._check()
        finally:
            undo()

    async def __aiter__(self) -> AsyncIterator[TaskEvent]:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may have closed meanwhile
                loop.call_soon_threadsafe(ready.set)

        inbox = Inbox(wake)
        undo = self._followed.listen(inbox.put)
        try:
            while True:
                ready.clear()
                event = inbox.take()
                if event is not None:
                    yield _or_raise(event)
                    if event.last:
                        return
                    continue
                try:
                    await asyncio.wait_for(ready.wait(), _LOOK_S)
                except TimeoutError:
                    self._check()
        finally:
            undo()


def _or_raise(event: TaskEvent) -> TaskEvent:
    if event.kind == "error":
        raise from_dict(event.data)
    return event
