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
    days = close.index.to_numpy().astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    ends = np.flatnonzero(np.diff(months, append=months[-1] + 1 if len(months) else 0))
    if len(ends) and not _over(days[-1]):
        ends = ends[:-1]
    values, whole = close.to_numpy(dtype=np.float64)[ends], months[ends]
    after = np.flatnonzero(np.diff(whole) == 1) + 1
    index = pd.PeriodIndex(whole[after].astype("datetime64[M]"), freq="M")
    return pd.Series(values[after] / values[after - 1] - 1.0, index=index, dtype="float64")


def _over(day: np.datetime64) -> bool:
    """Whether its month ends within the days that a month may lack at its end."""
    first = (day.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]")
    return int((first - day).astype(np.int64)) - 1 <= MONTH_ENDS_BY


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
