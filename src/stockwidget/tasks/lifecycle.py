"""The life of a task, as a table.

A task is in one of eight states. Something happens to it (a worker took it, its job yielded,
somebody asked to cancel it), and the table says which state comes next, which event tells the
world, and what the runner must do then. Nothing here waits, writes or reads a clock:
``advance(record, happening)`` returns the new record and a tuple of commands, and the runner
performs them in order.

Four promises follow from the table, and ``tests/tasks/test_lifecycle.py`` searches for
counterexamples:

1. ``completed``, ``failed`` and ``cancelled`` are final. Their only way on is ``expire``, by
   retention.
2. Once ``cancelling``, a task ends as ``cancelled``, even if its job was faster than the request:
   who asked for a stop never finds a result.
3. Progress never decreases within an attempt.
4. A pair that is not in the table changes nothing. Late messages of a worker are therefore
   harmless.

A task whose server died is *adopted* by the next one. Jobs are idempotent, so a running task is
queued again as a new attempt: its progress starts at 0 and the partial results of the old attempt
are void. The ``state`` event says so by carrying the higher ``attempt``. So does a task that is
tried again after a transient failure, or *resumed* after an interruption. A new attempt of a job
that writes checkpoints tells what it took over once more, and computes only the rest.

``s`` counts all events and ``q`` those that may never be dropped. Progress is not journalled
event by event, so a dead server may have published a higher ``s`` than its journal holds. An
adopter therefore leaps over ``LEAP`` numbers: readers drop what is not newer, and a reused number
would be dropped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from stockwidget.tasks.events import CONFLATABLE, TERMINAL, Event, EventKind, Status, TaskRecord
from stockwidget.tasks.steps import Log, Partial, Step

Trigger = Literal[
    "start",
    "step",
    "partial",
    "log",
    "cancel",
    "finish",
    "fail",
    "stop",
    "retry",
    "interrupt",
    "adopt",
    "resume",
    "expire",
]
Command = Literal["enqueue", "stop_work", "forget"]

STATES: tuple[Status, ...] = get_args(Status)
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
LEAP = 1_000_000
MESSAGE_LIMIT = 4_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One line of the table."""

    to: Status
    says: EventKind | None = None
    """The event that is journalled and published; None if readers see no difference."""
    then: Command | None = None
    """What the runner does once the event is journalled."""


