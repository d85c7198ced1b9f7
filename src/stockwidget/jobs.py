"""The kinds of tasks and the generators that do them: the one place where computing meets tasks.

Importing this module is cheap, since the server does it to validate requests; numpy, pandas and
numba come in when a job starts, or earlier in a worker that was told to ``warm()``.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from stockwidget import compiled
from stockwidget.commentary import registry as commentators
from stockwidget.errors import InvalidRequest
from stockwidget.params import AnalysisParams, ScanParams, StudyParams
from stockwidget.parts.cards import check as check_card
from stockwidget.scan import columns, universe
from stockwidget.sources import registry
from stockwidget.tasks.documents import to_json
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.steps import Checkpoint, Done, JobStream, Log, Partial, Result, Step
from stockwidget.tasks.watchdog import Bounds, memory_here

if TYPE_CHECKING:
    from stockwidget.analysis.study import Study
    from stockwidget.scan.counters import Counters
    from stockwidget.scan.engine import Chunk
    from stockwidget.scan.supply import Judge

HOUR_S = 3600
PACED_S = 0.5
"""Between two pieces of a scan that is told slowly."""
COMPILING = (
    "The indicators are being compiled for this machine. It takes a minute, once after an "
    "installation or an upgrade; `python -c 'from stockwidget.jobs import warm; warm()'` does it "
    "beforehand."
)
EARLY = ("score", "levels", "trend", "risk", "sizing")
"""Parts that are told before the record, the slowest, is made; small ones, as events are kept."""
PREVIEW = 250
"""Bars that a chart gets before the rest is judged: a year, so that the event stays small."""


def prepare_analysis(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Canonical parameters and title of an analysis; raises InvalidRequest."""
    params = AnalysisParams.from_dict(data)
    registry.check(params.source)
    if params.scorecard is not None:
        check_card(params.scorecard)
    if params.commentary is not None:
        commentators.check(params.commentary)
    return params.to_dict(), params.symbol


