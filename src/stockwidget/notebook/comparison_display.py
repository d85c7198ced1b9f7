"""How a comparison shows itself: live where somebody looks, finished where nobody does.

As ``display.py`` does it for one task: every output also holds still HTML and text, and they are
replaced by those of the results when all analyses have ended.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from stockwidget.errors import StockwidgetError
from stockwidget.notebook import environment, outputs
from stockwidget.notebook.display import FAR_FROM_SERVER, Bundle, _painter, _publish
from stockwidget.notebook.results import AnalysisResult
from stockwidget.notebook.static_output import box
from stockwidget.notebook.words import say

if TYPE_CHECKING:
    from stockwidget.notebook.comparison import Comparison
    from stockwidget.notebook.handle import Analysis
    from stockwidget.notebook.widgets import CompareModel

STILL = {"plain", "ipython", "headless"}


class ComparisonDisplay:
    """The shown side of one comparison."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._lock = threading.Lock()
        self._model: CompareModel | None = None
        self._metadata: Bundle = {}
        self._waiting: list[str] = []
        """Outputs that the end has still to reach."""
        self._all: list[str] = []

    def show(self) -> None:
        """Put the comparison on display in this cell."""
        frontend = environment.frontend()
        if frontend in STILL:
            _publish(self._finished(plain=frontend != "headless"))
            return
        self._live(feed_now=frontend in FAR_FROM_SERVER)
        output = uuid.uuid4().hex
        data, metadata = self.bundle()
        _publish(data, metadata, transient={"display_id": output})
        with self._lock:
            self._waiting.append(output)
            self._all.append(output)
        if not self._comparison.done:
            self._watch()

    def bundle(self) -> tuple[Bundle, Bundle]:
        """Data and metadata of one output as of now; a terminal or a report waits for the end."""
        frontend = environment.frontend()
        if frontend in STILL:
            return self._finished(plain=frontend != "headless"), {}
        done = self._comparison.done
        return {
            **self._view(),
            **(self._finished() if done else self._unfinished()),
        }, self._metadata

    def _watch(self) -> None:
        """Bring the outputs up to date once, when the last analysis has ended."""
        undo: list[Callable[[], None]] = []

        def changed() -> None:
            if not self._comparison.done:
                return
            with self._lock:
                waiting, self._waiting = self._waiting, []
            for forget in undo:
                forget()
            if waiting:
                _painter().submit(self._update, waiting)

        undo += [
            task._followed.on_change(changed)  # noqa: SLF001 - our own handles
            for task in self._comparison.tasks.values()
        ]
        changed()

    def _update(self, waiting: list[str]) -> None:
        data = {**self._view(), **self._finished()}
        for output in waiting:
            _publish(data, self._metadata, transient={"display_id": output}, update=True)

    def _moved(self) -> None:
        """An analysis was run again: the outputs are those of its new task."""
        self._comparison._forget()  # noqa: SLF001 - the display is the comparison's own
        with self._lock:
            self._waiting = list(self._all)
        self._watch()

    def _finished(self, *, plain: bool = False) -> Bundle:
        """Wait, and return what the results say; what cannot be had now is said, not raised."""
        try:
            text = repr(self._comparison)
            if plain:
                return {"text/plain": text}
            return {"text/plain": text, "text/html": self._comparison._repr_html_()}
        except (StockwidgetError, TimeoutError):
            return self._unfinished()

    def _unfinished(self) -> Bundle:
        locale, given = self._comparison.locale, self._comparison.given
        tasks = self._comparison.tasks.values()
        ended = len(given) - sum(not task._followed.settled for task in tasks)  # noqa: SLF001
        about = say(locale, "compare_ended", ended=ended, n=len(given))
        title, names = say(locale, "compare"), ", ".join(given)
        html = f"<b>{escape(title)}</b> {escape(names)}<br>{escape(about)}<br>{say(locale, 'live')}"
        return {"text/plain": f"{title} {names}: {about}", "text/html": box(html)}

    def _live(self, *, feed_now: bool = False) -> CompareModel:
        if self._model is None:
            from stockwidget.notebook.slots import ResultSlot, TaskSlot
            from stockwidget.notebook.widgets import CompareModel, bundles, hear, part

            given, settings = self._comparison.given, self._comparison.settings
            slots = [_slot(symbol, each) for symbol, each in given.items()]
            # A kernel that runs a cell could send no part when it is asked.
            alone = any(slot["mode"] == "kernel" for slot in slots)
            self._model = model = CompareModel(
                slots=slots,
                locale=settings.locale,
                colors=settings.colors,
                parts=bundles("analysis") if alone else {},
            )
            hear(model, lambda content: part(content.get("name")) if _wants_part(content) else None)
            for place, each in enumerate(given.values()):
                if isinstance(each, AnalysisResult):
                    ResultSlot(model, place, each)
                else:
                    TaskSlot(model, place, each, self._moved).feed(now=feed_now)
        return self._model

    def _view(self) -> Bundle:
        """The widget's own part of an output."""
        data, self._metadata = self._live()._repr_mimebundle_() or ({}, {})
        view = {key: value for key, value in data.items() if key != "text/plain"}
        tasks, settings = self._comparison.tasks, self._comparison.settings
        served = all(task._backend.mode == "server" for task in tasks.values())  # noqa: SLF001
        if not served or len(tasks) < len(self._comparison.given):
            return view | outputs.SAVED
        ids = {symbol: task.id for symbol, task in tasks.items()}
        return view | outputs.of_comparison(ids, locale=settings.locale, colors=settings.colors)


def _slot(symbol: str, each: Analysis | AnalysisResult) -> dict[str, Any]:
    """What the page knows of one symbol before it hears more."""
    if isinstance(each, AnalysisResult):
        about = {"kind": "analysis", "title": symbol, "status": "completed", "progress": 100}
        state = {**about, "id": f"given-{symbol}", "params": dict(each.document["params"])}
        told = {"task_id": state["id"], "epoch": "", "mode": "kernel"}
        return {"symbol": symbol, **told, "snapshot": {"state": state, "partial": {}, "logs": []}}
    task = {"task_id": each.id, "epoch": each.epoch, "mode": each._backend.mode}  # noqa: SLF001
    return {"symbol": symbol, **task, "snapshot": each._followed.to_dict()}  # noqa: SLF001


def _wants_part(content: Mapping[str, Any]) -> bool:
    return content.get("type") == "bundle" and "slot" not in content
