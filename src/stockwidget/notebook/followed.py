"""A task as this process sees it: the snapshot that frames are folded into, and who waits for it.

The follower's thread writes, any other thread reads; every change wakes the waiters.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from stockwidget.errors import StockwidgetError, TaskExpired, from_dict
from stockwidget.notebook.task_events import TaskEvent, TaskEventKind
from stockwidget.tasks.events import Event, EventKind, Snapshot, Status, TaskRecord

_log = logging.getLogger(__name__)
_EVENT_KINDS = frozenset({"state", "progress", "partial", "log", "end", "gone"})
Listener = Callable[[TaskEvent], None]
_FIELDS = frozenset(TaskRecord.__dataclass_fields__) - {"s", "q", "key", "owner"}

_AMENDABLE = ("name", "tags", "notes", "pinned", "retain_until")


def record_of(state: Mapping[str, Any]) -> TaskRecord:
    """Rebuild a record from its public form (see docs/protocol.md); the digest does not travel."""
    known = {k: v for k, v in state.items() if k in _FIELDS and v is not None}
    for field in ("stages", "tags"):
        known[field] = tuple(known.get(field, ()))
    return TaskRecord(key="", s=int(state.get("seq", 0)), q=int(state.get("q", 0)), **known)


class Followed:
    """One task: ``snapshot``, ``epoch``, and ``trouble`` while nobody can be asked about it."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.snapshot = Snapshot(record=record_of(state))
        self.epoch = str(state.get("epoch", ""))
        self.trouble: StockwidgetError | None = None
        self.trouble_since: float | None = None
        """Monotonic seconds."""
        self._whole = False  # no snapshot yet: partial and logs before our first cursor are unknown
        self._condition = threading.Condition()
        self._callbacks: list[Callable[[], None]] = []
        self._listeners: list[Listener] = []

    @property
    def settled(self) -> bool:
        """Whether nothing more will come. An interrupted task goes on when its server is back."""
        return self.snapshot.record.terminal

    @property
    def cursor(self) -> dict[str, Any] | None:
        """Where to go on, or None for a whole snapshot."""
        if not self._whole:
            return None
        return {"e": self.epoch, "s": self.snapshot.record.s, "q": self.snapshot.record.q}

    def to_dict(self) -> dict[str, Any]:
        """``{state, partial, logs}``, as the card takes it."""
        snapshot = self.snapshot
        return {
            "state": snapshot.record.public(self.epoch),
            "partial": dict(snapshot.partial),
            "logs": [dict(line) for line in snapshot.logs],
        }

    def wait(self, timeout: float | None, *, until: Callable[[], bool]) -> bool:
        """Block until ``until()`` or ``timeout`` seconds; whether it came true."""
        with self._condition:
            return self._condition.wait_for(until, timeout)

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback()`` after every change, on the follower's thread; returns the undo."""
        with self._condition:
            self._callbacks.append(callback)

        def undo() -> None:
            with self._condition:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        return undo

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(event)`` with a snapshot, then with each event once; returns the undo.

        The first snapshot is that of now, unless the whole is still to come.
        """
        with self._condition:
            snapshot = self.snapshot
            known = self._whole or snapshot.record.terminal
            if known:
                listener(self._whole_event(snapshot, ts=snapshot.record.created_at))
            self._listeners.append(listener)

        def undo() -> None:
            with self._condition:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return undo

    def accept(self, frame: Mapping[str, Any]) -> bool:
        """Fold one frame in. False means that something was missed: subscribe again."""
        kind, body = frame["k"], frame.get("d") or {}
        if kind == "snapshot":
            self._accept_snapshot(frame, body)
        elif kind == "error":
            self.fail(from_dict(body))
        elif kind in _EVENT_KINDS:
            return self._accept_event(frame, cast("EventKind", kind), body)
        return True

    def amend(self, state: Mapping[str, Any]) -> None:
        """Take over what may change without an event: protections and labels."""
        told, snapshot = record_of(state), self.snapshot
        changes = {field: getattr(told, field) for field in _AMENDABLE}
        self._put(replace(snapshot, record=replace(snapshot.record, **changes)))

    def distrust(self) -> None:
        """Forget the cursor: only a whole snapshot will do."""
        self._whole = False

    def behind(self, q: int) -> bool:
        """Whether a heartbeat that says ``q`` shows a silent loss."""
        return q > self.snapshot.record.q

    def trouble_is(self, error: StockwidgetError, now: float | None = None) -> None:
        """Nobody answers for the time being; the follower keeps trying."""
        with self._condition:
            self.trouble = error
            if self.trouble_since is None:
                self.trouble_since = time.monotonic() if now is None else now
            self._condition.notify_all()

    def fail(self, error: StockwidgetError) -> None:
        """Give the task up for good: it is unknown or expired, or its runner died."""
        record = self.snapshot.record
        if record.terminal:
            return
        status: Status = "expired" if isinstance(error, TaskExpired) else "failed"
        data = error.to_dict()
        self._put(
            replace(self.snapshot, record=replace(record, status=status, error=data)),
            self._event("error", data, ts=record.ended_at or record.created_at),
        )

    def _accept_event(
        self, frame: Mapping[str, Any], kind: EventKind, body: Mapping[str, Any]
    ) -> bool:
        record = self.snapshot.record
        s, q = int(frame["s"]), int(frame["q"])
        if frame.get("e") != self.epoch:
            return False
        if s <= record.s:
            return True
        if kind != "gone" and q - record.q != (0 if kind == "progress" else 1):
            return False  # after the removal of a result nothing can be missed any more
        event = Event(task_id=record.id, kind=kind, s=s, q=q, ts=frame["ts"], data=body)
        self._put(
            self.snapshot.apply(event), TaskEvent(kind=kind, data=body, s=s, q=q, ts=event.ts)
        )
        return True

    def _accept_snapshot(self, frame: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        if body.get("recovered") and frame.get("e") == self.epoch and self._whole:
            self._put(self.snapshot)
            return
        state = {**body["state"], "seq": frame["s"], "q": frame["q"]}
        epoch = str(frame.get("e", self.epoch))
        if self._whole and epoch == self.epoch and int(frame["s"]) < self.snapshot.record.s:
            return  # another connection was faster
        self.epoch = epoch
        self._whole = True
        snapshot = Snapshot(
            record=record_of(state),
            partial=body.get("partial") or {},
            logs=tuple(body.get("logs") or ()),
        )
        self._put(snapshot, self._whole_event(snapshot, ts=int(frame.get("ts", 0))))

    def _whole_event(self, snapshot: Snapshot, *, ts: int) -> TaskEvent:
        record = snapshot.record
        data = {
            "state": record.public(self.epoch),
            "partial": snapshot.partial,
            "logs": snapshot.logs,
        }
        return TaskEvent(kind="snapshot", data=data, s=record.s, q=record.q, ts=ts)

    def _event(self, kind: TaskEventKind, data: Mapping[str, Any], *, ts: int) -> TaskEvent:
        record = self.snapshot.record
        return TaskEvent(kind=kind, data=data, s=record.s, q=record.q, ts=ts)

    def _put(self, snapshot: Snapshot, event: TaskEvent | None = None) -> None:
        with self._condition:
            self.snapshot = snapshot
            self.trouble = self.trouble_since = None
            self._condition.notify_all()
            calls = [*self._callbacks]
            if event is not None:
                calls += [partial(listener, event) for listener in self._listeners]
        for call in calls:
            try:
                call()
            except Exception:  # noqa: BLE001 - a failing display must not end all following
                _log.exception("A listener of task %s failed", snapshot.record.id)
