"""Frames to a card whose page cannot reach the runner, through the kernel: the comm transport.

The page says ``{type: "subscribe", tasks}`` (also ``unsubscribe``, ``visible``, ``ping``) and gets
``{type: "frames", frames}``, the envelopes of docs/protocol.md: a delivery session runs here as it
runs in the server. Until the page has spoken, the ``snapshot`` trait is kept up to date instead: a
kernel that runs a cell hears no page, and a trait waits for a page where a message would be lost.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.pump import Pump
from stockwidget.delivery.session import Session
from stockwidget.errors import StockwidgetError
from stockwidget.notebook import background
from stockwidget.notebook.backend import Backend
from stockwidget.notebook.comm_meter import comm_meter
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.relayed import SOURCES
from stockwidget.notebook.steering import steer
from stockwidget.notebook.widgets import PARTS, Hearing, hear, part
from stockwidget.tasks.clock import utc_ms

if TYPE_CHECKING:
    from stockwidget.notebook.handle import Task

log = logging.getLogger(__name__)
INTERVAL_S = 0.1
ROWS_A_SECOND = 20_000
"""The trait holds all rows so far: the more there are, the more rarely it is set."""
_OPS = ("subscribe", "unsubscribe", "visible", "ping")


class Card(Hearing, Protocol):
    """What shows a task: a ``TaskCard``, or a slot of a model that shows several."""

    snapshot: Any

    @property
    def comm(self) -> Any:
        """None once it is closed."""

    @property
    def parts(self) -> Mapping[str, str]:
        """The parts of the bundle that the page has been given."""


class CardWriter:
    """A ``Transport`` of custom messages: they leave in order and nothing says when they arrive."""

    def __init__(self, card: Card) -> None:
        self._card = card

    def send(self, frames: Sequence[bytes]) -> asyncio.Future[None]:
        """Send all frames in one message; see ``Transport.send``."""
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._card.comm is None:
            sent.set_exception(ConnectionError("The card was closed."))
        else:
            envelopes = [orjson.loads(frame) for frame in frames]
            self._card.send({"type": "frames", "frames": envelopes})
            sent.set_result(None)
        return sent

    def close(self, code: int, reason: str) -> None:
        """A comm has no close codes."""


class Relay:
    """One card's, of one task: keeps it up to date and answers its page.

    ``go_on_as`` is called with the record of the task that resumes this one or runs it again.
    """

    def __init__(
        self,
        card: Card,
        task: Task[Any],
        followed: Followed,
        backend: Backend,
        go_on_as: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._go_on_as = go_on_as
        self._closed = False
        self._card = card
        self._task = task
        self._followed = followed
        self._backend = backend
        self._source = SOURCES.of(followed)
        self._pump: Pump | None = None
        self._epoch = ""
        self._started = self._spoken = self._told_end = self._given = False
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0
        hear(card, lambda content: None if self._closed else self._answer(content))

    def start(self) -> None:
        """Feed the card until its task has settled. May be called again."""
        if self._started:
            return
        self._started = True
        self._followed.on_change(lambda: background.soon(self._changed))
        background.soon(self._changed)

    def close(self) -> None:
        """Feed the card no more: it shows another task."""
        self._closed = True
        background.soon(self._end)

    # -- what the page says, on the kernel's main thread -------------------------------------------

    def _answer(self, content: Mapping[str, Any]) -> dict[str, Any] | None:
        kind = content.get("type")
        if kind == "bundle":
            self._given = True
            return part(content.get("name"))
        self._spoken = self._spoken or kind in _OPS
        self.start()
        if kind in _OPS:
            message = {"op": kind, **{k: v for k, v in content.items() if k != "type"}}
            background.soon(self._receive, orjson.dumps(message))
            return None
        try:
            if kind == "result":
                return {"type": "result", "result": self._task.result(0).document}
            if kind == "cancel":
                self._backend.ask("cancel", self._task.id)
            if kind == "do":
                self._steer(str(content.get("verb")))
            if kind == "present":
                background.soon(self._present)
        except TimeoutError:
            return None  # the result follows by itself at the end
        except StockwidgetError as error:
            return {"type": "error", "error": error.to_dict()}
        return None

    def _steer(self, verb: str) -> None:
        moved = steer(self._task, verb)
        if moved.id != self._task.id:
            self._go_on_as(moved.record)

    # -- on the background loop -------------------------------------------------------------------

    def _receive(self, message: bytes) -> None:
        if self._pump is None:
            self._begin()
        if self._pump is not None:
            self._pump.receive(message)

    def _present(self) -> None:
        """Keep an ended task for a page that says it shows it. While it runs, it is followed."""
        if self._followed.settled and not self._closed:
            asyncio.get_running_loop().run_in_executor(None, self._keep)

    def _keep(self) -> None:
        try:
            self._backend.find(self._task.id)  # whoever finds it counts as a follower
        except StockwidgetError as error:
            log.debug("Task %s is not kept for its page: %s", self._task.id, error)

    def _begin(self) -> None:
        self._epoch = self._followed.epoch
        session = Session(
            encoder=Encoder(self._epoch),
            server_id=f"kernel-{self._epoch}",
            wall=utc_ms,
            now=time.monotonic(),
            # The page's side of a comm has no way to say that it is slow.
            limits=Limits(blocked_s=float("inf")),
        )
        self._pump = Pump(
            tasks=SOURCES.seen_from(self._epoch),
            session=session,
            transport=CardWriter(self._card),
            name="comm",
            meter=comm_meter(),
        )
        self._undo_whole = self._source.on_whole(self._whole)
        self._pump.start()

    def _whole(self) -> None:
        """What happened cannot be told event by event: a new snapshot, or a new session."""
        if self._pump is None:
            return
        if self._epoch != self._followed.epoch:
            self._end()
            self._begin()
        self._pump.receive(orjson.dumps({"op": "subscribe", "tasks": {self._source.id: None}}))

    def _end(self) -> None:
        if self._pump is not None:
            self._undo_whole()
            self._pump.stop()
            self._pump = None

    def _changed(self) -> None:
        if self._card.comm is None or self._closed:
            self._end()
        elif self._followed.settled:
            self._tell_end()
        elif not self._spoken and self._timer is None:
            rows = len(self._followed.snapshot.partial.get("rows", ()))
            due = self._last + max(INTERVAL_S, rows / ROWS_A_SECOND)
            wait = max(0.0, due - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(wait, self._set_trait)

    def _set_trait(self) -> None:
        self._timer = None
        self._last = time.monotonic()
        if not self._spoken and not self._closed and self._card.comm is not None:
            self._card.snapshot = self._followed.to_dict()

    def _tell_end(self) -> None:
        """Set the trait, for whoever draws the card later, and send the result unasked.

        A page that asks for it may not be heard before the cell has ended.
        """
        if self._told_end:
            return
        self._told_end = True
        if self._timer is not None:
            self._timer.cancel()
        self._card.snapshot = self._followed.to_dict()
        if self._followed.snapshot.record.status == "completed":
            asyncio.get_running_loop().run_in_executor(None, self._send_result)

    def _send_result(self) -> None:
        try:
            answer = {"type": "result", "result": self._task.result().document}
        except StockwidgetError as error:
            answer = {"type": "error", "error": error.to_dict()}
        if self._card.comm is not None and not self._closed:
            self._card.send(answer)
            self._send_parts()

    def _send_parts(self) -> None:
        """Send what draws the result as well: the page's wish for it may not be heard either."""
        if self._spoken or self._given:
            return
        for name in PARTS.get(self._followed.snapshot.record.kind, ()):
            if name not in self._card.parts:
                self._card.send(part(name))
