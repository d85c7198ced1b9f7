"""From the arguments of a call to a handle: validate here, submit to the runner, follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from stockwidget.errors import InvalidRequest, ServerUnreachable
from stockwidget.jobs import KINDS
from stockwidget.notebook import runners
from stockwidget.notebook.handle import Task
from stockwidget.notebook.settings import CardSettings

T = TypeVar("T", bound=Task[Any])

_CHOICES = {"locale": ("en", "zh"), "colors": ("red-up", "green-up")}


def submit(
    handle: type[T], params: Mapping[str, Any], *, name: str | None, **card: str | None
) -> T:
    """Validate, submit and return the handle; raises what ``sw.analyze`` documents."""
    for field, value in card.items():
        if value is not None and value not in _CHOICES[field]:
            raise InvalidRequest(
                f"{field} must be {' or '.join(map(repr, _CHOICES[field]))}, not {value!r}.",
                hint="Leave it out to follow the page and the market.",
                field=field,
            )
    given = {key: value for key, value in params.items() if value is not None}
    canonical, _title = KINDS[handle.kind].prepare(given)
    settings = CardSettings(**{key: value or "" for key, value in card.items()})
    backend = runners.current()
    try:
        state = backend.submit(handle.kind, canonical, name)
    except ServerUnreachable:
        # The server of a minute ago may be gone, restarted elsewhere, or replaced by none.
        runners.forget(backend)
        backend = runners.current()
        state = backend.submit(handle.kind, canonical, name)
    return handle(backend, state, settings)
