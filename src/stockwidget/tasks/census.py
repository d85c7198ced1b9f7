"""Which servers on the journal are dead, so that their tasks may be adopted.

A starting server may take what belongs to a server that said goodbye, whose process is gone, or
whose beat is 30 s old. Later on it takes over only from servers whose beat it saw standing still
in eight looks: clocks of two hosts may differ, and after a laptop's sleep every beat is old for a
moment. Two looks are enough if it said goodbye, or if its process was on this host and is gone.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence

from stockwidget.tasks.store import Server

STALE_MS = 30_000
LOOKS = 8
LOOKS_AT_DEAD = 2

_here: set[str] = set()
"""Servers of this very process: a dead one in a container often had the same host and pid."""


def pid_alive(pid: int) -> bool:
    """Whether a process of this host lives; True where that cannot be told."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Census:
    """The view of server ``me`` on all others."""

    def __init__(self, me: str, *, alive: Callable[[int], bool] = pid_alive) -> None:
        self.me = me
        self._host = socket.gethostname()
        self._pid_alive = alive
        self._seen: dict[str, tuple[int, int]] = {}
        _here.add(me)

    def row(self, now: int, *, stopped: bool = False) -> Server:
        """The own row; ``stopped`` says goodbye."""
        if stopped:
            _here.discard(self.me)
        return Server(id=self.me, host=self._host, pid=os.getpid(), beat=now, stopped=stopped)

    def living_at_start(self, servers: Sequence[Server], now: int) -> set[str]:
        """The servers to be left alone at the start; itself of an earlier life not."""
        return {s.id for s in servers if s.id != self.me and self._lives(s, now)}

    def living(self, servers: Sequence[Server]) -> set[str]:
        """One look at the beats: all but those that stood still for ``LOOKS`` looks."""
        for server in servers:
            beat, looks = self._seen.get(server.id, (server.beat, 0))
            self._seen[server.id] = (server.beat, looks + 1 if beat == server.beat else 0)
        return {s.id for s in servers if self._seen[s.id][1] < self._patience(s)} | {self.me}

    def _patience(self, server: Server) -> int:
        here = server.host == self._host and server.pid != os.getpid()
        gone = server.stopped or (here and not self._pid_alive(server.pid))
        return LOOKS_AT_DEAD if gone else LOOKS

    def _lives(self, server: Server, now: int) -> bool:
        if server.stopped or now - server.beat > STALE_MS:
            return False
        if server.host != self._host:
            return True
        if server.pid == os.getpid():
            return server.id in _here
        return self._pid_alive(server.pid)
