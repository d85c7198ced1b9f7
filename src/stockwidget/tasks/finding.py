"""Which task somebody means by a word: an id, the beginning of one, a name, or ``last``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stockwidget.errors import AmbiguousTask, TaskExpired, UnknownTask, nearest
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.retention import due, missing, tombstone
from stockwidget.tasks.store import Tombstone

LAST = "last"
"""The newest task, whatever else is called so."""
_SHOWN = 10


def choose(
    word: str, found: Sequence[TaskRecord | Tombstone], now: int, *, names: Iterable[str] = ()
) -> TaskRecord:
    """The one task that ``word`` means among ``found``, newest first.

    An exact id goes before a name, and a name before the beginning of an id. Of a chain of
    successors the last one is meant. Raises AmbiguousTask, TaskExpired, or UnknownTask with the
    nearest of ``names``.
    """
    here = [x for x in found if isinstance(x, TaskRecord) and not due(x, now)]
    gone = [_stone(x, now) for x in found if not (isinstance(x, TaskRecord) and not due(x, now))]
    for fits in (_has_id, _has_name, _begins):
        meant = _latest([x for x in here if fits(x, word)])
        if len(meant) > 1:
            raise _ambiguous(word, meant)
        if meant:
            return meant[0]
        for stone in gone:
            if fits(stone, word):
                error = missing(stone.id, stone, now)
                raise error if isinstance(error, TaskExpired) else _unknown(word, names)
    raise _unknown(word, names)


def newest(tasks: Sequence[TaskRecord], now: int) -> TaskRecord:
    """The first one that has not expired. Raises UnknownTask."""
    for task in tasks:
        if not due(task, now):
            return task
    raise UnknownTask("There is no task yet.", hint="Start one with sw.analyze() or sw.scan().")


def _has_id(task: TaskRecord | Tombstone, word: str) -> bool:
    return task.id == word


def _has_name(task: TaskRecord | Tombstone, word: str) -> bool:
    return task.name == word


def _begins(task: TaskRecord | Tombstone, word: str) -> bool:
    return task.id.startswith(word)


def _stone(task: TaskRecord | Tombstone, now: int) -> Tombstone:
    return tombstone(task, now) if isinstance(task, TaskRecord) else task


def _latest(tasks: Sequence[TaskRecord]) -> list[TaskRecord]:
    """All but those that another one of them took over."""
    followed = {task.predecessor for task in tasks}
    return [task for task in tasks if task.id not in followed]


def _ambiguous(word: str, tasks: Sequence[TaskRecord]) -> AmbiguousTask:
    ids = ", ".join(f"{task.id[:8]} ({task.title}, {task.status})" for task in tasks[:_SHOWN])
    return AmbiguousTask(
        f"{len(tasks)} tasks are called {word!r}; newest first: {ids}.",
        hint="Attach by id: its first eight letters will do.",
        candidates=[
            {"id": t.id, "title": t.title, "status": t.status, "created_at": t.created_at}
            for t in tasks[:_SHOWN]
        ],
    )


def _unknown(word: str, names: Iterable[str]) -> UnknownTask:
    near = nearest(word, dict.fromkeys(names))
    mean = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    return UnknownTask(
        f"No task is called {word!r} here.",
        hint=f"{mean}sw.tasks() lists those that exist.",
        nearest=near,
    )
