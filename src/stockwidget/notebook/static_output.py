"""The card as still output: small HTML without scripts, and plain text.

It stands where no widget can run: a saved notebook, a report, a web page of notebooks. Hosts
sanitise HTML, so all style is inline and simple; everything that came from data is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from stockwidget.notebook.settings import CardSettings, red_is_up
from stockwidget.notebook.spark_svg import spark_svg
from stockwidget.notebook.static_analysis import judged_html, judged_text
from stockwidget.notebook.static_study import study_body, study_text
from stockwidget.notebook.words import say

Document = Mapping[str, Any]
TOP_ROWS = 20
_UP = {True: "#c62828", False: "#1b7f4d"}
_BOX = (
    "border:1px solid #d0d7de;border-radius:4px;padding:10px 14px;max-width:760px;"
    "background-color:#ffffff;color:#1f2328;font-family:sans-serif;font-size:13px"
)
_TABLE = "font-size:13px;border-collapse:collapse"
_CELL = "text-align:right;padding:2px 10px 2px 0;color:#1f2328;white-space:nowrap"
_GREY = "color:#59636e"
_FRACTIONS = ("ret_", "ret(", "return_", "volatility", "drawdown", "max_drawdown")


def card_html(
    state: Mapping[str, Any], document: Document | None, settings: CardSettings, image: str | None
) -> str:
    """A task's card. ``document`` and ``image`` (base64 PNG) are there once it has completed."""
    locale = settings.locale
    head = _head(_title(state, locale), state, locale)
    if document is not None:
        return box(head + document_body(document, settings, image))
    error = state.get("error")
    if error:
        words = (
            f"<b>{escape(str(error.get('message', '')))}</b> {escape(str(error.get('hint', '')))}"
        )
        return box(head + _paragraph(words))
    if state["status"] in {"cancelled", "expired", "failed"}:
        return box(head + _paragraph(say(locale, "rerun")))
    percent = f"{state['progress']:.0f} % · {escape(str(state.get('stage') or ''))}"
    note = f"{percent}<br><span style='{_GREY}'>{say(locale, 'live')}</span>"
    return box(head + _paragraph(note))


def card_text(state: Mapping[str, Any], document: Document | None, note: str | None = None) -> str:
    """The card in a few lines of text, for terminals and screen readers."""
    status = str(state["status"])
    if status in {"running", "cancelling"}:
        status += f" {state['progress']:.0f} %"
        status += f", {state['stage']}" if state.get("stage") else ""
    lines = [f"{say('', str(state['kind']))} {state['title']}: {status} (task {state['id']})"]
    error = state.get("error")
    if error:
        lines.append(f"{error.get('message', '')} {error.get('hint', '')}".strip())
    if document is not None:
        lines += document_text(document)
    if note:
        lines.append(note)
    return "\n".join(lines)


def document_body(document: Document, settings: CardSettings, image: str | None) -> str:
    """What a finished card shows below its head."""
    if document["kind"] == "scan":
        return _scan_body(document, settings, image)
    if document["kind"] == "study":
        return _study_body(document, settings, image)
    return _analysis_body(document, settings, image)


def document_text(document: Document) -> list[str]:
    """The result in lines."""
    if document["kind"] == "scan":
        rows = [document["columns"], *document["rows"][:TOP_ROWS]]
        return [
            say("", "found", **_counts(document)),
            *(
                "  ".join(_number(k, v) for k, v in zip(rows[0], row, strict=True))
                for row in rows[1:]
            ),
        ]
    if document["kind"] == "study":
        return study_text(document)
    figures = [f"{label}: {value}" for label, value, _change in _figures(document, "")]
    return [*figures, *judged_text(document, "")]


def analysis_html(document: Document) -> str:
    """An AnalysisResult in a notebook."""
    title = f"<b>{escape(str(document['symbol']))}</b> {escape(str(document.get('name') or ''))}"
    return box(title + _analysis_body(document, CardSettings(), None))


def scan_html(document: Document) -> str:
    """A ScanResult in a notebook."""
    title = f"<b>{escape(_universe(document))}</b>"
    return box(title + _scan_body(document, CardSettings(), None))


def study_html(document: Document) -> str:
    """A StudyResult in a notebook."""
    title = f"<b>{escape(str(document['label']))}</b>"
    return box(title + _study_body(document, CardSettings(), None))


def _study_body(document: Document, settings: CardSettings, image: str | None) -> str:
    alt = say(
        settings.locale, "study_chart", first=document["dates"][0], last=document["dates"][-1]
    )
    body = study_body(document, settings.locale)
    return _picture(image, alt) + body + _provenance(document, settings.locale)


def _analysis_body(document: Document, settings: CardSettings, image: str | None) -> str:
    locale = settings.locale
    red = red_is_up(settings.colors, {"symbol": document["symbol"]})
    cells = []
    for label, value, change in _figures(document, locale):
        colour = f"color:{_UP[red == (change > 0)]}" if change else ""
        mark = "▲ " if change and change > 0 else "▼ " if change else ""
        cells.append(
            f"<tr><td style='{_GREY};padding:2px 14px 2px 0;text-align:left'>{escape(label)}</td>"
            f"<td style='{_CELL};{colour}'>{mark}{escape(value)}</td></tr>"
        )
    about = document["provenance"]
    alt = say(locale, "chart", symbol=document["symbol"], first=about["first"], last=about["last"])
    table = f"<table style='{_TABLE}'>{''.join(cells)}</table>"
    judged = judged_html(document, locale)
    return f"{_picture(image, alt)}{table}{judged}{_provenance(document, locale)}"


