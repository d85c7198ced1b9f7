"""Twins of ``volumes.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import by_runs, lagged, mean_of, ratio, rolling, sum_of


@by_runs
def obv(close: Floats, volume: Floats) -> Any:
    sign = np.sign(close - lagged(close, 1))
    sign[:1] = 1.0
    return np.cumsum(sign * volume)


@by_runs
def mfi(high: Floats, low: Floats, close: Floats, volume: Floats, window: int = 14) -> Any:
    typical = (high + low + close) / 3
    change = typical - lagged(typical, 1)
    change[np.abs(change) < 1e-14 * typical] = 0.0  # what rounding made of equal prices
    flow = typical * volume + 0 * change
    rise = rolling(np.where(change > 0, flow, 0 * change), window, sum_of)
    fall = rolling(np.where(change < 0, flow, 0 * change), window, sum_of)
    return 100 * ratio(rise, rise + fall, 0.0)


@by_runs
def vwap(high: Floats, low: Floats, close: Floats, volume: Floats, window: int = 20) -> Any:
    money = rolling((high + low + close) / 3 * volume, window, sum_of)
    return ratio(money, rolling(volume, window, sum_of))


@by_runs
def volume_ratio(volume: Floats, window: int = 5) -> Any:
    return ratio(volume, lagged(rolling(volume, window, mean_of), 1))


@by_runs
def turnover(volume: Floats, shares: Floats) -> Any:
    return ratio(volume, np.where(shares > 0, shares, 0.0))
