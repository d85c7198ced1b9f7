"""What a session asks of the shell around it, and the codes that end a connection."""

from __future__ import annotations

from dataclasses import dataclass

SLOW_READER = 4408
"""Close code: the reader took nothing for too long. Resumable with cursors."""

RESTARTING = 1012
"""Close code: the server stops. Resumable with cursors once it is back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Send:
    """Write these frames in order, then call ``Session.written``."""

    frames: tuple[bytes, ...]
    oldest_ts: int | None = None
    """``ts`` of the oldest live event among them; ``None`` if there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetch:
    """Subscribe to the task (if not yet), *then* read its snapshot, *then* its tail.

    In this order nothing falls between. ``after`` is ``None`` when a tail would be of no use.
    """

    task: str
    after: int | None
    ticket: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """Unsubscribe from the task's live events."""

    task: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Close:
    """Close the connection; nothing follows."""

    code: int
    reason: str


Command = Send | Fetch | Drop | Close
