"""One widget model for several tasks: each has a slot of it, which is a card to its relay.

Messages of a slot carry its place: page → kernel ``{..., slot}`` and kernel → page the same. What
has none is the model's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from stockwidget.notebook.relay import Relay
from stockwidget.notebook.widgets import PARTS, hear

if TYPE_CHECKING:
    from stockwidget.notebook.handle import Task
    from stockwidget.notebook.results import AnalysisResult
    from stockwidget.notebook.widgets import CompareModel

_WRITING = threading.RLock()
"""Slots are set from the main thread and from the loop that follows tasks."""


class Slot:
    """A place in ``model.slots``."""

    parts: Mapping[str, str] = dict.fromkeys(PARTS["analysis"], "")
    """The model gives them, once for all its slots."""

    def __init__(self, model: CompareModel, place: int) -> None:
        self._model = model
        self.place = place

    @property
    def comm(self) -> Any:
        """None once the model is closed."""
        return self._model.comm

    @property
    def snapshot(self) -> Mapping[str, Any]:
        """As ``TaskCard.snapshot``."""
        found: Mapping[str, Any] = self._model.slots[self.place]["snapshot"]
        return found

    @snapshot.setter
    def snapshot(self, snapshot: Mapping[str, Any]) -> None:
        self.amend(snapshot=snapshot)

    def amend(self, **changes: Any) -> None:
        """Set fields of the slot; the page hears of it."""
        with _WRITING:
            slots = list(self._model.slots)
            slots[self.place] = {**slots[self.place], **changes}
            self._model.slots = slots

    def send(self, content: Mapping[str, Any]) -> None:
        """Send a message to the slot's side of the page."""
        self._model.send({**content, "slot": self.place})

    def on_msg(self, callback: Callable[[Any, Any, Any], None]) -> None:
        """Call ``callback(slot, content, buffers)`` with each message from there."""

        def heard(_model: object, content: Any, buffers: object) -> None:
            if isinstance(content, dict) and content.get("slot") == self.place:
                callback(self, {k: v for k, v in content.items() if k != "slot"}, buffers)

        self._model.on_msg(heard)


class TaskSlot(Slot):
    """A slot whose task may be run again, by the page or by the kernel."""

    def __init__(
        self,
        model: CompareModel,
        place: int,
        task: Task[Any],
        moved: Callable[[], None],
    ) -> None:
        super().__init__(model, place)
        self._task = task
        self._backend = task._backend  # noqa: SLF001 - our own handle
        self._moved = moved
        self._relay: Relay | None = None
        model.observe(self._page_moved, "slots")

    def feed(self, *, now: bool) -> None:
        """Answer the page, and tell it of the task if it cannot ask the server."""
        followed = self._task._followed  # noqa: SLF001 - our own handle
        self._relay = Relay(self, self._task, followed, self._backend, self._go_on_as)
        if now or self._backend.mode == "kernel":
            self._relay.start()

    def _go_on_as(self, state: Mapping[str, Any]) -> None:
        feeding = self._relay
        if feeding is not None:
            feeding.close()
        self._task._go_on_as(state)  # noqa: SLF001
        snapshot = self._task._followed.to_dict()  # noqa: SLF001
        self.amend(task_id=self._task.id, snapshot=snapshot)
        self.feed(now=False)
        self._moved()

    def _page_moved(self, change: Mapping[str, Any]) -> None:
        before, slot = change["old"][self.place], change["new"][self.place]
        state = slot["snapshot"].get("state")
        # Another slot's news may come between our handle's move and our slot's: no page moved then.
        moved = slot["task_id"] not in {before["task_id"], self._task.id}
        if moved and isinstance(state, dict):
            self._go_on_as({**state, "id": slot["task_id"]})


class ResultSlot(Slot):
    """A slot for a result that the kernel holds: no task is behind it."""

    def __init__(self, model: CompareModel, place: int, result: AnalysisResult) -> None:
        super().__init__(model, place)
        self._result = result
        hear(self, self._answer)

    def _answer(self, content: Mapping[str, Any]) -> dict[str, Any] | None:
        if content.get("type") == "result":
            return {"type": "result", "result": self._result.document}
        if content.get("type") in {"do", "cancel"}:
            message = "This result was given: no task is behind it."
            hint = f'Run sw.analyze("{self._result.symbol}") for a new one.'
            error = {"code": "invalid_request", "message": message, "hint": hint}
            return {"type": "error", "error": error}
        return None
