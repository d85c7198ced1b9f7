"""Spares the garbage collector the objects of connections that stand.

A connection is a few hundred objects that live for hours. With thousands of them each full
collection stops the server for a tenth of a second and more, which every reader sees as a delay.
"""

from __future__ import annotations

import asyncio
import gc

BURST = 64
"""Fewer new or gone connections are not worth a collection."""
CALM_S = 1.0
"""So long nobody must have come or gone."""


class Settled:
    """Told of every connection that opens or closes; collects and freezes once a burst is over."""

    def __init__(self, *, calm_s: float = CALM_S) -> None:
        self._calm_s = calm_s
        self._changed = 0
        self._timer: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        """Note that a connection has opened or closed."""
        self._changed += 1
        if self._changed < BURST:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._calm_s, self._freeze)

    def stop(self) -> None:
        """Leave the collector as it was."""
        if self._timer is not None:
            self._timer.cancel()
        gc.unfreeze()

    def _freeze(self) -> None:
        # Frozen cycles would stay for ever: they are looked at again after each burst.
        self._timer, self._changed = None, 0
        gc.unfreeze()
        gc.collect()
        gc.freeze()
