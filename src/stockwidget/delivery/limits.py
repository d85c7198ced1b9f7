"""The bounds of one reader."""

from __future__ import annotations

from dataclasses import dataclass

from stockwidget.delivery.frames import MESSAGE_BYTES


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The bounds of one reader. Seconds, bytes and counts."""

    subscriptions: int = 256
    queue_events: int = 256
    queue_bytes: int = 1024 * 1024
    batch_bytes: int = 256 * 1024
    blocked_s: float = 10.0
    heartbeat_s: float = 15.0
    visible_s: float = 0.1
    hidden_s: float = 1.0
    opening: int = 8
    """Snapshots fetched but not yet sent, at most: they are what may be large."""
    notices: int = 32
    """Error frames that may wait; a reader that sends faster than it reads gets no more."""

    def public(self) -> dict[str, int]:
        """Return what a client has to know."""
        return {
            "subscriptions": self.subscriptions,
            "message_bytes": MESSAGE_BYTES,
            "queue_events": self.queue_events,
            "queue_bytes": self.queue_bytes,
        }
