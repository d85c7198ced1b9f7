"""What changed from an earlier analysis of the same symbol to this one."""

from __future__ import annotations

from collections.abc import Iterator

from stockwidget.analysis.report_company import measure
from stockwidget.analysis.report_pen import Paragraph, Part, Pen
from stockwidget.errors import InvalidRequest

_RANGE = frozenset({"symbol", "start", "end", "as_of"})
"""Parameters that move the range; the others change what a number means."""


def changes(document: Part, earlier: Part, pen: Pen) -> Paragraph:
    """Tell how ``document`` differs from ``earlier``; InvalidRequest if it does not follow it."""
    _check(document, earlier)
    date = earlier["provenance"]["last"]
    return pen.paragraph("changes", _lines(document, earlier, pen), date=date)


def _check(document: Part, earlier: Part) -> None:
    if "score" not in earlier or earlier["symbol"] != document["symbol"]:
        raise InvalidRequest(
            f"There is no earlier analysis of {document['symbol']} to compare with.",
            hint="Give since= the result of sw.analyze of the same symbol, made by this version.",
            field="since",
        )
    then, now = earlier["provenance"]["last"], document["provenance"]["last"]
    if then > now:
        raise InvalidRequest(
            f"The other analysis ends on {then}, after this one on {now}.",
            hint="Ask the later result for its report, since the earlier one.",
            field="since",
        )


def _lines(document: Part, earlier: Part, pen: Pen) -> Iterator[str]:
    date = earlier["provenance"]["last"]
    differing = _asked_differently(document, earlier)
    if differing:
        yield pen.say("asked", names=", ".join(differing))
    bars = document["bars"]
    if date == document["provenance"]["last"]:
        yield pen.say("same_day")
    elif date in bars["date"]:
        before = bars["close"][bars["date"].index(date)]
        yield pen.say("moved", change=pen.percent(bars["close"][-1] / before - 1.0))
    if not {"source", "adjust", "weights", "scorecard", "factors"} & set(differing):
        yield from _score(document["score"], earlier["score"], pen)
    yield from _figures(document, earlier, pen)
    if not {"source", "adjust"} & set(differing):
        yield from _states(document, earlier, pen)


def _asked_differently(document: Part, earlier: Part) -> list[str]:
    """Parameters that differ; one that is left out has its default."""
    now, then = document["params"], earlier["params"]
    return sorted(k for k in {*now, *then} - _RANGE if now.get(k) != then.get(k))


def _score(now: Part, then: Part, pen: Pen) -> Iterator[str]:
    values = {name: pen.score(score["value"]) for name, score in (("new", now), ("old", then))}
    bands = {
        f"{name}_band": pen.terms.title("bands", str(score["band"]))
        for name, score in (("new", now), ("old", then))
    }
    known = (then["value"] is not None, now["value"] is not None)
    key = {(True, True): "score_moved", (False, True): "score_found", (True, False): "score_lost"}
    if known == (True, True) and (now["band"], values["new"]) == (then["band"], values["old"]):
        yield pen.say("score_same", **values, **bands)
    elif any(known):
        yield pen.say(key[known], **values, **bands)


def _figures(document: Part, earlier: Part, pen: Pen) -> Iterator[str]:
    """What has been published since."""
    then = {each["key"]: each for each in _stated(earlier)}
    day = earlier.get("fundamentals", {}).get("as_of") or earlier["provenance"]["last"]
    for figure in _stated(document):
        old = then.get(figure["key"])
        if not figure["published"] or figure["published"] <= day:
            continue
        yield pen.say(
            "figure_moved" if old else "figure_new",
            name=pen.terms.title("facts", figure["key"]),
            new=measure(figure, pen),
            old=measure(old, pen) if old else "",
            date=figure["published"],
        )


def _stated(document: Part) -> list[Part]:
    """Figures as the source states them, without what moves with the price."""
    part = document.get("fundamentals", {})
    return [each for each in part.get("figures", ()) if not each["of"]]


def _states(document: Part, earlier: Part, pen: Pen) -> Iterator[str]:
    now, then = _held(document), _held(earlier)
    both = [key for key, holds in now.items() if holds is not None and then.get(key) is not None]
    for name, holds in (("gained", True), ("lost", False)):
        keys = [key for key in both if now[key] is holds and then[key] is not holds]
        if keys:
            yield pen.say(name, rules=pen.join(pen.terms.title("factors", key) for key in keys))
    if both and all(now[key] == then[key] for key in both):
        yield pen.say("rules_same")
    states = [each["trend"]["state"] for each in (earlier, document)]
    if states[0] != states[1]:
        old, new = (pen.terms.title("trend", state) for state in states)
        yield pen.say("trend_moved", old=old, new=new)
    if earlier["provenance"]["last"] == document["provenance"]["last"]:
        return
    signals, date = document["signals"], earlier["provenance"]["last"]
    since = [
        pen.say("dated", date=day, signal=pen.terms.title("signals", key))
        for day, key in zip(signals["date"], signals["key"], strict=True)
        if day > date
    ]
    yield pen.say("new_signals", signals=pen.join(since)) if since else pen.say("no_new_signals")


def _held(document: Part) -> dict[str, bool | None]:
    """Whether each rule of the score held; None where it could not be judged."""
    rows = (row for family in document["score"]["families"] for row in family["factors"])
    return {row["key"]: None if row["abstained"] else row["points"] > 0 for row in rows}
