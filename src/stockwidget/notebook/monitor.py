"""``sw.monitor()``: the runner's statistics, live in a page and still anywhere else."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from stockwidget.errors import StockwidgetError
from stockwidget.notebook import environment
from stockwidget.notebook.backend import Backend
from stockwidget.notebook.comm_meter import comm_stats
from stockwidget.notebook.display import FAR_FROM_SERVER
from stockwidget.notebook.outputs import SAVED
from stockwidget.notebook.static_monitor import monitor_html, monitor_text

if TYPE_CHECKING:
    from stockwidget.notebook.widgets import MonitorModel

Bundle = dict[str, Any]
STILL = {"plain", "ipython", "headless"}


def read(backend: Backend) -> dict[str, Any]:
    """The runner's statistics, and under ``kernel`` what this process delivers to pages itself."""
    return {**backend.stats(), "kernel": comm_stats()}


class Monitor:
    """Show it to watch; ``stats()`` reads the numbers now. Its page asks the server by itself.

    Where the page cannot reach the server, or there is none, the kernel answers the page.
    """

    def __init__(self, backend: Backend, *, locale: str = "") -> None:
        self._backend = backend
        self._locale = locale
        self._model: MonitorModel | None = None
        self._reading = threading.Lock()

    def stats(self) -> dict[str, Any]:
        """The document as of now; see ``stockwidget.stats``."""
        return read(self._backend)

    def __repr__(self) -> str:
        return monitor_text(self.stats(), self._locale)

    def _repr_mimebundle_(
        self,
        include: object = None,  # noqa: ARG002 - IPython's signature
        exclude: object = None,  # noqa: ARG002
    ) -> tuple[Bundle, Bundle]:
        stats = self.stats()
        still = {
            "text/plain": monitor_text(stats, self._locale),
            "text/html": monitor_html(stats, self._locale),
        }
        frontend = environment.frontend()
        if frontend in STILL:
            return still, {}
        model = self._widget(stats, far=frontend in FAR_FROM_SERVER)
        data, metadata = model._repr_mimebundle_() or ({}, {})
        return {**data, **SAVED, **still}, metadata

    def _widget(self, stats: dict[str, Any], *, far: bool) -> MonitorModel:
        """The one model of all displays of this monitor, with ``stats`` as its first paint."""
        if self._model is None:
            from stockwidget.notebook.widgets import MonitorModel, listen

            self._model = MonitorModel(
                epoch=stats["epoch"] or "",
                mode="kernel" if far else self._backend.mode,
                stats=stats,
                locale=self._locale,
            )
            listen(self._model, self._asked)
        else:
            self._model.stats = stats
        return self._model

    def _asked(self, kind: str) -> None:
        """Answer the page from a thread: a server that hangs must not hold the kernel."""
        if kind == "stats" and self._reading.acquire(blocking=False):
            threading.Thread(target=self._tell, name="stockwidget-stats", daemon=True).start()

    def _tell(self) -> None:
        try:
            if self._model is not None:
                self._model.send(self._news())
        finally:
            self._reading.release()

    def _news(self) -> dict[str, Any]:
        try:
            return {"type": "stats", "stats": self.stats()}
        except StockwidgetError as error:
            return {"type": "error", "error": error.to_dict()}
