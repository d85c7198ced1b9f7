"""An analysis as a job: it yields what is known as soon as it is known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from stockwidget.commentary import registry as commentators
from stockwidget.jobs.compiling import first_time
from stockwidget.params import AnalysisParams
from stockwidget.tasks.documents import to_json
from stockwidget.tasks.steps import JobStream, Log, Partial, Result, Step

if TYPE_CHECKING:
    from stockwidget.analysis.study import Study

EARLY = ("score", "levels", "trend", "risk", "sizing")
"""Parts that are told before the record, the slowest, is made; small ones, as events are kept."""
PREVIEW = 250
"""Bars that a chart gets before the rest is judged: a year, so that the event stays small."""


def analysis(data: Mapping[str, Any], *, code: bytes = b"") -> JobStream:
    """Analyse one symbol: read its bars, compute, judge, and look up how such verdicts fared.

    ``code`` holds the functions that ``data`` names as ``signals`` and ``factors``.
    """
    from stockwidget.analysis.report import reports
    from stockwidget.analysis.study import PARTS, Study, stage_of
    from stockwidget.sources.registry import get_source

    params = AnalysisParams.from_dict(data)
    yield Step(stage="bars", progress=0.0)
    yield from first_time()
    study = Study(get_source(params.source), params)
    if params.signals or params.factors or params.scorecard:
        study = _own_study(study, code)
    for finding in study.findings:
        if finding.level == "warning":
            yield Log(message=str(finding), level="warning")
    result = study.head()
    yield Partial(set={"provenance": result["provenance"]})

    for share in study.compute():
        yield Step(stage="indicators", progress=0.1 + 0.3 * share)
    result |= study.chart()
    yield Partial(set=study.chart(last=PREVIEW))

    for done, name in enumerate(PARTS):
        if name == "record":
            yield Partial(set={part: result[part] for part in EARLY})
        yield Step(stage=stage_of(name), progress=0.4 + 0.6 * done / len(PARTS))
        result[name] = study.part(name)
    result["report"] = reports(result)
    if params.commentary is not None:
        yield from _commentary(params.commentary, params.commentary_locale, result)

    yield Step(stage="summary", progress=1.0)
    yield Result(data=result, summary=result["summary"])


def _commentary(name: str, locale: str, result: dict[str, Any]) -> JobStream:
    """Words about ``result``, told as they come and added to it. What fails costs them alone."""
    from stockwidget.commentary.facts import facts_of
    from stockwidget.commentary.hearing import Hearing

    facts = orjson.loads(to_json(facts_of(result, locale)))  # as readers get it: no NaN, no arrays
    hearing = Hearing(partial(commentators.load, name), facts, locale)
    # To read meanwhile; also the place where the words will stand.
    yield Partial(set={"report": result["report"], "commentary_pieces": []})
    for piece in hearing:
        if piece:
            doubts = {"commentary_unmatched": found} if (found := hearing.doubts()) else {}
            yield Partial(append={"commentary_pieces": [piece], **doubts})
        yield Step(stage="summary", progress=0.99)
    result["commentary"] = hearing.document(name)
    if hearing.missing is not None:
        why = f"{hearing.missing['key']} {hearing.missing['detail']}".strip()
        yield Log(message=f"The commentary by {name} is missing or cut: {why}", level="warning")


def _own_study(study: Study, code: bytes) -> Study:
    """The same bars, judged by what the user brought. Raises PartFailed."""
    from stockwidget.parts.judging import judges
    from stockwidget.parts.unpacking import Functions, unpack

    judged = judges(study.params, unpack(code) if code else Functions())
    study.card, study.table = judged.card, judged.table
    findings, ahead = judged.examine(study.lines)
    study.findings += findings
    study.ahead, study.score_ahead = ahead, bool(ahead & judged.factors)
    return study
