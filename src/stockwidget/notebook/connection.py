"""``sw.connection()``: how this process hears of its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from stockwidget.notebook import runners


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """A moment's state. ``sw.connection()`` makes a new one."""

    state: str
    """``idle connecting live stale backoff auth`` or ``suspended``."""
    transport: str | None
    """``ws``, ``sse`` or ``poll``; ``pipe`` to a child process; None while nothing carries news."""
    since: datetime | None
    """When it came into this state, UTC."""
    reason: str | None
    """A code: why it is not live, or not on the best transport."""
    words: str | None
    """The same for people."""
    server: str | None
    """The address of the server; None without one."""
    downgrades: int = 0
    upgrades: int = 0
    recoveries: int = 0
    frames: int = 0
    polls: int = 0
    useless_polls: int = 0
    connections: int = 0

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; ``since`` as UTC milliseconds."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        since = None if self.since is None else round(self.since.timestamp() * 1000)
        return {**fields, "since": since}

    def __repr__(self) -> str:
        via = f" over {self.transport}" if self.transport else ""
        where = f" · {self.server}" if self.server else ""
        since = f" since {self.since:%H:%M:%S} UTC" if self.since else ""
        why = f" · {self.words}" if self.words else ""
        changes = f"{self.downgrades} down, {self.upgrades} up, {self.recoveries} recovered"
        return f"<Connection {self.state}{via}{since}{where}{why} · {changes}>"


def connection() -> Connection:
    """How news of this process's tasks travel now: state, transport, since when and why.

    Starts nothing: before the first task it is ``idle`` and names no server.
    """
    from stockwidget.notebook.client import ServerBackend
    from stockwidget.notebook.local import ChildBackend

    backend = runners.known()
    if isinstance(backend, ServerBackend):
        return _of_server(backend)
    if isinstance(backend, ChildBackend) and backend.pid is not None:
        return Connection(
            state="live", transport="pipe", since=None, reason=None, words=backend.note, server=None
        )
    return Connection(
        state="idle", transport=None, since=None, reason=None, words=None, server=None
    )


def _of_server(backend: Any) -> Connection:
    link, counts = backend.follower.link, backend.follower.counts
    reason = link.reason
    return Connection(
        state=link.state,
        transport=link.transport,
        since=datetime.now(UTC) - timedelta(seconds=monotonic() - link.since),
        reason=reason.code if reason else None,
        words=reason.words if reason else None,
        server=backend.target.url,
        downgrades=link.downgrades,
        upgrades=link.upgrades,
        recoveries=link.recoveries,
        frames=counts.frames,
        polls=counts.polls,
        useless_polls=counts.useless_polls,
        connections=counts.connections,
    )
