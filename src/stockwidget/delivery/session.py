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

from stockwidget.delivery.commands import SLOW_READER, Close, Command, Drop, Send
from stockwidget.delivery.cursors import Cursors, too_many
from stockwidget.delivery.fetching import Fetching
from stockwidget.delivery.frames import (
    Encoder,
    Ping,
    Subscribe,
    Unsubscribe,
    Visible,
    read_message,
)
from stockwidget.delivery.lane import Budget, Lane
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.passing import Passing
from stockwidget.errors import InvalidRequest, StockwidgetError
from stockwidget.tasks.events import Event, Snapshot


class Session:
    """The state of one connection. Every method is an input but ``drain`` and ``next_wake``."""

    __slots__ = (
        "_blocked_since",
        "_closed",
        "_commands",
        "_encoder",
        "_fetching",
        "_heartbeat_at",
        "_interval",
        "_lanes",
        "_notices",
        "_passing",
        "_ready",
        "_shared",
        "_wall",
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
        self._fetching = Fetching(epoch=encoder.epoch, most=self.limits.opening)
        self._ready: dict[str, None] = {}
        """Ids of lanes that may have something to send, in turn."""
        self._passing = Passing()
        self._commands: list[Command] = []
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
        self._passing.put_first(frames, ts)

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
        self._passing.leave_out(tasks)  # a snapshot comes instead

    def show(self, *, visible: bool) -> None:
        """Note whether anybody can see the page: a hidden one gets progress more rarely."""
        self._interval = self.limits.visible_s if visible else self.limits.hidden_s

    def deliver(self, event: Event) -> None:
        """Take a live event of a followed task."""
        lane = self._lanes.get(event.task_id)
        if lane is None or lane.state == "wanted":
            return
        if self._blocked_since is None and self._passing.size < self.limits.batch_bytes:
            frame = lane.pass_on(event)
            if frame is not None:
                self._passing.add(frame, event.ts)
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
        lane = self._fetching.answered(ticket)
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
        lane = self._fetching.answered(ticket)
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
        if self._passing.frames and self._unhindered(now):
            self._blocked_since = now
            return [self._passing.send()]
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
        if self._fetching.waits:
            commands += self._fetching.begin()
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
        if self._notices or self._passing.frames or self._commands:
            return float("-inf")
        if not self._ready:
            return self._heartbeat_at
        due = [self._lanes[task].due(interval=self._interval) for task in self._ready]
        return min([self._heartbeat_at, *(at for at in due if at is not None)])

    # -- inside ---------------------------------------------------------------------------------

    @property
    def _quiet(self) -> bool:
        return self._blocked_since is None and not (
            self._closed or self._passing.frames or self._notices or self._commands
        )

    def _all(self) -> Iterable[Lane]:
        return (*self._lanes.values(), *self._shared.values())

    def _too_long(self, tail: Sequence[Event]) -> bool:
        """Whether a replay would itself overflow the queue: then a snapshot is the shorter way."""
        return (
            len(tail) > self.limits.queue_events
            or sum(len(self._encoder.event(event)) for event in tail) > self.limits.queue_bytes
        )

    def _await(self, lane: Lane) -> None:
        self._ready.pop(lane.task, None)
        self._fetching.want(lane)

    def _forget(self, task: str) -> None:
        lane = self._lanes.pop(task, None)
        if lane is None:
            return
        lane.clear()
        self._fetching.forget(lane)
        self._passing.leave_out({task})
        self._ready.pop(task, None)
        self._commands.append(Drop(task=task))

    def _frames(self, now: float) -> tuple[list[bytes], int | None]:
        frames, oldest_ts = self._passing.take()
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
            or self._fetching.waits
            or self._blocked_since is not None
            or now >= self._heartbeat_at
        )

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
                    self._fetching.sent(task)
                elif lane.due(interval=self._interval) is None:
                    del self._ready[task]
            turn = rest
        return oldest_ts

    def _heartbeat(self) -> bytes:
        """Positions *sent*: were they those received, every queue would look like a loss."""
        tasks = {
            task: lane.sent
            for task, lane in (*self._lanes.items(), *self._shared.items())
            if not self._fetching.unsent(task)
        }
        return self._encoder.notice("hb", {"tasks": tasks}, ts=self._wall())

    def _notice(self, error: StockwidgetError, task: str | None = None) -> None:
        if len(self._notices) < self.limits.notices:
            self._notices.append(self._encoder.error(error, ts=self._wall(), task=task))