TABLE: Mapping[tuple[Status, Trigger], Rule] = {
    ("queued", "start"): Rule(to="running", says="state"),
    ("queued", "cancel"): Rule(to="cancelled", says="end"),
    ("queued", "fail"): Rule(to="failed", says="end"),
    ("queued", "adopt"): Rule(to="queued", then="enqueue"),
    ("running", "step"): Rule(to="running", says="progress"),
    ("running", "partial"): Rule(to="running", says="partial"),
    ("running", "log"): Rule(to="running", says="log"),
    ("running", "finish"): Rule(to="completed", says="end"),
    ("running", "fail"): Rule(to="failed", says="end"),
    ("running", "retry"): Rule(to="queued", says="state"),
    ("running", "cancel"): Rule(to="cancelling", says="state", then="stop_work"),
    ("running", "interrupt"): Rule(to="interrupted", says="state", then="stop_work"),
    ("running", "adopt"): Rule(to="queued", says="state", then="enqueue"),
    ("cancelling", "log"): Rule(to="cancelling", says="log"),
    ("cancelling", "cancel"): Rule(to="cancelling"),
    ("cancelling", "stop"): Rule(to="cancelled", says="end"),
    ("cancelling", "finish"): Rule(to="cancelled", says="end"),
    ("cancelling", "fail"): Rule(to="cancelled", says="end"),
    ("cancelling", "retry"): Rule(to="cancelled", says="end"),
    ("cancelling", "interrupt"): Rule(to="cancelled", says="end"),
    ("cancelling", "adopt"): Rule(to="cancelled", says="end"),
    ("interrupted", "adopt"): Rule(to="queued", says="state", then="enqueue"),
    ("interrupted", "resume"): Rule(to="queued", says="state", then="enqueue"),
    ("interrupted", "cancel"): Rule(to="cancelled", says="end"),
    ("interrupted", "fail"): Rule(to="failed", says="end"),
    ("completed", "expire"): Rule(to="expired", says="gone", then="forget"),
    ("failed", "expire"): Rule(to="expired", says="gone", then="forget"),
    ("cancelled", "expire"): Rule(to="expired", says="gone", then="forget"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """Something that happened to a task at ``ts`` (UTC ms); the fields a trigger needs are set."""

    trigger: Trigger
    ts: int
    item: Step | Partial | Log | None = None
    eta_s: float | None = None
    error: Mapping[str, Any] | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    owner: str | None = None
    retention_s: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What follows: the new record, the events to journal and publish, then the command."""

    record: TaskRecord
    events: tuple[Event, ...] = ()
    then: Command | None = None


def allows(status: Status, trigger: Trigger) -> bool:
    """Whether the table has a line for the pair."""
    return (status, trigger) in TABLE


def advance(record: TaskRecord, happening: Happening) -> Outcome:
    """Look the happening up and apply it; a pair that is not in the table changes nothing."""
    rule = TABLE.get((record.status, happening.trigger))
    if rule is None:
        return Outcome(record=record)
    if happening.trigger in {"adopt", "resume"}:
        record = replace(record, owner=happening.owner, s=record.s + LEAP)
    if happening.trigger == "retry":
        record = replace(record, retried=record.retried + 1)
    data = _data(record, happening, rule)
    if rule.says is None or (rule.says == "progress" and _same(record, data)):
        return Outcome(record=record, then=rule.then)
    number = record.q if rule.says in CONFLATABLE else record.q + 1
    numbered = {**data, "status": rule.to, "s": record.s + 1, "q": number}
    known = {k: v for k, v in numbered.items() if k in TaskRecord.__dataclass_fields__}
    after = replace(record, **known)
    event = Event(
        task_id=record.id, kind=rule.says, s=after.s, q=after.q, ts=happening.ts, data=data
    )
    return Outcome(record=after, events=(event,), then=rule.then)


def submitted(record: TaskRecord, *, ts: int) -> Outcome:
    """The beginning: number the first event of a fresh, queued record."""
    after = replace(record, s=1, q=1, attempt=1)
    data = {"status": "queued", "attempt": 1, "created_at": record.created_at}
    event = Event(task_id=record.id, kind="state", s=1, q=1, ts=ts, data=data)
    return Outcome(record=after, events=(event,), then="enqueue")


def _same(before: TaskRecord, told: Mapping[str, Any]) -> bool:
    """Whether a step told nothing new (a new estimate alone is no news)."""
    known = {"progress": before.progress, "stage": before.stage, "counters": dict(before.counters)}
    return all(told[name] == value for name, value in known.items())


def _data(record: TaskRecord, happening: Happening, rule: Rule) -> dict[str, Any]:
    match rule.says, happening.item:
        case "state", _:
            data = _state(record, happening, rule)
        case "progress", Step() as step:
            data = _progress(record, step, happening.eta_s)
        case "partial", Partial() as piece:
            data = {"set": dict(piece.set), "append": dict(piece.append)}
        case "log", Log() as line:
            data = {"level": line.level, "message": line.message[:MESSAGE_LIMIT]}
        case "end", _:
            data = _end(record, happening, rule)
        case "gone", _:
            rerun = {"kind": record.kind, "params": dict(record.params)}
            data = {"code": "expired", "expired_at": happening.ts, "how_to_rerun": rerun}
        case None, _:
            data = {}
        case _:
            raise TypeError(f"The trigger {happening.trigger!r} came with {happening.item!r:.80}.")
    return data


def _state(record: TaskRecord, happening: Happening, rule: Rule) -> dict[str, Any]:
    data: dict[str, Any] = {"status": rule.to, "reason": happening.reason, "eta_s": None}
    if rule.to == "running":
        return {**data, "started_at": happening.ts, "attempt": record.attempt}
    if rule.to == "queued":
        fresh: dict[str, Any] = {"progress": 0.0, "stage": None, "counters": {}, "started_at": None}
        return {**data, **fresh, "attempt": record.attempt + 1}
    return data


def _progress(record: TaskRecord, step: Step, eta_s: float | None) -> dict[str, Any]:
    share = step.progress if math.isfinite(step.progress) else 0.0
    return {
        "progress": max(record.progress, round(100 * min(max(share, 0.0), 1.0), 2)),
        "stage": step.stage,
        "counters": dict(step.counters) or dict(record.counters),
        "eta_s": eta_s,
    }


def _end(record: TaskRecord, happening: Happening, rule: Rule) -> dict[str, Any]:
    return {
        "status": rule.to,
        "progress": 100.0 if rule.to == "completed" else record.progress,
        # The last progress may have been conflated away: a reader's counters must end right.
        "stage": record.stage,
        "counters": dict(record.counters),
        "ended_at": happening.ts,
        "retain_until": happening.ts + 1_000 * happening.retention_s,
        "error": dict(happening.error) if happening.error and rule.to == "failed" else None,
        "summary": dict(happening.summary) if rule.to == "completed" else None,
        "reason": happening.reason,
        "eta_s": None,
    }


def diagram() -> str:
    """The table as a Mermaid state diagram, the one of ``docs/lifecycle.md``."""
    arrows: dict[tuple[Status, Status], list[str]] = {}
    for (state, trigger), rule in TABLE.items():
        arrows.setdefault((state, rule.to), []).append(trigger)
    lines = ["stateDiagram-v2", "    [*] --> queued: submit"]
    lines += [f"    {a} --> {b}: {', '.join(words)}" for (a, b), words in arrows.items()]
    lines += ["    expired --> [*]"]
    return "\n".join(lines)


def live(status: Status) -> bool:
    """Whether a server has, or should have, this task in hand."""
    return status not in TERMINAL
