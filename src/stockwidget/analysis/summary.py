"""The few numbers under a chart. None stands for "not enough history", never zero."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.changes import ret
from stockwidget.indicators.returns import volatility

YEAR = 252
"""Trading days of a year, the usual convention."""
HOLIDAYS = pd.Timedelta(days=7)
"""History counts as a year if it starts at most this late: the first days may be holidays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """Prices in quote currency, dates in ISO form, everything else a fraction."""

    last_close: float
    last_date: str
    return_1d: float | None
    return_20d: float | None
    """Over 20 bars."""
    return_1y: float | None
    """Over 252 bars."""
    volatility_1y: float | None
    """Annualised deviation (ddof 1) of the last 252 daily log returns."""
    max_drawdown: float
    """Deepest fall of the close below an earlier close in the range, at most 0."""
    max_drawdown_peak: str | None
    max_drawdown_trough: str | None
    """Both None where the close never fell."""
    high_52w: float | None
    low_52w: float | None
    """Extremes of high and low in the calendar year that ends with the last bar."""
    position_52w: float | None
    """Where the last close lies between them, 0 to 1."""

    def to_dict(self) -> dict[str, Any]:
        """As the result document has it."""
        return asdict(self)


def summarize(frame: pd.DataFrame) -> Summary:
    """Sum up an OHLCV frame (see ``stockwidget.bars``) of at least one bar."""
    close = frame["close"].to_numpy()
    depth, peak, trough = max_drawdown(close)
    high, low = year_range(frame)
    position = None
    if high is not None and low is not None and high > low:
        position = (float(close[-1]) - low) / (high - low)
    return Summary(
        last_close=float(close[-1]),
        last_date=_iso(frame, -1),
        return_1d=_last(ret(close, 1)),
        return_20d=_last(ret(close, 20)),
        return_1y=_last(ret(close, YEAR)),
        volatility_1y=_last(volatility(close[-YEAR - 1 :], YEAR)),
        max_drawdown=depth,
        max_drawdown_peak=None if peak is None else _iso(frame, peak),
        max_drawdown_trough=None if trough is None else _iso(frame, trough),
        high_52w=high,
        low_52w=low,
        position_52w=position,
    )


def max_drawdown(close: Floats) -> tuple[float, int | None, int | None]:
    """Deepest fall of ``close`` (n,) from a running maximum, with the rows of peak and trough.

    The first of equally deep falls counts, from the last row of its peak. (0.0, None, None) if the
    close never fell.
    """
    falls = close / np.maximum.accumulate(close) - 1.0
    trough = int(falls.argmin())
    if falls[trough] == 0.0:
        return 0.0, None, None
    before = close[:trough]
    peak = int(np.flatnonzero(before == before.max())[-1])
    return float(falls[trough]), peak, trough


def year_range(frame: pd.DataFrame) -> tuple[float | None, float | None]:
    """Highest high and lowest low after the same date a year before; None if history is shorter."""
    ago = frame.index[-1] - pd.DateOffset(years=1)
    if frame.index[0] > ago + HOLIDAYS:
        return None, None
    year = frame[frame.index > ago]
    return float(year["high"].max()), float(year["low"].min())


def _last(values: Floats) -> float | None:
    value = float(values[-1])
    return value if np.isfinite(value) else None


def _iso(frame: pd.DataFrame, row: int) -> str:
    return pd.Timestamp(frame.index[row]).date().isoformat()
