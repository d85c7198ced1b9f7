"""A proxy that behaves as badly as real ones do: it refuses, holds back, cuts, freezes, is down."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from dataclasses import dataclass

REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    502: "Bad Gateway",
}
CHUNK = 65536
BLOCK = 4096


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What happens to requests whose first line matches."""

    matches: re.Pattern[bytes]
    refuse: int | None = None
    """Answer with this status."""
    hold: bool = False
    """Pass the request on and keep the answer back."""
    collect: bool = False
    """Pass the answer on in blocks of 4 KiB, as a proxy that buffers does."""


class Relay:
    """Passes HTTP through to ``port``, one request a connection, so that every request is judged."""

    def __init__(self, port: int) -> None:
        self.rules: list[Rule] = []
        self.seen: list[bytes] = []
        """First lines of the requests."""
        self.refused = 0
        self.down = False
        self._port = port
        self._open: set[socket.socket] = set()
        self._frozen: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def refuse(self, path: str, status: int = 403) -> None:
        self.rules.append(Rule(matches=re.compile(path.encode()), refuse=status))

    def hold(self, path: str) -> None:
        self.rules.append(Rule(matches=re.compile(path.encode()), hold=True))

    def collect(self, path: str) -> None:
        self.rules.append(Rule(matches=re.compile(path.encode()), collect=True))

    def heal(self) -> None:
        self.rules = []
        self.down = False

    def cut(self) -> int:
        """Cut what is open; how many connections that were."""
        ends, self._open = self._open, set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        return len(ends) // 2

    def freeze(self) -> None:
        """Let what is open stay open and say nothing more, as when packets get lost."""
        self._frozen = set(self._open)

    def close(self) -> None:
        self.down = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # closing alone leaves a blocked accept be
        self._listener.close()
        self.cut()

    def count(self, path: str) -> int:
        return sum(re.search(path.encode(), line) is not None for line in self.seen)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            head = near.recv(CHUNK)
            line = head.split(b"\r\n", 1)[0]
            if self.down or not line:
                return
            self.seen.append(line)
            rule = next((each for each in self.rules if each.matches.search(line)), None)
            if rule is not None and rule.refuse is not None:
                self.refused += 1
                answer = f"HTTP/1.1 {rule.refuse} {REASONS[rule.refuse]}\r\nContent-Length: 0\r\n"
                near.sendall(answer.encode() + b"Connection: close\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self._port)) as far:
                far.sendall(
                    re.sub(rb"(?i)(\r\nconnection: )keep-alive", rb"\1close", head, count=1)
                )
                self._open |= {near, far}
                if self.down:
                    return
                back = threading.Thread(target=self._pipe, args=(far, near, rule), daemon=True)
                back.start()
                self._pipe(near, far)
                back.join(5)

    def _pipe(self, source: socket.socket, target: socket.socket, rule: Rule | None = None) -> None:
        collected = b""
        try:
            while data := source.recv(CHUNK):
                if source in self._frozen or (rule is not None and rule.hold):
                    continue
                collected += data
                ripe = len(collected)
                if rule is not None and rule.collect:
                    ripe -= ripe % BLOCK
                target.sendall(collected[:ripe])
                collected = collected[ripe:]
            target.sendall(collected)
        except OSError:
            pass
        for end in (source, target):
            self._open.discard(end)
            if end not in self._frozen:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
