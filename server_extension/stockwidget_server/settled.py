"""Spares the garbage collector the objects of connections that stand.

A connection is about a hundred objects that live for hours. With thousands of them each full
collection stops the server, and everything else in its process, for up to half a second. So what
has come is frozen: the collector then leaves it alone (``gc.freeze``). What becomes garbage in
there is found again once enough connections have gone.
"""

from __future__ import annotations

import asyncio
import gc

BURST = 64
"""So many new connections are frozen together."""
CALM_S = 1.0
"""So long nobody must have gone before everything is looked at."""
_YOUNG = 1
"""Up to this generation a collection takes no time to speak of."""


class Settled:
    """Told of every connection that opens or closes.

    Looking at everything costs as much as there is left. It is done after a wave of leavings, when
    half of those that stood at the last look have gone.
    """

    def __init__(self, *, calm_s: float = CALM_S) -> None:
        self._calm_s = calm_s
        self._open = 0
        self._new = 0
        """Opened since the last freeze."""
        self._gone = 0
        """Closed since everything was looked at."""
        self._timer: asyncio.TimerHandle | None = None

    def opened(self) -> None:
        """Note that a connection has opened."""
        self._open += 1
        self._new += 1
        if self._new >= BURST:
            self._freeze()

    def closed(self) -> None:
        """Note that a connection has closed."""
        self._open -= 1
        self._gone += 1
        if self._gone < max(BURST, self._open):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._calm_s, self._look)

    def stop(self) -> None:
        """Leave the collector as it was."""
        if self._timer is not None:
            self._timer.cancel()
        gc.unfreeze()

    def _freeze(self) -> None:
        # What the handshakes left behind is young; of what is older, little is garbage.
        self._new = 0
        gc.collect(_YOUNG)
        gc.freeze()

    def _look(self) -> None:
        self._timer, self._gone = None, 0
        gc.unfreeze()
        gc.collect()
        if self._open >= BURST:
            gc.freeze()
