"""Time left, from time spent and share done, smoothed so that the card's number does not jump."""

from __future__ import annotations

from dataclasses import dataclass

WEIGHT = 0.3
"""Share of the fresh estimate; 0.3 follows a change of pace within about six steps."""
EARLIEST_SHARE = 0.02


@dataclass(slots=True)
class Eta:
    """The estimate of one attempt that started at ``started_at`` (UTC ms)."""

    started_at: int
    _last: tuple[float, int] | None = None

    def update(self, share: float, ts: int) -> float | None:
        """Seconds left when ``share`` (0 to 1) is done at ``ts``; None if too little is known."""
        elapsed = (ts - self.started_at) / 1_000
        if not EARLIEST_SHARE <= share <= 1 or elapsed <= 0:
            return None
        left = elapsed * (1 - share) / share
        if self._last is not None:
            old, then = self._last
            aged = max(old - (ts - then) / 1_000, 0.0)
            left = WEIGHT * left + (1 - WEIGHT) * aged if share < 1 else 0.0
        self._last = (left, ts)
        return round(left, 1)
