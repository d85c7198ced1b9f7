"""The result of an analysis as a JSON document; ``docs/protocol.md`` shows its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from stockwidget.analysis.summary import summarize
from stockwidget.bars import OHLCV, validate
from stockwidget.errors import InsufficientHistory
from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.table import CHARTED
from stockwidget.params import AnalysisParams
from stockwidget.sources.base import Bars, Source

SCHEMA = 1
LEAST = 30
"""Fewer bars say next to nothing: every average of the table but the shortest would be empty."""


def load(source: Source, params: AnalysisParams) -> Bars:
    """Read and validate the bars asked for.

    Raises UnknownSymbol, InsufficientHistory (fewer than 30 bars), InvalidBars, SourceUnavailable.
    """
    bars = source.bars(params.symbol, params.start, params.end)
    validate(bars.frame, symbol=bars.symbol)
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


def provenance(bars: Bars, params: AnalysisParams) -> dict[str, Any]:
    """Where the numbers come from; ``first``, ``last`` and ``bars`` are those analysed."""
    origin = bars.provenance
    first, last = _range(bars.frame)
    return {
        "source": origin.source,
        "synthetic": origin.synthetic,
        "adjust": params.adjust,
        "first": first,
        "last": last,
        "bars": len(bars.frame),
        "origin": origin.origin,
        "licence": origin.licence,
        "note": " ".join([origin.note, *warnings(bars, params)]),
    }


def warnings(bars: Bars, params: AnalysisParams) -> list[str]:
    """Sentences on what the reader may misread or will find empty."""
    found = []
    count = len(bars.frame)
    empty = [i.name.upper().replace("_", " ") for i in CHARTED if i.lookback >= count]
    if empty:
        found.append(f"{count} bars are too few for {', '.join(empty)}: shown as empty.")
    if params.adjust == "raw":
        events = "dividends" if bars.provenance.raw_is_split_adjusted else "splits and dividends"
        found.append(f"Raw prices: returns, volatility and drawdown contain the jumps of {events}.")
    return found


def build(
    bars: Bars, view: pd.DataFrame, series: Mapping[str, Floats], params: AnalysisParams
) -> dict[str, Any]:
    """The whole document; ``view`` is the OHLCV that ``series`` were computed from."""
    return {
        "schema": SCHEMA,
        "kind": "analysis",
        "symbol": bars.symbol,
        "name": bars.name,
        "market": bars.market,
        "currency": bars.currency,
        "provenance": provenance(bars, params),
        "params": params.to_dict(),
        "bars": {
            "date": _dates(view),
            **{column: view[column].tolist() for column in OHLCV},
        },
        "indicators": {name: _nulls(series[name].tolist()) for name in series},
        "summary": summarize(view).to_dict(),
    }


def _nulls(values: Iterable[float]) -> list[float | None]:
    return [None if value != value else value for value in values]  # noqa: PLR0124 (NaN)


def _dates(frame: pd.DataFrame) -> list[str]:
    days = frame.index.to_numpy().astype("datetime64[D]")
    return [str(day) for day in np.datetime_as_string(days)]


def _range(frame: pd.DataFrame) -> tuple[str, str]:
    days = _dates(frame.iloc[[0, -1]])
    return days[0], days[-1]
