"""How long a polling reader waits before it asks again. Pure; twin of ``js/client/cadence.ts``.

A poll itself waits for news, up to ``WAIT_S``. So the pauses between polls decide little about how
many are in vain, and all about how late news may be: while a task runs they stay at a second, and
the end of a task is known within two. Only where nothing is to be expected do they grow.
"""

from __future__ import annotations

WAIT_S = 20.0
"""How long a poll may wait: below the idle timeouts of common proxies (nginx: 60 s)."""
MOVING_MS = 500
"""After news, so that a task which changes without pause is asked for twice a second."""
QUIET_MS = 1_000
GROWTH = 1.5
IDLE_MS = 10_000
HIDDEN_MS = 60_000
_WAITS_S = 5.0
"""A poll that waits less is no long-poll: its pauses must grow, or it would ask without end."""


def next_ms(*, moved: bool, live: bool, wait_s: float, last_ms: int, visible: bool = True) -> int:
    """Return the pause before the next poll, in milliseconds.

    ``moved``: this one brought news. ``live``: a followed task has not ended. ``wait_s``: how long
    this one was allowed to wait. ``last_ms``: the pause before it.
    """
    if not visible:
        return HIDDEN_MS
    if moved:
        return MOVING_MS
    if live and wait_s >= _WAITS_S:
        return QUIET_MS
    return min(IDLE_MS, round(max(QUIET_MS, last_ms * GROWTH)))
