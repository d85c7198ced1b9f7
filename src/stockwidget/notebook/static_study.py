"""A study for still output: its sentences and the table of returns, as HTML, Markdown and text.

Simple HTML with inline style, as ``static_output`` explains; everything from data is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from stockwidget.notebook.report import plain
from stockwidget.notebook.static_analysis import line, table
from stockwidget.notebook.words import say

Part = Mapping[str, Any]


def forward_table(document: Part, locale: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """Heads, and a row a horizon; a number that is not known is a dash."""
    heads = [say(locale, f"study_{key}") for key in ("horizon", "hits", "base", "edge", "up", "n")]
    rows: list[tuple[str, ...]] = [
        (
            say(locale, "study_bars", n=row["horizon"]),
            percent(row["mean"]),
            percent(row["base_mean"]),
            edge(row),
            f"{share(row['up'])} ({share(row['base_up'])})",
            f"{row['n']:,} / {row['days']}",
        )
        for row in document["forward"]
    ]
    return heads, rows


def study_body(document: Part, locale: str) -> str:
    """Sentences and the table."""
    said = "".join(f"<li>{escape(each)}</li>" for each in sentences(document, locale))
    note = f"<p style='margin:2px 0;font-size:12px'>{escape(say(locale, 'study_star'))}</p>"
    heads, rows = forward_table(document, locale)
    return (
        line(f"<b>{escape(say(locale, 'study_forward'))}</b>")
        + table(heads, rows)
        + (note if any("*" in row[3] for row in rows) else "")
        + f"<ul style='margin:4px 0;padding-left:18px'>{said}</ul>"
    )


def study_text(document: Part) -> list[str]:
    """The sentences, a line each."""
    return list(sentences(document, ""))


def study_markdown(document: Part, locale: str = "") -> str:
    """The same for hosts that show Markdown."""
    heads, rows = forward_table(document, locale)
    lines = [
        f"#### {plain(document['label'])}",
        "",
        "| " + " | ".join(map(plain, heads)) + " |",
        "|" + "---|" * len(heads),
        *("| " + " | ".join(map(plain, row)) + " |" for row in rows),
        "",
        *(f"- {plain(each)}" for each in sentences(document, locale)),
    ]
    return "\n".join(lines)


def sentences(document: Part, locale: str) -> list[str]:
    """The study in words."""
    found: list[str] = document["words"]["zh" if locale == "zh" else "en"]
    return found


def edge(row: Part) -> str:
    """The difference with its interval; a star where it shows nothing."""
    if row["edge"] is None:
        return "–"
    star = " *" if row["warnings"] else ""
    if row["edge_low"] is None:
        return percent(row["edge"]) + star
    return (
        f"{percent(row['edge'])} ({percent(row['edge_low'])} … {percent(row['edge_high'])}){star}"
    )


def percent(value: float | None) -> str:
    """A fraction as signed percent."""
    return "–" if value is None else f"{value * 100:+.2f} %"


def share(value: float | None) -> str:
    """A fraction as percent without a sign."""
    return "–" if value is None else f"{value:.0%}"
