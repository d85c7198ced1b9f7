"""What every server emits, and when: numbered, stamped events while a file exists."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

EVENT = "task_progress"
ROOM = "pulse"


def message(n: int, *, pad: int) -> dict[str, Any]:
    """Event ``n``; ``at``: microseconds of CLOCK_MONOTONIC, which all processes share."""
    return {"n": n, "at": time.monotonic_ns() // 1000, "pad": "x" * pad}


class Metronome:
    """A fixed schedule: a beat that comes late does not move the beats after it."""

    def __init__(self, rate: float, go: Path) -> None:
        self._period = 1 / rate
        self._go = go
        self._next = time.monotonic() + self._period

    def pause(self) -> float:
        """Seconds to sleep before the next beat; 0 if it is due."""
        wait = self._next - time.monotonic()
        self._next += self._period
        return max(0.0, wait)

    def running(self) -> bool:
        """Whether this beat is to be emitted."""
        return self._go.exists()


def arguments() -> argparse.Namespace:
    """``port``, ``rate`` (events a second) and ``go`` (the file that lets the events flow)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--go", type=Path, required=True)
    return parser.parse_args()
