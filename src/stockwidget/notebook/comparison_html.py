"""A comparison as still HTML and as text; everything from data is escaped."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from stockwidget.notebook.static_analysis import line, percent, table
from stockwidget.notebook.static_output import box
from stockwidget.notebook.terms import Terms
from stockwidget.notebook.words import say

if TYPE_CHECKING:
    from stockwidget.notebook.comparison import Comparison

Block = tuple[str, list[str], list[list[str]]]
"""Title, heads and rows."""
_COMMON = ("common_return", "common_volatility", "common_drawdown")
_OWN = ("return_20d", "return_1y", "volatility_1y", "max_drawdown")


def html(comparison: Comparison) -> str:
    """A framed table a part, and the picture where there is something to draw."""
    locale = comparison.locale
    head = f"<b>{escape(say(locale, 'compare'))}</b> {escape(_range(comparison))}"
    notes = "<br>".join(map(escape, comparison.notes()))
    parts = [head, line(notes) if notes else "", _picture(comparison)]
    for title, heads, rows in _blocks(comparison):
        parts += [line(f"<b>{escape(title)}</b>"), table(heads, rows)]
    return box("".join(parts))


def text(comparison: Comparison) -> str:
    """The same in lines of columns."""
    lines = [f"{say(comparison.locale, 'compare')} {_range(comparison)}".strip()]
    lines += comparison.notes()
    for title, heads, rows in _blocks(comparison):
        lines += ["", title]
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        for row in (heads, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _blocks(comparison: Comparison) -> list[Block]:
    """What can be shown, in the order of a reader's questions."""
    locale, figures = comparison.locale, comparison.table
    found: list[Block] = []
    if comparison.analyses:
        found.append(_own(comparison))
        found.append(_families(comparison))
    if comparison.range:
        heads = [say(locale, "symbol"), *(say(locale, key) for key in _COMMON)]
        rows = [
            [s, *(_rate(key, figures.at[s, key]) for key in _COMMON)]  # noqa: PD008 - one cell
            for s in figures.index
        ]
        found.append((say(locale, "compare_common"), heads, rows))
        found.append(_matrix(say(locale, "correlation"), comparison.correlation, _two))
    if len(comparison.failures):
        heads = [say(locale, "symbol"), say(locale, "note")]
        rows = [[str(s), str(m)] for s, m in comparison.failures["message"].items()]
        found.append((say(locale, "compare_failed"), heads, rows))
    return found


def _own(comparison: Comparison) -> Block:
    locale = comparison.locale
    figures = comparison.table
    # Where no benchmark was asked for, a column of dashes would say nothing.
    betas = ("beta",) if figures["beta"].notna().any() else ()
    keys = (
        "symbol",
        "last_date",
        "last_close",
        "score",
        "band",
        "coverage",
        *_OWN,
        "sharpe",
        *betas,
    )
    rows = []
    for symbol, row in figures.iterrows():
        result = comparison.analyses[str(symbol)]
        terms = Terms(result.document["terms"], locale)
        band = "–" if pd.isna(row["band"]) else terms.title("bands", row["band"])
        rows.append(
            [
                str(symbol),
                f"{row['last_date']:%Y-%m-%d}",
                f"{row['last_close']:,.2f} {row['currency']}".strip(),
                "–" if pd.isna(row["score"]) else f"{row['score']:.0f}",
                band,
                _whole(100 * row["coverage"]),
                *(_rate(key, row[key]) for key in _OWN),
                _two(row["sharpe"]),
                *(_two(row[key]) for key in betas),
            ]
        )
    heads = [say(locale, key) for key in keys]
    return say(locale, "compare_own"), [head[:1].upper() + head[1:] for head in heads], rows


def _families(comparison: Comparison) -> Block:
    locale, shares = comparison.locale, comparison.families
    terms = Terms(next(iter(comparison.analyses.values())).document["terms"], locale)
    named = shares.rename(index=lambda key: terms.title("families", key))
    return _matrix(say(locale, "families"), named, _whole)


def _matrix(title: str, frame: pd.DataFrame, written: Callable[[Any], str]) -> Block:
    rows = [[str(name), *map(written, row)] for name, row in frame.iterrows()]
    return title, ["", *map(str, frame.columns)], rows


def _range(comparison: Comparison) -> str:
    ends = comparison.range
    if ends is None:
        return ""
    days = {name: f"{day:%Y-%m-%d}" for name, day in zip(("first", "last"), ends, strict=True)}
    return say(comparison.locale, "compare_range", n=len(comparison.prices), **days)


def _picture(comparison: Comparison) -> str:
    if comparison.range is None:
        return ""
    from stockwidget.notebook.comparison_png import png

    image = base64.b64encode(png(comparison)).decode()
    alt = say(comparison.locale, "compare_chart", names=", ".join(comparison.analyses))
    return line(
        f"<img src='data:image/png;base64,{image}' alt='{escape(alt, quote=True)}' width='720'>"
    )


def _rate(key: str, value: Any) -> str:
    sign = "-" if "volatility" in key else "+"
    return percent(None if pd.isna(value) else float(value), sign=sign)


def _two(value: Any) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"


def _whole(value: Any) -> str:
    return "–" if pd.isna(value) else f"{value:.0f} %"
