"""Task records and events: what the journal keeps and every transport carries.

An event has two numbers. ``s`` counts all events of its task; ``q`` counts those that may never
be dropped (everything but progress). A reader that sees a gap in ``s`` has lost nothing that
matters; a gap in ``q`` means that it must ask for a snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Status = Literal[
    "queued", "running", "cancelling", "completed", "failed", "cancelled", "interrupted", "expired"
]
EventKind = Literal["state", "progress", "partial", "log", "end", "gone"]

TERMINAL: frozenset[str] = frozenset({"completed", "failed", "cancelled", "expired"})
CONFLATABLE: frozenset[str] = frozenset({"progress"})
LOG_TAIL = 200
"""Log lines kept in a snapshot; the journal keeps all of them."""
WATCHED_MS = 600_000
"""How long a task is kept after the last sign of somebody who followed it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskRecord:
    """The public state of one task. Times are UTC milliseconds."""

    id: str
    kind: str
    title: str
    params: Mapping[str, Any]
    key: str
    """Canonical digest of kind, parameters and data version: equal keys mean equal results."""
    status: Status
    created_at: int
    name: str | None = None
    """What its reader calls it, to find it again."""
    tags: tuple[str, ...] = ()
    notes: str | None = None
    progress: float = 0.0
    """0 to 100, never decreasing within an attempt."""
    stage: str | None = None
    stages: tuple[str, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    eta_s: float | None = None
    started_at: int | None = None
    ended_at: int | None = None
    retain_until: int | None = None
    """The end of its retention proper; ``kept_until`` counts what else protects it."""
    keep_s: int = 0
    """Asked for at its submission: keep it so long after its end, if its kind keeps it shorter."""
    pinned: bool = False
    keep_until: int | None = None
    """Asked for later on: keep it until then."""
    watched_at: int | None = None
    """The last sign of somebody who follows it."""
    leased_until: int | None = None
    """Until then, whoever follows it counts as present."""
    predecessor: str | None = None
    """The task whose finished chunks this one took over."""
    retries: int = 0
    """How often it may be tried again after a transient failure."""
    retried: int = 0
    attempt: int = 0
    reason: str | None = None
    """Why the task is in its state, where that is not obvious."""
    owner: str | None = None
    """The server that runs it."""
    s: int = 0
    q: int = 0
    error: Mapping[str, Any] | None = None
    summary: Mapping[str, Any] | None = None

    @property
    def terminal(self) -> bool:
        """Whether the state is final."""
        return self.status in TERMINAL

    @property
    def kept_until(self) -> int | None:
        """When the last of its protections ends; None while it lives or is pinned."""
        if self.retain_until is None or self.pinned:
            return None
        watched = 0 if self.watched_at is None else self.watched_at + WATCHED_MS
        return max(self.retain_until, self.keep_until or 0, self.leased_until or 0, watched)

    def public(self, epoch: str) -> dict[str, Any]:
        """The record as REST and snapshots show it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "tags": list(self.tags),
            "notes": self.notes,
            "params": dict(self.params),
            "status": self.status,
            "progress": round(self.progress, 2),
            "stage": self.stage,
            "stages": list(self.stages),
            "counters": dict(self.counters),
            "eta_s": self.eta_s,
            "created_at": self.created_at,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "retain_until": self.kept_until,
            "pinned": self.pinned,
            "predecessor": self.predecessor,
            "attempt": self.attempt,
            "reason": self.reason,
            "epoch": epoch,
            "seq": self.s,
            "q": self.q,
            "error": dict(self.error) if self.error else None,
            "summary": dict(self.summary) if self.summary else None,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that happened to a task, numbered. ``data`` is what the envelope carries as ``d``.

    ``state``: the changed fields of the public record, always with ``status``.
    ``progress``: ``{progress, stage, counters, eta_s}``.
    ``partial``: ``{set, append}``. ``log``: ``{level, message}``.
    ``end``: the changed fields of the public record, with ``status``, ``stage``,
    ``counters``, ``ended_at``, ``retain_until``, ``error`` and ``summary``.
    ``gone``: ``{code: "expired", expired_at, how_to_rerun}``.
    """

    task_id: str
    kind: EventKind
    s: int
    q: int
    ts: int
    data: Mapping[str, Any]

    @property
    def conflatable(self) -> bool:
        """Whether a newer event of the same kind makes this one superfluous."""
        return self.kind in CONFLATABLE


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A task as of ``record.s``: all that a view needs to be drawn from nothing."""

    record: TaskRecord
    partial: Mapping[str, Any] = field(default_factory=dict)
    logs: tuple[Mapping[str, Any], ...] = ()

    def apply(self, event: Event) -> Snapshot:
        """Return the snapshot after ``event``; the one reducer of Python, twin of ``reduce.ts``.

        A ``state`` event with a higher ``attempt`` voids the partial result; logs stay.
        """
        old, data = self.record, dict(event.data)
        numbers: dict[str, Any] = {"s": event.s, "q": event.q}
        match event.kind:
            case "partial":
                record = replace(old, **numbers)
                return Snapshot(record=record, partial=merge(self.partial, data), logs=self.logs)
            case "log":
                logs = (*self.logs, {**data, "ts": event.ts})[-LOG_TAIL:]
                return Snapshot(record=replace(old, **numbers), partial=self.partial, logs=logs)
            case "gone":
                return Snapshot(record=replace(old, **numbers, status="expired"))
        record = replace(old, **{**_fields(data), **numbers})
        void = event.kind == "state" and record.attempt > old.attempt
        return Snapshot(record=record, partial={} if void else self.partial, logs=self.logs)


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in data.items() if k in TaskRecord.__dataclass_fields__}


def merge(partial: Mapping[str, Any], delta: Mapping[str, Any]) -> dict[str, Any]:
    """Apply ``{set, append}`` to a partial result; the inputs stay as they are."""
    merged = {**partial, **delta.get("set", {})}
    for key, rows in delta.get("append", {}).items():
        merged[key] = [*merged.get(key, ()), *rows]
    return merged
