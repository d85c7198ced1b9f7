"""Performs a session's commands on the running asyncio loop, over any transport.

A transport is two methods (``Transport``); a WebSocket, an event stream and a kernel comm differ in
nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from stockwidget.delivery.channel import Channel, Channels, Shared
from stockwidget.delivery.commands import RESTARTING, SLOW_READER, Close, Drop, Fetch, Send
from stockwidget.delivery.cursors import Cursors
from stockwidget.delivery.meter import Ending, Meter, TransportName
from stockwidget.delivery.rounds import Alarm, Rounds
from stockwidget.delivery.session import Session
from stockwidget.errors import StockwidgetError
from stockwidget.tasks.events import Event, Snapshot

log = logging.getLogger(__name__)
_UNREADABLE = StockwidgetError(
    "The task could not be read.", hint="The server's log says why. Reload to try again."
)


_ENDINGS: dict[int, Ending] = {SLOW_READER: "slow_reader", RESTARTING: "restarting"}


class Followable(Protocol):
    """What a pump needs of a runner."""

    async def snapshot(self, task_id: str) -> Snapshot:
        """Return the task as of now. Raises UnknownTask or TaskExpired."""

    async def tail(self, task_id: str, s: int) -> list[Event] | None:
        """Return the never-dropped events after ``s`` in order; ``None`` if no longer kept."""

    def subscribe(self, task_id: str, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``callback`` on the loop with each new event; return how to stop that."""


class Transport(Protocol):
    """Where frames go."""

    def send(self, frames: Sequence[bytes]) -> asyncio.Future[None] | None:
        """Write; the future is done once the reader's side has taken all, or has gone.

        ``None``: it has taken all at once.
        """

    def close(self, code: int, reason: str) -> None:
        """Close the connection."""


