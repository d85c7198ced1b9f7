"""The kinds of tasks and the generators that do them: the one place where computing meets tasks.

Importing this module is cheap, since the server does it to validate requests; numpy, pandas and
numba come in when a job starts, or earlier in a worker that was told to ``warm()``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stockwidget.errors import InvalidRequest
from stockwidget.params import AnalysisParams, ScanParams
from stockwidget.scan import columns
from stockwidget.sources import registry
from stockwidget.symbols import looks_synthetic
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.steps import JobStream, Log, Partial, Result, Step

HOUR_S = 3600


def prepare_analysis(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Canonical parameters and title of an analysis; raises InvalidRequest."""
    params = AnalysisParams.from_dict(data)
    registry.check(params.source)
    return params.to_dict(), params.symbol


def prepare_scan(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Canonical parameters and title of a scan; raises InvalidRequest."""
    params = ScanParams.from_dict(data)
    columns.check_params(params)
    if isinstance(params.universe, str):
        where = params.universe
    else:
        made_up = sum(map(looks_synthetic, params.universe))
        if 0 < made_up < len(params.universe):
            raise InvalidRequest(
                "universe mixes synthetic symbols with real ones.",
                hint="Scan them apart, so that no made-up row stands among real ones.",
                field="universe",
            )
        first = ", ".join(params.universe[:3])
        more = len(params.universe) - 3
        where = first if more <= 0 else f"{first} +{more}"
    return params.to_dict(), " · ".join([where, *map(str, params.where)])


def analysis(data: Mapping[str, Any]) -> JobStream:
    """Analyse one symbol: read its bars, compute each indicator, sum up."""
    from stockwidget.analysis import document, indicators
    from stockwidget.sources.registry import get_source

    params = AnalysisParams.from_dict(data)
    yield Step(stage="bars", progress=0.0)
    bars = document.load(get_source(params.source), params)
    yield Partial(set={"provenance": document.provenance(bars, params.adjust)})
    frame = bars.view(params.adjust)
    for message in document.warnings(bars):
        yield Log(message=message, level="warning")

    series: dict[str, Any] = {}
    yield Step(stage="indicators", progress=0.3)
    total = len(indicators.NAMES)
    for outputs in indicators.compute(frame):
        series.update(outputs)
        yield Step(stage="indicators", progress=0.3 + 0.5 * len(series) / total)

    yield Step(stage="summary", progress=0.8)
    result, summary = document.build(bars, frame, series, params)
    yield Step(stage="summary", progress=1.0)
    yield Result(data=result, summary=summary)


def scan(data: Mapping[str, Any]) -> JobStream:
    """Scan a universe chunk by chunk; hits stream out as they are found."""
    from stockwidget.scan import engine, universe

    params = ScanParams.from_dict(data)
    columns.check_params(params)
    yield Step(stage="universe", progress=0.0)
    members = universe.resolve(params.universe)
    state = engine.Scan(params=params, universe=members)
    yield Partial(set={"columns": list(state.columns)})
    yield Step(stage="scan", progress=0.02, counters=state.counters.to_dict())
    for chunk in state.run():
        if chunk.rows or chunk.failures:
            yield Partial(
                append={
                    "rows": [list(row) for row in chunk.rows],
                    "failures": [failure.to_dict() for failure in chunk.failures],
                }
            )
        share = chunk.counters.processed / chunk.counters.total
        yield Step(stage="scan", progress=0.02 + 0.96 * share, counters=chunk.counters.to_dict())
    yield Step(stage="rank", progress=0.98, counters=state.counters.to_dict())
    document = state.document()
    yield Step(stage="rank", progress=1.0, counters=state.counters.to_dict())
    yield Result(data=document, summary=document["counters"])


def warm() -> None:
    """Do in a fresh worker what its first job would otherwise wait for."""
    for _ in analysis({"symbol": "AAPL"}):
        pass
    for _ in scan({"universe": "synthetic:2"}):
        pass


KINDS: Mapping[str, Kind] = {
    "analysis": Kind(
        name="analysis",
        stages=("bars", "indicators", "summary"),
        retention_s=2 * HOUR_S,
        entry="stockwidget.jobs:analysis",
        prepare=prepare_analysis,
    ),
    "scan": Kind(
        name="scan",
        stages=("universe", "scan", "rank"),
        retention_s=4 * HOUR_S,
        entry="stockwidget.jobs:scan",
        prepare=prepare_scan,
    ),
}
