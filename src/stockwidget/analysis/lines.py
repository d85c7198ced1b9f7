"""The lines over one chart that signals and scores read, each computed at its first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget import indicators as ind
from stockwidget.analysis.candles import Candles
from stockwidget.bars import OHLCV
from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.averages import Macd
from stockwidget.indicators.stochastics import Kdj

Mask = npt.NDArray[np.bool_]


class Lines:
    """Arrays (n,) of an OHLCV frame (see ``stockwidget.bars``); a value knows no later bar."""

    def __init__(
        self, frame: pd.DataFrame, facts: Callable[[], Mapping[str, Floats]] | None = None
    ) -> None:
        """``facts`` gives what was known of the company at each close, by item.

        By default these are the other columns of ``frame``.
        """
        self.dates: npt.NDArray[np.datetime64] = frame.index.to_numpy().astype("datetime64[D]")
        self.open, self.high, self.low, self.close, self.volume = (
            np.ascontiguousarray(frame[name].to_numpy(dtype=np.float64, copy=True))
            for name in OHLCV
        )
        others = {name: frame[name].to_numpy() for name in frame.columns if name not in OHLCV}
        self._facts = facts or (lambda: others)
        self.kept: dict[Any, Any] = {}
        """What was computed of these lines elsewhere, by keys of its own."""
        self._averages: dict[int, Floats] = {}
        self._returns: dict[int, Floats] = {}

    def __len__(self) -> int:
        return len(self.close)

    def frame(self) -> pd.DataFrame:
        """Return the bars as a frame of its own, by date, for whoever may write into it.

        OHLCV, and of the company each figure that was known at the close, NaN before the first.
        """
        columns = {name: getattr(self, name).copy() for name in OHLCV}
        days = pd.DatetimeIndex(self.dates.astype("datetime64[ns]"), name="date")
        return pd.DataFrame({**columns, **self._facts()}, index=days)

    def sma(self, window: int) -> Floats:
        """Simple moving average of the close."""
        if window not in self._averages:
            self._averages[window] = ind.sma(self.close, window)
        return self._averages[window]

    def ret(self, bars: int) -> Floats:
        """Simple return over ``bars`` bars."""
        if bars not in self._returns:
            self._returns[bars] = ind.ret(self.close, bars)
        return self._returns[bars]

    @cached_property
    def macd(self) -> Macd[npt.NDArray[Any]]:
        """MACD 12, 26, 9 of TA-Lib's seeding."""
        return ind.macd(self.close)

    @cached_property
    def kdj(self) -> Kdj[npt.NDArray[Any]]:
        """KDJ 9, 3, 3 of Chinese software."""
        return ind.kdj(self.high, self.low, self.close)

    @cached_property
    def rsi(self) -> Floats:
        """RSI 14."""
        return ind.rsi(self.close)

    @cached_property
    def atr(self) -> Floats:
        """ATR 14, quote currency."""
        return ind.atr(self.high, self.low, self.close)

    @cached_property
    def natr(self) -> Floats:
        """ATR 14, percent of the close."""
        return ind.natr(self.high, self.low, self.close)

    @cached_property
    def percent_b(self) -> Floats:
        """Bollinger's %B, 20 bars, 2 deviations."""
        return ind.percent_b(self.close)

    @cached_property
    def bandwidth(self) -> Floats:
        """Bollinger's band width, 20 bars, 2 deviations."""
        return ind.bandwidth(self.close)

    @cached_property
    def obv(self) -> Floats:
        """On-balance volume, shares."""
        return ind.obv(self.close, self.volume)

    @cached_property
    def mfi(self) -> Floats:
        """Money flow index 14."""
        return ind.mfi(self.high, self.low, self.close, self.volume)

    @cached_property
    def candles(self) -> Candles:
        """Bodies and shadows."""
        return Candles(self.open, self.high, self.low, self.close)
