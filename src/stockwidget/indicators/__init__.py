"""Technical indicators, usable alone: ``from stockwidget import indicators as ind``.

``ind.rsi(close, 14)``, ``ind.macd(close).hist``, ``ind.kdj(high, low, close)``: NumPy arrays in and
out, or pandas Series in and out. ``docs/indicators.md`` lists them with their definitions.
Kernels are compiled at their first call and kept on disk.
"""

from stockwidget.indicators.averages import Macd, ema, macd, sma, wma
from stockwidget.indicators.bands import (
    Bands,
    bandwidth,
    bollinger,
    donchian,
    keltner,
    percent_b,
)
from stockwidget.indicators.changes import momentum, ret, roc
from stockwidget.indicators.cloud import Cloud, ichimoku
from stockwidget.indicators.crossings import cross_down, cross_up
from stockwidget.indicators.oscillators import cci, rsi
from stockwidget.indicators.parabolic import parabolic_sar
from stockwidget.indicators.ranges import atr, natr
from stockwidget.indicators.returns import beta, correlation, drawdown, volatility
from stockwidget.indicators.stochastics import Kdj, Stochastic, kdj, stochastic, williams_r
from stockwidget.indicators.trend import Adx, Aroon, adx, aroon
from stockwidget.indicators.volumes import mfi, obv, turnover, volume_ratio, vwap
from stockwidget.indicators.windows import highest, lowest, zscore

__all__ = [
    "Adx",
    "Aroon",
    "Bands",
    "Cloud",
    "Kdj",
    "Macd",
    "Stochastic",
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
