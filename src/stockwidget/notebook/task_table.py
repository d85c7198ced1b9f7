"""``sw.tasks()``: what there is, as text, as a DataFrame, and as a table that lives in a page."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args, overload

from stockwidget.errors import InvalidRequest, StockwidgetError
from stockwidget.jobs import KINDS
from stockwidget.notebook import environment, runners
from stockwidget.notebook.backend import Backend
from stockwidget.notebook.display import FAR_FROM_SERVER
from stockwidget.notebook.monitor import STILL
from stockwidget.notebook.outputs import SAVED
from stockwidget.notebook.settings import card_settings
from stockwidget.notebook.static_tasks import tasks_html, tasks_text
from stockwidget.notebook.steering import steer
from stockwidget.tasks.events import Status

if TYPE_CHECKING:
    import pandas as pd

    from stockwidget.notebook.handle import Task
    from stockwidget.notebook.widgets import TasksModel

Bundle = dict[str, Any]
Query = Mapping[str, Any]
STATES: tuple[str, ...] = get_args(Status)
LIMIT = 1_000
_TIMES = ("created_at", "started_at", "ended_at", "expires")


def list_tasks(query: Query, *, locale: str | None) -> TaskTable:
    """See ``stockwidget.tasks``."""
    settings = card_settings(locale=locale)
    wanted = _checked(query)
    backend, found = runners.using(lambda runner: runner.tasks(wanted))
    return TaskTable(backend, wanted, found, locale=settings.locale)


class TaskTable(Sequence["Task[Any]"]):
    """Tasks, newest first, as of the call; in a notebook the table follows them live.

    ``len()``, ``table[0]`` (a handle), iteration over handles, ``.frame``, ``.records``.
    """

    def __init__(
        self, backend: Backend, query: Query, records: Sequence[Mapping[str, Any]], *, locale: str
    ) -> None:
        self._backend = backend
        self._query = dict(query)
        self._locale = locale
        self._model: TasksModel | None = None
        self.records = [dict(record) for record in records]
        """The public records (docs/protocol.md)."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row a task, indexed by ``id``; times are UTC, what is not there is NaT or None.

        Columns: ``kind title name tags status progress stage created_at started_at ended_at
        expires pinned predecessor notes``. ``expires`` is NaT while a task lives or is pinned.
        """
        import pandas as pd

        rows = [{**record, "expires": record["retain_until"]} for record in self.records]
        columns = ["id", "kind", "title", "name", "tags", "status", "progress", "stage"]
        frame = pd.DataFrame(rows, columns=[*columns, *_TIMES, "pinned", "predecessor", "notes"])
        for column in _TIMES:
            frame[column] = pd.to_datetime(frame[column], unit="ms", utc=True)
        return frame.set_index("id")

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: int) -> Task[Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[Task[Any]]: ...
    def __getitem__(self, index: int | slice) -> Task[Any] | list[Task[Any]]:
        if isinstance(index, slice):
            return [self._handle(record) for record in self.records[index]]
        return self._handle(self.records[index])

    def __iter__(self) -> Iterator[Task[Any]]:
        return map(self._handle, self.records)

    def __repr__(self) -> str:
        return tasks_text(self.records, self._locale)

    def _repr_mimebundle_(
        self,
        include: object = None,  # noqa: ARG002 - IPython's signature
        exclude: object = None,  # noqa: ARG002
    ) -> tuple[Bundle, Bundle]:
        still = {
            "text/plain": tasks_text(self.records, self._locale),
            "text/html": tasks_html(self.records, self._locale),
        }
        frontend = environment.frontend()
        if frontend in STILL:
            return still, {}
        data, metadata = self._widget(frontend)._repr_mimebundle_() or ({}, {})
        return {**data, **SAVED, **still}, metadata

    def _handle(self, record: Mapping[str, Any]) -> Task[Any]:
        from stockwidget.notebook.attach import handle_of

        return handle_of(self._backend, record, card_settings(locale=self._locale or None))

    def _widget(self, frontend: environment.Frontend) -> TasksModel:
        """The one model of all displays of this table."""
        if self._model is None:
            from stockwidget.notebook.widgets import TasksModel, hear

            self._model = TasksModel(
                mode="kernel" if frontend in FAR_FROM_SERVER else self._backend.mode,
                epoch=str(self.records[0]["epoch"]) if self.records else "",
                query=self._query,
                tasks=self.records,
                locale=self._locale,
            )
            hear(self._model, self._asked)
        return self._model

    def _asked(self, content: Mapping[str, Any]) -> None:
        """Answer the page from a thread: a server that hangs must not hold the kernel."""
        threading.Thread(
            target=self._answer, args=(dict(content),), name="stockwidget-tasks", daemon=True
        ).start()

    def _answer(self, content: Mapping[str, Any]) -> None:
        reply: dict[str, Any]
        try:
            if content.get("type") == "do":
                self._do(str(content.get("verb")), str(content.get("task")))
            reply = {"type": "tasks", "tasks": self._backend.tasks(self._query)}
        except StockwidgetError as error:
            reply = {"type": "error", "error": error.to_dict()}
        if self._model is not None:
            self._model.send(reply)

    def _do(self, verb: str, task_id: str) -> None:
        """What a row asks for; a task that goes on for it shows as a row of its own."""
        steer(self._handle(self._backend.find(task_id)), verb)


def _checked(query: Query) -> dict[str, Any]:
    """The query as the runner takes it. Raises InvalidRequest."""
    status = query["status"]
    listed = isinstance(status, Iterable) and not isinstance(status, str)
    states = list(status) if listed else [status] if status is not None else []
    for state in states:
        if state not in STATES:
            raise InvalidRequest(
                f"Unknown status {state!r}.",
                hint=f"It is one of {', '.join(STATES)}.",
                field="status",
            )
    if query["kind"] is not None and query["kind"] not in KINDS:
        raise InvalidRequest(
            f"Unknown kind {query['kind']!r}.",
            hint=f"It is one of {', '.join(KINDS)}.",
            field="kind",
        )
    limit = query["limit"]
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= LIMIT:
        raise InvalidRequest(
            f"limit must be a whole number from 1 to {LIMIT}, not {limit!r}.",
            hint="Leave it out for 100.",
            field="limit",
        )
    for field in ("name", "tag"):
        if query[field] is not None and not isinstance(query[field], str):
            raise InvalidRequest(
                f"{field} must be a text, not {query[field]!r}.", hint="Leave it out.", field=field
            )
    wanted = {**query, "status": ",".join(states)}
    return {field: value for field, value in wanted.items() if value}
