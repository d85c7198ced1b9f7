"""Who follows what, as the journal must know it. Pure: signs of life in, rows to write out.

Any sign of a follower (subscribing, a poll, an open connection) counts for ``LEASE_MS``, above
the once a minute of a browser's hidden tab. The journal is written at once if it does not know
that the task is followed, and otherwise with the next round of housekeeping.
"""

from __future__ import annotations

from collections.abc import Iterable

from stockwidget.tasks.store import Lease

LEASE_MS = 180_000
_RENEW_MS = 60_000


class Leases:
    """Signs of life not yet written, and what the journal holds, for followed tasks alone."""

    def __init__(self) -> None:
        self._unwritten: dict[str, Lease] = {}
        self._written: dict[str, Lease] = {}

    def __len__(self) -> int:
        """Tasks it remembers."""
        return len(self._unwritten.keys() | self._written.keys())

    def touch(self, task_id: str, now: int, ttl_ms: int = LEASE_MS) -> bool:
        """Note a sign of life; True if the journal must hear of it at once."""
        until = now + ttl_ms
        for known in (self._unwritten.get(task_id), self._written.get(task_id)):
            until = max(until, known.until if known else 0)
        self._unwritten[task_id] = Lease(task_id=task_id, at=now, until=until)
        return task_id not in self._written

    def present(self, task_ids: Iterable[str], now: int) -> None:
        """Note those whose followers are still connected; a row a minute is enough."""
        for task_id in task_ids:
            written = self._written.get(task_id)
            if written is None or now - written.at >= _RENEW_MS:
                self.touch(task_id, now)

    def take(self) -> list[Lease]:
        """What is to be written now."""
        taken, self._unwritten = list(self._unwritten.values()), {}
        return taken

    def written(self, leases: Iterable[Lease], now: int) -> None:
        """Note what the journal holds; forget those long past."""
        self._written.update((lease.task_id, lease) for lease in leases)
        self._written = {k: v for k, v in self._written.items() if v.until > now}

    def unwritten(self, leases: Iterable[Lease]) -> None:
        """Take back what could not be written."""
        for lease in leases:
            self._unwritten.setdefault(lease.task_id, lease)