class Pump:
    """Drives one session until ``stop``. Every method is called on the loop."""

    __slots__ = (
        "_alarm",
        "_channels",
        "_conflated",
        "_fetches",
        "_gathers",
        "_loop",
        "_meter",
        "_oldest_ts",
        "_resyncs",
        "_rounds",
        "_sending",
        "_session",
        "_shared",
        "_started",
        "_stopped",
        "_subscriptions",
        "_tasks",
        "_transport",
        "name",
        "waiting",
    )

    def __init__(
        self,
        *,
        tasks: Followable,
        session: Session,
        transport: Transport,
        name: TransportName,
        meter: Meter,
        gathers: bool = False,
        rounds: Rounds | None = None,
        channels: Channels | None = None,
        shared: Shared | None = None,
    ) -> None:
        self._tasks = tasks
        self._session = session
        self._transport = transport
        self.name = name
        self._meter = meter
        self._conflated = self._resyncs = 0
        """What the meter knows of the session's counts."""
        self._gathers = gathers
        """Whether the transport only collects what it is sent; see ``delivered``."""
        self._sending: tuple[bytes, ...] = ()
        self._oldest_ts: int | None = None
        self._started = False
        self._rounds = rounds or Rounds()
        self._channels = channels or Channels(tasks.subscribe, rounds=self._rounds, meter=meter)
        self._shared = shared
        """How the transport writes what many readers get; ``None``: it takes no part in that."""
        self._loop = asyncio.get_running_loop()
        self._subscriptions: dict[str, Channel] = {}
        self._fetches: set[asyncio.Task[None]] = set()
        self._alarm: Alarm | None = None
        self.waiting = False
        self._stopped = False

    def start(self) -> None:
        """Send the greeting and begin the heartbeat."""
        self._started = True
        self._meter.opened(self.name)
        log.debug("A %s connection opened.", self.name, extra=self._extra())
        self._soon()

    def receive(self, message: str | bytes) -> None:
        """Hand a client message to the session."""
        self.fall_back()
        self._session.receive(message, self._rounds.monotonic())
        self._soon()

    def follow(self, tasks: Cursors, *, visible: bool = True) -> None:
        """Subscribe to tasks that came with the request itself.

        Raises InvalidRequest if they are more than one connection may follow.
        """
        self.fall_back()
        self._session.subscribe(tasks)
        self._session.show(visible=visible)
        self._soon()

    def close(self, code: int, reason: str) -> None:
        """End the connection with a close code."""
        self._session.close(code, reason)
        self._soon()

    @property
    def live(self) -> bool:
        """Whether a followed task has not ended."""
        return self._session.live

    @property
    def followed(self) -> Collection[str]:
        """The ids of the tasks whose live events it takes."""
        return self._subscriptions.keys()

    def delivered(self, frames: int, size: int) -> None:
        """Count ``frames`` envelopes, ``size`` bytes in all, as sent since the last call.

        A transport that collects says so when the reader has them; for others the pump knows.
        """
        self._meter.sent(self.name, frames, size, self._oldest_ts)
        self._oldest_ts = None
        budget = self._session.budget
        if budget.conflated != self._conflated or budget.resyncs != self._resyncs:
            self._count_skipped()

    def stop(self, ending: Ending = "left") -> None:
        """Let go of everything; the connection has gone. Only the first call counts."""
        if self._stopped:
            return
        self._stopped = True
        if self._started:
            self._count_end(ending)
        for channel in self._subscriptions.values():
            channel.leave(self)
        self._subscriptions.clear()
        for fetch in self._fetches:
            fetch.cancel()
        if self._alarm is not None:
            self._alarm.pump = None

    def turn(self, now: float) -> None:
        """Perform what the session asks for; called by ``Rounds``."""
        if self._stopped:
            return
        self._claim()
        for command in self._session.drain(now):
            if isinstance(command, Send):
                self._send(command)
            else:
                self._perform(command)
        if self._shared is not None and not self._stopped:
            self._join(self._shared, now)
        wake = self._session.next_wake()
        if wake is None or self._stopped:
            return
        if wake <= now:
            self._rounds.soon(self)
        elif self._alarm is None or wake < self._alarm.at or self._alarm.at <= now:
            # One that is too early stays: the turn that it causes finds nothing to do, once, where
            # a new one would be needed with every write.
            if self._alarm is not None:
                self._alarm.pump = None
            self._alarm = self._rounds.alarm(wake, self)

    def deliver(self, event: Event) -> None:
        """Take a live event of a followed task."""
        self._session.deliver(event)
        if not self.waiting:
            self._rounds.soon(self)

    def fall_back(self) -> None:
        """See ``Follower``."""
        self._claim()
        tasks = self._session.fall_back()
        for task in tasks:
            self._subscriptions[task].part(self)
        if tasks:
            self._soon()

    def behind(
        self, written: asyncio.Future[None], frames: tuple[bytes, ...], ts: int | None
    ) -> None:
        """See ``Follower``."""
        self.fall_back()
        self._session.behind(self._rounds.monotonic())
        self._wait(written, frames, ts)

    def _claim(self) -> None:
        """Send first what others are being written at this time: its positions are counted sent."""
        for task in self._session.lent:
            owed = self._subscriptions[task].claim(self)
            if owed is not None:
                self._session.owe(owed.frames, owed.oldest)

    def _join(self, shared: Shared, now: float) -> None:
        """Let the lanes that others' readers stand level with be served together with those."""
        session = self._session
        for own in session.at_rest():
            channel = self._subscriptions.get(own.task)
            if channel is not None:
                lane = channel.admit(self, shared, own, now, session.limits)
                if lane is not None:
                    session.lend(own.task, lane)

    def _soon(self) -> None:
        if not self._stopped:
            self._rounds.soon(self)

    def _send(self, command: Send) -> None:
        written = self._transport.send(command.frames)
        if written is not None:
            self.fall_back()
        self._wait(written, command.frames, command.oldest_ts)

    def _wait(
        self, written: asyncio.Future[None] | None, frames: tuple[bytes, ...], ts: int | None
    ) -> None:
        self._sending = frames
        if ts is not None and (self._oldest_ts is None or ts < self._oldest_ts):
            self._oldest_ts = ts
        if written is None:
            self._taken()
        else:
            written.add_done_callback(self._written)

    def _perform(self, command: Fetch | Drop | Close) -> None:
        match command:
            case Fetch(task=task):
                if task not in self._subscriptions:
                    self._subscriptions[task] = self._channels.enter(task, self)
                    self._meter.subscribed(self.name)
                if log.isEnabledFor(logging.DEBUG):
                    self._log_fetch(command)
                fetch = self._loop.create_task(self._fetch(command))
                self._fetches.add(fetch)
                fetch.add_done_callback(self._fetches.discard)
            case Drop(task=task):
                channel = self._subscriptions.pop(task, None)
                if channel is not None:
                    channel.leave(self)
                    self._meter.unsubscribed(self.name)
            case Close(code=code, reason=reason):
                self.stop(_ENDINGS.get(code, "left"))
                self._transport.close(code, reason)

    def _written(self, written: asyncio.Future[None]) -> None:
        if written.cancelled() or written.exception() is not None:
            self.stop("lost")
            return
        self._taken()
        self._soon()

    def _taken(self) -> None:
        if not self._gathers:
            sending = self._sending
            size = len(sending[0]) if len(sending) == 1 else sum(map(len, sending))
            self.delivered(len(sending), size)
        self._sending = ()
        self._session.written()

    async def _fetch(self, fetch: Fetch) -> None:
        try:
            snapshot = await self._tasks.snapshot(fetch.task)
            tail = None
            if fetch.after is not None:
                tail = await self._tasks.tail(fetch.task, fetch.after)
        except StockwidgetError as error:
            self._session.refuse(fetch.ticket, error)
        except Exception:
            log.exception("Task %s could not be read.", fetch.task)
            self._session.refuse(fetch.ticket, _UNREADABLE)
        else:
            self._session.answer(fetch.ticket, snapshot, tail)
        self._soon()

    # -- what is counted and logged -------------------------------------------------------------

    def _count_skipped(self) -> None:
        conflated, resyncs = self._session.budget.conflated, self._session.budget.resyncs
        if conflated != self._conflated:
            self._meter.conflated(conflated - self._conflated)
            self._conflated = conflated
        if resyncs != self._resyncs:
            self._meter.resynced(resyncs - self._resyncs)
            self._resyncs = resyncs

    def _count_end(self, ending: Ending) -> None:
        self._count_skipped()
        self._meter.unsubscribed(self.name, len(self._subscriptions))
        self._meter.closed(self.name, ending)
        if log.isEnabledFor(logging.DEBUG):
            log.debug(
                "A %s connection ended (%s) that followed %d tasks.",
                self.name,
                ending,
                len(self._subscriptions),
                extra=self._extra(
                    task=list(self._subscriptions), cursor=self._session.positions, reason=ending
                ),
            )

    def _log_fetch(self, fetch: Fetch) -> None:
        log.debug(
            "A %s connection follows task %s, %s.",
            self.name,
            fetch.task,
            "from its start" if fetch.after is None else f"after {fetch.after}",
            extra=self._extra(task=fetch.task, cursor=fetch.after),
        )

    def _extra(self, **known: Any) -> dict[str, Any]:
        return {"task": None, "transport": self.name, "cursor": None, "reason": None, **known}
