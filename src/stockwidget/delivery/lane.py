"""One followed task of one reader: what it still has to be sent, in order, and how often.

A lane is *wanted* (a snapshot must be fetched), *asked* (it is being fetched, live events wait) or
*live*. Frames leave in the order of ``s``, because a reader drops what is not newer than its last.
Hence a progress event that is not due yet holds back what follows it: by at most one interval, and
not when it is a change of state, or of the stage, with which the first rows of a scan come. A newer
one that takes its place holds back the same: the rows of a scan do not arrive without the counters
that were said before them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from stockwidget.delivery.cursors import Cursor
from stockwidget.delivery.frames import Encoder
from stockwidget.tasks.events import Event, Snapshot, TaskRecord

_PLAIN = frozenset({"partial", "log"})
"""Kinds that change nothing but the position."""
PROGRESS_FIELDS = ("progress", "stage", "counters", "eta_s")


@dataclass(slots=True)
class Budget:
    """What all lanes of a reader hold back together: the bound is the reader's, not the lane's."""

    events: int = 0
    size: int = 0
    conflated: int = 0
    """Progress events since the start that were never sent, since newer ones had come."""
    resyncs: int = 0
    """Queues since the start that were given up for a snapshot."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A never-dropped event in the queue, with its frame."""

    event: Event
    frame: bytes
    live: bool
    """Whether it happened while the reader followed; a replayed one is of the past."""


