"""What a handle needs of whoever runs its task: a Jupyter server, or a child process of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from stockwidget.notebook.followed import Followed

Mode = Literal["server", "kernel"]
Verb = Literal["cancel", "resume", "retry_failed", "pin", "unpin"]


class Backend(Protocol):
    """Requests block until answered and raise the error that came back, typed."""

    mode: Mode
    """``server``: the page may follow by itself; ``kernel``: this process feeds the card."""
    note: str | None
    """Why it is this runner, where the reader should know."""

    def submit(
        self, kind: str, params: Mapping[str, Any], wishes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Start a task, or find one that will do; its public record.

        ``wishes`` may have ``name``, ``tags``, ``notes``, ``force``, ``keep_for_s``, ``retries``.
        """
        ...

    def find(self, word: str) -> dict[str, Any]:
        """The task meant by an id, the beginning of one, a name, or ``last``.

        Raises UnknownTask, AmbiguousTask or TaskExpired.
        """
        ...

    def tasks(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Tasks by ``status`` (joined by commas), ``kind``, ``name``, ``tag``; newest first."""
        ...

    def ask(self, verb: Verb, task_id: str, **body: Any) -> dict[str, Any]:
        """Ask something of a task; the record of it, or of its successor. Raises WrongTaskState."""
        ...

    def label(self, task_id: str, labels: Mapping[str, Any]) -> dict[str, Any]:
        """Set ``name``, ``tags`` or ``notes``."""
        ...

    def result(self, task_id: str) -> dict[str, Any]:
        """The result document; raises the task's own error, or WrongTaskState while it runs."""
        ...

    def stats(self) -> dict[str, Any]:
        """What delivery did: the document of ``delivery/stats.py``."""
        ...

    def follow(self, task: Followed) -> None:
        """Keep ``task`` up to date, from a thread, until it has settled."""
        ...
