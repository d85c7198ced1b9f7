"""One reader of many tasks, without any I/O: client messages and events in, commands out.

The shell around it (``pump.py``) asks ``drain`` for commands and performs them::

    Send    write these frames, then call ``written``
    Fetch   subscribe to the task's live events, then answer with ``answer`` or ``refuse``
    Drop    stop the task's live events
    Close   close the connection

Between a ``Send`` and its ``written`` nothing more is sent: what a slow reader cannot take is
conflated (progress) or queued here, a queue that grows too long collapses into a snapshot, and a
reader that takes nothing for ``Limits.blocked_s`` is closed with a code that says "come back with
your cursor". Times are seconds of one monotonic clock; only ``ts`` in frames is wall time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from stockwidget.delivery.cursors import Cursors, too_many
from stockwidget.delivery.frames import (
    MESSAGE_BYTES,
    Encoder,
    Ping,
    Subscribe,
    Unsubscribe,
    Visible,
    place,
    read_message,
)
from stockwidget.delivery.lane import Budget, Lane
from stockwidget.errors import InvalidRequest, StockwidgetError
from stockwidget.tasks.events import Event, Snapshot

SLOW_READER = 4408
"""Close code: the reader took nothing for too long. Resumable with cursors."""

RESTARTING = 1012
"""Close code: the server stops. Resumable with cursors once it is back."""


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


class _Newest:
    """The command made last: a thousand readers of one event share it."""

    send = Send(frames=(b"",))


class Session:
    """The state of one connection. Every method is an input but ``drain`` and ``next_wake``."""

    __slots__ = (
        "_asked",
        "_blocked_since",
        "_closed",
        "_commands",
        "_encoder",
        "_heartbeat_at",
        "_interval",
        "_lanes",
        "_notices",
        "_opening",
        "_passing",
        "_passing_bytes",
        "_passing_ts",
        "_ready",
        "_shared",
        "_ticket",
        "_wall",
        "_wanted",
        "budget",
        "limits",
    )

    def __init__(
        self,
        *,
        encoder: Encoder,
        server_id: str,
        wall: Callable[[], int],
        now: float,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._encoder = encoder
        self._wall = wall
        self.budget = Budget()
        """What waits, and what was skipped so far."""
        self._lanes: dict[str, Lane] = {}
        """Of the followed tasks, but for those in ``_shared``."""
        self._shared: dict[str, Lane] = {}
        """Lanes that this reader shares with others; whoever serves them sends what they give."""
        self._wanted: dict[str, None] = {}
        """Ids of lanes whose fetch has not begun, oldest first."""
        self._asked: dict[int, Lane] = {}
        """Fetches under way, by ticket."""
        self._opening: dict[str, None] = {}
        """Ids of lanes whose snapshot is under way or unsent."""
        self._ready: dict[str, None] = {}
        """Ids of lanes that may have something to send, in turn."""
        self._passing: list[bytes] = []
        """Frames that wait for nothing but the next ``drain``."""
        self._passing_bytes = 0
        self._passing_ts: int | None = None
        self._commands: list[Command] = []
        self._ticket = 0
        self._interval = self.limits.visible_s
        self._blocked_since: float | None = None
        self._heartbeat_at = now + self.limits.heartbeat_s
        self._closed = False
        hello = {
            "server_id": server_id,
            "heartbeat_ms": round(self.limits.heartbeat_s * 1000),
            "limits": self.limits.public(),
        }
        self._notices = [encoder.notice("hello", hello, ts=wall())]

    @property
    def live(self) -> bool:
        """Whether more is to be expected: a followed task has not ended, as far as is known."""
        return any(not lane.ended for lane in self._all())

    @property
    def positions(self) -> dict[str, tuple[int, int]]:
        """``s, q`` that each followed task has been sent."""
        return {lane.task: lane.sent for lane in self._all()}

    # -- shared lanes ---------------------------------------------------------------------------

    def at_rest(self) -> list[Lane]:
        """Return the lanes that are served as anybody's would be and have nothing to send."""
        if not self._lanes or self._interval != self.limits.visible_s or not self._quiet:
            return []
        return [
            lane
            for lane in self._lanes.values()
            if lane.state == "live" and lane.due(interval=self._interval) is None
        ]

    def lend(self, task: str, lane: Lane) -> None:
        """Let ``lane`` serve the task, in place of one that is at rest."""
        del self._lanes[task]
        self._ready.pop(task, None)
        self._shared[task] = lane

    @property
    def lent(self) -> Collection[str]:
        """Tasks that others' lanes serve."""
        return self._shared.keys()

    def owe(self, frames: Sequence[bytes], ts: int | None) -> None:
        """Send ``frames`` of a shared lane, whose oldest live event is of ``ts``, before others."""
        self._passing[:0] = frames
        self._passing_bytes += sum(map(len, frames))
        if ts is not None and (self._passing_ts is None or ts < self._passing_ts):
            self._passing_ts = ts

    def fall_back(self) -> Collection[str]:
        """Serve all tasks here again, as before any input about tasks; return those lent before."""
        shared, self._shared = self._shared, {}
        for task, lane in shared.items():
            own = self._lanes[task] = lane.copy(self.budget)
            if own.state == "wanted":
                self._await(own)
            elif own.due(interval=self._interval) is not None:
                self._ready[task] = None
        return shared.keys()

    def behind(self, now: float) -> None:
        """Note that frames of a shared lane have not left yet; ``written`` ends it."""
        self._blocked_since = now

    # -- inputs ---------------------------------------------------------------------------------

    def receive(self, message: str | bytes, now: float) -> None:
        """Take one client message; a bad one is answered by an error frame and changes nothing."""
        try:
            match read_message(message):
                case Subscribe(tasks=tasks):
                    self.subscribe(tasks)
                case Unsubscribe(tasks=ids):
                    for task in ids:
                        self._forget(task)
                case Visible(visible=visible):
                    self.show(visible=visible)
                case Ping():
                    self._heartbeat_at = now
        except InvalidRequest as error:
            self._notice(error)

    def subscribe(self, tasks: Cursors) -> None:
        """Follow these too, or ask for a new snapshot of those that are followed.

        Raises InvalidRequest, and changes nothing, if that is more than ``Limits.subscriptions``.
        """
        total = len(self._lanes.keys() | tasks.keys())
        if total > self.limits.subscriptions:
            raise too_many(total, most=self.limits.subscriptions, field="tasks")
        for task, cursor in tasks.items():
            lane = self._lanes.get(task)
            if lane is None:
                lane = Lane(task, cursor, encoder=self._encoder, budget=self.budget)
                self._lanes[task] = lane
            lane.want(cursor)
            self._await(lane)
        self._hold_back(tasks)

    def show(self, *, visible: bool) -> None:
        """Note whether anybody can see the page: a hidden one gets progress more rarely."""
        self._interval = self.limits.visible_s if visible else self.limits.hidden_s

    def deliver(self, event: Event) -> None:
        """Take a live event of a followed task."""
        lane = self._lanes.get(event.task_id)
        if lane is None or lane.state == "wanted":
            return
        if self._blocked_since is None and self._passing_bytes < self.limits.batch_bytes:
            frame = lane.pass_on(event)
            if frame is not None:
                self._passing.append(frame)
                self._passing_bytes += len(frame)
                if self._passing_ts is None or event.ts < self._passing_ts:
                    self._passing_ts = event.ts
                return
        lane.push(event)
        if (
            self.budget.events > self.limits.queue_events
            or self.budget.size > self.limits.queue_bytes
        ):
            # The longest lane pays: a chatty task must not cost a quiet one its order.
            lane = max(self._lanes.values(), key=lambda each: each.queued)
            lane.resync()
        if lane.state == "wanted":
            self._await(lane)
        elif lane.state == "live":
            self._ready[lane.task] = None

    def answer(self, ticket: int, snapshot: Snapshot, tail: Sequence[Event] | None) -> None:
        """Take the answer to ``Fetch``: the snapshot, and the events kept after ``after``."""
        lane = self._asked.pop(ticket, None)
        if lane is None:
            return
        if tail is not None and self._too_long(tail):
            tail = None
        lane.settle(snapshot, tail, ts=self._wall())
        if lane.state == "wanted":
            self._await(lane)
        else:
            self._ready[lane.task] = None

    def refuse(self, ticket: int, error: StockwidgetError) -> None:
        """Take the answer to a ``Fetch`` that failed: the reader is told and the task dropped."""
        lane = self._asked.pop(ticket, None)
        if lane is not None:
            self._forget(lane.task)
            self._notice(error, task=lane.task)

    def written(self) -> None:
        """Note that the frames of the last ``Send`` have left."""
        self._blocked_since = None

    def close(self, code: int, reason: str) -> None:
        """Ask for the end of the connection."""
        self._commands.append(Close(code=code, reason=reason))

    # -- outputs --------------------------------------------------------------------------------

    def drain(self, now: float) -> list[Command]:
        """Return what is to be done at ``now``; after ``Close`` nothing more."""
        if self._closed:
            return []
        if self._passing and self._unhindered(now):
            return [self._pass(now)]
        if self._blocked_since is not None and now - self._blocked_since >= self.limits.blocked_s:
            seconds = round(self.limits.blocked_s)
            self.close(SLOW_READER, f"Nothing was read for {seconds} s. Resume with cursors.")
        commands, self._commands = self._commands, []
        if commands and any(isinstance(command, Close) for command in commands):
            self._closed = True
            return commands
        if self._blocked_since is not None:
            return commands
        frames, oldest_ts = self._frames(now)
        if self._wanted:
            commands += self._fetches()
        if frames:
            self._blocked_since = now
            commands.append(Send(frames=tuple(frames), oldest_ts=oldest_ts))
        return commands

    def next_wake(self) -> float | None:
        """Return when ``drain`` must be called at the latest without input; ``None``: never."""
        if self._closed:
            return None
        if self._blocked_since is not None:
            return self._blocked_since + self.limits.blocked_s
        if self._notices or self._passing or self._commands:
            return float("-inf")
        if not self._ready:
            return self._heartbeat_at
        due = [self._lanes[task].due(interval=self._interval) for task in self._ready]
        return min([self._heartbeat_at, *(at for at in due if at is not None)])

    # -- inside ---------------------------------------------------------------------------------

    @property
    def _quiet(self) -> bool:
        return self._blocked_since is None and not (
            self._closed or self._passing or self._notices or self._commands
        )

    def _all(self) -> Iterable[Lane]:
        return (*self._lanes.values(), *self._shared.values())

    def _too_long(self, tail: Sequence[Event]) -> bool:
        """Whether a replay would itself overflow the queue: then a snapshot is the shorter way."""
        return (
            len(tail) > self.limits.queue_events
            or sum(len(self._encoder.event(event)) for event in tail) > self.limits.queue_bytes
        )

    def _hold_back(self, tasks: Collection[str]) -> None:
        """Do not send what was to be sent of ``tasks``: a snapshot comes instead, or nothing."""
        if self._passing:
            self._passing = [frame for frame in self._passing if place(frame).task not in tasks]

    def _await(self, lane: Lane) -> None:
        self._abandon(lane)
        self._ready.pop(lane.task, None)
        self._opening.pop(lane.task, None)
        self._wanted[lane.task] = None

    def _abandon(self, lane: Lane) -> None:
        for ticket in [ticket for ticket, each in self._asked.items() if each is lane]:
            del self._asked[ticket]

    def _forget(self, task: str) -> None:
        lane = self._lanes.pop(task, None)
        if lane is None:
            return
        lane.clear()
        self._abandon(lane)
        self._hold_back({task})
        for waiting in (self._wanted, self._ready, self._opening):
            waiting.pop(task, None)
        self._commands.append(Drop(task=task))

    def _fetches(self) -> list[Command]:
        commands: list[Command] = []
        while self._wanted and len(self._opening) < self.limits.opening:
            task = next(iter(self._wanted))
            del self._wanted[task]
            lane = self._lanes[task]
            self._ticket += 1
            self._asked[self._ticket] = lane
            self._opening[task] = None
            lane.state = "asked"
            known = lane.cursor is not None and lane.cursor.epoch == self._encoder.epoch
            if not known:
                lane.cursor = None
            after = lane.cursor.s if lane.cursor else None
            commands.append(Fetch(task=task, after=after, ticket=self._ticket))
        return commands

    def _frames(self, now: float) -> tuple[list[bytes], int | None]:
        frames, self._passing, self._passing_bytes = self._passing, [], 0
        oldest_ts, self._passing_ts = self._passing_ts, None
        if self._notices:
            frames, self._notices = [*self._notices, *frames], []
        if self._ready:
            oldest_ts = self._take(frames, now, oldest_ts)
        if now >= self._heartbeat_at:
            self._heartbeat_at = now + self.limits.heartbeat_s
            frames.append(self._heartbeat())
        return frames, oldest_ts

    def _unhindered(self, now: float) -> bool:
        """Whether there is nothing to do but to send what waits for nothing."""
        return not (
            self._commands
            or self._notices
            or self._ready
            or self._wanted
            or self._blocked_since is not None
            or now >= self._heartbeat_at
        )

    def _pass(self, now: float) -> Send:
        passing, ts = self._passing, self._passing_ts
        self._passing, self._passing_bytes, self._passing_ts = [], 0, None
        self._blocked_since = now
        newest = _Newest.send
        if newest.frames != (passing[0],) or len(passing) > 1 or newest.oldest_ts != ts:
            newest = _Newest.send = Send(frames=tuple(passing), oldest_ts=ts)
        return newest

    def _take(self, frames: list[bytes], now: float, oldest_ts: int | None) -> int | None:
        """Add what the lanes have ready, each in its turn; return the oldest ``ts`` so far."""
        size = sum(map(len, frames))
        turn = list(self._ready)
        while turn and size < self.limits.batch_bytes:
            rest = []
            for task in turn:
                lane = self._lanes[task]
                frame = lane.take(now, interval=self._interval)
                if frame is not None:
                    frames.append(frame)
                    size += len(frame)
                    if lane.born is not None and (oldest_ts is None or lane.born < oldest_ts):
                        oldest_ts = lane.born
                    rest.append(task)
                    self._opening.pop(task, None)
                elif lane.due(interval=self._interval) is None:
                    del self._ready[task]
            turn = rest
        return oldest_ts

    def _heartbeat(self) -> bytes:
        """Positions *sent*: were they those received, every queue would look like a loss."""
        tasks = {
            task: lane.sent
            for task, lane in (*self._lanes.items(), *self._shared.items())
            if task not in self._opening and task not in self._wanted
        }
        return self._encoder.notice("hb", {"tasks": tasks}, ts=self._wall())

    def _notice(self, error: StockwidgetError, task: str | None = None) -> None:
        if len(self._notices) < self.limits.notices:
            self._notices.append(self._encoder.error(error, ts=self._wall(), task=task))
