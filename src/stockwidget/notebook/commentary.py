"""The commentary of an analysis as a reader takes it: a language model's words, numbers checked."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from stockwidget.notebook.words import say

_MARK = "text-decoration:underline wavy #cf222e;text-underline-offset:3px"
_GREY = "color:#59636e"


class Commentary:
    """``print`` it or show it; not computed by stockwidget."""

    def __init__(self, part: Mapping[str, Any]) -> None:
        self._part = part
        self.by = str(part["by"])
        """Name of the commentator."""
        self.text = "".join(each["text"] for each in part["parts"])
        """All that it said; empty if ``missing`` says why."""
        self.unmatched: list[str] = [
            each["text"].strip() for each in part["parts"] if each["unmatched"]
        ]
        """Numbers in it, as written, that no fact of the analysis bears out."""
        self.numbers = int(part["numbers"])
        """How many numbers were checked."""

    @property
    def missing(self) -> str | None:
        """Why there is nothing, or only its beginning; None if it is whole."""
        return _missing(self._part, "en")

    def __str__(self) -> str:
        return "\n".join(commentary_text(self._part, "en"))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from stockwidget.notebook.static_output import box

        return box(commentary_html(self._part, "en"))


def commentary_html(part: Mapping[str, Any], locale: str) -> str:
    """Title, origin, the words with unmatched numbers marked, and the count."""
    tip = escape(say(_language(locale), "commentary_tip"), quote=True)
    words = "".join(
        f'<span style="{_MARK}" title="{tip}">{escape(each["text"])}</span>'
        if each["unmatched"]
        else escape(each["text"]).replace("\n", "<br>")
        for each in part["parts"]
    )
    title, origin, *notes = _frame(part, locale)
    foot = "<br>".join(map(escape, notes))
    return (
        f"<p style='margin:6px 0 0 0'><b>{escape(title)}</b> "
        f"<span style='{_GREY}'>{escape(origin)}</span><br>{words}</p>"
        f"<p style='margin:2px 0 0 0;{_GREY}'>{foot}</p>"
    )


def commentary_text(part: Mapping[str, Any], locale: str) -> list[str]:
    """The same in lines; unmatched numbers stand as ``[?28.7]``."""
    words = "".join(
        f"[?{each['text']}]" if each["unmatched"] else each["text"] for each in part["parts"]
    )
    title, origin, *notes = _frame(part, locale)
    return [f"{title} · {origin}", *words.splitlines(), *notes]


def _frame(part: Mapping[str, Any], locale: str) -> list[str]:
    """Title and origin, then the count and why something is missing, where there is any."""
    language = _language(locale)
    lines = [say(language, "commentary"), say(language, "commentary_by", name=part["by"])]
    if part["parts"]:
        counts = {"n": part["numbers"], "unmatched": part["unmatched"]}
        lines.append(say(language, "commentary_count", **counts))
    if missing := _missing(part, locale):
        lines.append(missing)
    return lines


def _missing(part: Mapping[str, Any], locale: str) -> str | None:
    why = part["missing"]
    if why is None:
        return None
    state = "commentary_cut" if part["parts"] else "commentary_missing"
    language = _language(locale)
    reason = say(language, f"commentary_{why['key']}", detail=why["detail"])
    return say(language, state, reason=reason)


def _language(locale: str) -> Any:
    return "zh" if locale == "zh" else "en"
