"""The indicators' numbers from code that is not ours: TA-Lib, and pandas where TA-Lib has none.

Tests and ``benchmarks/parity.py`` compare with them. Each answer takes the columns of one series
and a row's settings, and returns one array an output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import talib
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]
Answer = Callable[..., tuple[Any, ...]]


def hlc(c: Columns) -> tuple[Floats, Floats, Floats]:
    """High, low and close, as TA-Lib wants them."""
    return c["high"], c["low"], c["close"]


def typical(c: Columns) -> Floats:
    """Typical price."""
    return (c["high"] + c["low"] + c["close"]) / 3


def _bollinger(c: Columns, window: int, width: float) -> tuple[Any, ...]:
    return tuple(talib.BBANDS(c["close"], window, width, width, talib.MA_Type.SMA))


def _bands(c: Columns, window: int, width: float) -> tuple[Any, Any]:
    # Running squares, in TA-Lib as in pandas, lose 1e-9 and more of the width %B divides by.
    rows = np.lib.stride_tricks.sliding_window_view(
        np.concatenate([np.full(window - 1, np.nan), c["close"]]), window
    )
    return rows.mean(axis=1), width * rows.std(axis=1)


def _percent_b(c: Columns, window: int, width: float) -> tuple[Any, ...]:
    mid, reach = _bands(c, window, width)
    return ((c["close"] - (mid - reach)) / (2 * reach),)


def _bandwidth(c: Columns, window: int, width: float) -> tuple[Any, ...]:
    mid, reach = _bands(c, window, width)
    return (2 * reach / mid,)


def _macd_tdx(c: Columns, fast: int, slow: int, signal: int) -> tuple[Any, ...]:
    close = pd.Series(c["close"])
    dif = (
        close.ewm(span=fast, adjust=False).mean() - close.ewm(span=slow, adjust=False).mean()
    ).where(close.notna())
    dea = dif.ewm(span=signal, adjust=False).mean()
    return dif, dea, 2 * (dif - dea)


def _rsi_tdx(c: Columns, window: int) -> tuple[Any, ...]:
    change = pd.Series(c["close"]).diff()
    gain = change.clip(lower=0).ewm(alpha=1 / window, adjust=False).mean()
    return (100 * gain / change.abs().ewm(alpha=1 / window, adjust=False).mean(),)


def _kdj_tdx(c: Columns, window: int, smooth: int, signal: int) -> tuple[Any, ...]:
    high, low, close = (pd.Series(x) for x in hlc(c))
    bottom = low.rolling(window).min()
    rsv = 100 * (close - bottom) / (high.rolling(window).max() - bottom)
    k = rsv.ewm(alpha=1 / smooth, adjust=False).mean()
    d = k.ewm(alpha=1 / signal, adjust=False).mean()
    return k, d, 3 * k - 2 * d


def _ichimoku(c: Columns, tenkan: int, kijun: int, senkou: int, shift: int) -> tuple[Any, ...]:
    high, low = pd.Series(c["high"]), pd.Series(c["low"])
    t, k, s = ((high.rolling(w).max() + low.rolling(w).min()) / 2 for w in (tenkan, kijun, senkou))
    return t, k, ((t + k) / 2).shift(shift), s.shift(shift)


def _adx(c: Columns, window: int) -> tuple[Any, ...]:
    return tuple(f(*hlc(c), window) for f in (talib.ADX, talib.PLUS_DI, talib.MINUS_DI))


def _aroon(c: Columns, window: int) -> tuple[Any, ...]:
    down, up = talib.AROON(c["high"], c["low"], window)
    return up, down, talib.AROONOSC(c["high"], c["low"], window)


def _correlation(c: Columns, window: int) -> tuple[Any, ...]:
    ours, theirs = talib.ROCP(c["close"], 1), talib.ROCP(c["benchmark"], 1)
    return (talib.CORREL(ours, theirs, window),)


def _zscore(c: Columns, window: int) -> tuple[Any, ...]:
    x = c["close"]
    return ((x - talib.SMA(x, window)) / talib.STDDEV(x, window),)


def _crossing(side: int) -> Answer:
    def answer(c: Columns) -> tuple[Any, ...]:
        sides = pd.Series(np.sign(c["close"] - c["benchmark"]))
        apart = sides[sides != 0]
        crossed = (apart == side) & (apart.shift() == -side)
        return (crossed.reindex(sides.index, fill_value=False).to_numpy(),)

    return answer


ANSWERS: Mapping[str, Answer] = {
    "sma": lambda c, window: (talib.SMA(c["close"], window),),
    "ema": lambda c, window: (talib.EMA(c["close"], window),),
    "ema tdx": lambda c, window: (pd.Series(c["close"]).ewm(span=window, adjust=False).mean(),),
    "wma": lambda c, window: (talib.WMA(c["close"], window),),
    "macd": lambda c, fast, slow, signal: talib.MACD(c["close"], fast, slow, signal),
    "macd tdx": _macd_tdx,
    "rsi": lambda c, window: (talib.RSI(c["close"], window),),
    "rsi tdx": _rsi_tdx,
    "bollinger": _bollinger,
    "percent_b": _percent_b,
    "bandwidth": _bandwidth,
    "atr": lambda c, window: (talib.ATR(*hlc(c), window),),
    "natr": lambda c, window: (talib.NATR(*hlc(c), window),),
    "ret": lambda c, bars: (talib.ROCP(c["close"], bars),),
    "roc": lambda c, bars: (talib.ROC(c["close"], bars),),
    "momentum": lambda c, bars: (talib.MOM(c["close"], bars),),
    "volatility": lambda c, window: (
        np.log(pd.Series(c["close"])).diff().rolling(window).std() * 252**0.5,
    ),
    "stochastic": lambda c, window, smooth, signal: talib.STOCH(
        *hlc(c), window, smooth, 0, signal, 0
    ),
    "kdj talib": lambda c, window, smooth, signal: talib.KDJ(
        *hlc(c), window, smooth, slowd_period=signal
    ),
    "kdj tdx": _kdj_tdx,
    "adx": _adx,
    "cci": lambda c, window: (talib.CCI(*hlc(c), window),),
    "williams_r": lambda c, window: (talib.WILLR(*hlc(c), window),),
    "obv": lambda c: (talib.OBV(c["close"], c["volume"]),),
    "mfi": lambda c, window: (talib.MFI(*hlc(c), c["volume"], window),),
    "vwap": lambda c, window: (talib.VWMA(typical(c), c["volume"], window),),
    "volume_ratio": lambda c, window: (talib.RVOL(c["volume"], window),),
    "turnover": lambda c: (c["volume"] / c["shares"],),
    "donchian": lambda c, window: talib.DONCHIAN(c["high"], c["low"], window),
    "keltner": lambda c, window, atr_window, width: talib.KC(*hlc(c), window, atr_window, width),
    "ichimoku": _ichimoku,
    "parabolic_sar": lambda c, acceleration, maximum: (
        talib.SAR(c["high"], c["low"], acceleration, maximum),
    ),
    "aroon": _aroon,
    "beta": lambda c, window: (talib.BETA(c["benchmark"], c["close"], window),),
    "correlation": _correlation,
    "drawdown": lambda c: (pd.Series(c["close"]) / pd.Series(c["close"]).cummax() - 1,),
    "highest": lambda c, window: (talib.MAX(c["high"], window),),
    "lowest": lambda c, window: (talib.MIN(c["low"], window),),
    "zscore": _zscore,
    "cross_up": _crossing(1),
    "cross_down": _crossing(-1),
}


def answer(function: str, columns: Columns, settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """One array an output of ``function`` (its name in ``stockwidget.indicators``)."""
    convention = settings.get("convention")
    key = f"{function} {convention}" if convention else function
    numbers = {name: value for name, value in settings.items() if name != "convention"}
    found = ANSWERS[key](columns, **numbers)
    return tuple(np.asarray(part) for part in found)
