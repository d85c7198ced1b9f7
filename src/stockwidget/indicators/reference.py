"""Each indicator once more, written to be read: NumPy twins that the compiled kernels must equal.

A twin has its kernel's name, arguments and result, but is written for data without gaps;
``by_runs`` then applies the NaN rule from outside: each run of finite rows is computed as if alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from stockwidget.indicators.arrays import Floats

Twin = Callable[..., Any]


def by_runs(function: Twin, *, positive: bool = False) -> Twin:
    """Apply ``function`` to each run of rows whose inputs are all finite (and above zero)."""

    @wraps(function)
    def twin(*inputs: Any, **settings: Any) -> Any:
        table = np.asarray(inputs, dtype=np.float64)
        fine: npt.NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(table), axis=0)
        if positive:
            fine &= (table > 0.0).all(axis=0)
        empty = function(*table[:, :0], **settings)
        outputs = empty if isinstance(empty, tuple) else (empty,)
        whole = [
            np.full(len(fine), False if part.dtype == bool else np.nan, part.dtype)
            for part in outputs
        ]
        edges = np.flatnonzero(np.diff(np.concatenate([[0], fine.astype(int), [0]])))
        for start, end in edges.reshape(-1, 2):
            found = function(*table[:, start:end], **settings)
            for out, part in zip(
                whole, found if isinstance(found, tuple) else (found,), strict=True
            ):
                out[start:end] = part
        return tuple(whole) if isinstance(empty, tuple) else whole[0]

    return twin


def rolling(x: Floats, window: int, reduce: Callable[[Floats], Floats]) -> Floats:
    """``reduce`` the rows of all full windows; the first ``window`` − 1 are NaN."""
    out = np.full(len(x), np.nan)
    if len(x) >= window:
        out[window - 1 :] = reduce(sliding_window_view(x, window))
    return out


def smoothed(x: Floats, alpha: float, warm: int) -> Floats:
    """Y = y before + alpha · (x − y before), seeded by the mean of the first ``warm`` values.

    Leading NaN are skipped.
    """
    out = np.full(len(x), np.nan)
    known = np.flatnonzero(~np.isnan(x))
    if len(known) < warm:
        return out
    first = known[warm - 1]
    out[first] = x[known[:warm]].mean()
    for i in range(first + 1, len(x)):
        out[i] = out[i - 1] + alpha * (x[i] - out[i - 1])
    return out


def lagged(x: Floats, bars: int) -> Floats:
    """``x`` of ``bars`` bars before, NaN where there is none."""
    out = np.full(len(x), np.nan)
    out[bars:] = x[: max(len(x) - bars, 0)]
    return out


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """NaN on the first bar, which has no close before."""
    before = lagged(close, 1)
    return np.maximum(high, before) - np.minimum(low, before) + 0.0 * before


def ratio(above: Floats, below: Floats, otherwise: float = np.nan) -> Floats:
    """``above / below``, and ``otherwise`` where ``below`` is zero."""
    out = np.where(np.isnan(above) | np.isnan(below), np.nan, otherwise)
    np.divide(above, below, out=out, where=~np.isnan(below) & (below != 0.0))
    return out


def _max(rows: Floats) -> Any:
    return rows.max(axis=1)


def _min(rows: Floats) -> Any:
    return rows.min(axis=1)


def _mean(rows: Floats) -> Any:
    return rows.mean(axis=1)


def _sum(rows: Floats) -> Any:
    return rows.sum(axis=1)


@by_runs
def sma(x: Floats, window: int = 20) -> Any:
    return rolling(x, window, _mean)


@by_runs
def ema(x: Floats, window: int = 20, convention: str = "talib") -> Any:
    return smoothed(x, 2 / (window + 1), 1 if convention == "tdx" else window)


@by_runs
def wma(x: Floats, window: int = 20) -> Any:
    weights = np.arange(1, window + 1) / (window * (window + 1) / 2)
    return rolling(x, window, lambda rows: rows @ weights)


@by_runs
def macd(
    x: Floats, fast: int = 12, slow: int = 26, signal: int = 9, convention: str = "talib"
) -> Any:
    if convention == "tdx":
        dif = smoothed(x, 2 / (fast + 1), 1) - smoothed(x, 2 / (slow + 1), 1)
        dea = smoothed(dif, 2 / (signal + 1), 1)
        return dif, dea, 2 * (dif - dea)
    late = x.copy()
    late[: slow - fast] = np.nan  # so that both averages are seeded on the same bar
    dif = smoothed(late, 2 / (fast + 1), fast) - smoothed(x, 2 / (slow + 1), slow)
    dea = smoothed(dif, 2 / (signal + 1), signal)
    return dif + 0 * dea, dea, dif - dea


@by_runs
def ret(x: Floats, bars: int = 1) -> Any:
    return ratio(x, lagged(x, bars)) - 1


@by_runs
def roc(x: Floats, bars: int = 10) -> Any:
    return 100 * (ratio(x, lagged(x, bars)) - 1)


@by_runs
def momentum(x: Floats, bars: int = 10) -> Any:
    return x - lagged(x, bars)


@by_runs
def rsi(x: Floats, window: int = 14, convention: str = "talib") -> Any:
    change = x - lagged(x, 1)
    warm = 1 if convention == "tdx" else window
    gain = smoothed(np.maximum(change, 0), 1 / window, warm)
    loss = smoothed(np.maximum(-change, 0), 1 / window, warm)
    both = gain + loss
    return np.where(both < 1e-14, 0.0, 100 * ratio(gain, both, 0.0))


@by_runs
def cci(high: Floats, low: Floats, close: Floats, window: int = 20) -> Any:
    typical = (high + low + close) / 3
    mean = rolling(typical, window, _mean)
    spread = rolling(typical, window, lambda rows: np.abs(rows - _mean(rows)[:, None]).mean(axis=1))
    flat = rolling(typical, window, lambda rows: np.ptp(rows, axis=1)) == 0.0
    return np.where(flat, 0.0, ratio(typical - mean, 0.015 * spread, 0.0))


@by_runs
def stochastic(
    high: Floats, low: Floats, close: Floats, window: int = 14, smooth: int = 3, signal: int = 3
) -> Any:
    bottom = rolling(low, window, _min)
    raw = 100 * ratio(close - bottom, rolling(high, window, _max) - bottom, 0.0)
    k = rolling(raw, smooth, _mean)
    d = rolling(k, signal, _mean)
    return k + 0 * d, d


@by_runs
def kdj(
    high: Floats,
    low: Floats,
    close: Floats,
    window: int = 9,
    smooth: int = 3,
    signal: int = 3,
    convention: str = "tdx",
) -> Any:
    bottom = rolling(low, window, _min)
    reach = rolling(high, window, _max) - bottom
    if convention == "talib":
        rsv = 100 * ratio(close - bottom, reach, 0.0)
        k = smoothed(rsv, 1 / smooth, smooth)
        d = smoothed(k, 1 / signal, signal)
        return k + 0 * d, d, 3 * k - 2 * d
    has_range = reach > 0  # K and D of the other rows are those of the row before
    k, d = np.full(len(close), np.nan), np.full(len(close), np.nan)
    rsv = 100 * ratio(close - bottom, reach)[has_range]
    k[has_range] = smoothed(rsv, 1 / smooth, 1)
    d[has_range] = smoothed(k[has_range], 1 / signal, 1)
    for i in range(1, len(close)):
        if not has_range[i]:
            k[i], d[i] = k[i - 1], d[i - 1]
    return k, d, 3 * k - 2 * d


@by_runs
def williams_r(high: Floats, low: Floats, close: Floats, window: int = 14) -> Any:
    top = rolling(high, window, _max)
    return -100 * ratio(top - close, top - rolling(low, window, _min), 0.0)


@by_runs
def adx(high: Floats, low: Floats, close: Floats, window: int = 14) -> Any:
    rise, fall = high - lagged(high, 1), lagged(low, 1) - low
    first = 0 * rise
    up = np.where((rise > fall) & (rise > 0), rise, 0.0) + first
    down = np.where((fall > rise) & (fall > 0), fall, 0.0) + first
    sums = [_wilder_sum(x, window) for x in (up, down, true_range(high, low, close))]
    plus, minus = (np.where(sums[2] < 1e-14, 0.0, 100 * ratio(x, sums[2], 0.0)) for x in sums[:2])
    known = ~(plus + minus < 1e-14)
    direction = np.where(known, 100 * ratio(np.abs(plus - minus), plus + minus, 0.0), 0.0)
    strength = np.full(len(close), np.nan)
    for i in range(2 * window - 1, len(close)):
        if i == 2 * window - 1:
            strength[i] = direction[window : i + 1].mean()
        elif known[i]:
            strength[i] = strength[i - 1] + (direction[i] - strength[i - 1]) / window
        else:
            strength[i] = strength[i - 1]
    return strength, plus, minus


def _wilder_sum(x: Floats, window: int) -> Floats:
    """Seeded by the sum of ``window`` − 1 bars; each later bar takes 1/window of it away first."""
    out = np.full(len(x), np.nan)
    if len(x) > window:
        value = x[1:window].sum()
        for i in range(window, len(x)):
            value = value - value / window + x[i]
            out[i] = value
    return out


@by_runs
def aroon(high: Floats, low: Floats, window: int = 14) -> Any:
    def age(rows: Floats) -> Any:
        return rows[:, ::-1].argmax(axis=1)  # the latest of equal ones

    up = 100 * (window - rolling(high, window + 1, age)) / window
    down = 100 * (window - rolling(-low, window + 1, age)) / window
    return up, down, up - down


@by_runs
def ichimoku(
    high: Floats, low: Floats, tenkan: int = 9, kijun: int = 26, senkou: int = 52, shift: int = 26
) -> Any:
    short, base, long = (
        (rolling(high, w, _max) + rolling(low, w, _min)) / 2 for w in (tenkan, kijun, senkou)
    )
    return short, base, lagged((short + base) / 2, shift), lagged(long, shift)


@by_runs
def parabolic_sar(
    high: Floats, low: Floats, acceleration: float = 0.02, maximum: float = 0.2
) -> Any:
    out = np.full(len(high), np.nan)
    if len(high) < 2:
        return out
    fall = low[0] - low[1]
    side = -1 if fall > 0 and fall > high[1] - high[0] else 1
    # A fall is a rise of the mirrored prices: near and far edge change places and sign.
    edges = {1: (low, high), -1: (-high, -low)}
    near, far = edges[side]
    stop, extreme, factor = near[0], far[1], acceleration
    for i in range(1, len(high)):
        near, far = edges[side]
        before = max(i - 1, 1)
        if near[i] <= stop:
            side = -side
            near, far = edges[side]
            stop = min(-extreme, near[before], near[i])
            out[i] = side * stop
            extreme, factor = far[i], acceleration
        else:
            out[i] = side * stop
            if far[i] > extreme:
                extreme, factor = far[i], min(factor + acceleration, maximum)
        stop = min(stop + factor * (extreme - stop), near[before], near[i])
    return out


@by_runs
def atr(high: Floats, low: Floats, close: Floats, window: int = 14) -> Any:
    return smoothed(true_range(high, low, close), 1 / window, window)


@by_runs
def natr(high: Floats, low: Floats, close: Floats, window: int = 14) -> Any:
    return 100 * ratio(smoothed(true_range(high, low, close), 1 / window, window), close)


@by_runs
def bollinger(x: Floats, window: int = 20, width: float = 2.0) -> Any:
    mid = rolling(x, window, _mean)
    reach = width * rolling(x, window, lambda rows: rows.std(axis=1))
    return mid + reach, mid, mid - reach


@by_runs
def percent_b(x: Floats, window: int = 20, width: float = 2.0) -> Any:
    upper, _, lower = bollinger(x, window=window, width=width)
    flat = rolling(x, window, lambda rows: np.ptp(rows, axis=1)) == 0.0
    return np.where(flat, np.nan, ratio(x - lower, upper - lower))


@by_runs
def bandwidth(x: Floats, window: int = 20, width: float = 2.0) -> Any:
    upper, mid, lower = bollinger(x, window=window, width=width)
    return ratio(upper - lower, mid)


@by_runs
def donchian(high: Floats, low: Floats, window: int = 20) -> Any:
    upper, lower = rolling(high, window, _max), rolling(low, window, _min)
    return upper, (upper + lower) / 2, lower


@by_runs
def keltner(
    high: Floats,
    low: Floats,
    close: Floats,
    window: int = 20,
    atr_window: int = 10,
    width: float = 2.0,
) -> Any:
    ready = max(window - 1, atr_window)
    typical, spread = (high + low + close) / 3, true_range(high, low, close)
    typical[: ready - window + 1] = np.nan
    spread[: ready - atr_window + 1] = np.nan
    mid = smoothed(typical, 2 / (window + 1), window)
    reach = width * smoothed(spread, 1 / atr_window, atr_window)
    return mid + reach, mid, mid - reach


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
    rise = rolling(np.where(change > 0, flow, 0 * change), window, _sum)
    fall = rolling(np.where(change < 0, flow, 0 * change), window, _sum)
    return 100 * ratio(rise, rise + fall, 0.0)


@by_runs
def vwap(high: Floats, low: Floats, close: Floats, volume: Floats, window: int = 20) -> Any:
    money = rolling((high + low + close) / 3 * volume, window, _sum)
    return ratio(money, rolling(volume, window, _sum))


@by_runs
def volume_ratio(volume: Floats, window: int = 5) -> Any:
    return ratio(volume, lagged(rolling(volume, window, _mean), 1))


@by_runs
def turnover(volume: Floats, shares: Floats) -> Any:
    return ratio(volume, np.where(shares > 0, shares, 0.0))


@by_runs
def highest(x: Floats, window: int = 20) -> Any:
    return rolling(x, window, _max)


@by_runs
def lowest(x: Floats, window: int = 20) -> Any:
    return rolling(x, window, _min)


@by_runs
def zscore(x: Floats, window: int = 20) -> Any:
    deviation = rolling(x, window, lambda rows: rows.std(axis=1))
    flat = rolling(x, window, lambda rows: np.ptp(rows, axis=1)) == 0.0
    return np.where(flat, np.nan, ratio(x - rolling(x, window, _mean), deviation))


def _volatility(x: Floats, window: int = 252) -> Any:
    moves = np.log(x / lagged(x, 1))
    return rolling(moves, window, lambda rows: rows.std(axis=1, ddof=1)) * np.sqrt(252)


def _pairs(x: Floats, benchmark: Floats, window: int, of: Callable[[Floats], float]) -> Floats:
    table = np.array([x[1:] / x[:-1] - 1, benchmark[1:] / benchmark[:-1] - 1])
    out = np.full(len(x), np.nan)
    for i in range(window, len(x)):
        out[i] = of(np.cov(table[:, i - window : i], ddof=0))
    return out


def _beta(x: Floats, benchmark: Floats, window: int = 252) -> Any:
    return _pairs(x, benchmark, window, lambda c: c[0, 1] / c[1, 1] if c[1, 1] > 1e-28 else np.nan)


def _correlation(x: Floats, benchmark: Floats, window: int = 252) -> Any:
    def pearson(c: Floats) -> float:
        moved = min(c[0, 0], c[1, 1]) > 1e-28
        return float(c[0, 1] / np.sqrt(c[0, 0] * c[1, 1])) if moved else np.nan

    return _pairs(x, benchmark, window, pearson)


def _drawdown(x: Floats) -> Any:
    return x / np.maximum.accumulate(x) - 1


volatility = by_runs(_volatility, positive=True)
beta = by_runs(_beta, positive=True)
correlation = by_runs(_correlation, positive=True)
drawdown = by_runs(_drawdown, positive=True)


def _cross(line: Floats, other: Floats, side: int) -> Any:
    sides = np.sign(line - other)
    out = np.zeros(len(sides), dtype=bool)
    apart = np.flatnonzero(sides)
    out[apart[1:]] = (sides[apart[1:]] == side) & (sides[apart[:-1]] == -side)
    return out


@by_runs
def cross_up(line: Floats, other: Floats) -> Any:
    return _cross(line, other, 1)


@by_runs
def cross_down(line: Floats, other: Floats) -> Any:
    return _cross(line, other, -1)
