"""From what was asked to a record: checked, canonical, with the key that says what is alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from stockwidget.errors import InvalidRequest, WrongTaskState, nearest
from stockwidget.tasks.code import Code
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.labels import check_labels
from stockwidget.tasks.protection import check_keep
from stockwidget.tasks.store import Request

KEY_LIMIT = 200
RETRY_LIMIT = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """One submission, as the caller put it."""

    kind: str
    params: Mapping[str, Any]
    name: str | None = None
    tags: Sequence[str] = ()
    notes: str | None = None
    force: bool = False
    """Run it even if a task alike is running or kept."""
    idempotency_key: str | None = None
    """The same key again, within a day, gets the same task."""
    retries: int | None = None
    """How often to try again after a transient failure; None leaves it to the kind."""
    keep_for_s: float = 0
    """Keep the result at least so long after the end."""
    code: Mapping[str, Any] | None = None
    """Functions of the user, as ``Code.plain`` wrote them."""


def prepare(
    wanted: Wanted, kinds: Mapping[str, Kind], *, task_id: str, owner: str, now: int
) -> tuple[TaskRecord, Request]:
    """The record of a new task, and what would do instead of it. Raises InvalidRequest."""
    kind = find_kind(wanted.kind, kinds)
    labels = check_labels(name=wanted.name, tags=wanted.tags, notes=wanted.notes)
    again = wanted.idempotency_key
    if again is not None and (not isinstance(again, str) or len(again) > KEY_LIMIT):
        raise InvalidRequest(
            f"An idempotency_key is a text of at most {KEY_LIMIT} characters.",
            hint="Shorten it, or leave it away.",
            field="idempotency_key",
        )
    retries = kind.retries if wanted.retries is None else wanted.retries
    if isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries <= RETRY_LIMIT:
        raise InvalidRequest(
            f"retries must be a whole number from 0 to {RETRY_LIMIT}, not {retries!r}.",
            hint="Leave it out for the usual number.",
            field="retries",
        )
    keep_s = round(check_keep(wanted.keep_for_s)) if wanted.keep_for_s else 0
    code = None if wanted.code is None else Code.read(wanted.code)
    given = wanted.params if code is None else {**wanted.params, "code": code.digest}
    params, title = kind.prepare(given)
    version = kind.version(params)
    record = TaskRecord(
        id=task_id,
        kind=kind.name,
        title=title,
        params=params,
        key=task_key(kind.name, params, version),
        status="queued",
        created_at=now,
        name=labels.name or None,
        tags=labels.tags or (),
        notes=labels.notes or None,
        stages=kind.stages,
        owner=owner,
        retries=retries,
        keep_s=keep_s,
    )
    request = Request(
        alike=version is not None and not wanted.force,
        idempotency_key=wanted.idempotency_key,
        digest=_digest([kind.name, params, record.name, retries, keep_s]),
        code=code,
    )
    return record, request


def succeed(
    old: TaskRecord, kind: Kind, *, retry: bool, task_id: str, owner: str, now: int
) -> tuple[TaskRecord, Request]:
    """The successor of a task that ended, which takes over its chunks. Raises WrongTaskState.

    With ``retry`` it tries again what failed in a completed task, otherwise it goes on with one
    that was cancelled or failed.
    """
    failed = old.counters.get("failed", 0)
    possible = old.status == "completed" and failed if retry else old.status in _UNFINISHED
    if not kind.resumable or not possible:
        raise _no_successor(old, kind, retry=retry)
    key = task_key(kind.name, old.params, kind.version(old.params))
    record = TaskRecord(
        id=task_id,
        kind=old.kind,
        title=old.title,
        params=old.params,
        key=key,
        status="queued",
        created_at=now,
        name=old.name,
        tags=old.tags,
        notes=old.notes,
        stages=kind.stages,
        owner=owner,
        retries=old.retries,
        keep_s=old.keep_s,
        predecessor=old.id,
    )
    return record, Request(successor_of=old.id, retry=retry, same_data=key == old.key)


_UNFINISHED = frozenset({"cancelled", "failed"})


def find_kind(name: str, kinds: Mapping[str, Kind]) -> Kind:
    """The kind called ``name``. Raises InvalidRequest with the nearest ones."""
    if name in kinds:
        return kinds[name]
    near = nearest(str(name), kinds) or sorted(kinds)
    raise InvalidRequest(
        f"Unknown kind of task {name!r}.", hint=f"Try {' or '.join(near)}.", field="kind"
    )


def task_key(kind: str, params: Mapping[str, Any], version: str | None) -> str:
    """Digest of all that a result depends on: equal keys mean equal results."""
    return _digest([kind, dict(params), version])


def _digest(parts: list[Any]) -> str:
    canonical = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()[:32]


def _no_successor(old: TaskRecord, kind: Kind, *, retry: bool) -> WrongTaskState:
    if not kind.resumable:
        why, hint = f"is of the kind {kind.name}, which is done in one piece", "Run it again."
    elif retry:
        why = f"is {old.status}" + (", but nothing in it failed" if old.summary else "")
        hint = "Only what failed in a completed task can be tried again."
    else:
        why, hint = f"is {old.status}", "A cancelled, failed or interrupted task can be resumed."
    return WrongTaskState(f"Task {old.id} {why}.", hint=hint, task_id=old.id, status=old.status)