def _figures(document: Document, locale: str) -> list[tuple[str, str, float]]:
    """Label, text, and the change that colours it (0: none). A missing figure shows a dash."""
    summary, currency = document["summary"], str(document.get("currency") or "")
    found = [
        (
            say(locale, "last_close"),
            f"{_number('close', summary['last_close'])} {currency} ({summary['last_date']})",
            0.0,
        )
    ]
    for key in ("return_1d", "return_20d", "return_1y", "volatility_1y", "max_drawdown"):
        change = summary[key] or 0.0 if key.startswith("return_") else 0.0
        found += [(say(locale, key), _number(key, summary[key]), change)]
    low, high = (_number("close", summary[key]) for key in ("low_52w", "high_52w"))
    found.append((say(locale, "range_52w"), f"{low} – {high}", 0.0))
    return found


def _scan_body(document: Document, settings: CardSettings, image: str | None) -> str:
    locale, rows = settings.locale, document["rows"]
    count = _paragraph(escape(say(locale, "found", **_counts(document))))
    if not rows:
        return count + _paragraph(say(locale, "none")) + _provenance(document, locale)
    alt = say(locale, "bars_chart", sort=document["sort"], n=min(len(rows), TOP_ROWS))
    table = scan_table(document["columns"], rows, locale, _pictures(document, settings))
    return f"{count}{_picture(image, alt)}{table}{_provenance(document, locale)}"


def _pictures(document: Document, settings: CardSettings) -> list[str]:
    """One a row that is shown, if there are any."""
    symbols = [str(row[0]) for row in document["rows"][:TOP_ROWS]]
    found = []
    for symbol, spark in zip(symbols, document.get("sparks", ()), strict=False):
        red = red_is_up(settings.colors, {"symbol": symbol})
        found.append(spark_svg(spark, (_UP[red], _UP[not red], "#59636e"), settings.locale))
    return found


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], locale: str, pictures: Sequence[str]
) -> str:
    heads = [*columns, *(["last_bars"] if pictures else [])]
    head = "".join(f"<th style='{_CELL};{_align(c)}'>{escape(say(locale, c))}</th>" for c in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td style='{_CELL};{_align(c)}'>{escape(_number(c, value))}</td>"
            for c, value in zip(columns, row, strict=True)
        )
        + "".join(f"<td style='{_CELL}'>{picture}</td>" for picture in pictures[k : k + 1])
        + "</tr>"
        for k, row in enumerate(rows)
    )
    return f"<table style='{_TABLE}'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def scan_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    locale: str,
    pictures: Sequence[str] = (),
) -> str:
    """The first rows of a scan, each with its picture if there are any, and how many more."""
    more = len(rows) - TOP_ROWS
    rest = _paragraph(say(locale, "more", n=more)) if more > 0 else ""
    return _table(columns, rows[:TOP_ROWS], locale, pictures) + rest


def _provenance(document: Document, locale: str) -> str:
    about = document["provenance"]
    parts = [f"{say(locale, 'source')}: {about.get('source', '')}", str(about.get("origin") or "")]
    if about.get("bars"):
        parts.append(
            say(locale, "bars", bars=about["bars"], first=about["first"], last=about["last"])
        )
    if about.get("adjust"):
        parts.append(say(locale, str(about["adjust"])))
    if about.get("fetched_at"):
        parts.append(say(locale, "fetched", moment=str(about["fetched_at"])))
    if about.get("synthetic"):
        parts.append(say(locale, "synthetic"))
    text = escape(" · ".join(part for part in parts if part))
    return f"<p style='margin:6px 0 0 0;font-size:12px;{_GREY}'>{text}</p>"


def _title(state: Mapping[str, Any], locale: str) -> str:
    """A function of the user's own is called as the user called it in this language."""
    title, own = str(state["title"]), state.get("params", {}).get("function")
    return title if own is None or locale != "zh" else title.replace(own["title"], own["title_zh"])


def _head(title: str, state: Mapping[str, Any], locale: str) -> str:
    name = f" {escape(str(state['name']))} ·" if state.get("name") else ""
    status = escape(say(locale, str(state["status"])))
    kind = escape(say(locale, str(state["kind"])))
    return f"<b>{escape(title)}</b><span style='{_GREY}'> ·{name} {kind} · {status}</span>"


def _picture(image: str | None, alt: str) -> str:
    if image is None:
        return ""
    return (
        f"<p style='margin:6px 0'><img src='data:image/png;base64,{image}' alt='{escape(alt)}' "
        "width='720'></p>"
    )


def box(inner: str) -> str:
    """A frame around still output."""
    return f"<div style='{_BOX}'>{inner}</div>"


def _paragraph(inner: str) -> str:
    return f"<p style='margin:6px 0'>{inner}</p>"


def _align(column: str) -> str:
    return "text-align:left" if column in {"symbol", "name"} else ""


def _universe(document: Document) -> str:
    universe = document["universe"]
    return universe if isinstance(universe, str) else ", ".join(map(str, universe[:5]))


def _counts(document: Document) -> dict[str, int]:
    return {"found": len(document["rows"]), "total": 0, "failed": 0, **document["counters"]}


def _number(name: str, value: object) -> str:
    """Fractions as signed percent, prices with two decimals, a missing number as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if name.startswith(_FRACTIONS):
        sign = "" if name.startswith("volatility") else "+"
        return f"{value * 100:{sign}.2f} %"
    return f"{value:,.0f}" if name == "volume" else f"{value:,.2f}"
