"""Scans and studies as jobs: chunk by chunk, so that they go on where they were interrupted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from stockwidget.jobs.compiling import first_time
from stockwidget.params import ScanParams, StudyParams
from stockwidget.scan import universe
from stockwidget.tasks.steps import Checkpoint, Done, JobStream, Partial, Result, Step

if TYPE_CHECKING:
    from stockwidget.scan.counters import Counters
    from stockwidget.scan.engine import ScanChunk
    from stockwidget.scan.supply import Judge

PACED_S = 0.5
"""Between two pieces of a scan that is told slowly."""


def scan(data: Mapping[str, Any], done: Sequence[Done] = (), *, code: bytes = b"") -> JobStream:
    """Scan a universe chunk by chunk; hits stream out as they are found.

    Chunks that are ``done`` are told again but not computed again. ``code`` holds the function
    that ``data`` names.
    """
    from stockwidget.scan.engine import Scan

    params = ScanParams.from_dict(data)
    yield Step(stage="universe", progress=0.0)
    yield from first_time()
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


def study(data: Mapping[str, Any], done: Sequence[Done] = (), *, code: bytes = b"") -> JobStream:
    """Judge a rule on many days, chunk by chunk; the counts of each day stream out as they grow.

    ``done`` and ``code`` as in ``scan``.
    """
    from stockwidget.study.engine import Study

    params = StudyParams.from_dict(data)
    yield Step(stage="universe", progress=0.0)
    yield from first_time()
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
        share = chunk.counters.processed / chunk.counters.total
        yield Step(stage="scan", progress=0.02 + 0.96 * share, counters=chunk.counters.to_dict())
        if chunk.failures:
            yield Partial(append={"failures": [asdict(failure) for failure in chunk.failures]})
        if work.tally.judged.any():  # with rank(), only all symbols together can be judged
            yield Partial(set={"days": work.days_so_far()})
    yield Step(stage="record", progress=0.98, counters=work.counters.to_dict())
    document = work.document()
    yield Step(stage="record", progress=1.0, counters=work.counters.to_dict())
    yield Result(data=document, summary=document["counters"])


def _own_judge(params: ScanParams, code: bytes) -> Judge | None:
    from stockwidget.parts.scanning import judge_of
    from stockwidget.parts.unpacking import unpack

    return judge_of(params, unpack(code))


def _found(chunk: ScanChunk, before: Counters, pace_s: float) -> JobStream:
    """What one chunk gave; the rows of a whole scan are spread over ``pace_s``.

    Counters go before the rows that they count: readers get both in that order, and together.
    """
    rows, after = [list(row) for row in chunk.rows], chunk.counters
    failures = [asdict(failure) for failure in chunk.failures]
    seconds = pace_s * (after.processed - before.processed) / after.total
    pieces = max(1, round(seconds / PACED_S))
    for number in range(1, pieces + 1):
        if seconds:
            time.sleep(seconds / pieces)
        counters = before.towards(after, number, pieces)
        done = before.processed + (after.processed - before.processed) * number / pieces
        progress = min(0.98, 0.02 + 0.96 * done / after.total)
        yield Step(stage="scan", progress=progress, counters=counters.to_dict())
        told = {"rows": rows, "sparks": chunk.sparks, "failures": failures}
        piece = {name: _piece(each, number, pieces) for name, each in told.items()}
        if any(piece.values()):
            yield Partial(append={name: each for name, each in piece.items() if each})


def _piece(whole: Sequence[Any], number: int, pieces: int) -> list[Any]:
    return list(whole[len(whole) * (number - 1) // pieces : len(whole) * number // pieces])
