"""Follows all tasks of a server over one connection, by the best transport that works.

Everything here runs on the background loop but ``follow`` and ``close``. A transport that is
refused, held back or dropping gives way to the next one (``delivery/ladder.py``), which goes on by
cursor; a better one is tried now and then, and takes over only once it has answered for every task.
While nothing stands, polls bridge the gap.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stockwidget.delivery.ladder import ORDER, Failure, Ladder, Link, Transport
from stockwidget.notebook import background
from stockwidget.notebook.audit import Audit
from stockwidget.notebook.climb import Climb
from stockwidget.notebook.discovery import Target
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.probe import error_of, probe
from stockwidget.notebook.reader import Cursors, Reader
from stockwidget.notebook.reporting import Reporting
from stockwidget.notebook.timers import Timers
from stockwidget.notebook.transports.base import Carrier, Counts, Wire
from stockwidget.notebook.transports.poll import PollCarrier
from stockwidget.notebook.transports.sse import EventStreamCarrier
from stockwidget.notebook.transports.ws import WebSocketCarrier

log = logging.getLogger(__name__)

HELD_S = 1.0
"""What a poll beside it knew, the stream should have told within this."""
BRIDGE_S = 2.0
"""Without a greeting for so long, polls bridge the gap."""
END_S = 3.0
_CARRIERS: dict[Transport, type[Carrier]] = {
    "ws": WebSocketCarrier,
    "sse": EventStreamCarrier,
    "poll": PollCarrier,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    silence: float = 25.0
    """Longer than the server's heartbeat of 15 s by the worst delay seen behind a proxy."""
    answer: float = 3.0
    late: float = 1.0
    """A timer this late means that the machine slept: what it missed may still be on its way."""
    linger: float = 10.0
    """How long an idle connection is kept: the next cell often submits again."""


