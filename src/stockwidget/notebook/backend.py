"""What a handle needs of whoever runs its task: a Jupyter server, or a child process of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from stockwidget.notebook.followed import Followed

Mode = Literal["server", "kernel"]


class Backend(Protocol):
    """Requests block until answered and raise the error that came back, typed."""

    mode: Mode
    """``server``: the page may follow by itself; ``kernel``: this process feeds the card."""
    note: str | None
    """Why it is this runner, where the reader should know."""

    def submit(self, kind: str, params: Mapping[str, Any], name: str | None) -> dict[str, Any]:
        """Start a task; its public record."""
        ...

    def result(self, task_id: str) -> dict[str, Any]:
        """The result document; raises the task's own error, or WrongTaskState while it runs."""
        ...

    def cancel(self, task_id: str) -> dict[str, Any]:
        """Ask for the end of a task; WrongTaskState if it has ended."""
        ...

    def stats(self) -> dict[str, Any]:
        """What delivery did: the document of ``delivery/stats.py``."""
        ...

    def follow(self, task: Followed) -> None:
        """Keep ``task`` up to date, from a thread, until it has settled."""
        ...
