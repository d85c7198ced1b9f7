"""One table of every indicator: analyses, scans, tests and benchmarks all read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.averages import ema, macd, sma
from stockwidget.indicators.momentum import ret, rsi
from stockwidget.indicators.volatility import atr, bollinger, volatility


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One row: a function with its settings, and the names of what comes out."""

    name: str
    function: Callable[..., Any]
    settings: Mapping[str, float]
    inputs: tuple[str, ...] = ("close",)
    outputs: tuple[str, ...]
    lookback: int
    """Rows of NaN before the first value."""
    reference: str
    """TA-Lib's function of the same numbers, or what tests compare with."""
    formula: str
    """Where the formula was published."""
    charted: bool = True
    """Whether an analysis shows it as a series; scans can use all."""
    tail: int | None = field(default=None)
    """Bars that decide the last value exactly; None if it depends on all history."""

    def __call__(self, columns: Mapping[str, Floats]) -> dict[str, Floats]:
        """Compute it from arrays named as ``inputs``; returns one array an output."""
        result = self.function(*(columns[name] for name in self.inputs), **self.settings)
        values = result if isinstance(result, tuple) else (result,)
        return dict(zip(self.outputs, values, strict=True))


def _sma(window: int) -> Indicator:
    return Indicator(
        name=f"sma_{window}",
        function=sma,
        settings={"window": window},
        outputs=(f"sma_{window}",),
        lookback=window - 1,
        reference="SMA",
        formula="arithmetic mean of the window",
    )


def _ema(window: int) -> Indicator:
    return Indicator(
        name=f"ema_{window}",
        function=ema,
        settings={"window": window},
        outputs=(f"ema_{window}",),
        lookback=window - 1,
        reference="EMA",
        formula="α = 2 / (n + 1), seeded by SMA",
    )


def _ret(bars: int) -> Indicator:
    return Indicator(
        name=f"ret_{bars}",
        function=ret,
        settings={"bars": bars},
        outputs=(f"ret_{bars}",),
        lookback=bars,
        reference="ROCP",
        formula="close / close[n bars ago] − 1",
        charted=False,
        tail=bars + 1,
    )


TABLE: tuple[Indicator, ...] = (
    _sma(20),
    _sma(50),
    _sma(200),
    _ema(12),
    _ema(26),
    Indicator(
        name="macd",
        function=macd,
        settings={"fast": 12, "slow": 26, "signal": 9},
        outputs=("macd_dif", "macd_dea", "macd_hist"),
        lookback=33,
        reference="MACD",
        formula="Appel (1979)",
    ),
    Indicator(
        name="rsi_14",
        function=rsi,
        settings={"window": 14},
        outputs=("rsi_14",),
        lookback=14,
        reference="RSI",
        formula="Wilder (1978)",
    ),
    Indicator(
        name="boll",
        function=bollinger,
        settings={"window": 20, "width": 2.0},
        outputs=("boll_upper", "boll_mid", "boll_lower"),
        lookback=19,
        reference="BBANDS",
        formula="Bollinger (2001)",
    ),
    Indicator(
        name="atr_14",
        function=atr,
        settings={"window": 14},
        inputs=("high", "low", "close"),
        outputs=("atr_14",),
        lookback=14,
        reference="ATR",
        formula="Wilder (1978)",
    ),
    _ret(1),
    _ret(20),
    _ret(252),
    Indicator(
        name="volatility_252",
        function=volatility,
        settings={"window": 252},
        outputs=("volatility_252",),
        lookback=252,
        reference="pandas: log returns, rolling std × √252",
        formula="Hull, historical volatility",
        charted=False,
        tail=253,
    ),
)
CHARTED = tuple(row for row in TABLE if row.charted)
BY_OUTPUT = {output: row for row in TABLE for output in row.outputs}
