"""The twin of ``cloud.py``."""

from __future__ import annotations

from typing import Any

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import by_runs, highest_of, lagged, lowest_of, rolling


@by_runs
def ichimoku(
    high: Floats, low: Floats, tenkan: int = 9, kijun: int = 26, senkou: int = 52, shift: int = 26
) -> Any:
    short, base, long = (
        (rolling(high, w, highest_of) + rolling(low, w, lowest_of)) / 2
        for w in (tenkan, kijun, senkou)
    )
    return short, base, lagged((short + base) / 2, shift), lagged(long, shift)