def prepare_scan(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Canonical parameters and title of a scan; raises InvalidRequest."""
    params = ScanParams.from_dict(data)
    plan = columns.compile_params(params)
    universe.source_name(params)
    if params.function is not None and plan.across:
        raise InvalidRequest(
            "rank() and zscore() compare all symbols, and a function of your own sees one.",
            hint="Leave one of them out.",
            field="rule",
        )
    said = [
        universe.label(params),
        *([params.rule] if params.rule else []),
        *([params.function.title] if params.function else []),
        *map(str, params.where),
        *([params.as_of] if params.as_of else []),
    ]
    return params.to_dict(), " · ".join(said)


def prepare_study(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Canonical parameters and title of a study; raises InvalidRequest."""
    params = StudyParams.from_dict(data)
    _, title = prepare_scan(params.scan.to_dict())
    said = [title]
    if params.scan.top is not None:
        said.append(f"{columns.order(params.scan)} top {params.scan.top}")
    days = params.dates or (params.start or "", params.end or "")
    if any(days):
        said.append(" → ".join(dict.fromkeys((days[0], days[-1]))).strip())
    return params.to_dict(), " · ".join(said)


def source_of(kind: str, data: Mapping[str, Any]) -> str:
    """Name of the source that canonical parameters of a task of ``kind`` read from."""
    if kind == "analysis":
        name = AnalysisParams.from_dict(data).source
    else:
        asked = StudyParams.from_dict(data).scan if kind == "study" else ScanParams.from_dict(data)
        name = universe.source_name(asked)
    source = name.partition(":")[0]
    return "store" if source == "folder" else source


def allowing(kind: Kind, sources: Collection[str], spoken: Collection[str] | None = None) -> Kind:
    """Return ``kind``, refusing at submit every source but ``sources`` (InvalidRequest).

    ``spoken`` are the commentators that may be asked for; None allows all installed ones.
    """

    def prepare(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        params, title = kind.prepare(data)
        if (source := source_of(kind.name, params)) not in sources:
            raise InvalidRequest(
                f"This server does not offer the source {source!r}.",
                hint=f"It offers: {', '.join(sources)}. StockwidgetApp.sources in the server's "
                "configuration says which.",
                field="source" if kind.name == "analysis" else "universe",
            )
        if "commentary" in params:
            commentators.check(params["commentary"], spoken)
        return params, title

    return replace(kind, prepare=prepare)


def version_of_analysis(data: Mapping[str, Any]) -> str | None:
    """Version of what canonical parameters of an analysis would be computed from.

    None with a commentary: the same facts get other words each time, so none stands for another.
    """
    if "commentary" in data:
        return None
    return registry.version(AnalysisParams.from_dict(data).source)


def version_of_scan(data: Mapping[str, Any]) -> str | None:
    """Version of what canonical parameters of a scan would be computed from."""
    return universe.version(ScanParams.from_dict(data))


def version_of_study(data: Mapping[str, Any]) -> str | None:
    """Version of what canonical parameters of a study would be computed from."""
    return universe.version(StudyParams.from_dict(data).scan)


def analysis(data: Mapping[str, Any], *, code: bytes = b"") -> JobStream:
    """Analyse one symbol: read its bars, compute, judge, and look up how such verdicts fared.

    ``code`` holds the functions that ``data`` names as ``signals`` and ``factors``.
    """
    from stockwidget.analysis.report import reports
    from stockwidget.analysis.study import PARTS, Study, stage_of
    from stockwidget.sources.registry import get_source

    params = AnalysisParams.from_dict(data)
    yield Step(stage="bars", progress=0.0)
    yield from _first_time()
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


def scan(data: Mapping[str, Any], done: Sequence[Done] = (), *, code: bytes = b"") -> JobStream:
    """Scan a universe chunk by chunk; hits stream out as they are found.

    Chunks that are ``done`` are told again but not computed again. ``code`` holds the function
    that ``data`` names.
    """
    from stockwidget.scan.engine import Scan

    params = ScanParams.from_dict(data)
    yield Step(stage="universe", progress=0.0)
    yield from _first_time()
    work = Scan(
        params=params,
        universe=universe.resolve(params),
        done={each.chunk: each.data for each in done},
        retry=frozenset(each.chunk for each in done if each.retry),
        own=_own_judge(params, code) if params.function else None,
    )
    about = {"sort": work.sort, "descending": params.descending, "top": params.top}
    yield Partial(set={"columns": list(work.columns), **about})
    yield Step(stage="scan", progress=0.02, counters=work.counters.to_dict())
    told = work.counters
    for chunk in work.run():
        if chunk.fresh:
            yield Checkpoint(chunk=chunk.key, data=chunk.data)
        yield from _found(chunk, told, params.pace_s or 0.0)
        told = chunk.counters
    yield Step(stage="rank", progress=0.98, counters=work.counters.to_dict())
    document = work.document()
    yield Step(stage="rank", progress=1.0, counters=work.counters.to_dict())
    yield Result(data=document, summary=document["counters"])


def _own_judge(params: ScanParams, code: bytes) -> Judge | None:
    from stockwidget.parts.scanning import judge_of
    from stockwidget.parts.unpacking import unpack

    return judge_of(params, unpack(code))


def _found(chunk: Chunk, before: Counters, pace_s: float) -> JobStream:
    """What one chunk gave; the rows of a whole scan are spread over ``pace_s``."""
    failures = [asdict(failure) for failure in chunk.failures]
    if failures:
        yield Partial(append={"failures": failures})
    rows, after = [list(row) for row in chunk.rows], chunk.counters
    seconds = pace_s * (after.processed - before.processed) / after.total
    pieces = max(1, round(seconds / PACED_S))
    for number in range(1, pieces + 1):
        if seconds:
            time.sleep(seconds / pieces)
        piece = rows[len(rows) * (number - 1) // pieces : len(rows) * number // pieces]
        if piece:
            sparks = chunk.sparks[len(rows) * (number - 1) // pieces :][: len(piece)]
            yield Partial(append={"rows": piece, **({"sparks": sparks} if sparks else {})})
        done = before.processed + (after.processed - before.processed) * number / pieces
        counters = (after if number == pieces else before).to_dict()
        progress = min(0.98, 0.02 + 0.96 * done / after.total)
        yield Step(stage="scan", progress=progress, counters=counters)


def study(data: Mapping[str, Any], done: Sequence[Done] = (), *, code: bytes = b"") -> JobStream:
    """Judge a rule on many days, chunk by chunk; the counts of each day stream out as they grow.

    ``done`` and ``code`` as in ``scan``.
    """
    from stockwidget.study.engine import Study

    params = StudyParams.from_dict(data)
    yield Step(stage="universe", progress=0.0)
    yield from _first_time()
    work = Study(
        params=params,
        done={each.chunk: each.data for each in done},
        retry=frozenset(each.chunk for each in done if each.retry),
        own=_own_judge(params.scan, code) if params.scan.function else None,
    )
    yield Partial(set={"dates": work.dates})
    yield Step(stage="scan", progress=0.02, counters=work.counters.to_dict())
    for chunk in work.run():
        if chunk.fresh:
            yield Checkpoint(chunk=chunk.key, data=chunk.data)
        if chunk.failures:
            yield Partial(append={"failures": [asdict(failure) for failure in chunk.failures]})
        if work.tally.judged.any():  # with rank(), only all symbols together can be judged
            yield Partial(set={"days": work.days_so_far()})
        share = chunk.counters.processed / chunk.counters.total
        yield Step(stage="scan", progress=0.02 + 0.96 * share, counters=chunk.counters.to_dict())
    yield Step(stage="record", progress=0.98, counters=work.counters.to_dict())
    document = work.document()
    yield Step(stage="record", progress=1.0, counters=work.counters.to_dict())
    yield Result(data=document, summary=document["counters"])


def warm() -> None:
    """Do what the first jobs on a machine, and in a process, would otherwise wait for."""
    for _ in analysis({"symbol": "AAPL"}):
        pass
    for _ in scan({"universe": ["SYN00001"], "rule": "close > sma(200) and rsi(14) < 101"}):
        pass
    compiled.note()


def get_ready() -> None:
    """Warm up a fresh worker; what compiling would keep waiting goes on beside its first job."""
    if compiled.before():
        warm()
        return
    importlib.import_module("stockwidget.analysis.study")
    importlib.import_module("stockwidget.scan.engine")
    threading.Thread(target=warm, daemon=True).start()


def _first_time() -> JobStream:
    """Say why the first job on a machine takes so long."""
    if not compiled.before():
        yield Log(message=COMPILING)


def memory_bound() -> int:
    """Bytes that one task may take: 4 GiB, or three quarters of what there is."""
    return min(4 << 30, (memory_here() or 1 << 40) * 3 // 4)


KINDS: Mapping[str, Kind] = {
    "analysis": Kind(
        name="analysis",
        stages=("bars", "indicators", "score", "record", "summary"),
        retention_s=2 * HOUR_S,
        entry="stockwidget.jobs:analysis",
        prepare=prepare_analysis,
        bounds=Bounds(time_s=600, memory=memory_bound()),
        retries=3,
        version=version_of_analysis,
    ),
    "scan": Kind(
        name="scan",
        stages=("universe", "scan", "rank"),
        retention_s=4 * HOUR_S,
        entry="stockwidget.jobs:scan",
        prepare=prepare_scan,
        long=True,
        resumable=True,
        bounds=Bounds(time_s=4 * HOUR_S, memory=memory_bound()),
        retries=3,
        version=version_of_scan,
    ),
    "study": Kind(
        name="study",
        stages=("universe", "scan", "record"),
        retention_s=4 * HOUR_S,
        entry="stockwidget.jobs:study",
        prepare=prepare_study,
        long=True,
        resumable=True,
        bounds=Bounds(time_s=4 * HOUR_S, memory=memory_bound()),
        retries=3,
        version=version_of_study,
    ),
}
