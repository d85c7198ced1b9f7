"""Which compiled function does what a code of a program says."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.indicators.averages import _sma, _wma
from stockwidget.indicators.bands import _bollinger, _donchian
from stockwidget.indicators.changes import _momentum, _ret
from stockwidget.indicators.cloud import _ichimoku
from stockwidget.indicators.oscillators import _cci
from stockwidget.indicators.returns import _volatility
from stockwidget.indicators.stochastics import _stochastic, _williams_r
from stockwidget.indicators.trend import _aroon
from stockwidget.indicators.volumes import _mfi, _volume_ratio, _vwap
from stockwidget.indicators.windows import _highest, _zscore
from stockwidget.kernels import routine, woven
from stockwidget.scan.vm import past, windowed
from stockwidget.scan.vm.program import CODES, OF_ONE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CONST, NEG, ADD, AND, OR = (CODES[name] for name in ("const", "neg", "add", "and", "or"))
TALLY, VERDICT = CODES["tally"], CODES["verdict"]
LAST_OF_ONE = CODES[OF_ONE[-1]]
KDJ, CROSS = CODES["kdj"], CODES["cross"]
SMA = CODES["sma"]
SUM = CODES["sum"]
WMA = CODES["wma"]
STDEV = CODES["stdev"]
ZSCORE = CODES["zscore"]
HIGHEST = CODES["highest"]
LOWEST = CODES["lowest"]
PERCENTILE = CODES["percentile"]
WITHIN = CODES["within"]
COUNT = CODES["count"]
RISING = CODES["rising"]
FALLING = CODES["falling"]
SHIFT = CODES["shift"]
RET = CODES["ret"]
MOMENTUM = CODES["momentum"]
VOLATILITY = CODES["volatility"]
BOLL = CODES["boll"]
PERCENT_B = CODES["percent_b"]
BANDWIDTH = CODES["bandwidth"]
STOCH = CODES["stoch"]
WILLIAMS_R = CODES["williams_r"]
CCI = CODES["cci"]
MFI = CODES["mfi"]
VWAP = CODES["vwap"]
VOLUME_RATIO = CODES["volume_ratio"]
DONCHIAN = CODES["donchian"]
ICHIMOKU = CODES["ichimoku"]
AROON = CODES["aroon"]
EMA = CODES["ema"]
MACD = CODES["macd"]
RSI = CODES["rsi"]
ATR = CODES["atr"]
ADX = CODES["adx"]
OBV = CODES["obv"]
KELTNER = CODES["keltner"]
SAR = CODES["sar"]
DRAWDOWN = CODES["drawdown"]
BARS_SINCE = CODES["bars_since"]
DAYS_SINCE = CODES["days_since"]


@routine
def window_of_one(code: int, x: Floats, p: Floats, out: Floats) -> None:
    """Write the last values of a window over one series."""
    n, w = out.shape[0], int(p[0])
    if code == SMA:
        found = _sma(x, w)
    elif code == SUM:
        found = windowed.total(x, w)
    elif code == WMA:
        found = _wma(x, w)
    elif code == STDEV:
        found = windowed.stdev(x, w)
    elif code == ZSCORE:
        found = _zscore(x, w)
    elif code == HIGHEST:
        found = _highest(x, w)
    elif code == LOWEST:
        found = -_highest(-x, w)
    elif code == PERCENTILE:
        found = windowed.percentile(x, w)
    elif code == WITHIN:
        found = windowed.within(x, w)
    elif code == COUNT:
        found = windowed.count(x, w)
    elif code == RISING:
        found = windowed.moving(x, w, 1.0)
    elif code == FALLING:
        found = windowed.moving(x, w, -1.0)
    elif code == SHIFT:
        found = windowed.shifted(x, w)
    elif code == RET:
        found = _ret(x, w)
    elif code == MOMENTUM:
        found = _momentum(x, w)
    elif code == VOLATILITY:
        found = _volatility(x, w)
    elif code == VOLUME_RATIO:
        found = _volume_ratio(x, w)
    else:
        upper, mid, lower = _bollinger(x, w, p[1])
        found = mid
        for i in range(x.shape[0]):
            width = upper[i] - lower[i]
            if code == BANDWIDTH:
                found[i] = width / mid[i] if mid[i] != 0.0 else np.nan
            else:  # the share of a width that is more than rounding
                found[i] = (x[i] - lower[i]) / width if width > 1e-12 * abs(mid[i]) else np.nan
    out[:] = found[found.shape[0] - n :]


@routine
def window_of_bars(
    code: int, x: Floats, y: Floats, z: Floats, v: Floats, p: Floats, part: int
) -> Any:
    """Return part ``part`` of a window over high, low (, close (, volume)) or what it takes."""
    w = int(p[0])
    if code == STOCH:
        k, d = _stochastic(x, y, z, w, int(p[1]), int(p[2]))
        return k if part == 0 else d
    if code == WILLIAMS_R:
        return _williams_r(x, y, z, w)
    if code == CCI:
        return _cci(x, y, z, w)
    if code == MFI:
        return _mfi(x, y, z, v, w)
    if code == VWAP:
        return _vwap(x, y, z, v, w)
    if code == DONCHIAN:
        upper, mid, lower = _donchian(x, y, w)
    elif code == AROON:
        upper, mid, lower = _aroon(x, y, w)
    elif code == BOLL:
        upper, mid, lower = _bollinger(x, w, p[1])
    else:
        upper, mid, lower, last = _ichimoku(x, y, w, int(p[1]), int(p[2]), int(p[3]))
        if part == 3:
            return last
    return upper if part == 0 else mid if part == 1 else lower


@woven
def stepped(
    code: int,
    x: Floats,
    y: Floats,
    z: Floats,
    count: int,
    out: Floats,
    parts: int,
    memory: Floats,
    p: Floats,
) -> None:
    """Step a recursion over the last ``count`` values of four lanes; see ``lanes``."""
    q = (p[0], p[1], p[2], p[3])
    if code == EMA:
        past.ema(x, x, x, count, out, parts, memory, q)
    elif code == MACD:
        past.macd(x, x, x, count, out, parts, memory, q)
    elif code == RSI:
        past.rsi(x, x, x, count, out, parts, memory, q)
    elif code == ATR:
        past.atr(x, y, z, count, out, parts, memory, q)
    elif code == ADX:
        past.adx(x, y, z, count, out, parts, memory, q)
    elif code == KDJ:
        past.kdj(x, y, z, count, out, parts, memory, q)
    elif code == OBV:
        past.obv(x, y, y, count, out, parts, memory, q)
    elif code == KELTNER:
        past.keltner(x, y, z, count, out, parts, memory, q)
    elif code == SAR:
        past.sar(x, y, y, count, out, parts, memory, q)
    elif code == DRAWDOWN:
        past.peak(x, x, x, count, out, parts, memory, q)
    elif code == BARS_SINCE:
        past.bars_since(x, x, x, count, out, parts, memory, q)
    else:
        past.days_since(x, y, y, count, out, parts, memory, q)
