"""Facts on a company as frames and in still tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stockwidget.analysis.report_company import measure
from stockwidget.analysis.report_pen import Pen
from stockwidget.notebook.terms import Terms

if TYPE_CHECKING:
    import pandas as pd

Part = Mapping[str, Any]
_FIGURE = ["value", "unit", "currency", "period_end", "published", "source", "of", "date", "stale"]
_EVENT = ["key", "value", "currency", "fraction", "published", "source"]


def figures_frame(part: Part, terms: Terms) -> pd.DataFrame:
    """See ``AnalysisResult.fundamentals``."""
    import pandas as pd

    rows = [dict(each) for each in part.get("figures", ())]
    rows += [{"key": each["key"], "stale": False} for each in part.get("abstained", ())]
    frame = pd.DataFrame(rows, columns=["key", *_FIGURE])
    frame.insert(1, "title", [terms.title("facts", key) for key in frame["key"]])
    frame["of"] = [", ".join(of) if isinstance(of, list) else "" for of in frame["of"]]
    for name in ("period_end", "published", "date"):
        frame[name] = pd.to_datetime(frame[name])
    frame["value"] = frame["value"].astype("float64")
    frame["stale"] = frame["stale"].astype(bool)
    frame = frame.rename(columns={"key": "item"}).set_index("item")
    frame.attrs["notes"] = list(notes(part, terms))
    return frame


def events_frame(part: Part, terms: Terms) -> pd.DataFrame:
    """See ``AnalysisResult.events``."""
    import pandas as pd

    rows = list(part.get("events", ()))
    frame = pd.DataFrame(rows, columns=["date", *_EVENT])
    frame.insert(2, "title", [terms.title("facts", key) for key in frame["key"]])
    for name in ("date", "published"):
        frame[name] = pd.to_datetime(frame[name])
    numbers = ["value", "fraction"]
    return frame.astype(dict.fromkeys(numbers, "float64")).set_index("date")


def notes(part: Part, terms: Terms) -> Iterator[str]:
    """Sentences on what is missing, and on what needs care."""
    if "reason" in part:
        yield str(terms.reason(part["reason"]))
    for each in part.get("abstained", ()):
        yield f"{terms.title('facts', each['key'])}: {terms.reason(each['reason'])}"
    if part.get("lacking"):
        names = ", ".join(terms.title("facts", key) for key in part["lacking"])
        yield terms.say("facts_lacking", names=names)
    for note in part.get("notes", ()):
        yield str(terms.reason(note))


def figure_rows(document: Part, terms: Terms) -> list[tuple[str, ...]]:
    """Name, value, period, day of publication and source of each figure; a dash if unknown."""
    pen = Pen(document, terms.language)
    adjusted = terms.say("facts_adjusted")
    return [
        (
            terms.title("facts", each["key"]),
            measure(each, pen),
            each["period_end"] or "–",
            each["published"] or "–",
            adjusted if each["source"] is None else each["source"],
        )
        for each in document["fundamentals"].get("figures", ())
    ]
