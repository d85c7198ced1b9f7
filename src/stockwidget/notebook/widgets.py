"""The card as an anywidget. Its traits are the contract written down in ``js/README.md``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import anywidget
import traitlets

from stockwidget.errors import StockwidgetError

STATIC = Path(__file__).parents[1] / "static"
PARTS = {
    "analysis": ("analysis.js", "details.js"),
    "scan": ("scan.js",),
    "study": ("study.js",),
}
"""Kind of task → the parts of widget.js that draw its result, first those that are seen first."""
WORDS = "errors.js"
"""What errors say in the languages that the server does not speak; asked for when one is shown."""

if not (STATIC / "widget.js").is_file():
    raise StockwidgetError(
        f"The browser bundle {STATIC / 'widget.js'} is missing.",
        hint="Install a released wheel, or run `npm ci && npm run build` in the checkout.",
    )


class TaskCard(anywidget.AnyWidget):
    """One model a handle, however often it is displayed. No secret is ever in a trait."""

    _esm = STATIC / "widget.js"

    task_id = traitlets.Unicode().tag(sync=True)
    epoch = traitlets.Unicode().tag(sync=True)
    mode = traitlets.Enum(["server", "kernel"], default_value="server").tag(sync=True)
    snapshot = traitlets.Dict().tag(sync=True)
    locale = traitlets.Unicode().tag(sync=True)
    colors = traitlets.Unicode().tag(sync=True)
    parts = traitlets.Dict().tag(sync=True)


class MonitorModel(anywidget.AnyWidget):
    """The monitor in a page."""

    _esm = STATIC / "monitor.js"

    epoch = traitlets.Unicode().tag(sync=True)
    mode = traitlets.Enum(["server", "kernel"], default_value="server").tag(sync=True)
    stats = traitlets.Dict().tag(sync=True)
    locale = traitlets.Unicode().tag(sync=True)


class TasksModel(anywidget.AnyWidget):
    """The table of tasks in a page."""

    _esm = STATIC / "tasks.js"

    epoch = traitlets.Unicode().tag(sync=True)
    mode = traitlets.Enum(["server", "kernel"], default_value="server").tag(sync=True)
    query = traitlets.Dict().tag(sync=True)
    tasks: Any = traitlets.List().tag(sync=True)
    locale = traitlets.Unicode().tag(sync=True)


class DoctorModel(anywidget.AnyWidget):
    """What the doctor found, in a page that looks for itself too."""

    _esm = STATIC / "doctor.js"

    verdict = traitlets.Unicode().tag(sync=True)
    checks: Any = traitlets.List().tag(sync=True)
    locale = traitlets.Unicode().tag(sync=True)


class CompareModel(anywidget.AnyWidget):
    """Analyses side by side: a slot a task, as ``slots.py`` fills it."""

    _esm = STATIC / "compare.js"

    slots: Any = traitlets.List().tag(sync=True)
    locale = traitlets.Unicode().tag(sync=True)
    colors = traitlets.Unicode().tag(sync=True)
    parts = traitlets.Dict().tag(sync=True)


Content = Mapping[str, Any]


class Hearing(Protocol):
    """What hears a page and answers it: a card, or a slot of one."""

    def send(self, content: Any, /) -> None:
        """Send a message to the page."""

    def on_msg(self, callback: Callable[[Any, Any, Any], None], /) -> None:
        """Call ``callback(self, content, buffers)`` with each message."""


def travelling(mode: str, kind: str) -> dict[str, str]:
    """Return the parts of the bundle that go with a model: name → text.

    What a scan or a study finds comes while it runs, and a kernel that runs a cell could send no
    part when it is asked. An analysis has nothing to draw before its end, when its part is sent
    beside the result.
    """
    if mode != "kernel" or kind not in {"scan", "study"}:
        return {}
    return bundles(kind)


def bundles(kind: str) -> dict[str, str]:
    """Return the parts that draw a result of this kind: name → text."""
    return {name: (STATIC / name).read_text(encoding="utf-8") for name in PARTS[kind]}


def part(name: object) -> dict[str, Any]:
    """Return the message that gives the bundle ``name`` to a page; another name has no text."""
    known = name == WORDS or any(name in names for names in PARTS.values())
    text = (STATIC / str(name)).read_text(encoding="utf-8") if known else None
    return {"type": "bundle", "name": name, "text": text}


def hear(card: Hearing, answer: Callable[[Content], Content | None]) -> None:
    """Answer the page's messages from now on: ``answer(content)`` gives what to send back, or None.

    It takes the place of what answered before. A callback more each time would hear the very
    message that made the card change hands: ipywidgets calls callbacks added meanwhile.
    """
    heard = "_answer" in vars(card)
    vars(card)["_answer"] = answer
    if not heard:
        card.on_msg(_on_message)


def _on_message(card: Any, content: Any, _buffers: object) -> None:
    reply = vars(card)["_answer"](content) if isinstance(content, dict) else None
    if reply is not None:
        card.send(dict(reply))


def listen(card: Hearing, answer: Callable[[str], Content | None]) -> None:
    """As ``hear``, for messages that are nothing but a ``type``."""
    hear(card, lambda content: answer(str(content.get("type"))))
