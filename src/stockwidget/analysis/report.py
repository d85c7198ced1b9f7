"""The report on a result document in words: templates filled with its facts, and nothing else.

Every number is one of the document's, rounded; what the document does not know, the report says to
be unknown. No model takes part, so the same document gives the same text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stockwidget.analysis.report_changes import changes
from stockwidget.analysis.report_company import company
from stockwidget.analysis.report_pen import Paragraph, Part, Pen

HORIZON = 20
"""Bars ahead at which records are told; the document has other horizons too."""
RECENT = 20
"""A signal older than so many bars is no case for or against today."""
MOST = 4
"""Signals a side: the newest, each kind once."""


def reports(document: Part) -> dict[str, list[Paragraph]]:
    """Return the report in each language, as the document carries it."""
    return {locale: report(document, locale) for locale in ("en", "zh")}


def report(document: Part, locale: str = "en", *, earlier: Part | None = None) -> list[Paragraph]:
    """Write what a schema 2 ``document`` says, in English or Chinese (``zh``).

    ``earlier`` is a document of the same symbol that ends earlier, or on the same day; with it a
    paragraph tells what changed. Raises InvalidRequest if it is no such document.
    """
    pen = Pen(document, locale)
    since = [] if earlier is None else [changes(document, earlier, pen)]
    return [
        pen.paragraph("summary", _summary(document, pen)),
        *since,
        pen.paragraph("case_for", _case(document, pen, 1)),
        pen.paragraph("case_against", _case(document, pen, -1)),
        pen.paragraph("levels", _levels(document, pen)),
        pen.paragraph("risk", _risk(document["risk"], pen)),
        pen.paragraph("fundamentals", company(document["fundamentals"], pen)),
        pen.paragraph("quality", _quality(document, pen)),
    ]


def _summary(document: Part, pen: Pen) -> Iterator[str | None]:
    summary, symbol = document["summary"], document["symbol"]
    name = f"{document['name']} ({symbol})" if document["name"] else symbol
    close = pen.price(summary["last_close"], document["currency"])
    yield pen.say("close", name=name, close=close, date=summary["last_date"])
    spans = ("1d", "20d", "1y")
    known = [s for s in spans if summary[f"return_{s}"] is not None]
    told = [pen.say(f"return_{s}", value=pen.percent(summary[f"return_{s}"])) for s in known]
    if told:
        yield pen.say("returns", returns=pen.join(told))
    unknown = [pen.say(f"name_{s}") for s in spans if s not in known]
    if unknown:
        yield pen.say("unknown_returns", names=pen.join(unknown))
    yield from _score(document, pen)
    trend = document["trend"]
    state = pen.terms.title("trend", trend["state"])
    if trend["adx"] is None:
        yield pen.say("trend", state=state)
    else:
        adx, strong = f"{trend['adx']:.1f}", f"{trend['strong_adx']:g}"
        yield pen.say("trend_adx", state=state, adx=adx, strong_adx=strong)


def _score(document: Part, pen: Pen) -> Iterator[str | None]:
    score = document["score"]
    if score["value"] is None:
        yield pen.terms.reason(score["reason"])
    else:
        band, coverage = pen.terms.title("bands", score["band"]), pen.share(score["coverage"])
        yield pen.say("score", score=pen.score(score["value"]), band=band, coverage=coverage)
    families = []
    for each in score["families"]:
        key = "family" if each["judged"] else "family_silent"
        numbers = {name: pen.score(each[name]) for name in ("points", "max")}
        title = pen.terms.title("families", each["key"])
        families.append(pen.say(key, family=title, **numbers))
    yield pen.say("families", families=pen.join(families))
    if score["value"] is not None:
        yield from _band_record(document["record"], score["band"], pen)


def _band_record(record: Part, key: str, pen: Pen) -> Iterator[str | None]:
    """What earlier scores of the same band were worth, with the doubt that goes with it."""
    band = pen.terms.title("bands", key)
    rows = (r for r in record["score"] if (r["key"], r["horizon"]) == (key, HORIZON))
    past = next(rows, None)
    if past is None or past["median"] is None or past["base_median"] is None:
        yield pen.say("band_unknown", band=band, bars=HORIZON)
        return
    medians = {"median": pen.percent(past["median"]), "base": pen.percent(past["base_median"])}
    n = pen.say("n", n=past["independent"])
    yield pen.say("band_record", band=band, bars=HORIZON, n=n, **medians)
    if past["edge_low"] is not None:
        ends = {"low": pen.percent(past["edge_low"]), "high": pen.percent(past["edge_high"])}
        yield pen.say("interval", level=pen.share(record["level"]), **ends)
    for warning in past["warnings"]:
        yield pen.terms.title("warnings", warning)


def _case(document: Part, pen: Pen, side: int) -> Iterator[str]:
    """Rules that hold and signals that announce a rise, or the contrary."""
    said = False
    for family in document["score"]["families"]:
        for row in family["factors"]:
            # A share of the points speaks for a rise from half of them on.
            half = row["max"] / 2 if row.get("how") == "share" else 0
            if row["abstained"] or (row["points"] > half) != (side > 0):
                continue
            said = True
            rule = pen.terms.title("factors", row["key"])
            if "how" in row:
                points = {name: pen.score(row[name]) for name in ("points", "max")}
                yield pen.say("factor_gives", rule=rule, **points)
                continue
            compared = {k: pen.reading(row["key"], row[k]) for k in ("value", "threshold")}
            yield pen.say("rule_holds" if side > 0 else "rule_fails", rule=rule, **compared)
    for line in _signals(document, pen, side):
        said = True
        yield line
    if not said:
        yield pen.say("nothing_for" if side > 0 else "nothing_against", bars=RECENT)


def _signals(document: Part, pen: Pen, side: int) -> Iterator[str]:
    """The newest signals of one side, each with what followed its like on this symbol."""
    signals, first = document["signals"], document["provenance"]["bars"] - RECENT
    record = {r["key"]: r for r in document["record"]["signals"] if r["horizon"] == HORIZON}
    columns = zip(*(signals[k] for k in ("row", "date", "key", "direction")), strict=True)
    newest = {key: day for row, day, key, towards in columns if row >= first and towards == side}
    for key, day in sorted(newest.items(), key=lambda each: each[1], reverse=True)[:MOST]:
        past, title = record[key], pen.terms.title("signals", key)
        if past["hit_rate"] is None or past["base_hit_rate"] is None:
            yield pen.say("signal", date=day, signal=title)
            continue
        rates = {"hits": pen.share(past["hit_rate"]), "base": pen.share(past["base_hit_rate"])}
        n = pen.say("n", n=past["independent"])
        line = pen.say("signal_record", date=day, signal=title, bars=HORIZON, n=n, **rates)
        doubts = (pen.terms.title("warnings", warning) for warning in past["warnings"])
        yield pen.follow([line, *doubts])


def _levels(document: Part, pen: Pen) -> Iterator[str]:
    for kind in ("resistance", "support"):
        found = [level for level in document["levels"] if level["kind"] == kind]
        for level in found:
            where = {"price": pen.price(level["price"]), "distance": pen.percent(level["distance"])}
            yield pen.say(kind, touches=level["touches"], last=level["last"], **where)
        if not found:
            yield pen.say(f"no_{kind}")
    summary, sizing = document["summary"], document["sizing"]
    low, high, position = (summary[key] for key in ("low_52w", "high_52w", "position_52w"))
    if low is None or high is None:
        yield pen.say("range_unknown")
    else:
        ends = {"low": pen.price(low), "high": pen.price(high)}
        key = "range_flat" if position is None else "range_52w"
        yield pen.say(key, position=pen.share(position or 0.0), **ends)
    if sizing["stop"] is None:
        yield str(pen.terms.reason(sizing["reason"]))
    elif sizing["stop"] > 0:
        atr, stop = pen.price(sizing["atr"]), pen.price(sizing["stop"])
        yield pen.say("stop", atr=atr, stop=stop, multiple=f"{sizing['multiple']:g}")


def _risk(risk: Part, pen: Pen) -> Iterator[str]:
    yield pen.say("risk_range", returns=risk["returns"], first=risk["first"], last=risk["last"])

    def known(*keys: str) -> bool:
        return all(risk[key] is not None for key in keys)

    if known("volatility", "downside_deviation"):
        volatility, down = (pen.percent(risk[k], "-") for k in ("volatility", "downside_deviation"))
        yield pen.say("volatility", volatility=volatility, downside=down)
    yield _drawdown(risk, pen)
    if known("var_95", "cvar_95", "worst_day"):
        var, cvar, worst = (pen.percent(risk[key]) for key in ("var_95", "cvar_95", "worst_day"))
        yield pen.say("tail", var=var, cvar=cvar, worst=worst, date=risk["worst_day_date"])
    if known("sharpe"):
        rate = pen.percent(risk["risk_free"], "-")
        yield pen.say("sharpe", sharpe=f"{risk['sharpe']:.2f}", rate=rate)
    if known("beta", "alpha"):
        against = {"benchmark": risk["benchmark"], "days": risk["benchmark_days"]}
        yield pen.say(
            "beta", beta=f"{risk['beta']:.2f}", alpha=pen.percent(risk["alpha"]), **against
        )
    needed = ["volatility", "var_95", "cvar_95", "sharpe"]
    needed += ["beta", "alpha"] if risk["benchmark"] else []
    missing = [pen.terms.title("risk", key) for key in needed if not known(key)]
    if missing:
        yield pen.say("risk_unknown", names=pen.join(missing))


def _drawdown(risk: Part, pen: Pen) -> str:
    if risk["max_drawdown_peak"] is None:
        return pen.say("no_drawdown")
    recovered = risk["max_drawdown_recovered"]
    return pen.say(
        "drawdown" if recovered else "drawdown_open",
        depth=pen.percent(risk["max_drawdown"]),
        peak=risk["max_drawdown_peak"],
        trough=risk["max_drawdown_trough"],
        recovered=recovered,
    )


def _quality(document: Part, pen: Pen) -> Iterator[str | None]:
    about: dict[str, Any] = {
        k: document["provenance"][k] for k in ("bars", "first", "last", "source")
    }
    yield pen.say("bars", adjust=pen.say(document["provenance"]["adjust"]), **about)
    if fetched := document["provenance"].get("fetched_at"):
        yield pen.say("fetched", date=fetched[:10], time=fetched[11:16])
    findings = document["quality"]["findings"]
    for finding in findings:
        yield pen.terms.reason(finding, "findings")
    if not findings:
        yield pen.say("nothing_odd")
    rows = [row for family in document["score"]["families"] for row in family["factors"]]
    silent = [pen.terms.title("factors", row["key"]) for row in rows if row["abstained"]]
    if silent:
        yield pen.say("abstained", rules=pen.join(silent))
    yield pen.say("about")
