"""Returns by calendar month. A pattern in few years is an anecdote, and the table says so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

FEW_YEARS = 10
MONTH_ENDS_BY = 5
"""The last month counts as over if its last bar is at most this many days before its end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """Returns of one calendar month over the years, fractions; None without any."""

    month: int
    n: int
    median: float | None
    mean: float | None
    hit_rate: float | None
    """Share of years in which it rose."""
    worst: float | None
    best: float | None
    few: bool
    """Fewer than ten years."""

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def monthly_returns(close: pd.Series[float]) -> pd.Series[float]:
    """Return from month end to month end, indexed by period; months not wholly seen are left out.

    close: closes by date. The first month has no close before it, and the last counts once its end
    is at most five days off. A month without any bar leaves out itself and the next one.
    """
    if close.empty:
        return pd.Series(dtype="float64", index=pd.PeriodIndex([], freq="M"))
    index = pd.DatetimeIndex(close.index)
    ends = close.groupby(index.to_period("M")).last()
    last = index[-1]
    if (last + pd.offsets.MonthEnd(0) - last).days > MONTH_ENDS_BY:
        ends = ends.iloc[:-1]
    if ends.empty:
        return ends
    whole = ends.reindex(pd.period_range(ends.index[0], ends.index[-1], freq="M"))
    return (whole / whole.shift() - 1.0).dropna()


def seasonality(close: pd.Series[float]) -> tuple[Month, ...]:
    """Twelve rows, January first."""
    found = monthly_returns(close)
    months = pd.PeriodIndex(found.index).month
    return tuple(
        _month(month, np.asarray(found, dtype=np.float64)[months == month])
        for month in range(1, 13)
    )


def _month(month: int, returns: np.ndarray[Any, np.dtype[np.float64]]) -> Month:
    n = len(returns)
    some = n > 0
    return Month(
        month=month,
        n=n,
        median=float(np.median(returns)) if some else None,
        mean=float(returns.mean()) if some else None,
        hit_rate=float((returns > 0).mean()) if some else None,
        worst=float(returns.min()) if some else None,
        best=float(returns.max()) if some else None,
        few=n < FEW_YEARS,
    )
