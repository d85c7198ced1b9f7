"""The analysis that a report compares with: a result at hand, the one before, or that of a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from stockwidget.errors import InvalidRequest, TaskExpired, UnknownTask
from stockwidget.notebook import runners
from stockwidget.params.reading import iso_date

if TYPE_CHECKING:
    from stockwidget.notebook.handle import Analysis
    from stockwidget.notebook.results import AnalysisResult

    Since = AnalysisResult | Analysis | str | date | None

Document = Mapping[str, Any]
LOOKED_AT = 20
"""Results of one symbol that are read, newest first, before the search is given up."""
_MOST = 1_000


def earlier(document: Document, task: str | None, since: Since) -> Document | None:
    """Document of the analysis that ``since`` names; None for None.

    ``task`` is the id of the task that made ``document``, if it is known. Raises InvalidRequest if
    there is no such analysis, and what an analysis as of a day raises.
    """
    if since is None:
        return None
    if since == "last":
        return _last(document, task)
    if isinstance(since, str | date):
        return _as_of(document, iso_date(since, "since") or "")
    wait = getattr(since, "result", None)
    result: Any = wait() if callable(wait) else since
    if not isinstance(getattr(result, "document", None), Mapping):
        raise InvalidRequest(
            f"since must be a result, a date or 'last', not {since!r:.80}.",
            hint="For example r.report(since='last') or r.report(since='2024-01-31').",
            field="since",
        )
    other: Document = result.document
    return other


def _last(document: Document, task: str | None) -> Document:
    """The newest one that was made before this one, and whose bars do not end later."""
    for found in _before(document, task):
        if found["provenance"]["last"] <= document["provenance"]["last"] and found != document:
            return found
    symbol = document["symbol"]
    raise InvalidRequest(
        f"There is no earlier analysis of {symbol} to compare with.",
        hint="Results are kept for two hours unless keep_for= or pin() asks for more. "
        "since='2024-01-31' compares with the analysis as of a day.",
        field="since",
    )


def _before(document: Document, task: str | None) -> Iterator[Document]:
    """Kept results of the same symbol and kind of source, newest first."""
    query = {"kind": "analysis", "status": "completed", "limit": _MOST}
    backend, records = runners.using(lambda runner: runner.tasks(query))
    ids = [record["id"] for record in records]
    alike = [
        record["id"]
        for record in records[ids.index(task) + 1 if task in ids else 0 :]
        if _asked(record["params"]) == _asked(document["params"])
    ]
    for each in alike[:LOOKED_AT]:
        try:
            yield backend.result(each)
        except (TaskExpired, UnknownTask):
            continue  # removed a moment ago


def _asked(params: Mapping[str, Any]) -> tuple[str, str]:
    return params["symbol"], str(params.get("source", "sample")).partition(":")[0]


def _as_of(document: Document, day: str) -> Document:
    """The same analysis as it would have been on a day."""
    from stockwidget.notebook.handle import Analysis
    from stockwidget.notebook.submit import Wishes, submit

    params = document["params"]
    if params.get("signals") or params.get("factors"):
        raise InvalidRequest(
            "This analysis had functions of yours, which a result does not keep.",
            hint="Give since= the result of sw.analyze(…, as_of=…) with the same functions.",
            field="since",
        )
    dropped = ("end", "as_of", "commentary", "commentary_locale")
    kept = {name: value for name, value in params.items() if name not in dropped}
    other = submit(Analysis, {**kept, "as_of": day}, Wishes()).result().document
    if other["provenance"]["last"] > document["provenance"]["last"]:
        raise InvalidRequest(
            f"since ({day}) is after the last bar of this analysis "
            f"({document['provenance']['last']}).",
            hint="Name an earlier day.",
            field="since",
        )
    return other
