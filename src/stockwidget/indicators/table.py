"""One table of every indicator: analyses, scans, tests, benchmarks and the handbook all read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stockwidget.indicators.averages import ema, macd, sma, wma
from stockwidget.indicators.bands import bandwidth, bollinger, donchian, keltner, percent_b
from stockwidget.indicators.changes import momentum, ret, roc
from stockwidget.indicators.cloud import ichimoku
from stockwidget.indicators.crossings import cross_down, cross_up
from stockwidget.indicators.indicator import Indicator
from stockwidget.indicators.oscillators import cci, rsi
from stockwidget.indicators.parabolic import parabolic_sar
from stockwidget.indicators.ranges import atr, natr
from stockwidget.indicators.returns import beta, correlation, drawdown, volatility
from stockwidget.indicators.stochastics import kdj, stochastic, williams_r
from stockwidget.indicators.trend import adx, aroon
from stockwidget.indicators.volumes import mfi, obv, turnover, volume_ratio, vwap
from stockwidget.indicators.windows import highest, lowest, zscore

HL = ("high", "low")
HLC = (*HL, "close")
HLCV = (*HLC, "volume")
PRICE = "quote currency"
NAN = float("nan")


def _row(
    function: Callable[..., Any],
    title: str,
    *lookbacks: int,
    name: str = "",
    parts: str = "",
    prefix: str = "",
    unit: str,
    flat: float | tuple[float, ...] = 0.0,
    reference: str,
    formula: str,
    inputs: tuple[str, ...] = ("close",),
    charted: bool = False,
    windowed: bool = False,
    **settings: Any,
) -> Indicator:
    """One row; ``parts`` names several outputs, ``windowed`` says that older bars do not matter."""
    called = name or "_".join([function.__name__, *map(str, settings.values())])
    outputs = tuple(f"{prefix or called}_{part}" for part in parts.split()) or (called,)
    return Indicator(
        name=called,
        title=title,
        function=function,
        settings=settings,
        inputs=inputs,
        outputs=outputs,
        lookbacks=lookbacks if len(lookbacks) > 1 else lookbacks * len(outputs),
        unit=unit,
        flat=flat if isinstance(flat, tuple) else (flat,) * len(outputs),
        reference=reference,
        formula=formula,
        charted=charted,
        tail=max(lookbacks) + 1 if windowed else None,
    )


def _sma(window: int) -> Indicator:
    return _row(
        sma, "Simple moving average", window - 1, window=window, unit=PRICE, charted=True,
        flat=1, reference="TA-Lib SMA", formula="arithmetic mean of the window",
    )  # fmt: skip


def _ema(window: int) -> Indicator:
    return _row(
        ema, "Exponential moving average", window - 1, window=window, unit=PRICE, charted=True,
        flat=1, reference="TA-Lib EMA", formula="α = 2 / (n + 1), seeded by SMA",
    )  # fmt: skip


def _ret(bars: int) -> Indicator:
    return _row(
        ret, "Return", bars, bars=bars, unit="fraction", windowed=True,
        reference="TA-Lib ROCP", formula="close / close[n bars ago] − 1",
    )  # fmt: skip


TABLE: tuple[Indicator, ...] = (
    _sma(20),
    _sma(50),
    _sma(200),
    _ema(12),
    _ema(26),
    _row(
        macd, "MACD", 33, name="macd", parts="dif dea hist", unit=PRICE, charted=True,
        fast=12, slow=26, signal=9, reference="TA-Lib MACD", formula="Appel (1979)",
    ),
    _row(
        rsi, "Relative strength index", 14, window=14, unit="percent", charted=True,
        reference="TA-Lib RSI", formula="Wilder (1978)",
    ),
    _row(
        bollinger, "Bollinger bands", 19, name="boll", parts="upper mid lower", flat=1, unit=PRICE,
        charted=True, window=20, width=2.0, reference="TA-Lib BBANDS", formula="Bollinger (2001)",
    ),
    _row(
        atr, "Average true range", 14, inputs=HLC, window=14, unit=PRICE, charted=True,
        reference="TA-Lib ATR", formula="Wilder (1978)",
    ),
    _ret(1),
    _ret(20),
    _ret(252),
    _row(
        volatility, "Historical volatility", 252, window=252, unit="fraction", windowed=True,
        reference="pandas: log returns, rolling std × √252",
        formula="Hull, historical volatility",
    ),
    _row(
        ema, "Exponential moving average, Chinese convention", 0, name="ema_12_tdx", window=12,
        convention="tdx", flat=1, unit=PRICE, reference="pandas: ewm(span, adjust=False)",
        formula="Tongdaxin EMA(X, N)",
    ),
    _row(
        wma, "Weighted moving average", 19, window=20, flat=1, unit=PRICE, windowed=True,
        reference="TA-Lib WMA", formula="weights 1 to n, the newest heaviest",
    ),
    _row(
        macd, "MACD, Chinese convention", 0, name="macd_tdx", parts="dif dea hist", unit=PRICE,
        fast=12, slow=26, signal=9, convention="tdx",
        reference="pandas: ewm(span, adjust=False), bars doubled",
        formula="Tongdaxin MACD(12, 26, 9)",
    ),
    _row(
        rsi, "Relative strength index, Chinese convention", 1, name="rsi_14_tdx", window=14,
        convention="tdx", unit="percent", reference="pandas: ewm(alpha, adjust=False)",
        formula="Tongdaxin RSI: SMA(MAX(C−REF(C,1),0),N,1) / SMA(ABS(C−REF(C,1)),N,1) × 100",
    ),
    _row(
        percent_b, "Bollinger %B", 19, window=20, width=2.0, name="percent_b_20",
        flat=NAN, unit="fraction", windowed=True,
        reference="NumPy: mean and std of each window", formula="Bollinger (2001)",
    ),
    _row(
        bandwidth, "Bollinger band width", 19, window=20, width=2.0, name="bandwidth_20",
        unit="fraction", windowed=True,
        reference="NumPy: mean and std of each window", formula="Bollinger (2001)",
    ),
    _row(
        natr, "Normalised average true range", 14, inputs=HLC, window=14, unit="percent",
        reference="TA-Lib NATR", formula="100 · ATR / close",
    ),
    _row(
        stochastic, "Stochastic oscillator, slow", 17, name="stoch", parts="k d", inputs=HLC,
        window=14, smooth=3, signal=3, unit="percent", windowed=True,
        reference="TA-Lib STOCH", formula="Lane (1984)",
    ),
    _row(
        kdj, "KDJ", 8, name="kdj", parts="k d j", inputs=HLC, window=9, smooth=3, signal=3,
        convention="tdx", flat=NAN, unit="percent", charted=True,
        reference="pandas: ewm(alpha, adjust=False)",
        formula="Tongdaxin KDJ(9, 3, 3): SMA(RSV,3,1), SMA(K,3,1), 3K − 2D",
    ),
    _row(
        kdj, "KDJ, TA-Lib's seeding", 12, name="kdj_talib", parts="k d j", inputs=HLC, window=9,
        smooth=3, signal=3, convention="talib", unit="percent", reference="TA-Lib KDJ",
        formula="the same, seeded by plain means",
    ),
    _row(
        adx, "Average directional index, +DI and −DI", 27, 14, 14, name="adx_14",
        parts="adx plus_di minus_di", inputs=HLC, window=14, unit="percent", charted=True,
        reference="TA-Lib ADX, PLUS_DI, MINUS_DI", formula="Wilder (1978)",
    ),
    _row(
        cci, "Commodity channel index", 19, inputs=HLC, window=20, unit="number", windowed=True,
        reference="TA-Lib CCI", formula="Lambert (1980)",
    ),
    _row(
        williams_r, "Williams %R", 13, inputs=HLC, window=14, unit="percent", windowed=True,
        reference="TA-Lib WILLR", formula="Williams (1979)",
    ),
    _row(
        roc, "Rate of change", 10, bars=10, unit="percent", windowed=True,
        reference="TA-Lib ROC", formula="100 · (close / close[n bars ago] − 1)",
    ),
    _row(
        momentum, "Momentum", 10, bars=10, unit=PRICE, windowed=True,
        reference="TA-Lib MOM", formula="close − close[n bars ago]",
    ),
    _row(
        obv, "On-balance volume", 0, inputs=("close", "volume"), flat=1, unit="shares",
        charted=True,
        reference="TA-Lib OBV", formula="Granville (1963)",
    ),
    _row(
        mfi, "Money flow index", 14, inputs=HLCV, window=14, unit="percent", windowed=True,
        charted=True,
        reference="TA-Lib MFI", formula="Quong, Soudack (1989)",
    ),
    _row(
        vwap, "Volume-weighted average price, rolling", 19, inputs=HLCV, window=20, flat=1,
        unit=PRICE, windowed=True, reference="TA-Lib VWMA of the typical price",
        formula="Σ typical price · volume / Σ volume",
    ),
    _row(
        volume_ratio, "Volume ratio (量比)", 5, inputs=("volume",), window=5, flat=1, unit="number",
        windowed=True, reference="TA-Lib RVOL",
        formula="volume / mean volume of the n bars before",
    ),
    _row(
        turnover, "Turnover rate (换手率)", 0, inputs=("volume", "shares"), flat=1, unit="fraction",
        windowed=True, reference="NumPy: volume / shares",
        formula="volume / shares outstanding",
    ),
    _row(
        donchian, "Donchian channel", 19, name="donchian_20", parts="upper mid lower", inputs=HL,
        window=20, flat=1, unit=PRICE, windowed=True, reference="TA-Lib DONCHIAN",
        formula="Donchian (1960), this bar included",
    ),
    _row(
        keltner, "Keltner channel", 19, name="keltner_20", parts="upper mid lower", inputs=HLC,
        window=20, atr_window=10, width=2.0, flat=1, unit=PRICE, reference="TA-Lib KC",
        formula="Keltner (1960), EMA and ATR as Raschke has them",
    ),
    _row(
        ichimoku, "Ichimoku cloud", 8, 25, 51, 77, name="ichimoku",
        parts="tenkan kijun senkou_a senkou_b", inputs=HL, tenkan=9, kijun=26, senkou=52,
        shift=26, flat=1, unit=PRICE, windowed=True, reference="pandas: rolling max and min, shift",
        formula="Hosoda (1969), without the line that looks ahead",
    ),
    _row(
        parabolic_sar, "Parabolic stop and reverse", 1, name="sar", inputs=HL, acceleration=0.02,
        maximum=0.2, flat=1, unit=PRICE, reference="TA-Lib SAR", formula="Wilder (1978)",
    ),
    _row(
        aroon, "Aroon", 14, name="aroon_14", parts="up down oscillator", inputs=HL, window=14,
        flat=(100, 100, 0), unit="percent", windowed=True, reference="TA-Lib AROON, AROONOSC",
        formula="Chande (1995)",
    ),
    _row(
        beta, "Beta, rolling", 60, inputs=("close", "benchmark"), window=60, flat=NAN,
        unit="number", windowed=True, reference="TA-Lib BETA",
        formula="cov(r, r benchmark) / var(r benchmark)",
    ),
    _row(
        correlation, "Correlation, rolling", 60, inputs=("close", "benchmark"), window=60,
        flat=NAN, unit="number", windowed=True, reference="TA-Lib CORREL of ROCP",
        formula="Pearson, of simple returns",
    ),
    _row(
        drawdown, "Drawdown", 0, unit="fraction", reference="pandas: close / cummax − 1",
        formula="close / highest close so far − 1",
    ),
    _row(
        highest, "Highest", 19, inputs=("high",), window=20, flat=1, unit=PRICE, windowed=True,
        reference="TA-Lib MAX", formula="largest of the window",
    ),
    _row(
        lowest, "Lowest", 19, inputs=("low",), window=20, flat=1, unit=PRICE, windowed=True,
        reference="TA-Lib MIN", formula="smallest of the window",
    ),
    _row(
        zscore, "Z-score", 19, window=20, flat=NAN, unit="number", windowed=True,
        reference="TA-Lib SMA, STDDEV", formula="(x − mean) / population deviation",
    ),
    _row(
        cross_up, "Crossing from below", 1, inputs=("close", "benchmark"), unit="true or false",
        reference="pandas: sign of the difference, equal bars skipped",
        formula="above now, below when they last differed",
    ),
    _row(
        cross_down, "Crossing from above", 1, inputs=("close", "benchmark"), unit="true or false",
        reference="pandas: sign of the difference, equal bars skipped",
        formula="below now, above when they last differed",
    ),
)  # fmt: skip
CHARTED = tuple(row for row in TABLE if row.charted)
