"""Thousands of subscribers in one process and one thread, and what each of them got.

Sockets, epoll and as little as possible a message: a server of the benchmark sends the same bytes
to all its subscribers, so the meaning of a run of bytes is worked out once. Time is read after each
``recv``: what a message waits in the generator's own queue is part of its latency, for every server
alike. A delivery counts only if its number is above the connection's last: bytes prove nothing.
"""

from __future__ import annotations

import gc
import re
import resource
import select
import socket
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from dialects import Dialect, RefusedError

PULSE = re.compile(rb'"n":\s?(\d+),\s?"at":\s?(\d+)')
HANDSHAKES = 64
"""Connections being opened at a time; a browser farm would not come all at once either."""
KEPT = 4096
CHUNK = 4096


@dataclass(frozen=True, kw_only=True)
class Window:
    """What was seen of the events emitted in one stretch of time. Milliseconds and seconds."""

    emitted: int
    expected: int
    delivered: int
    repeated: int
    closed: int
    first_ms: float
    """Median time to the first subscriber; what follows is the fan-out."""
    p50_ms: float
    p99_ms: float
    max_ms: float
    per_second: float
    """Distinct deliveries that arrived within the stretch, a second."""
    wire_bytes: float
    """Bytes of one delivery on the wire, framing included."""
    generator_cpu: float
    """Share of one core that the generator itself used."""
    server_cpu: float
    """The same for the server and its children."""
    foreign_cpu: float
    """Share of the server's core that others took: above 0.1, the machine was not quiet."""

    @property
    def lost(self) -> int:
        """Deliveries that had not come when the grace was over."""
        return self.expected - self.delivered


