"""What a client tells its server of its changes of transport. Twin of ``js/client/report.ts``."""

from __future__ import annotations

from stockwidget.delivery.ladder import Link
from stockwidget.delivery.meter import ChangeKind

KEEP = 50
"""Changes that wait to be told; the oldest give way."""

_COUNTS: tuple[tuple[ChangeKind, str], ...] = (
    ("downgrade", "downgrades"),
    ("upgrade", "upgrades"),
    ("recovery", "recoveries"),
)


class Reporter:
    """Compares each link with the one before; ``take()`` gives what there is to tell."""

    def __init__(self) -> None:
        self._before: Link | None = None
        self._carried = "none"
        """What carried last."""
        self._at = 0.0
        """When something last carried; then, when it was lost."""
        self._open: list[tuple[ChangeKind, str, str]] = []
        """Kind, from and reason of changes whose end is not known yet."""
        self._told: list[dict[str, str | int]] = []

    @property
    def waiting(self) -> bool:
        """Whether there is something to tell."""
        return bool(self._told)

    def link(self, link: Link, now: float) -> None:
        """Note the link as it is; ``now`` in seconds."""
        before, self._before = self._before, link
        if before is not None:
            reason = link.reason or before.reason
            code = reason.code if reason else "probe"
            self._open += [
                (kind, self._carried, code)
                for kind, count in _COUNTS
                if getattr(link, count) > getattr(before, count)
            ]
        if before is not None and link.transport == before.transport:
            return
        after_ms, self._at = round(1000 * max(0.0, now - self._at)), now
        if link.transport is None:
            return
        # Where a downgrade leads is known once that carries.
        self._told += [
            {
                "kind": kind,
                "from": source,
                "to": link.transport,
                "reason": code,
                "after_ms": after_ms,
            }
            for kind, source, code in self._open
        ]
        self._told = self._told[-KEEP:]
        self._open = []
        self._carried = link.transport

    def take(self) -> list[dict[str, str | int]]:
        """Return the changes not told yet, as ``POST report`` takes them."""
        told, self._told = self._told, []
        return told
