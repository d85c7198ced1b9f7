"""The snapshots that a reader waits for. Few are under way at once: they are what may be large."""

from __future__ import annotations

from stockwidget.delivery.commands import Fetch
from stockwidget.delivery.lane import Lane


class Fetching:
    """Lanes on their way to their snapshot: wanted, then asked for, then answered, then sent."""

    __slots__ = ("_asked", "_epoch", "_most", "_opening", "_ticket", "_wanted")

    def __init__(self, *, epoch: str, most: int) -> None:
        self._epoch = epoch
        self._most = most
        self._wanted: dict[str, Lane] = {}
        """By the id of the task, oldest first; their fetch has not begun."""
        self._asked: dict[int, Lane] = {}
        """By ticket; their fetch is under way."""
        self._opening: dict[str, None] = {}
        """Ids of lanes whose snapshot is under way or unsent: ``most`` at once."""
        self._ticket = 0

    def want(self, lane: Lane) -> None:
        """Fetch a snapshot for ``lane``, in place of one that may be on its way."""
        self._void(lane)
        self._wanted[lane.task] = lane

    def forget(self, lane: Lane) -> None:
        """Want none for ``lane`` any more."""
        self._void(lane)
        self._wanted.pop(lane.task, None)

    def _void(self, lane: Lane) -> None:
        """Heed no answer to a question asked before."""
        for ticket in [ticket for ticket, each in self._asked.items() if each is lane]:
            del self._asked[ticket]
        self._opening.pop(lane.task, None)

    def answered(self, ticket: int) -> Lane | None:
        """Return the lane that the answer is for; ``None`` if nobody waits for it any more."""
        return self._asked.pop(ticket, None)

    def sent(self, task: str) -> None:
        """Note that the snapshot of the task has been taken for sending."""
        self._opening.pop(task, None)

    @property
    def waits(self) -> bool:
        """Whether a fetch has not begun."""
        return bool(self._wanted)

    def unsent(self, task: str) -> bool:
        """Whether the reader still waits for a snapshot of the task."""
        return task in self._opening or task in self._wanted

    def begin(self) -> list[Fetch]:
        """Ask for those whose turn it is."""
        fetches: list[Fetch] = []
        while self._wanted and len(self._opening) < self._most:
            task = next(iter(self._wanted))
            lane = self._wanted.pop(task)
            self._ticket += 1
            self._asked[self._ticket] = lane
            self._opening[task] = None
            lane.state = "asked"
            if lane.cursor is not None and lane.cursor.epoch != self._epoch:
                lane.cursor = None
            after = lane.cursor.s if lane.cursor else None
            fetches.append(Fetch(task=task, after=after, ticket=self._ticket))
        return fetches