def raise_file_limit(wanted: int = 20_000) -> int:
    """Allow this process and its children that many files; returns what is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        except (ValueError, PermissionError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    elif soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Swarm:
    """Subscribers of one server, all of the same dialect."""

    def __init__(self, dialect: Dialect, port: int) -> None:
        self._dialect = dialect
        self._port = port
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._opening: dict[int, bytes] = {}
        """Buffer of each connection whose response's head is not complete."""
        self._waiting: set[int] = set()
        """Connections whose subscription does not stand yet."""
        self._rest: dict[int, bytes] = {}
        """Bytes of an incomplete message."""
        self._last: dict[int, int] = {}
        self._known: dict[bytes, tuple[tuple[int, int], ...]] = {}
        self._emitted_at: dict[int, int] = {}
        self._numbers = array("q")
        self._arrivals = array("q")
        self._bytes = 0
        self._repeated = 0
        self._closed = 0

    def __len__(self) -> int:
        return len(self._sockets)

    def connect(self, count: int, *, timeout_s: float) -> None:
        """Add ``count`` subscribers and wait until each is subscribed.

        Raises RefusedError, TimeoutError.
        """
        end = time.monotonic() + timeout_s
        goal = len(self) + count
        while len(self) < goal or self._waiting:
            while len(self) < goal and len(self._waiting) < HANDSHAKES:
                self._open()
            self._turn(0.05)
            if self._closed:
                raise RefusedError("the server closed a connection while others were being opened")
            if time.monotonic() > end:
                done = len(self) - len(self._waiting)
                raise TimeoutError(f"{done} of {goal} subscribers stood after {timeout_s:.0f} s")

    def settle(self, seconds: float) -> None:
        """Read and answer for a while without measuring."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._turn(min(left, 0.05))

    def reached(self, number: int) -> int:
        """How many subscribers have read event ``number``, or a later one."""
        return sum(last >= number for last in self._last.values())

    def measure(
        self, seconds: float, *, cpu_s: Callable[[], tuple[float, float]], grace_s: float = 2.0
    ) -> Window:
        """Look at the events emitted from now on for ``seconds``.

        Their deliveries may come ``grace_s`` later.
        ``cpu_s`` reads the CPU seconds of the server and those that its whole core was busy.
        """
        self._numbers, self._arrivals = array("q"), array("q")
        self._bytes = self._repeated = self._closed = 0
        gc.collect()
        gc.disable()
        start, own, before = time.monotonic_ns() // 1000, time.process_time(), cpu_s()
        end = start + round(seconds * 1e6)
        try:
            while time.monotonic_ns() // 1000 < end:
                self._turn(0.02)
            own, after = time.process_time() - own, cpu_s()
            last = end + round(grace_s * 1e6)
            while (now := time.monotonic_ns() // 1000) < last:
                self._turn(0.02)
                if now > end + 100_000 and self._complete(start, end):
                    break
        finally:
            gc.enable()
        server, busy = ((b - a) / seconds for a, b in zip(before, after, strict=True))
        return self._window(start, end, cpu=(own / seconds, server, max(0.0, busy - server)))

    def close(self) -> None:
        """Hang up."""
        for each in self._sockets.values():
            each.close()
        self._sockets.clear()
        self._poll.close()

    # -- reading --------------------------------------------------------------------------------

    def _turn(self, timeout: float) -> None:
        sockets, known, last, rest = self._sockets, self._known, self._last, self._rest
        number, arrival, clock = self._numbers.append, self._arrivals.append, time.monotonic_ns
        for fd, _ in self._poll.poll(timeout, 1024):
            try:
                data = sockets[fd].recv(CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            now = clock() // 1000
            pulses = known.get(data)
            if pulses is None or fd in rest or fd in self._waiting:
                pulses = self._read(fd, data)
            for n, _ in pulses:
                if n > last[fd]:
                    last[fd] = n
                    number(n)
                    arrival(now)
                else:
                    self._repeated += 1
            self._bytes += len(data)

    def _read(self, fd: int, data: bytes) -> tuple[tuple[int, int], ...]:
        """The slow way: whatever is no well-known run of whole messages."""
        if not data:
            self._drop(fd)
            return ()
        if fd in self._opening:
            data = self._head(fd, data)
        clean = fd not in self._rest
        messages, rest = self._dialect.split(self._rest.pop(fd, b"") + data)
        if rest:
            self._rest[fd] = rest
        pulses: list[tuple[int, int]] = []
        plain = True
        for message in messages:
            found = PULSE.search(message)
            waiting = fd in self._waiting
            # A snapshot may hold the newest event of before: that was no delivery.
            if found and not waiting:
                n, at = int(found[1]), int(found[2])
                pulses.append((n, at))
                self._emitted_at[n] = at
                continue
            plain = False
            if (answer := self._dialect.answer(message)) is not None:
                self._sockets[fd].send(answer)
            if waiting and self._dialect.subscribed(message):
                self._waiting.discard(fd)
        if plain and clean and not rest and messages:
            if len(self._known) > KEPT:
                self._known.clear()
            self._known[data] = tuple(pulses)
        return tuple(pulses)

    def _head(self, fd: int, data: bytes) -> bytes:
        buffer = self._opening[fd] + data
        head, blank, body = buffer.partition(b"\r\n\r\n")
        if not blank:
            self._opening[fd] = buffer
            return b""
        del self._opening[fd]
        self._dialect.accept(head)
        if self._dialect.subscribed(None):
            self._waiting.discard(fd)
        return body

    # -- connections ----------------------------------------------------------------------------

    def _open(self) -> None:
        each = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        each.send(self._dialect.request())
        each.setblocking(False)
        fd = each.fileno()
        self._sockets[fd] = each
        self._opening[fd] = b""
        self._waiting.add(fd)
        self._last[fd] = -1
        self._poll.register(fd, select.EPOLLIN)

    def _drop(self, fd: int) -> None:
        self._closed += 1
        self._poll.unregister(fd)
        self._sockets.pop(fd).close()
        self._waiting.discard(fd)
        self._opening.pop(fd, None)
        self._rest.pop(fd, None)

    # -- figures --------------------------------------------------------------------------------

    def _emitted(self, start: int, end: int) -> range:
        """Numbers of the events emitted in the stretch; one that nobody got is a hole within."""
        numbers = [n for n, at in self._emitted_at.items() if start <= at < end]
        return range(min(numbers), max(numbers) + 1) if numbers else range(0)

    def _complete(self, start: int, end: int) -> bool:
        emitted = self._emitted(start, end)
        numbers = np.frombuffer(self._numbers, dtype=np.int64)
        inside = (numbers >= emitted.start) & (numbers < emitted.stop)
        return int(inside.sum()) >= len(emitted) * len(self)

    def _window(self, start: int, end: int, *, cpu: tuple[float, float, float]) -> Window:
        emitted = self._emitted(start, end)
        numbers = np.frombuffer(self._numbers, dtype=np.int64).copy()
        arrivals = np.frombuffer(self._arrivals, dtype=np.int64).copy()
        inside = (numbers >= emitted.start) & (numbers < emitted.stop)
        at = np.array([self._emitted_at.get(n, 0) for n in emitted], dtype=np.int64)
        event = numbers[inside] - emitted.start
        late = (arrivals[inside] - at[event]) / 1e3
        first = np.full(len(emitted), np.inf)
        np.minimum.at(first, event, late)
        if late.size == 0:
            late = first = np.array([np.nan])
        on_time = int(((arrivals >= start) & (arrivals < end)).sum())
        return Window(
            emitted=len(emitted),
            expected=len(emitted) * (len(self) + self._closed),
            delivered=int(inside.sum()),
            repeated=self._repeated,
            closed=self._closed,
            first_ms=float(np.median(first)),
            p50_ms=float(np.percentile(late, 50)),
            p99_ms=float(np.percentile(late, 99)),
            max_ms=float(late.max()),
            per_second=on_time / ((end - start) / 1e6),
            wire_bytes=self._bytes / max(1, len(numbers)),
            generator_cpu=cpu[0],
            server_cpu=cpu[1],
            foreign_cpu=cpu[2],
        )
