"""The one runner that this process uses, found once and kept until it fails."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from stockwidget.errors import ServerUnreachable
from stockwidget.notebook import discovery, environment
from stockwidget.notebook.backend import Backend

T = TypeVar("T")

_lock = threading.Lock()
_current: Backend | None = None


def current() -> Backend:
    """The runner of this process; finds a server or starts a child process on first use.

    Raises ServerUnreachable or NotAuthorized if ``STOCKWIDGET_SERVER`` names a server that
    cannot be used; otherwise there always is a runner.
    """
    global _current  # noqa: PLW0603 - one runner a process is the point
    with _lock:
        if _current is None:
            _current = _find()
        return _current


def using(call: Callable[[Backend], T]) -> tuple[Backend, T]:
    """``call`` the runner; once more, if the one found earlier is gone. Returns it with the answer.

    The server of a minute ago may have ended, restarted elsewhere, or been replaced by none.
    """
    backend = current()
    try:
        return backend, call(backend)
    except ServerUnreachable:
        forget(backend)
        backend = current()
        return backend, call(backend)


def known() -> Backend | None:
    """The runner that was found, if one was looked for."""
    return _current


def forget(backend: Backend) -> None:
    """Look again next time; ``backend`` goes on following the tasks it has."""
    global _current  # noqa: PLW0603
    with _lock:
        if _current is backend:
            _current = None


def _find() -> Backend:
    from stockwidget.notebook.rest import probe

    finding = discovery.find(discovery.Surroundings.here(), probe)
    if finding.target is not None:
        from stockwidget.notebook.client import ServerBackend

        return ServerBackend(finding.target, info=finding.info)
    from stockwidget.notebook.local import ChildBackend

    return ChildBackend(note=finding.note or _usual_note())


def _usual_note() -> str | None:
    """A plain script ends with its work anyway: only a notebook's reader needs to know."""
    if environment.frontend() in {"plain", "ipython", "headless"}:
        return None
    return "No Jupyter server with stockwidget was found, so this run ends with the kernel."


def _after_fork() -> None:
    global _current, _lock  # noqa: PLW0603
    _lock = threading.Lock()  # its holder may not exist on this side of the fork
    _current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
