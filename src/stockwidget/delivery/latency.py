"""How long deliveries took, of the last minutes: a histogram of fixed size, cheap to add to.

Buckets are exact to 1 ms below 16 ms and 1/16 of an octave wide above (as HdrHistogram's), so that
a percentile is never more than 6.25 % or 1 ms too high, whichever is more, and never too low.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WINDOW_S = 300.0
"""Percentiles speak of this long, give or take one slice."""
SLICES = 10
_BITS = 4
_FINE = 1 << _BITS
_OCTAVES = 18
LONGEST_MS = (_FINE << _OCTAVES) - 1
"""70 minutes; what took longer counts as this."""
_BUCKETS = _FINE * (_OCTAVES + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Percentiles:
    """Milliseconds below which that share of ``n`` deliveries stayed; ``None`` when ``n`` is 0."""

    n: int
    p50: int | None
    p95: int | None
    p99: int | None


class Latency:
    """``add`` milliseconds, read ``percentiles`` of the window and the totals since the start."""

    def __init__(self, *, monotonic: Callable[[], float], window_s: float = WINDOW_S) -> None:
        self.window_s = window_s
        self.n = 0
        self.sum_ms = 0
        self._monotonic = monotonic
        self._slice_s = window_s / SLICES
        self._slices = [_zeros() for _ in range(SLICES)]
        self._slice = self._now()
        self._until = (self._slice + 1) * self._slice_s
        self._current = self._slices[self._slice % SLICES]
        self._past = [0] * _BUCKETS
        """The sum of the slices that have left the window."""

    def add(self, ms: int, n: int = 1) -> None:
        """Count ``n`` deliveries that took ``ms``; a clock set back makes it 0, not negative."""
        if self._monotonic() >= self._until:
            self._turn()
        if not 0 <= ms <= LONGEST_MS:
            ms = 0 if ms < 0 else LONGEST_MS
        octave = ms.bit_length() - _BITS - 1
        self._current[ms if octave < 0 else (octave << _BITS) + (ms >> octave)] += n
        self.n += n
        self.sum_ms += ms * n

    def percentiles(self) -> Percentiles:
        """Return those of the window."""
        self._turn()
        counts = _sums(self._slices)
        n = sum(counts)
        p50, p95, p99 = (_at(counts, n, share) for share in (0.50, 0.95, 0.99))
        return Percentiles(n=n, p50=p50, p95=p95, p99=p99)

    def below(self, bounds_ms: Sequence[int]) -> list[int]:
        """Return how many deliveries since the start took less than each of ``bounds_ms``.

        Bounds are powers of two or below 16: those are edges of buckets.
        """
        counts = _sums([self._past, *self._slices])
        return [sum(counts[: _bucket(bound)]) for bound in bounds_ms]

    def _now(self) -> int:
        return int(self._monotonic() / self._slice_s)

    def _turn(self) -> None:
        """Empty the slices that have left the window since the last turn."""
        now = self._now()
        for number in range(max(self._slice + 1, now - SLICES + 1), now + 1):
            self._past = _sums([self._past, self._slices[number % SLICES]])
            self._slices[number % SLICES] = _zeros()
        self._slice = now
        self._until = (now + 1) * self._slice_s
        self._current = self._slices[now % SLICES]


def _sums(rows: Sequence[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)]


def _zeros() -> array[int]:
    return array("Q", bytes(8 * _BUCKETS))


def _bucket(ms: int) -> int:
    if ms < _FINE:
        return ms
    octave = ms.bit_length() - _BITS - 1
    return (octave << _BITS) + (ms >> octave)


def _edge(bucket: int) -> int:
    """The first millisecond beyond ``bucket``."""
    if bucket < 2 * _FINE:
        return bucket + 1
    octave = (bucket >> _BITS) - 1
    return ((bucket & (_FINE - 1)) + _FINE + 1) << octave


def _at(counts: Sequence[int], n: int, share: float) -> int | None:
    """The upper edge of the bucket of the ``share``-th of ``n``, nearest rank."""
    rank, seen = max(1, -int(-share * n // 1)), 0
    for bucket, count in enumerate(counts):
        seen += count
        if n and seen >= rank:
            return _edge(bucket)
    return None
