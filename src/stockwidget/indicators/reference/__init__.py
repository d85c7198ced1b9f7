"""Each indicator once more, written to be read: NumPy twins that the compiled kernels must equal.

A twin has its kernel's name, arguments and result, and lies in a file of the same name, but is
written for data without gaps; ``by_runs`` then applies the NaN rule from outside: each run of
finite rows is computed as if alone.
"""

from stockwidget.indicators.reference.averages import ema, macd, sma, wma
from stockwidget.indicators.reference.bands import (
    bandwidth,
    bollinger,
    donchian,
    keltner,
    percent_b,
)
from stockwidget.indicators.reference.changes import momentum, ret, roc
from stockwidget.indicators.reference.cloud import ichimoku
from stockwidget.indicators.reference.crossings import cross_down, cross_up
from stockwidget.indicators.reference.oscillators import cci, rsi
from stockwidget.indicators.reference.parabolic import parabolic_sar
from stockwidget.indicators.reference.ranges import atr, natr
from stockwidget.indicators.reference.returns import beta, correlation, drawdown, volatility
from stockwidget.indicators.reference.stochastics import kdj, stochastic, williams_r
from stockwidget.indicators.reference.trend import adx, aroon
from stockwidget.indicators.reference.volumes import mfi, obv, turnover, volume_ratio, vwap
from stockwidget.indicators.reference.windows import highest, lowest, zscore

__all__ = [
    "adx",
    "aroon",
    "atr",
    "bandwidth",
    "beta",
    "bollinger",
    "cci",
    "correlation",
    "cross_down",
    "cross_up",
    "donchian",
    "drawdown",
    "ema",
    "highest",
    "ichimoku",
    "kdj",
    "keltner",
    "lowest",
    "macd",
    "mfi",
    "momentum",
    "natr",
    "obv",
    "parabolic_sar",
    "percent_b",
    "ret",
    "roc",
    "rsi",
    "sma",
    "stochastic",
    "turnover",
    "volatility",
    "volume_ratio",
    "vwap",
    "williams_r",
    "wma",
    "zscore",
]
