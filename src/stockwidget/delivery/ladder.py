"""Which transport a client uses: when to step down, when to come back, when to try a better one.

Pure: the shell says what happened and when (seconds of one monotonic clock), the ladder says what
to do next and when. Twin of ``js/client/ladder.ts``.

- Down only if plain HTTP works meanwhile: two connections without a greeting, or three drops with
  less than 30 s of life within 2 min. If HTTP is dead too, the network is down: the same again.
- Up at 30, 60, 120, 240, 300 s (± 20 %). What falls again within 60 s doubles the interval.
- Between attempts half to all of min(20 s, 0.5 s · 2ⁿ); n starts anew after 10 s of life.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Transport = Literal["ws", "sse", "poll"]
State = Literal["idle", "connecting", "live", "stale", "backoff", "auth", "suspended"]
Code = Literal[
    "refused",
    "timeout",
    "buffered",
    "closed",
    "silent",
    "slow_reader",
    "offline",
    "server_error",
    "restarting",
    "not_authorized",
    "limited",
    "suspended",
    "disabled",
]
"""What a client can know by itself of ``meter.Reason``; ``limited`` is HTTP 429, ``suspended`` a
server that its Hub has stopped."""

ORDER: tuple[Transport, ...] = ("ws", "sse", "poll")
"""Best first."""
MUTE = 2
"""Connections without a greeting, one after the other, after which to step down."""
DROPS, DROP_LIFE_S, DROP_WINDOW_S = 3, 30.0, 120.0
STEADY_S = 10.0
HOLD_S = 60.0
CLIMB_S = (30.0, 60.0, 120.0, 240.0, 300.0)
CLIMB_MOST_S = 1800.0
RESTART_SPREAD_S = 5.0
"""Everybody hears of an announced restart at once; this spreads their return."""
RETRY_S = 30.0
"""After a refused login, a limit without a date, or a Hub that has stopped the server."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a connection ended or did not come about. ``words`` are for people."""

    code: Code
    words: str
    retry_s: float | None = None
    """When the other side wants to be asked again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """How the client stands. ``since`` is in seconds of the shell's clock."""

    state: State
    since: float
    transport: Transport | None = None
    """What carries events now; ``None`` while nothing does."""
    reason: Failure | None = None
    """Why it is not live, or not on the best transport."""
    downgrades: int = 0
    upgrades: int = 0
    recoveries: int = 0


def backoff(attempt: int, draw: Callable[[], float] = random.random) -> float:
    """Seconds to wait after attempt ``attempt`` (from 0): half to all of min(20, 0.5·2ⁿ)."""
    ceiling = min(20.0, 0.5 * 2.0 ** min(attempt, 10))
    return ceiling * (0.5 + 0.5 * draw())


