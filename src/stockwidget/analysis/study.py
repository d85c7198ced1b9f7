"""One symbol under study: its bars, and the parts of the document, each made when it is asked for.

``PARTS`` names them in the order in which a reader wants them: what a chart shows first, the record
last, since it takes longest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import pandas as pd

from stockwidget.analysis import document, sections, signals
from stockwidget.analysis.fundamentals import fundamentals
from stockwidget.analysis.known import series
from stockwidget.analysis.lines import Lines, Mask
from stockwidget.analysis.quality import Finding
from stockwidget.analysis.score import history
from stockwidget.analysis.scorecard import Scorecard
from stockwidget.analysis.sections import Part
from stockwidget.analysis.summary import YEAR, summarize
from stockwidget.analysis.terms import terms
from stockwidget.analysis.universe import pooled
from stockwidget.bars import validate, view
from stockwidget.errors import InsufficientHistory
from stockwidget.facts import Fact
from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.table import CHARTED
from stockwidget.params import AnalysisParams
from stockwidget.sources import registry
from stockwidget.sources.base import Source, facts_of


class Study:
    """Bars of one symbol as ``params`` ask for them, and what can be said about them.

    Raises what ``document.load`` raises, for the symbol and for the benchmark.
    """

    def __init__(self, source: Source, params: AnalysisParams) -> None:
        self.source = source
        self.params = params
        self.card = Scorecard(weights=dict(params.weights)) if params.weights else Scorecard()
        self.table: Sequence[signals.Signal] = signals.TABLE
        """Signals to look for; like the card, it may be changed before the first part is made."""
        self.ahead: frozenset[str] = frozenset()
        """Signals that know the future: their records are worthless."""
        self.score_ahead = False
        """Whether the score does."""
        self.bars = document.load(source, params)
        self.view = view(self.bars.frame, params.adjust)
        self.lines = Lines(self.view, lambda: series(self.facts or (), self.lines.dates))
        self.series: dict[str, Floats] = {}
        self.findings = document.oddities(self.lines, self.bars, params)
        """What is odd about the bars, and about the way they were asked for."""
        self.benchmark = self._closes_of_benchmark()
        """Its symbol and closes; None if none was asked for, or it has no bars in the range."""

    @cached_property
    def facts(self) -> Sequence[Fact] | None:
        """What the source holds on the company; None if it has no facts at all."""
        return facts_of(self.source, self.params.symbol)

    @property
    def origin(self) -> str:
        """Name of where the bars come from, as the provenance has it."""
        return self.bars.provenance.source

    def head(self) -> Part:
        """What the document is about."""
        return document.head(self.bars, self.params, self.findings)

    def compute(self) -> Iterator[float]:
        """Compute the indicators that are shown, telling the share that is done before each."""
        arrays = {name: self.view[name].to_numpy() for name in self.view.columns}
        for done, indicator in enumerate(CHARTED):
            yield done / len(CHARTED)
            self.series.update(indicator(arrays))

    def chart(self, last: int | None = None) -> Part:
        """Bars, indicators and summary: all bars or the ``last`` ones, after ``compute``."""
        return {
            **document.chart(self.view, self.series, last=last),
            "summary": summarize(self.view).to_dict(),
        }

    @cached_property
    def masks(self) -> Mapping[str, Mask]:
        """The bars on which each signal was given."""
        return signals.masks(self.lines, self.table)

    @cached_property
    def scores(self) -> Floats:
        """The score of every bar."""
        return history(self.lines, self.card)

    def part(self, name: str) -> Any:
        """Make the part called ``name``, one of ``PARTS``."""
        return PARTS[name](self)

    def record(self) -> Part:
        """What followed signals and scores here, and across the source where it is small."""
        by_name = signals.by_name(self.table)
        here = sections.records(self.lines, self.masks, self.scores, by_name, self.card.bands)
        params, version = self.params, registry.version(self.params.source)
        across = pooled(
            self.source, self.card, params.adjust, params.last, version, table=self.table
        )
        if across["available"]:
            across = {**self._doubted(across), "source": self.origin}
        return {**self._doubted(here), "universe": across}

    def _doubted(self, records: Part) -> Part:
        """Records with a warning where what they count knew the future."""
        found = [_doubted(r) if r["key"] in self.ahead else r for r in records["signals"]]
        scores = records["score"]
        if self.score_ahead:
            scores = [_doubted(row) for row in scores]
        return {**records, "signals": found, "score": scores}

    def _closes_of_benchmark(self) -> tuple[str, pd.Series[float]] | None:
        symbol = self.params.benchmark
        if symbol is None:
            return None
        try:
            bars = self.source.bars(symbol, self.params.start, self.params.last)
        except InsufficientHistory:
            gap = {"symbol": symbol}
            self.findings.append(Finding(key="no_benchmark", level="warning", params=gap))
            return None
        validate(bars.frame, symbol=symbol)
        common = len(self.view.index.intersection(bars.frame.index))
        if common <= YEAR:
            few = {"symbol": symbol, "count": common}
            self.findings.append(Finding(key="few_common_days", level="warning", params=few))
        return symbol, view(bars.frame, self.params.adjust)["close"]


PARTS: Mapping[str, Callable[[Study], Any]] = {
    "score": lambda study: sections.score(study.lines, study.card, study.scores, study.origin),
    "signals": lambda study: sections.signals(
        study.lines, study.masks, signals.by_name(study.table)
    ),
    "levels": lambda study: sections.found_levels(study.lines),
    "trend": lambda study: sections.trend(study.lines),
    "risk": lambda study: sections.risks(
        study.view,
        reported=study.bars.frame["close"],
        benchmark=study.benchmark,
        risk_free=study.params.risk_free,
    ),
    "seasonality": lambda study: sections.seasons(study.view["close"]),
    "sizing": lambda study: sections.sizing(study.lines),
    "record": lambda study: study.record(),
    "fundamentals": lambda study: fundamentals(study.bars, study.facts, study.params.last),
    "quality": lambda study: document.quality(study.lines, study.params, study.findings),
    "terms": lambda study: terms(study.card, study.table),
}


def _doubted(record: Part) -> Part:
    return {**record, "warnings": ["looks_ahead", *record["warnings"]]}


def stage_of(part: str) -> str:
    """Stage of the task in which ``part`` is made: ``score``, ``record`` or ``summary``."""
    names = list(PARTS)
    after = names.index(part) - names.index("record")
    return "record" if after == 0 else "summary" if after > 0 else "score"
