"""Tasks that are there already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stockwidget.arguments import named

if TYPE_CHECKING:
    from stockwidget.notebook.api.options import Colors, Locale
    from stockwidget.notebook.handle import Task
    from stockwidget.notebook.task_table import TaskTable


@named
def attach(task: str, *, locale: Locale | None = None, colors: Colors | None = None) -> Task[Any]:
    """Return the handle of a task that is there already; nothing is computed again.

    ``task`` is an id or six letters and more of its beginning, a ``name``, or ``"last"`` for the
    newest task. Works from any kernel of the user, also after a restart of it.

    Raises UnknownTask (with near names), TaskExpired, AmbiguousTask (with the ids in question), or
    ServerUnreachable.
    """
    from stockwidget.notebook.attach import attach as attached

    return attached(task, locale=locale, colors=colors)


@named
def tasks(
    *,
    status: str | Sequence[str] | None = None,
    kind: str | None = None,
    name: str | None = None,
    tag: str | None = None,
    limit: int = 100,
    locale: Locale | None = None,
) -> TaskTable:
    """Return the tasks of all the user's kernels, newest first: a table, live in a notebook.

    ``status`` is one state or several; ``name`` and ``tag`` are matched whole; ``limit`` is 1 to
    1000. ``.frame`` is a DataFrame, ``tasks()[0]`` the handle of the first one.

    Raises InvalidRequest or ServerUnreachable.
    """
    from stockwidget.notebook.task_table import list_tasks

    query = {"status": status, "kind": kind, "name": name, "tag": tag, "limit": limit}
    return list_tasks(query, locale=locale)
