"""What a report says of the company: figures with their days, events, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator

from stockwidget.analysis.report_pen import Part, Pen

SIGNED = frozenset({"revenue_growth", "earnings_growth"})
FINE = frozenset({"dividend_yield", "turnover_rate", "turnover_rate_20"})
"""Of a few percent, so that the second decimal counts."""


def company(part: Part, pen: Pen) -> Iterator[str | None]:
    """Sentences on the ``fundamentals`` of a document."""
    if not part["available"]:
        yield pen.terms.reason(part["reason"])
        return
    for figure in part["figures"]:
        name, value = pen.terms.title("facts", figure["key"]), measure(figure, pen)
        yield pen.say("figure", name=name, value=value, said=pen.beside(_figure(figure, pen)))
    for each in part["abstained"]:
        name, reason = pen.terms.title("facts", each["key"]), pen.terms.reason(each["reason"])
        yield pen.say("no_figure", name=name, reason=reason)
    if part["lacking"]:
        yield pen.say(
            "lacking", names=pen.join(pen.terms.title("facts", k) for k in part["lacking"])
        )
    for event in told(part):
        yield _event(event, part["as_of"], pen)
    for note in part["notes"]:
        yield pen.terms.reason(note)


def told(part: Part) -> list[Part]:
    """The newest event of each kind, and what was announced for later."""
    past = {each["key"]: each for each in part["events"] if each["date"] <= part["as_of"]}
    return [*past.values(), *(each for each in part["events"] if each["date"] > part["as_of"])]


def measure(figure: Part, pen: Pen) -> str:
    """A figure in its unit."""
    value, unit = figure["value"], figure["unit"]
    if unit == "fraction":
        digits = 2 if figure["key"] in FINE else 1
        return pen.percent(value, "+" if figure["key"] in SIGNED else "-", digits)
    if unit == "shares":
        return f"{value:,.0f}"
    return pen.price(value, figure["currency"])


def _figure(figure: Part, pen: Pen) -> Iterator[str]:
    if figure["date"]:
        yield pen.say("close_of", date=figure["date"])
    if figure["source"] is None:
        yield pen.say("from_adjusted")
        return
    if figure["of"]:
        names = (pen.terms.title("facts", key) for key in figure["of"])
        yield pen.say("made_of", names=pen.say("and").join(names))
    if figure["period_end"]:
        yield pen.say("period_end", date=figure["period_end"])
    yield _published(figure, pen)
    yield pen.say("from_source", source=figure["source"])


def _published(fact: Part, pen: Pen) -> str:
    if fact["published"] is None:
        return pen.say("unpublished")
    return pen.say("published", date=fact["published"])


def _event(event: Part, as_of: str, pen: Pen) -> str:
    value = "" if event["value"] is None else pen.say("event_value", value=_worth(event, pen))
    said = [pen.say("ahead")] if event["date"] > as_of else []
    if event["source"] is None:
        said.append(pen.say("from_adjusted"))
    else:
        said += [_published(event, pen), pen.say("from_source", source=event["source"])]
    name = pen.terms.title("facts", event["key"])
    return pen.say("event", name=name, date=event["date"], value=value, said=pen.beside(said))


def _worth(event: Part, pen: Pen) -> str:
    value = event["value"]
    return shares(value) if event["key"] == "split" else pen.price(value, event["currency"])


def shares(ratio: float) -> str:
    """``4:1`` gives four shares for one, ``1:10`` one for ten."""
    return f"{ratio:.6g}:1" if ratio >= 1 else f"1:{1 / ratio:.6g}"
