"""Tasks that run in a Jupyter server: requests over REST, news over one connection a process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stockwidget.delivery.ladder import ORDER
from stockwidget.notebook.backend import Mode, Verb
from stockwidget.notebook.discovery import Target
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.follower import Follower
from stockwidget.notebook.rest import API, Rest

STATS = "stockwidget/api/realtime/stats"


class ServerBackend:
    """The runner in the server at ``target``."""

    mode: Mode = "server"
    note: str | None = None

    def __init__(self, target: Target, *, info: Mapping[str, Any] | None = None) -> None:
        self.target = target
        self.rest = Rest(target)
        self.follower = Follower(target, offered=(info or {}).get("transports", ORDER))

    def submit(
        self, kind: str, params: Mapping[str, Any], wishes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Start a task; an identical one that runs or is fresh is shared."""
        return self.rest.post(f"{API}tasks", {"kind": kind, "params": dict(params), **wishes})

    def find(self, word: str) -> dict[str, Any]:
        """The task that is meant."""
        return self.rest.get(f"{API}find", {"task": word})

    def tasks(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Tasks of all servers on the journal."""
        return list(self.rest.get(f"{API}tasks", query)["tasks"])

    def ask(self, verb: Verb, task_id: str, **body: Any) -> dict[str, Any]:
        """Ask the server for it."""
        if verb == "unpin":
            return self.rest.delete(f"{API}tasks/{task_id}/pin")
        return self.rest.post(f"{API}tasks/{task_id}/{verb}", body)

    def label(self, task_id: str, labels: Mapping[str, Any]) -> dict[str, Any]:
        """Set what ``labels`` has."""
        return self.rest.patch(f"{API}tasks/{task_id}", labels)

    def state(self, task_id: str) -> dict[str, Any]:
        """The task's public record."""
        return self.rest.get(f"{API}tasks/{task_id}")

    def result(self, task_id: str) -> dict[str, Any]:
        """The result document."""
        return self.rest.get(f"{API}tasks/{task_id}/result")

    def stats(self) -> dict[str, Any]:
        """The server's statistics, of all its readers."""
        return self.rest.get(STATS)

    def follow(self, task: Followed) -> None:
        """Keep ``task`` up to date until it has settled."""
        self.follower.follow(task)

    def close(self) -> None:
        """Stop following and give the connections back; tasks go on."""
        self.follower.close()
        self.rest.close()
