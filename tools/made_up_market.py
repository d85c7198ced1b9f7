"""Small made-up markets for tests of the store and of scans."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from stockwidget.bars import COLUMNS

DAYS = pd.bdate_range("2020-01-01", periods=400)


def bars(
    symbol: str, start: int = 0, stop: int = 60, *, dividend: int | None = None
) -> pd.DataFrame:
    """Bars of a symbol on some of ``DAYS``; with a dividend of 2 % on day number ``dividend``."""
    frame = _all(symbol).copy()
    if dividend is not None and dividend < stop:
        frame.iloc[:dividend, 5] *= 0.98
    return frame.iloc[start:stop]


def market(
    symbols: Iterable[str], start: int = 0, stop: int = 60, *, dividend: int | None = None
) -> pd.DataFrame:
    """The same of several, long."""
    return pd.concat([bars(s, start, stop, dividend=dividend).assign(symbol=s) for s in symbols])


@cache
def _all(symbol: str) -> pd.DataFrame:
    rng = np.random.default_rng(list(symbol.encode()))
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, len(DAYS))))
    opening = close * np.exp(rng.normal(0, 0.005, len(DAYS)))
    high = np.maximum(opening, close) * 1.01
    low = np.minimum(opening, close) * 0.99
    volume = np.floor(rng.lognormal(10, 1, len(DAYS)))
    table = np.column_stack([opening, high, low, close, volume, close])
    return pd.DataFrame(table, index=pd.DatetimeIndex(DAYS, name="date"), columns=COLUMNS)
