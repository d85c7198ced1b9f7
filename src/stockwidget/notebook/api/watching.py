"""How tasks and their news travel: what a reader asks when something seems wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stockwidget.arguments import named

if TYPE_CHECKING:
    from stockwidget.notebook.api.options import Locale
    from stockwidget.notebook.connection import Connection
    from stockwidget.notebook.doctor import Report
    from stockwidget.notebook.handle import Task
    from stockwidget.notebook.monitor import Monitor


@named
def connection() -> Connection:
    """How news of this process's tasks travel now: state, transport, since when and why.

    Starts nothing: before the first task it is ``idle`` and names no server.
    """
    from stockwidget.notebook.connection import connection as now

    return now()


@named
def doctor(task: Task[Any] | str | None = None, *, locale: Locale | None = None) -> Report:
    """Look, step by step, whether tasks and their news work from here; else why not and what to do.

    Show it, or read ``.ok``, ``.checks`` and ``.to_dict()``. With ``task`` (a handle or an id) it
    also says what has become of that one. Takes a few seconds, up to half a minute where
    something is held back; runs one small analysis of the sample. Names no secret. It speaks the
    language of ``locale``; messages of errors stay English.
    """
    from stockwidget.errors import InvalidRequest
    from stockwidget.notebook.doctor import examine
    from stockwidget.notebook.handle import Task
    from stockwidget.notebook.settings import card_settings

    card_settings(locale=locale)
    if task is not None and not isinstance(task, Task | str):
        raise InvalidRequest(
            f"{task!r:.80} names no task.",
            hint="Pass a handle, as sw.analyze returns it, or a task's id.",
            field="task",
        )
    return examine(task, locale=locale)


@named
def stats() -> dict[str, Any]:
    """Return what delivery did: connections, tasks by state, frames, polls, delays, changes.

    The numbers are those of the Jupyter server that runs this process's tasks, of all its readers
    since its start, or of the child process where there is no server; ``kernel`` has those of this
    process where it feeds pages itself. docs/statistics.md explains each. Nothing measured is
    None. Raises ServerUnreachable or NotAuthorized.
    """
    from stockwidget.notebook.monitor import read
    from stockwidget.notebook.runners import current

    return read(current())


@named
def monitor(*, locale: Locale | None = None) -> Monitor:
    """Return the statistics to be shown: live in a notebook, still in a terminal or a report."""
    from stockwidget.notebook.monitor import Monitor
    from stockwidget.notebook.runners import current
    from stockwidget.notebook.settings import card_settings

    return Monitor(current(), locale=card_settings(locale=locale).locale)