class Follower:
    """Follows tasks of ``target``; ``offered`` is what the server says it has."""

    def __init__(
        self,
        target: Target,
        *,
        offered: Sequence[str] = ORDER,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counts = Counts()
        self._wire = Wire(target)
        self._clock = clock
        self._patience = patience or Patience()
        self._reader = Reader()
        self._ladder = Ladder(offered, now=clock())
        self._timers = Timers()
        self._carrier: Carrier | None = None
        """What carries events, or is being opened for that."""
        self._bridge: Carrier | None = None
        self._climb = Climb(
            self._ladder, self._timers, clock=clock, open_=self._open_climber, log=self._log
        )
        self._audit = Audit(
            self._wire,
            self._timers,
            self.counts,
            cursors=self.cursors,
            live=lambda: self._ladder.link.state == "live",
            told=self._audited,
        )
        self._reporting = Reporting(self._wire, self._timers, clock)
        self._checking: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def link(self) -> Link:
        """How the connection stands; may be read by any thread."""
        return self._ladder.link

    def follow(self, task: Followed) -> None:
        """Keep ``task`` up to date until it has settled. Returns at once."""
        self._reader.add(task)
        background.soon(self._joined, task.snapshot.record.id)

    def close(self) -> None:
        """Let go of the connections; tasks stay where they are."""
        if not self._closed:
            self._closed = True
            background.run(self._end(), END_S)

    async def _end(self) -> None:
        carriers = [each for each in self._all if each]
        self._rest()
        await asyncio.gather(*(each.closed() for each in carriers))
        await self._wire.http.aclose()

    @property
    def _all(self) -> tuple[Carrier | None, ...]:
        return self._carrier, self._climb.carrier, self._bridge, self._audit.carrier

    # -- what the cells want ----------------------------------------------------------------------

    def _joined(self, task_id: str) -> None:
        self._timers.cancel("linger")
        if self._closed:
            return
        for carrier in (self._carrier, self._climb.carrier, self._bridge):
            if carrier is not None:
                carrier.subscribe([task_id])
        if self._carrier is None and self._checking is None:
            # The task was submitted over HTTP a moment ago: the server is there.
            self._ladder.hurry(self._clock())
            self._connect()

    def _left(self) -> None:
        """Forget what has settled; rest once nothing is left."""
        done = self._reader.prune()
        if done:
            for carrier in self._all:
                if carrier is not None:
                    carrier.unsubscribe(done)
        if not len(self._reader) and "linger" not in self._timers:
            self._timers.after("linger", self._patience.linger, self._rest)

    def _rest(self) -> None:
        if len(self._reader) and not self._closed:
            return
        self._timers.cancel_all()
        if self._checking is not None:
            self._checking.cancel()
            self._checking = None
        self._climb.stop()
        self._audit.stop()
        self._drop(self._carrier)
        self._drop(self._bridge)
        self._carrier = self._bridge = None
        self._ladder.rest(self._clock())
        if not self._closed:
            self._reporting.post()

    # -- connecting -------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._timers.cancel("retry")
        if self._closed or not len(self._reader) or self._carrier is not None:
            return
        self._ladder.begin(self._clock())
        self._carrier = self._open(self._ladder.transport)
        if self._bridge is None and self._carrier.name != "poll":
            self._timers.after("bridge", BRIDGE_S, self._build_bridge)

    def _open(self, name: Transport) -> Carrier:
        self.counts.connections += 1
        self._log("%s opens", name)
        return _CARRIERS[name](self._wire, self)

    def _drop(self, carrier: Carrier | None) -> None:
        if carrier is not None:
            carrier.close()

    def _build_bridge(self) -> None:
        if self._bridge is None and self._ladder.link.state != "live":
            self._bridge = PollCarrier(self._wire, self)

    def _take_bridge_down(self) -> None:
        self._timers.cancel("bridge")
        self._drop(self._bridge)
        self._bridge = None

    # -- what the transports say (Sink) -----------------------------------------------------------

    def cursors(self) -> Cursors:
        """See ``Sink``."""
        return self._reader.cursors()

    def frame(self, carrier: Carrier, frame: dict[str, Any]) -> None:
        """See ``Sink``."""
        if carrier not in self._all:
            return
        self.counts.frames += 1
        kind, task_id = frame.get("k"), frame.get("t")
        if kind == "hello":
            if carrier is self._carrier:
                self._greeted()
        elif kind == "hb":
            behind = self._reader.behind(frame["d"].get("tasks", {}))
            if behind:
                carrier.subscribe(behind)
        elif task_id is not None:
            self._task_frame(carrier, str(kind), str(task_id), frame)
        self._heard(carrier)
        if carrier is self._climb.carrier and kind != "hello" and not carrier.awaiting:
            self._climbed(carrier)
        if carrier is self._carrier and kind != "hello" and not carrier.awaiting:
            self._take_bridge_down()
        self._left()

    def ended(self, carrier: Carrier, failure: Failure) -> None:
        """See ``Sink``."""
        if carrier is self._climb.carrier:
            self._climb.failed(failure)
        elif carrier is self._bridge:
            self._bridge = None
            self._timers.after("bridge", BRIDGE_S, self._build_bridge)
        elif carrier is self._carrier:
            self._over(failure)

    def _task_frame(self, carrier: Carrier, kind: str, task_id: str, frame: dict[str, Any]) -> None:
        if task_id in carrier.awaiting:
            if kind not in {"snapshot", "error", "gone"}:
                return  # what comes before the snapshot cannot be placed
            carrier.awaiting.discard(task_id)
        if not self._reader.take(frame):
            if not carrier.beats:
                self._reader.distrust(task_id)  # an answer with a hole: cursors are of no use
            carrier.subscribe([task_id])

    def _greeted(self) -> None:
        now = self._clock()
        self._ladder.greeted(now)
        self._log("%s is live", self._ladder.transport)
        self._reporting.noted(self._ladder.link)
        if self._carrier is not None and not self._carrier.beats:
            self._take_bridge_down()
        self._climb.plan()

    # -- silence ----------------------------------------------------------------------------------

    def _heard(self, carrier: Carrier) -> None:
        if carrier is not self._carrier or not carrier.beats:
            return
        self._ladder.heard(self._clock())
        self._timers.cancel("held")
        self._audit.heard(carrier)
        self._watch(self._patience.silence, self._silent)

    def _watch(self, seconds: float, then: Callable[[], None]) -> None:
        due = self._clock() + seconds

        def fire() -> None:
            if self._clock() - due >= self._patience.late:
                self._timers.after("silence", self._patience.late, then)
            else:
                then()

        self._timers.after("silence", seconds, fire)

    def _silent(self) -> None:
        if self._carrier is None:
            return
        self._ladder.silent(self._clock())
        self._carrier.ping()
        self._build_bridge()
        self._watch(self._patience.answer, self._gave_no_sign)

    def _audited(self, frame: dict[str, Any]) -> None:
        """A poll beside the quiet stream knew more: perhaps the stream is held back."""
        self._reader.take(frame)
        if "held" not in self._timers and self._carrier is not None:
            self._timers.after("held", HELD_S, self._held_back)
        self._left()

    def _held_back(self) -> None:
        failure = Failure(code="buffered", words="something on the way collects the stream")
        self._drop(self._carrier)
        if not len(self._reader):  # too late for these tasks, in time for the next
            self._ladder.ended(failure, self._clock(), http_works=True)
        self._over(failure)

    def _gave_no_sign(self) -> None:
        self._drop(self._carrier)
        self._over(Failure(code="silent", words="nothing came any more"))

    # -- the end of a connection ------------------------------------------------------------------

    def _over(self, failure: Failure) -> None:
        self._carrier = None
        self._timers.cancel("silence", "audit", "held")
        self._climb.stop()
        if not len(self._reader):
            self._rest()
            return
        if "bridge" not in self._timers and self._bridge is None:
            self._timers.after("bridge", BRIDGE_S, self._build_bridge)
        self._checking = asyncio.get_running_loop().create_task(self._judge(failure))

    async def _judge(self, failure: Failure) -> None:
        """Find out what is to blame, and let the ladder say how to go on."""
        before = self._ladder.transport
        trouble = None
        if failure.code != "restarting":
            trouble = await probe(self._wire.http, self._ladder.offer)
        if trouble is None and failure.code == "not_authorized":
            # The same login works without the stream: something on the way refuses the stream.
            failure = Failure(code="refused", words=failure.words)
        if trouble is not None and trouble.code in {"not_authorized", "suspended", "limited"}:
            failure = trouble
        now = self._clock()
        self._checking = None
        if self._closed:
            return
        self._ladder.ended(failure, now, http_works=trouble is None)
        self._reporting.noted(self._ladder.link)
        after = self._ladder.transport
        if after != before:
            self._log("%s gives way to %s: %s", before, after, failure.words)
        else:
            self._log("%s ended: %s", before, failure.words)
        if trouble is not None:
            self._reader.trouble(error_of(trouble, self._wire.target))
        self._timers.after("retry", max(0.0, self._ladder.retry_at - now), self._connect)

    # -- climbing ---------------------------------------------------------------------------------

    def _open_climber(self, name: Transport) -> Carrier:
        carrier = self._open(name)
        carrier.awaiting = set(self._reader.cursors())
        return carrier

    def _climbed(self, climber: Carrier) -> None:
        """It has answered for every task: only now the old one may go."""
        self._climb.won()
        old, self._carrier = self._carrier, climber
        self._reporting.noted(self._ladder.link)
        self._log("%s takes over from %s", climber.name, old.name if old else "nothing")
        self._drop(old)
        self._timers.cancel("silence")
        self._heard(climber)
        self._climb.plan()

    def _log(self, text: str, *values: object) -> None:
        if not log.isEnabledFor(logging.INFO):
            return
        link, cursors = self._ladder.link, self._reader.cursors()
        about = {
            "task": list(cursors),
            "transport": link.transport,
            "cursor": cursors,
            "reason": link.reason.code if link.reason else None,
        }
        log.info("%s (%d tasks)", text % values, len(cursors), extra=about)