class Lane:
    """The state of one followed task. ``push`` takes live events, ``take`` gives frames."""

    __slots__ = (
        "_budget",
        "_encoder",
        "_head",
        "_held",
        "_missed",
        "_position",
        "_progress_at",
        "_queue",
        "_shown",
        "_slot",
        "born",
        "cursor",
        "ended",
        "sent",
        "state",
        "task",
    )

    def __init__(
        self, task: str, cursor: Cursor | None, *, encoder: Encoder, budget: Budget
    ) -> None:
        self.task = task
        self.cursor = cursor
        """Where the reader stood when it subscribed; ``None`` if only a whole snapshot will do."""
        self.state: Literal["wanted", "asked", "live"] = "wanted"
        self.sent = (-1, -1)
        """``s, q`` of the last frame taken."""
        self.born: int | None = None
        """``ts`` of the event last taken; ``None`` if it was a snapshot or a replayed event."""
        self.ended = False
        """Whether the task's state is final, as far as it is known here."""
        self._encoder = encoder
        self._budget = budget
        self._head: bytes | None = None
        """The snapshot frame, until it is taken."""
        self._queue: deque[Waiting] = deque()
        self._slot: Event | None = None
        """The newest progress event that has not been taken."""
        self._held = False
        """Whether it took the place of one that held back what stands before it in the queue."""
        self._missed: Event | None = None
        """The one that stands for progress from before the reader came back."""
        self._position = (-1, -1)
        """``s, q`` of the newest event accepted."""
        self._shown: Mapping[str, Any] | None = None
        """The progress the reader has on its screen, as far as it is known."""
        self._progress_at = float("-inf")

    @property
    def queued(self) -> int:
        """Events waiting here."""
        return len(self._queue)

    @property
    def opening(self) -> bool:
        """Whether the reader still waits for this lane's snapshot."""
        return self.state == "asked" or self._head is not None

    def level(self, other: Lane, now: float, *, interval: float) -> bool:
        """Whether the reader of ``other``, which has nothing to send, can be served by this lane.

        Its reader must have been sent the same, and get no progress too soon.
        """
        return (
            self.state == "live"
            and self.due(interval=interval) is None
            and self._position == other._position
            and self.ended == other.ended
            and self.sent == other.sent
            and (self._progress_at >= other._progress_at or now >= other._progress_at + interval)
            and self._shown == other._shown
        )

    def charge(self, budget: Budget) -> None:
        """Let what waits from now on count there; nothing waits."""
        self._budget = budget

    def copy(self, budget: Budget) -> Lane:
        """Return a lane that stands where this one stands."""
        lane = Lane(self.task, None, encoder=self._encoder, budget=budget)
        lane.state, lane.sent, lane.ended = self.state, self.sent, self.ended
        lane._slot, lane._held, lane._shown = self._slot, self._held, self._shown
        lane._position, lane._progress_at = self._position, self._progress_at
        lane._queue.extend(self._queue)
        budget.events += len(self._queue)
        budget.size += sum(len(waiting.frame) for waiting in self._queue)
        return lane

    def want(self, cursor: Cursor | None) -> None:
        """Forget everything that waits; a snapshot has to be fetched."""
        self.clear()
        self.cursor = cursor
        self.state = "wanted"

    def resync(self) -> None:
        """Give up what waits, since it has a hole or is too long; a snapshot takes its place."""
        self._budget.resyncs += 1
        self.want(None)

    def clear(self) -> None:
        """Give back what the lane holds."""
        self._budget.events -= len(self._queue)
        self._budget.size -= sum(len(waiting.frame) for waiting in self._queue)
        self._queue.clear()
        self._head = self._slot = self._missed = self._shown = None
        self._held = False
        self._position = (-1, -1)

    def pass_on(self, event: Event) -> bytes | None:
        """Take a live event and return its frame at once, if nothing waits before it.

        ``None``: it must be pushed. As a rule readers wait for the task, and this is all there is.
        """
        s, q = self._position
        if (
            self.state != "live"
            or event.kind == "progress"
            or event.q != q + 1
            or event.s <= s
            or self._queue
            or self._slot is not None
            or self._head is not None
        ):
            return None
        if event.kind in _PLAIN:
            self._position = (event.s, event.q)
        else:
            self._note(event)
        self.sent = self._position
        return self._encoder.event(event)

    def push(self, event: Event) -> None:
        """Take a live event. One that leaves a gap in ``q`` sends the lane back to *wanted*."""
        s, q = self._position
        if self.state == "wanted" or event.s <= s:
            return
        expected = q if event.conflatable else q + 1
        if self.state == "live" and event.q != expected:
            self.resync()
            return
        if event.conflatable:
            self._position = (event.s, event.q)
            shown = event.data == self._shown and not self._changing
            self._budget.conflated += (self._slot is not None) + shown
            self._held = not shown and bool(self._queue) and self._holds
            self._slot = None if shown else event
            return
        self._note(event)
        self._enqueue(event)

    @property
    def _holds(self) -> bool:
        """Whether the next frame has to wait until progress is due."""
        if self._slot is None:
            return False
        return self._held or not self._queue or self._slot.s < self._queue[0].event.s

    @property
    def _changing(self) -> bool:
        """Whether a change of state is on its way, after which nothing counts as shown."""
        return any(waiting.event.kind == "state" for waiting in self._queue)

    def _note(self, event: Event) -> None:
        """Account for a never-dropped event, sent or not."""
        self._position = (event.s, event.q)
        if event.kind == "state":
            self._progress_at = float("-inf")
            self._shown = None
        elif event.kind in {"end", "gone"}:
            self.ended = True
            self._budget.conflated += self._slot is not None
            self._slot, self._held = None, False

    def settle(self, snapshot: Snapshot, tail: Sequence[Event] | None, *, ts: int) -> None:
        """Take the answer to a fetch; events that came meanwhile are neither lost nor doubled."""
        record, cursor = snapshot.record, self.cursor
        waiting = [item.event for item in self._queue]
        slot = self._slot
        self.clear()
        self.ended = self.ended or record.terminal
        if cursor is not None and tail is not None and _continues(cursor, record, tail):
            self._head = self._encoder.recovered(snapshot, cursor, ts=ts)
            s, q = cursor.s, cursor.q
            newest = _progress(record, cursor, tail, ts=ts)
            if slot is None or (newest is not None and newest.s > slot.s):
                slot = self._missed = newest
        else:
            self._head = self._encoder.snapshot(snapshot, ts=ts)
            s, q = record.s, record.q
            tail = ()
            self._shown = {name: getattr(record, name) for name in PROGRESS_FIELDS}
        replayed = {event.s for event in tail}
        rest = {event.s: event for event in (*tail, *waiting) if event.s > s}
        events = [rest[key] for key in sorted(rest)]
        if [event.q for event in events] != list(range(q + 1, q + 1 + len(events))):
            self.resync()
            return
        for event in events:
            self._enqueue(event, live=event.s not in replayed)
        ended = any(event.kind in {"end", "gone"} for event in events)
        self._slot = slot if slot is not None and slot.s > s and not ended else None
        self._position = (
            max([s, *rest, *([self._slot.s] if self._slot else [])]),
            q + len(events),
        )
        self.sent = (s, q)
        self.state = "live"

    def take(self, now: float, *, interval: float) -> bytes | None:
        """Return the next frame that may leave at ``now``, or ``None``."""
        if self.state != "live":
            return None
        self.born = None
        if self._head is not None:
            frame, self._head = self._head, None
            return frame
        if self._holds and now < self._progress_due(interval):
            return None
        if self._slot is not None and (not self._queue or self._slot.s < self._queue[0].event.s):
            event, self._slot, self._held = self._slot, None, False
            self._progress_at, self._shown = now, event.data
            self.sent = (event.s, event.q)
            self.born = event.ts if event is not self._missed else None
            return self._encoder.event(event)
        if not self._queue:
            return None
        waiting = self._queue.popleft()
        if waiting.event.kind == "state":
            self._shown = None  # progress from before it may just have been sent
        self._budget.events -= 1
        self._budget.size -= len(waiting.frame)
        self.sent = (waiting.event.s, waiting.event.q)
        self.born = waiting.event.ts if waiting.live else None
        return waiting.frame

    def due(self, *, interval: float) -> float | None:
        """Return when ``take`` gives something (maybe in the past); ``None`` if nothing waits."""
        if self.state != "live" or not (self._head or self._queue or self._slot):
            return None
        if self._head or not self._holds:
            return float("-inf")
        return self._progress_due(interval)

    def _progress_due(self, interval: float) -> float:
        """When the progress event in the slot may leave; at once if it begins another stage."""
        before = self._shown and self._shown.get("stage")
        if before and self._slot is not None and self._slot.data.get("stage") != before:
            return float("-inf")
        return self._progress_at + interval

    def _enqueue(self, event: Event, *, live: bool = True) -> None:
        frame = self._encoder.event(event)
        self._queue.append(Waiting(event=event, frame=frame, live=live))
        self._budget.events += 1
        self._budget.size += len(frame)


def _continues(cursor: Cursor, record: TaskRecord, tail: Sequence[Event]) -> bool:
    """Whether ``tail`` is all that lies between ``cursor`` and ``record``, without a hole."""
    counts = [cursor.q, *(event.q for event in tail)]
    return (
        cursor.s <= record.s
        and counts[-1] >= record.q
        and all(later == earlier + 1 for earlier, later in pairwise(counts))
    )


def _progress(
    record: TaskRecord, cursor: Cursor, tail: Sequence[Event], *, ts: int
) -> Event | None:
    """Return the newest progress that the reader of ``cursor`` has missed, under its true number.

    Every event after the cursor is in ``tail`` or is progress, so the highest number that the tail
    lacks is that of the newest progress. Under a later number it could not be sent without breaking
    the order, and under an earlier one the reader would drop it.
    """
    if record.terminal:
        return None
    known = {event.s for event in tail}
    s = record.s
    while s in known:
        s -= 1
    if s <= cursor.s:
        return None
    return Event(
        task_id=record.id,
        kind="progress",
        s=s,
        q=cursor.q + sum(event.s < s for event in tail),
        ts=ts,
        data={name: getattr(record, name) for name in PROGRESS_FIELDS},
    )
