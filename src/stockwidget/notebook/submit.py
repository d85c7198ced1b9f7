"""From the arguments of a call to a handle: validate here, submit to the runner, follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from stockwidget.jobs import KINDS
from stockwidget.notebook import runners
from stockwidget.notebook.durations import Duration, seconds
from stockwidget.notebook.handle import Task
from stockwidget.notebook.settings import card_settings
from stockwidget.tasks.code import Code
from stockwidget.tasks.labels import check_labels
from stockwidget.tasks.protection import check_keep

T = TypeVar("T", bound=Task[Any])


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What a call may ask for besides the work itself."""

    name: str | None = None
    tags: Sequence[str] = ()
    notes: str | None = None
    keep_for: Duration | None = None
    force: bool = False

    def body(self) -> dict[str, Any]:
        """The fields of a submission, without those that say nothing. Raises InvalidRequest."""
        labels = check_labels(name=self.name, tags=self.tags, notes=self.notes)
        keep_s = None if self.keep_for is None else check_keep(seconds(self.keep_for))
        asked = {
            "name": labels.name,
            "tags": list(labels.tags or ()),
            "notes": labels.notes,
            "keep_for_s": keep_s,
            "force": bool(self.force),
        }
        return {field: value for field, value in asked.items() if value}


def submit(
    handle: type[T],
    params: Mapping[str, Any],
    wishes: Wishes,
    *,
    code: Code | None = None,
    **card: str | None,
) -> T:
    """Validate, submit and return the handle; raises what ``sw.analyze`` documents."""
    settings = card_settings(**card)
    body = wishes.body()
    if code is not None:
        body["code"] = code.plain()
    given = {key: value for key, value in params.items() if value is not None}
    canonical, _title = KINDS[handle.kind].prepare(given)
    backend, state = runners.using(lambda runner: runner.submit(handle.kind, canonical, body))
    return handle(backend, state, settings)
