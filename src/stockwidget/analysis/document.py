"""The result of an analysis as a JSON document; ``docs/protocol.md`` shows its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from stockwidget.analysis.events import LEAST as LEAST_FACTOR
from stockwidget.analysis.events import events
from stockwidget.analysis.lines import Lines
from stockwidget.analysis.quality import Finding, findings
from stockwidget.analysis.sections import Part, nulls
from stockwidget.bars import OHLCV, as_known, validate
from stockwidget.errors import InsufficientHistory
from stockwidget.indicators.arrays import Floats
from stockwidget.params import AnalysisParams
from stockwidget.sources.base import Bars, Source

SCHEMA = 2
LEAST = 30
"""Fewer bars say next to nothing: every average of the table but the shortest would be empty."""


def load(source: Source, params: AnalysisParams) -> Bars:
    """Read and validate the bars asked for.

    Raises UnknownSymbol, InsufficientHistory (fewer than 30 bars), InvalidBars, SourceUnavailable.
    """
    bars = source.bars(params.symbol, params.start, params.last)
    validate(bars.frame, symbol=bars.symbol)
    if params.end is None:  # the last close is the one that was seen
        bars = replace(bars, frame=as_known(bars.frame))
    count = len(bars.frame)
    if count < LEAST:
        origin = bars.provenance
        first, last = _range(bars.frame)
        raise InsufficientHistory(
            f"{bars.symbol} has {count} bar{'s' if count > 1 else ''} from {first} to {last}; "
            f"an analysis needs at least {LEAST}.",
            hint=f"The source {origin.source!r} holds {bars.symbol} from {origin.first} to "
            f"{origin.last}: widen start and end.",
            symbol=bars.symbol,
            bars=count,
            needed=LEAST,
            first=origin.first,
            last=origin.last,
        )
    return bars


def head(bars: Bars, params: AnalysisParams, found: Iterable[Finding]) -> dict[str, Any]:
    """What the document is about: the parts that need no computing."""
    return {
        "schema": SCHEMA,
        "kind": "analysis",
        "symbol": bars.symbol,
        "name": bars.name,
        "market": bars.market,
        "currency": bars.currency,
        "provenance": provenance(bars, params, found),
        "params": params.shown(),
    }


def provenance(bars: Bars, params: AnalysisParams, found: Iterable[Finding]) -> dict[str, Any]:
    """Where the numbers come from; ``first``, ``last`` and ``bars`` are those analysed."""
    origin = bars.provenance
    first, last = _range(bars.frame)
    said = [str(each) for each in found if each.level == "warning" and each.key != "synthetic"]
    return {
        "source": origin.source,
        "synthetic": origin.synthetic,
        "adjust": params.adjust,
        "first": first,
        "last": last,
        "bars": len(bars.frame),
        "origin": origin.origin,
        "licence": origin.licence,
        "fetched_at": origin.fetched_at,
        "note": " ".join([origin.note, *said]),
    }


def chart(view: pd.DataFrame, series: Mapping[str, Floats], last: int | None = None) -> Part:
    """Bars and indicators, all or the ``last`` ones; ``view`` is the OHLCV of ``series``."""
    cut = slice(None) if last is None else slice(-last, None)
    return {
        "bars": {
            "date": _dates(view.iloc[cut]),
            **{column: view[column].to_numpy()[cut].tolist() for column in OHLCV},
        },
        "indicators": {name: nulls(values[cut]) for name, values in series.items()},
    }


def oddities(lines: Lines, bars: Bars, params: AnalysisParams) -> list[Finding]:
    """What is odd about the bars, and about the way they were asked for."""
    found = findings(lines)
    if params.adjust == "raw":
        jumps = "dividends" if bars.provenance.raw_is_split_adjusted else "splits"
        found.append(Finding(key=f"raw_{jumps}", level="warning"))
    quoted, shown = (float(bars.frame[name].iloc[-1]) for name in ("close", "adj_close"))
    if params.adjust == "adjusted" and abs(shown / quoted - 1.0) > LEAST_FACTOR:
        said = {"date": str(lines.dates[-1]), "close": round(quoted, 4), "shown": round(shown, 4)}
        found.append(Finding(key="later_factor", level="warning", params=said))
    if not bars.provenance.raw_is_split_adjusted and (splits := events(bars.frame).splits):
        since, shares = splits[-1]
        ratio = f"{shares:g}:1" if shares > 1.0 else f"1:{1.0 / shares:g}"
        told = {"date": since, "split": ratio}
        found.append(Finding(key="split_volume", level="info", params=told))
    if params.as_of and bars.provenance.raw_is_split_adjusted:
        day = {"date": params.as_of}
        found.append(Finding(key="later_splits", level="info", params=day))
    if bars.provenance.synthetic:
        found.append(Finding(key="synthetic", level="warning"))
    return found


def quality(lines: Lines, params: AnalysisParams, found: Sequence[Finding]) -> Part:
    """Numbers on how whole the bars are, and the findings, warnings first."""
    return {
        "bars": len(lines),
        "halted": int((lines.volume == 0).sum()),
        "longest_gap_days": int(np.diff(lines.dates).astype(np.int64).max(initial=0)),
        "adjust": params.adjust,
        "findings": [
            each.to_dict() for each in sorted(found, key=lambda each: each.level == "info")
        ],
    }


def _dates(frame: pd.DataFrame) -> list[str]:
    days = frame.index.to_numpy().astype("datetime64[D]")
    return [str(day) for day in np.datetime_as_string(days)]


def _range(frame: pd.DataFrame) -> tuple[str, str]:
    days = _dates(frame.iloc[[0, -1]])
    return days[0], days[-1]
