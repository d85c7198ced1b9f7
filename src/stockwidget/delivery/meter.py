"""What delivery did, counted: connections, frames, polls, delays and changes of transport.

One meter a process. Adding to it costs a few integer additions: nothing is allocated per reader or
per event, and every name it counts by comes from a fixed list, so that it never grows.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, Literal, get_args

from stockwidget.delivery.latency import Latency
from stockwidget.tasks.clock import utc_ms

TransportName = Literal["ws", "sse", "poll", "comm", "pipe"]
"""``pipe``: a child process to the kernel that started it; never a page's."""
Ending = Literal["left", "lost", "slow_reader", "restarting"]
"""Why a connection ended: the reader went (or a poll was answered), a write failed, the reader took
nothing for too long, the server stopped."""
End = TransportName | Literal["none"]
"""Where a change of transport leads from or to; ``none``: nothing works for the time being."""
ChangeKind = Literal["downgrade", "upgrade", "recovery"]
"""To a worse transport, to a better one, or back on the same one."""
Reason = Literal[
    "refused",
    "timeout",
    "silent",
    "buffered",
    "closed",
    "slow_reader",
    "restarting",
    "server_error",
    "not_authorized",
    "limited",
    "suspended",
    "offline",
    "disabled",
    "resumed",
    "probe",
    "other",
]
"""Why a client changed: the opening was refused, or took too long; nothing came any more; a proxy
held the stream back; the connection ended (4408 and 1012: for that reason); 5xx; the login was
refused; 429; its Hub has stopped the server; no network; the server offers no more; the page woke;
a probe of the better one succeeded.
"""

ENDINGS: Final[tuple[Ending, ...]] = get_args(Ending)
CHANGE_KINDS: Final[tuple[ChangeKind, ...]] = get_args(ChangeKind)
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

ENDS: Final[tuple[End, ...]] = ("ws", "sse", "poll", "comm", "none")

CHANGES_WINDOW_S = 3600.0

Change = tuple[ChangeKind, End, End, Reason]
"""``kind, from, to, reason``."""


class Traffic:
    """What one transport did since the start; ``open`` and ``following`` are now."""

    __slots__ = ("bytes", "ended", "following", "frames", "open", "opened", "subscribed", "writes")

    def __init__(self) -> None:
        self.open = 0
        self.opened = 0
        self.following = 0
        """Subscriptions now: tasks, once for each connection that follows them."""
        self.subscribed = 0
        self.frames = 0
        self.writes = 0
        self.bytes = 0
        self.ended: Counter[Ending] = Counter()


class Meter:
    """Every method is called on one thread, that of the event loop."""

    def __init__(
        self,
        *,
        transports: Sequence[TransportName] = get_args(TransportName),
        wall: Callable[[], int] = utc_ms,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.traffic: dict[TransportName, Traffic] = {name: Traffic() for name in transports}
        """Of those that this process serves."""
        self.latency = Latency(monotonic=monotonic)
        """From the event's ``ts`` to the end of the write that took it to the reader's side, once a
        write, by the oldest live event in it; so the wait for a conflated one's turn counts."""
        self.polls = 0
        self.useless_polls = 0
        """Answered by nothing new (304)."""
        self.progress_conflated = 0
        self.resyncs = 0
        """Queues that a snapshot replaced, since they grew too long or had a gap."""
        self.changes: Counter[Change] = Counter()
        self.changing: dict[ChangeKind, Latency] = {
            kind: Latency(monotonic=monotonic, window_s=CHANGES_WINDOW_S) for kind in CHANGE_KINDS
        }
        """How long changes took: from the first sign of trouble to the first frame after it."""
        self._wall = wall

    def opened(self, transport: TransportName) -> None:
        """A connection is open; for polling, a request that may wait."""
        traffic = self.traffic[transport]
        traffic.open += 1
        traffic.opened += 1

    def closed(self, transport: TransportName, reason: Ending = "left") -> None:
        """It has ended."""
        traffic = self.traffic[transport]
        traffic.open -= 1
        traffic.ended[reason] += 1

    def subscribed(self, transport: TransportName, tasks: int = 1) -> None:
        """A connection follows ``tasks`` more."""
        traffic = self.traffic[transport]
        traffic.following += tasks
        traffic.subscribed += tasks

    def unsubscribed(self, transport: TransportName, tasks: int = 1) -> None:
        """A connection follows ``tasks`` less."""
        self.traffic[transport].following -= tasks

    def sent(
        self,
        transport: TransportName,
        frames: int,
        size: int,
        oldest_ts: int | None = None,
        *,
        writes: int = 1,
    ) -> None:
        """One write of ``frames`` envelopes, ``size`` bytes in all, has been taken.

        ``writes``: so many of the same, each by another reader.
        ``oldest_ts`` is the ``ts`` of the oldest *live* event in it, ``None`` if it has none:
        snapshots and replays are about the past, and their age is no delay.
        """
        traffic = self.traffic[transport]
        traffic.frames += frames * writes
        traffic.writes += writes
        traffic.bytes += size * writes
        if oldest_ts is not None:
            self.latency.add(self._wall() - oldest_ts, writes)

    def poll(self, *, useless: bool) -> None:
        """A poll has been answered."""
        self.polls += 1
        self.useless_polls += useless

    def conflated(self, n: int) -> None:
        """``n`` progress events were skipped, since newer ones had come."""
        self.progress_conflated += n

    def resynced(self, n: int = 1) -> None:
        """``n`` queues were given up for a snapshot."""
        self.resyncs += n

    def changed(
        self, kind: ChangeKind, source: End, target: End, reason: Reason, after_ms: int | None
    ) -> None:
        """A client says that it went from ``source`` to ``target``, and how long that took."""
        self.changes[kind, source, target, reason] += 1
        if after_ms is not None:
            self.changing[kind].add(after_ms)
