"""Tables of a judged analysis for still output: score, signals with their record, levels, risk.

Simple HTML with inline style, as ``static_output`` explains; everything from data is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from stockwidget.analysis.report_pen import reading
from stockwidget.notebook.commentary import commentary_html, commentary_text
from stockwidget.notebook.company import figure_rows
from stockwidget.notebook.terms import Terms

Part = Mapping[str, Any]
LATEST = 8
HORIZON = 20
RISKS = ("annual_return", "volatility", "max_drawdown", "var_95", "cvar_95", "sharpe", "sortino",
         "calmar", "beta", "alpha")  # fmt: skip
_RATIOS = frozenset({"sharpe", "sortino", "calmar", "beta"})
_TABLE = "font-size:12px;border-collapse:collapse;margin:2px 0 8px 0"
_LEFT = "text-align:left;padding:1px 14px 1px 0;color:#1f2328"
_RIGHT = "text-align:right;padding:1px 14px 1px 0;color:#1f2328;white-space:nowrap"
_GREY = "color:#59636e"


def judged_html(document: Part, locale: str) -> str:
    """Everything that stands below the summary; empty for a document without a score."""
    if "score" not in document:
        return ""
    terms = Terms(document["terms"], locale)
    return "".join(
        [
            _score(document, terms),
            _signals(document, terms),
            _levels(document, terms),
            _risk(document["risk"], terms),
            _company(document, terms),
            _findings(document["quality"]["findings"], terms),
            report_html(document.get("report", {}).get(terms.language, ())),
            commentary_html(document["commentary"], locale) if "commentary" in document else "",
        ]
    )


def judged_text(document: Part, locale: str) -> list[str]:
    """The same in lines, shorter."""
    if "score" not in document:
        return []
    terms = Terms(document["terms"], locale)
    lines = [f"{terms.say('score')}: {score_line(document['score'], terms)}"]
    families = [
        f"{terms.title('families', f['key'])} {_points(f)}" for f in document["score"]["families"]
    ]
    lines.append("  " + ", ".join(families))
    latest = [f"{row[0]} {row[1]}" for row in _latest(document, terms)]
    if latest:
        lines.append(f"{terms.say('signals')}: {'; '.join(latest[:4])}")
    lines += [str(terms.reason(each, "findings")) for each in document["quality"]["findings"]]
    if "commentary" in document:
        lines += commentary_text(document["commentary"], locale)
    return lines


def score_line(score: Part, terms: Terms) -> str:
    """Score, band and coverage, or why there is none."""
    if score["value"] is None:
        return str(terms.reason(score["reason"]))
    band = terms.title("bands", score["band"])
    line = terms.say("score_line", score=f"{score['value']:.0f}", band=band)
    return f"{line} · {terms.say('coverage')} {score['coverage']:.0%}"


def explanation_html(headline: str, score: Part, terms: Terms) -> str:
    """Every rule of the score in a table."""
    from stockwidget.notebook.static_output import box

    rows: list[tuple[str, ...]] = []
    for family in score["families"]:
        rows.append((terms.title("families", family["key"]), _points(family), "", "", ""))
        for row in family["factors"]:
            note = terms.reason(row["reason"]) or ""
            rule = "\u2003" + terms.title("factors", row["key"])
            value, threshold = (
                reading(row["key"], row[name], terms.language) for name in ("value", "threshold")
            )
            rows.append((rule, _points(row), value, threshold, note))
    heads = [terms.say(key) for key in ("rule", "points", "value", "threshold", "note")]
    if not any(row[-1] for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    return box(f"<b>{escape(headline)}</b>" + table(heads, rows))


def _score(document: Part, terms: Terms) -> str:
    score = document["score"]
    rows = [(terms.title("families", f["key"]), _points(f)) for f in score["families"]]
    title = f"<b>{escape(terms.say('score'))}</b>: {escape(score_line(score, terms))}"
    points = table([terms.say("family"), terms.say("points")], rows)
    scaled = terms.reason(score.get("scaled"))
    note = line(escape(scaled)) if scaled else ""
    return line(title) + points + note + _band_record(document, terms)


def _band_record(document: Part, terms: Terms) -> str:
    """What followed scores of the same band, here and across the source."""
    key, record = document["score"]["band"], document["record"]
    rows = []
    for place, part in (("here", record), ("across", record["universe"])):
        for past in part.get("score", ()):
            if (past["key"], past["horizon"]) == (key, HORIZON):
                symbols = len(part.get("symbols", ()))
                rows.append((terms.say(place, n=symbols), *_past(past)))
    if not rows:
        return ""
    band = terms.say("band_record", band=terms.title("bands", key))
    return table([band, *_past_heads(terms)], rows)


def _signals(document: Part, terms: Terms) -> str:
    rows = _latest(document, terms)
    if not rows:
        return ""
    heads = [terms.say("last_date"), terms.say("signal"), *_past_heads(terms)]
    return line(f"<b>{escape(terms.say('signals'))}</b>") + table(heads, rows, left=2)


def _latest(document: Part, terms: Terms) -> list[tuple[str, ...]]:
    """Newest first, each with what followed its like on this symbol."""
    signals = document["signals"]
    record = {r["key"]: r for r in document["record"]["signals"] if r["horizon"] == HORIZON}
    rows: list[tuple[str, ...]] = []
    for date, key in zip(signals["date"][::-1], signals["key"][::-1], strict=True):
        rows.append((date, terms.title("signals", key), *_past(record[key])))
        if len(rows) == LATEST:
            break
    return rows


def _past_heads(terms: Terms) -> tuple[str, ...]:
    hits, edge = terms.say("record_hits"), terms.say("record_edge")
    return (terms.say("record_n", bars=HORIZON), hits, edge)


def _past(record: Part) -> tuple[str, str, str]:
    """Events, hit rate and edge; an asterisk where they say nothing reliable."""
    hits, edge = "–", percent(record["edge"])
    if record["hit_rate"] is not None:
        hits = f"{record['hit_rate']:.0%} ({record['base_hit_rate']:.0%})"
    if record["edge_low"] is not None:
        edge += f" ({percent(record['edge_low'])} … {percent(record['edge_high'])})"
    return str(record["independent"]), hits, edge + (" *" if record["warnings"] else "")


def _levels(document: Part, terms: Terms) -> str:
    rows = [
        (
            terms.say(level["kind"]),
            f"{level['price']:,.2f}",
            percent(level["distance"]),
            str(level["touches"]),
            level["last"],
        )
        for level in document["levels"]
    ]
    state = terms.title("trend", document["trend"]["state"])
    head = line(f"<b>{escape(terms.say('trend'))}</b>: {escape(state)}")
    if not rows:
        return head
    keys = ("level", "price", "distance", "touches", "last_touch")
    return head + table([terms.say(key) for key in keys], rows)


def _risk(risk: Part, terms: Terms) -> str:
    rows = [
        (
            terms.title("risk", key),
            _plain(risk[key], 3) if key in _RATIOS else percent(risk[key], sign=_sign(key)),
        )
        for key in RISKS
        if risk[key] is not None or key not in {"beta", "alpha"}
    ]
    return line(f"<b>{escape(terms.say('risk'))}</b>") + table([], rows)


def _company(document: Part, terms: Terms) -> str:
    """Figures with their days; empty where none is known, as the report says."""
    rows = figure_rows(document, terms)
    if not rows:
        return ""
    heads = ["", *(terms.say(k) for k in ("value", "facts_period", "facts_published", "source"))]
    return line(f"<b>{escape(terms.say('facts'))}</b>") + table(heads, rows)


def _findings(findings: Iterable[Part], terms: Terms) -> str:
    said = "<br>".join(escape(str(terms.reason(each, "findings"))) for each in findings)
    return line(f"<b>{escape(terms.say('quality'))}</b>: {said}") if said else ""


def report_html(paragraphs: Iterable[Part]) -> str:
    """The report in words; empty for a document without one."""
    return "".join(
        line("<br>".join([f"<b>{escape(each['title'])}</b>", *map(escape, each["lines"])]))
        for each in paragraphs
    )


def _points(part: Part) -> str:
    """Points given of those possible; a dash if nothing was judged."""
    given = part["points"] if part.get("judged", 1) else None
    return f"{'–' if given is None else f'{given:.3g}'} / {part['max']:.3g}"


def percent(value: float | None, sign: str = "+") -> str:
    """A fraction as percent, a dash for None."""
    return "–" if value is None else f"{value * 100:{sign}.1f} %"


def _sign(key: str) -> str:
    return "-" if key == "volatility" else "+"


def _plain(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}g}"


def line(inner: str) -> str:
    """A paragraph of HTML."""
    return f"<p style='margin:6px 0 0 0'>{inner}</p>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """``left`` columns are texts, the others numbers."""

    def cells(tag: str, texts: Sequence[str], colour: str) -> str:
        return "".join(
            f"<{tag} style='{_LEFT if place < left else _RIGHT};{colour}'>{escape(text)}</{tag}>"
            for place, text in enumerate(texts)
        )

    head = f"<thead><tr>{cells('th', heads, _GREY)}</tr></thead>" if heads else ""
    body = "".join(f"<tr>{cells('td', row, '')}</tr>" for row in rows)
    return f"<table style='{_TABLE}'>{head}<tbody>{body}</tbody></table>"
