"""A followed task and its followers in this process, served together where they stand alike.

As a rule a thousand readers of a task have all been sent the same and wait for the same. Such
readers are *level*: they share one lane, its next frames are spelled once, and a delivery is one
write to one socket. Whoever differs (its snapshot is not sent, its page is hidden, its socket is
full) stands *apart*, with a lane of its own in its session, until it is level again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from stockwidget.delivery.lane import Budget, Lane
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.meter import Meter, TransportName
from stockwidget.delivery.rounds import Alarm, Rounds, Turning
from stockwidget.tasks.events import Event

_STRIDE = 256
"""So many writes are made in a turn, about two milliseconds: others wait for the loop, too."""
log = logging.getLogger(__name__)

Taken = asyncio.Future[None] | None
"""See ``Transport.send``."""


class Shared(NamedTuple):
    """How a transport takes part in what is written to many."""

    spell: Callable[[Sequence[bytes]], bytes]
    """Frames as they go over the wire; equal for all readers that get the same bytes."""
    write: Callable[[bytes], Taken]
    """Write what ``spell`` returned."""


class Follower(Turning, Protocol):
    """What a channel needs of a reader."""

    name: TransportName

    def deliver(self, event: Event) -> None:
        """Take a live event; asked of those that stand apart."""

    def fall_back(self) -> None:
        """Stand apart from now on, in every channel, with a copy of the lane that was shared."""

    def behind(
        self, written: asyncio.Future[None], frames: tuple[bytes, ...], ts: int | None
    ) -> None:
        """Stand apart until ``written`` is done: these frames did not leave at once."""


class Owed(NamedTuple):
    """Frames on their way to many; those not reached yet are owed them."""

    frames: tuple[bytes, ...]
    size: int
    oldest: int | None
    """``ts`` of the oldest live event among them."""


class _Delivery:
    """One after the other, some a turn. What happens meanwhile goes together in the next one."""

    __slots__ = ("groups", "owed")

    def __init__(
        self, owed: Owed, level: Mapping[Callable[[Sequence[bytes]], bytes], dict[Follower, Shared]]
    ) -> None:
        self.owed = owed
        self.groups = [(spell(owed.frames), dict(followers)) for spell, followers in level.items()]
        """Bytes, and who has not been written them yet."""

    def some(self) -> tuple[bytes, list[tuple[Follower, Shared]]]:
        """Take out the next ones, of one transport; there are some."""
        data, followers = self.groups[-1]
        chosen = list(islice(followers.items(), _STRIDE))
        for follower, _ in chosen:
            del followers[follower]
        return data, chosen

    def over(self) -> bool:
        """Whether everybody has been reached."""
        while self.groups and not self.groups[-1][1]:
            self.groups.pop()
        return not self.groups

    def claim(self, follower: Follower) -> bool:
        """Take out ``follower``; whether it had not been reached."""
        return any(followers.pop(follower, None) is not None for _, followers in self.groups)


class Channel:
    """One task. Every method is called on the loop."""

    emptied: Callable[[], None]
    """Called once the last follower has left."""

    def __init__(self, *, rounds: Rounds, meter: Meter) -> None:
        self._rounds = rounds
        self._meter = meter
        self._apart: dict[Follower, None] = {}
        self._level: dict[Callable[[Sequence[bytes]], bytes], dict[Follower, Shared]] = {}
        self._lane: Lane | None = None
        """Of those that are level; ``None`` if there are none."""
        self._budget = Budget()
        self._limits = Limits()
        self._alarm: Alarm | None = None
        self._delivery: _Delivery | None = None
        self.waiting = False

    @property
    def level(self) -> int:
        """How many followers share the lane."""
        return sum(map(len, self._level.values()))

    def enter(self, follower: Follower) -> None:
        """Take a follower in, standing apart."""
        self._apart[follower] = None

    def leave(self, follower: Follower) -> None:
        """Let a follower go."""
        present = self._part(follower) or follower in self._apart
        self._apart.pop(follower, None)
        if present and not self._apart and self._lane is None:
            self.emptied()

    def part(self, follower: Follower) -> None:
        """Note that a follower has a lane of its own again; it has claimed what it is owed."""
        if self._part(follower):
            self._apart[follower] = None

    def claim(self, follower: Follower) -> Owed | None:
        """Return what a level follower was about to be written; now it must see to that itself."""
        if self._delivery is not None and self._delivery.claim(follower):
            return self._delivery.owed
        return None

    def admit(
        self, follower: Follower, shared: Shared, lane: Lane, now: float, limits: Limits
    ) -> Lane | None:
        """Return the lane that serves ``follower`` from now on instead of ``lane``, if it is level.

        ``lane`` has nothing to send. The first one's becomes the shared one.
        """
        if follower not in self._apart:
            return None
        if self._lane is None:
            lane.charge(self._budget)
            self._lane, self._limits = lane, limits
        elif not self._lane.level(lane, now, interval=self._limits.visible_s):
            return None
        del self._apart[follower]
        self._level.setdefault(shared.spell, {})[follower] = shared
        return self._lane

    def deliver(self, event: Event) -> None:
        """Take a live event of the task."""
        if self._lane is not None:
            try:
                self._push(self._lane, event)
            except Exception:
                log.exception("Event %d of task %s failed.", event.s, event.task_id)
                self._dissolve()
        for follower in tuple(self._apart):
            try:
                follower.deliver(event)
            except Exception:
                log.exception("A reader of task %s failed and is dropped.", event.task_id)
                self.leave(follower)

    def turn(self, now: float) -> None:
        """Send what is due; called by ``Rounds``."""
        lane, limits = self._lane, self._limits
        if lane is None:
            return
        if self._delivery is None:
            self._delivery = self._take(lane, now)
        if self._delivery is not None:
            self._write_some(self._delivery)
        if self._lane is None:
            return
        due = now if self._delivery else lane.due(interval=limits.visible_s)
        if due is None:
            return
        if due <= now:
            self._rounds.soon(self)
        elif self._alarm is None or due < self._alarm.at or self._alarm.at <= now:
            if self._alarm is not None:
                self._alarm.pump = None
            self._alarm = self._rounds.alarm(due, self)

    # -- inside ---------------------------------------------------------------------------------

    def _push(self, lane: Lane, event: Event) -> None:
        budget, conflated = self._budget, self._budget.conflated
        lane.push(event)
        if budget.conflated != conflated:
            self._meter.conflated((budget.conflated - conflated) * self.level)
        if lane.state != "live":
            self._meter.resynced(self.level)
        if (
            lane.state != "live"
            or budget.events > self._limits.queue_events
            or budget.size > self._limits.queue_bytes
        ):
            # A hole, or more than may wait: each reader's own session knows what to do then.
            self._dissolve()
        else:
            self._rounds.soon(self)

    def _dissolve(self) -> None:
        for followers in tuple(self._level.values()):
            for follower in tuple(followers):
                follower.fall_back()

    def _take(self, lane: Lane, now: float) -> _Delivery | None:
        frames: list[bytes] = []
        size, oldest = 0, None
        limits = self._limits
        while size < limits.batch_bytes and (frame := lane.take(now, interval=limits.visible_s)):
            frames.append(frame)
            size += len(frame)
            if lane.born is not None and (oldest is None or lane.born < oldest):
                oldest = lane.born
        return _Delivery(Owed(tuple(frames), size, oldest), self._level) if frames else None

    def _write_some(self, delivery: _Delivery) -> None:
        frames, size, oldest = delivery.owed
        behind: list[tuple[Follower, asyncio.Future[None]]] = []
        data, followers = delivery.some()
        for follower, (_, write) in followers:
            try:
                written = write(data)
            except Exception as error:  # noqa: BLE001 - the others get theirs
                written = asyncio.get_running_loop().create_future()
                written.set_exception(error)
            if written is not None:
                behind.append((follower, written))
        taken = len(followers) - len(behind)
        if taken:
            self._meter.sent(followers[0][0].name, len(frames), size, oldest, writes=taken)
        for follower, written in behind:
            follower.behind(written, frames, oldest)
        if delivery.over():
            self._delivery = None

    def _part(self, follower: Follower) -> bool:
        self.claim(follower)
        if self._delivery is not None and self._delivery.over():
            self._delivery = None
        for spell, followers in self._level.items():
            if followers.pop(follower, None) is not None:
                if not followers:
                    del self._level[spell]
                if not self._level:
                    self._lane, self._budget = None, Budget()
                return True
        return False


class Channels:
    """The followed tasks of one source, by id."""

    def __init__(
        self,
        subscribe: Callable[[str, Callable[[Event], None]], Callable[[], None]],
        *,
        rounds: Rounds,
        meter: Meter,
    ) -> None:
        self._subscribe = subscribe
        self._rounds = rounds
        self._meter = meter
        self._channels: dict[str, Channel] = {}

    def enter(self, task: str, follower: Follower) -> Channel:
        """Let ``follower`` have the live events of ``task`` from now on, until it leaves."""
        channel = self._channels.get(task)
        if channel is None:
            channel = Channel(rounds=self._rounds, meter=self._meter)
            leave = self._subscribe(task, channel.deliver)
            channel.emptied = lambda: self._leave(task, leave)
            self._channels[task] = channel
        channel.enter(follower)
        return channel

    def _leave(self, task: str, leave: Callable[[], None]) -> None:
        del self._channels[task]
        leave()