class Ladder:
    """The position of one client on ``offered``."""

    def __init__(
        self,
        offered: Sequence[str] = ORDER,
        *,
        now: float,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.link = Link(state="idle", since=now)
        self.retry_at = now
        """When to connect again, unless live."""
        self.climb_at: float | None = None
        """When to try something ``better``; ``None`` while there is nothing better or no life."""
        self._draw = draw
        self._offered = _known(offered)
        self._at: Transport = self._offered[0]
        self._greeted_at: float | None = None
        self._attempts = 0
        self._mute = 0
        self._drops: list[float] = []
        self._climbed_at: float | None = None
        self._tries = 0
        self._falls = 0
        self._lost = False

    @property
    def transport(self) -> Transport:
        """What to connect with."""
        return self._at

    @property
    def better(self) -> tuple[Transport, ...]:
        """What a climb should try, best first."""
        return self._offered[: self._offered.index(self._at)]

    def offer(self, names: Sequence[str]) -> None:
        """Note what the server has now; only what both sides know counts."""
        known = _known(names)
        if known == self._offered:
            return
        self._offered = known
        if self._at not in known:
            lower = [name for name in known if ORDER.index(name) > ORDER.index(self._at)]
            self._at = lower[0] if lower else known[-1]
        if not self.better:
            self.climb_at = None

    def begin(self, now: float) -> None:
        """A connection is being opened."""
        self._greeted_at = None
        self._become("connecting", now, reason=self.link.reason)

    def greeted(self, now: float) -> None:
        """The connection stands: the server has said hello, or has answered the first poll."""
        self._greeted_at = now
        self._mute = 0
        recovered, self._lost = self._lost, False
        if self.better and self.climb_at is None:
            self.climb_at = now + self._until_climb()
        self._become("live", now, reason=self.link.reason if self.better else None)
        self.link = replace(self.link, recoveries=self.link.recoveries + recovered)

    def silent(self, now: float) -> None:
        """Nothing has come for too long."""
        silence = Failure(code="silent", words="nothing has come for a while")
        self._become("stale", now, reason=silence)

    def heard(self, now: float) -> None:
        """Something came after all."""
        if self.link.state == "stale":
            self._become("live", now, reason=None)

    def ended(self, failure: Failure, now: float, *, http_works: bool) -> None:
        """The connection is over. ``retry_at`` says when to try again, ``transport`` what."""
        lived = None if self._greeted_at is None else now - self._greeted_at
        self._greeted_at = None
        self._lost = self._lost or lived is not None
        if lived is not None and lived >= STEADY_S:
            self._attempts = 0
        if self._climbed_at is not None and now - self._climbed_at >= HOLD_S:
            self._climbed_at, self._tries, self._falls = None, 0, 0
        match failure.code:
            case "not_authorized":
                self._wait("auth", failure, now, failure.retry_s or RETRY_S)
            case "suspended":
                self._wait("suspended", failure, now, failure.retry_s or RETRY_S)
            case "limited":
                self._wait("backoff", failure, now, failure.retry_s or RETRY_S)
            case "restarting":
                self._wait("backoff", failure, now, self._draw() * RESTART_SPREAD_S)
            case "disabled":
                self.offer(("poll",))
                self._wait("backoff", failure, now, 0.0)
            case _ if http_works and self._blame(failure, lived, now):
                self._step_down(failure, now)
            case _:
                self._wait("backoff", failure, now, backoff(self._attempts, self._draw))
                self._attempts += 1

    def climbed(self, name: Transport, now: float) -> None:
        """A better transport has taken over."""
        self._at = name
        self._greeted_at = self._climbed_at = now
        self._mute, self._drops = 0, []
        self.climb_at = now + self._until_climb() if self.better else None
        self._become("live", now, reason=self.link.reason if self.better else None)
        self.link = replace(self.link, upgrades=self.link.upgrades + 1)

    def stayed(self, now: float) -> None:
        """Nothing better worked."""
        self._tries += 1
        self.climb_at = now + self._until_climb() if self.better else None

    def hurry(self, now: float) -> None:
        """There is a reason to believe that it would work now."""
        if self.link.state in {"backoff", "auth", "suspended"}:
            self.retry_at = now

    def rest(self, now: float) -> None:
        """Nothing is left to follow; the position is kept for the next time."""
        self._greeted_at = None
        self.climb_at = None
        self._become("idle", now, reason=self.link.reason if self.better else None)

    # -- inside ---------------------------------------------------------------------------------

    def _blame(self, failure: Failure, lived: float | None, now: float) -> bool:
        """Whether this is one failure too many for the transport."""
        if lived is None or failure.code == "buffered":
            # Mute, or late, while plain HTTP answered beside it: that is no accident.
            self._mute += MUTE if failure.code in {"timeout", "buffered"} else 1
            return self._mute >= MUTE
        if lived < DROP_LIFE_S:
            self._drops = [at for at in self._drops if now - at < DROP_WINDOW_S] + [now]
        return len(self._drops) >= DROPS

    def _step_down(self, failure: Failure, now: float) -> None:
        lower = self._offered[self._offered.index(self._at) + 1 :]
        self._mute, self._drops = 0, []
        if not lower:
            self._wait("backoff", failure, now, backoff(self._attempts, self._draw))
            self._attempts += 1
            return
        if self._climbed_at is not None:
            self._climbed_at, self._falls = None, self._falls + 1
        self._at = lower[0]
        self._attempts = 0
        self.climb_at = now + self._until_climb()
        self._wait("backoff", failure, now, 0.0)
        self.link = replace(self.link, downgrades=self.link.downgrades + 1)

    def _until_climb(self) -> float:
        interval = CLIMB_S[min(self._tries, len(CLIMB_S) - 1)] * 2.0 ** min(self._falls, 10)
        return min(CLIMB_MOST_S, interval) * (0.8 + 0.4 * self._draw())

    def _wait(self, state: State, failure: Failure, now: float, seconds: float) -> None:
        self.retry_at = now + seconds
        self._become(state, now, reason=failure)

    def _become(self, state: State, now: float, *, reason: Failure | None) -> None:
        carries = state in {"live", "stale"}
        since = self.link.since if state == self.link.state else now
        transport = self._at if carries else None
        self.link = replace(self.link, state=state, since=since, transport=transport, reason=reason)


def _known(names: Sequence[str]) -> tuple[Transport, ...]:
    """What of ``names`` this client speaks, best first; polling if nothing."""
    return tuple(name for name in ORDER if name in names) or ("poll",)
