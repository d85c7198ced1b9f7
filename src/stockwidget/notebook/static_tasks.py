"""A list of tasks as still output: the same columns as text and as small HTML without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from unicodedata import east_asian_width

from stockwidget.notebook.static_output import box
from stockwidget.notebook.words import say

Records = Sequence[Mapping[str, Any]]
_COLUMNS = ("task", "what", "kind", "task_status", "begun", "kept")
_WIDEST = 40


def tasks_text(records: Records, locale: str = "") -> str:
    """The list in lines, for terminals and screen readers."""
    if not records:
        return say(locale, "no_tasks")
    lines = [[say(locale, column) for column in _COLUMNS], *(_row(r, locale) for r in records)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(c + " " * (w - _width(c)) for c, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def tasks_html(records: Records, locale: str = "") -> str:
    """The list as a table, for pages that run no scripts."""
    if not records:
        return box(escape(say(locale, "no_tasks")))
    cell = "text-align:left;padding:2px 14px 2px 0;white-space:nowrap;color:#1f2328"
    head = "".join(f"<th scope='col' style='{cell}'>{say(locale, c)}</th>" for c in _COLUMNS)
    body = "".join(
        "<tr>" + "".join(f"<td style='{cell}'>{escape(c)}</td>" for c in _row(r, locale)) + "</tr>"
        for r in records
    )
    return box(f"<table style='border-collapse:collapse'><tr>{head}</tr>{body}</table>")


def _row(record: Mapping[str, Any], locale: str) -> list[str]:
    name, title = record["name"], str(record["title"])
    tags = " ".join(f"#{tag}" for tag in record["tags"])
    status = say(locale, str(record["status"]))
    if record["status"] in {"running", "cancelling"}:
        status += f" {record['progress']:.0f} %"
    return [
        str(record["id"])[:8],
        _short(" ".join(filter(None, [f"{name} ({title})" if name else title, tags]))),
        say(locale, str(record["kind"])),
        status,
        _time(record["created_at"]),
        say(locale, "pinned") if record["pinned"] else _time(record["retain_until"]),
    ]


def _time(utc_ms: int | None) -> str:
    """In this machine's zone, as everything else in a terminal is."""
    if utc_ms is None:
        return ""
    return f"{datetime.fromtimestamp(utc_ms / 1_000).astimezone():%Y-%m-%d %H:%M}"


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
