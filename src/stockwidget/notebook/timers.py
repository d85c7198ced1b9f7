"""Timers by name on the running loop: each name has at most one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timers:
    """All are of the loop that calls ``after``."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.TimerHandle] = {}

    def __contains__(self, name: object) -> bool:
        """Whether the timer runs."""
        return name in self._running

    def after(self, name: str, seconds: float, then: Callable[[], None]) -> None:
        """Call ``then`` in ``seconds``, in place of what the timer would have called."""
        self.cancel(name)

        def fire() -> None:
            self._running.pop(name, None)
            then()

        self._running[name] = asyncio.get_running_loop().call_later(seconds, fire)

    def cancel(self, *names: str) -> None:
        """Call nothing; names that do not run are ignored."""
        for name in names:
            timer = self._running.pop(name, None)
            if timer is not None:
                timer.cancel()

    def cancel_all(self) -> None:
        """Call nothing any more."""
        self.cancel(*self._running)
