"""How a handle shows itself: a live card where somebody looks, a finished one where nobody does.

Every output also holds still HTML, a picture and text. When the task ends they are brought up to
date in the outputs already there, from a thread, so that a saved notebook keeps the result.
"""

from __future__ import annotations

import base64
import contextlib
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

from stockwidget.errors import StockwidgetError
from stockwidget.notebook import environment, outputs, static_output
from stockwidget.notebook.backend import Backend
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.settings import CardSettings

if TYPE_CHECKING:
    from stockwidget.notebook.handle import Task
    from stockwidget.notebook.relay import Relay
    from stockwidget.notebook.widgets import TaskCard

Bundle = dict[str, Any]
FAR_FROM_SERVER = {"vscode", "colab"}
"""Frontends whose pages cannot reach a Jupyter server: the kernel feeds the card at once."""


def _publish(data: Bundle, metadata: Bundle | None = None, **how: Any) -> None:
    from IPython.display import publish_display_data

    publish_display_data(data, metadata, **how)  # type: ignore[no-untyped-call,unused-ignore]


@cache
def _painter() -> ThreadPoolExecutor:
    """One thread draws for all handles: matplotlib is no faster in two, and safer in one."""
    return ThreadPoolExecutor(1, thread_name_prefix="stockwidget-painter")


class Display:
    """The shown side of one handle."""

    def __init__(
        self, task: Task[Any], backend: Backend, followed: Followed, settings: CardSettings
    ) -> None:
        self._task = task
        self._backend = backend
        self._followed = followed
        self._settings = settings
        self._lock = threading.Lock()
        self._card: TaskCard | None = None
        self._metadata: Bundle = {}
        self._outputs: list[str] = []
        self._all: list[str] = []
        """Every output of this handle; ``_outputs`` are those that the end has still to reach."""
        self._relay: Relay | None = None
        self._painted: Future[Bundle] | None = None

    def show(self) -> None:
        """Put the handle on display in this cell."""
        frontend = environment.frontend()
        if frontend in {"plain", "ipython"}:
            _publish({"text/plain": self._still()["text/plain"]})
        elif frontend == "headless":
            # Nobody will see a live card, and no one updates this output after its cell.
            with contextlib.suppress(StockwidgetError):
                self._task.result()
            _publish(self._finished())
        else:
            self._live(frontend)

    def bundle(self) -> tuple[Bundle, Bundle]:
        """Data and metadata of one output as of now, for hosts that ask for it themselves."""
        if environment.frontend() in {"plain", "ipython", "headless"}:
            return self._still(), {}
        self._model()
        return {**self._view(), **self._still()}, self._metadata

    def amended(self, state: Mapping[str, Any]) -> None:
        """Tell the pages what changed without an event."""
        if self._card is not None:
            self._card.snapshot = self._followed.to_dict()
            self._card.send({"type": "amended", "state": dict(state)})

    def go_on_as(self, state: Mapping[str, Any]) -> None:
        """Show another task from now on, in the same outputs: a page or its relay asked for it."""
        self._task._go_on_as(state)  # noqa: SLF001 - the display is the handle's own
        self._followed = self._task._followed  # noqa: SLF001
        with self._lock:
            self._painted = None
            self._outputs = list(self._all)
        if self._relay is not None:
            self._relay.close()
        if self._card is not None:
            with self._card.hold_sync():
                self._card.task_id = self._task.id
                self._card.snapshot = self._followed.to_dict()
            self._feed(self._card, feed_now=self._backend.mode == "kernel")
        self._watch_for_end()

    def _page_moved(self, change: Mapping[str, Any]) -> None:
        """The page went on with another task: resumed, or run again."""
        state = self._card.snapshot.get("state") if self._card is not None else None
        if change["new"] != self._task.id and isinstance(state, dict):
            self.go_on_as({**state, "id": change["new"]})

    def _feed(self, card: TaskCard, *, feed_now: bool) -> None:
        from stockwidget.notebook.relay import Relay

        self._relay = Relay(card, self._task, self._followed, self._backend, self.go_on_as)
        if feed_now or self._backend.mode == "kernel":
            self._relay.start()

    def _live(self, frontend: environment.Frontend) -> None:
        self._model(feed_now=frontend in FAR_FROM_SERVER)
        output = uuid.uuid4().hex
        data, metadata = self.bundle()
        _publish(data, metadata, transient={"display_id": output})
        with self._lock:
            self._outputs.append(output)
            self._all.append(output)
        if self._painted is not None and self._painted.done() and self._followed.settled:
            return
        self._watch_for_end()

    def _watch_for_end(self) -> None:
        def changed() -> None:
            if not self._followed.settled:
                return
            undo()
            self._paint().add_done_callback(lambda _painted: self._update())

        undo = self._followed.on_change(changed)
        changed()

    def _update(self) -> None:
        """Replace the outputs that show this handle by finished ones."""
        with self._lock:
            outputs, self._outputs = self._outputs, []
        data = {**self._view(), **self._finished()}
        for output in outputs:
            _publish(data, self._metadata, transient={"display_id": output}, update=True)

    def _finished(self) -> Bundle:
        return self._paint().result()

    def _paint(self) -> Future[Bundle]:
        with self._lock:
            if self._painted is None:
                self._painted = _painter().submit(self._painting)
            return self._painted

    def _painting(self) -> Bundle:
        """The finished output; a result that cannot be had now is said, not raised."""
        if self._followed.snapshot.record.status != "completed":
            return self._compose(None, None)
        try:
            document = self._task.result().document
        except StockwidgetError:
            return self._compose(None, None)
        from stockwidget.notebook.chart_png import draw

        picture = draw(document, self._settings)
        return self._compose(document, base64.b64encode(picture).decode() if picture else None)

    def _still(self) -> Bundle:
        """The output as of now, without waiting for a picture."""
        painted = self._painted
        return (
            painted.result()
            if painted is not None and painted.done()
            else self._compose(None, None)
        )

    def _compose(self, document: Mapping[str, Any] | None, image: str | None) -> Bundle:
        state = self._followed.snapshot.record.public(self._followed.epoch)
        data = {
            "text/plain": static_output.card_text(state, document, self._task.note),
            "text/html": static_output.card_html(state, document, self._settings, image),
        }
        if image is not None:
            data["image/png"] = image
        return data

    def _model(self, *, feed_now: bool = False) -> TaskCard:
        if self._card is None:
            from stockwidget.notebook.widgets import TaskCard, travelling

            self._card = TaskCard(
                task_id=self._task.id,
                epoch=self._followed.epoch,
                mode=self._backend.mode,
                snapshot=self._followed.to_dict(),
                locale=self._settings.locale,
                colors=self._settings.colors,
                parts=travelling(self._backend.mode, self._followed.snapshot.record.kind),
            )
            self._card.observe(self._page_moved, "task_id")
            self._feed(self._card, feed_now=feed_now)
        return self._card

    def _view(self) -> Bundle:
        """The widget's own part of an output."""
        data, self._metadata = self._model()._repr_mimebundle_() or ({}, {})
        view = {key: value for key, value in data.items() if key != "text/plain"}
        if self._backend.mode == "kernel":
            return view | outputs.SAVED
        settings = self._settings
        return view | outputs.of_task(self._task.id, locale=settings.locale, colors=settings.colors)
