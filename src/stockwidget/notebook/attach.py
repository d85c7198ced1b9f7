"""``sw.attach``: a handle of a task that is there already, whoever started it and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stockwidget.errors import InvalidRequest, StockwidgetError
from stockwidget.notebook import runners
from stockwidget.notebook.backend import Backend
from stockwidget.notebook.handle import Analysis, Scan, Study, Task
from stockwidget.notebook.settings import CardSettings, card_settings

HANDLES: dict[str, type[Task[Any]]] = {handle.kind: handle for handle in (Analysis, Scan, Study)}


def attach(task: str, **card: str | None) -> Task[Any]:
    """See ``stockwidget.attach``."""
    if not isinstance(task, str) or not task.strip():
        raise InvalidRequest(
            f"{task!r} names no task.",
            hint='Write an id, a name, or "last"; sw.tasks() lists what there is.',
            field="task",
        )
    settings = card_settings(**card)
    backend, state = runners.using(lambda runner: runner.find(task.strip()))
    return handle_of(backend, state, settings)


def handle_of(backend: Backend, state: Mapping[str, Any], settings: CardSettings) -> Task[Any]:
    """The handle of a task with this public record."""
    handle = HANDLES.get(str(state["kind"]))
    if handle is None:
        raise StockwidgetError(
            f"Task {state['id']} is of the kind {state['kind']!r}, which this version cannot show.",
            hint="Upgrade stockwidget in this kernel's environment.",
        )
    return handle(backend, state, settings)
