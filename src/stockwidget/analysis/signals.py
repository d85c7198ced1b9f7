"""Dated signals: one table of named rules, each a mask over the bars that never looks ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from stockwidget import indicators as ind
from stockwidget.analysis import candles
from stockwidget.analysis.candles import Candles, Marks
from stockwidget.analysis.divergence import divergences
from stockwidget.analysis.lag import before
from stockwidget.analysis.lines import Lines, Mask
from stockwidget.indicators.arrays import Floats

Direction = Literal[-1, 0, 1]
GAP_ATR = 0.5
SPIKE = 3.0
SQUEEZE_BARS = 120


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One rule. ``direction``: 1 is said to announce a rise, −1 a fall, 0 takes no side."""

    name: str
    title: str
    title_zh: str
    direction: Direction
    rule: str
    mask: Callable[[Lines], Mask]


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """A signal on its day; it is known at that day's close."""

    date: str
    name: str
    direction: Direction
    close: float

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def masks(lines: Lines, table: Iterable[Signal] | None = None) -> dict[str, Mask]:
    """One bool (n,) a signal: True on the bars at whose close it was known."""
    return {signal.name: signal.mask(lines) for signal in table or TABLE}


def events(lines: Lines, found: Mapping[str, Mask]) -> list[Event]:
    """Events of ``masks`` in order of date, then of the table."""
    order = {name: place for place, name in enumerate(found)}
    rows = [(int(row), name) for name, mask in found.items() for row in np.flatnonzero(mask)]
    rows.sort(key=lambda item: (item[0], order[item[1]]))
    return [
        Event(
            date=str(lines.dates[row]),
            name=name,
            direction=BY_NAME[name].direction,
            close=float(lines.close[row]),
        )
        for row, name in rows
    ]


def to_frame(found: Iterable[Event]) -> pd.DataFrame:
    """One row an event, indexed by date."""
    columns = ["date", "name", "direction", "close"]
    frame = pd.DataFrame([event.to_dict() for event in found], columns=columns)
    return frame.assign(date=pd.to_datetime(frame["date"])).set_index("date")


def _breakout(window: int) -> Callable[[Lines], Mask]:
    return lambda x: _begins(x.close > before(ind.highest(x.high, window)))


def _breakdown(window: int) -> Callable[[Lines], Mask]:
    return lambda x: _begins(x.close < before(ind.lowest(x.low, window)))


def _squeeze(x: Lines) -> Mask:
    return _begins(x.bandwidth < before(ind.lowest(x.bandwidth, SQUEEZE_BARS - 1)))


def _gap(width: Floats, x: Lines) -> Mask:
    return (width > 0.0) & (width >= GAP_ATR * before(x.atr))


def _spike(x: Lines) -> Mask:
    return np.asarray(ind.volume_ratio(x.volume, 20) >= SPIKE)


def _begins(state: Mask) -> Mask:
    """First bars of each run of True."""
    out = state.copy()
    out[1:] &= ~state[:-1]
    return out


def _pattern(of: Callable[[Candles], Marks], side: int) -> Callable[[Lines], Mask]:
    return lambda x: np.asarray(of(x.candles) == side)


def _crossing(
    pair: Callable[[Lines], tuple[Floats, Floats | float]], up: bool
) -> Callable[[Lines], Mask]:
    cross = ind.cross_up if up else ind.cross_down
    return lambda x: np.asarray(cross(*pair(x)))


def _signal(
    name: str, titles: str, direction: Direction, rule: str, mask: Callable[[Lines], Mask]
) -> Signal:
    title, title_zh = titles.split(" | ")
    return Signal(
        name=name, title=title, title_zh=title_zh, direction=direction, rule=rule, mask=mask
    )


def _averages(x: Lines) -> tuple[Floats, Floats]:
    return x.sma(50), x.sma(200)


def _macd(x: Lines) -> tuple[Floats, Floats]:
    return x.macd.dif, x.macd.dea


TABLE: tuple[Signal, ...] = (
    _signal("golden_cross", "Golden cross | 黄金交叉", 1, "SMA 50 crosses above SMA 200",
            _crossing(_averages, up=True)),
    _signal("death_cross", "Death cross | 死亡交叉", -1, "SMA 50 crosses below SMA 200",
            _crossing(_averages, up=False)),
    _signal("macd_up", "MACD crosses up | MACD 金叉", 1, "MACD line crosses above its signal",
            _crossing(_macd, up=True)),
    _signal("macd_down", "MACD crosses down | MACD 死叉", -1, "MACD line crosses below its signal",
            _crossing(_macd, up=False)),
    _signal("breakout_20", "20-bar breakout | 突破 20 日高点", 1,
            "first close above the highest high of the 20 bars before", _breakout(20)),
    _signal("breakdown_20", "20-bar breakdown | 跌破 20 日低点", -1,
            "first close below the lowest low of the 20 bars before", _breakdown(20)),
    _signal("breakout_252", "52-week breakout | 突破 52 周高点", 1,
            "first close above the highest high of the 252 bars before", _breakout(252)),
    _signal("breakdown_252", "52-week breakdown | 跌破 52 周低点", -1,
            "first close below the lowest low of the 252 bars before", _breakdown(252)),
    _signal("gap_up", "Gap up | 向上跳空", 1, "low above the high before by half an ATR or more",
            lambda x: _gap(x.low - before(x.high), x)),
    _signal("gap_down", "Gap down | 向下跳空", -1,
            "high below the low before by half an ATR or more",
            lambda x: _gap(before(x.low) - x.high, x)),
    _signal("volume_spike", "Volume spike | 放量", 0,
            "volume at least three times the mean of the 20 bars before", _spike),
    _signal("rsi_oversold", "RSI leaves oversold | RSI 走出超卖", 1, "RSI 14 crosses above 30",
            _crossing(lambda x: (x.rsi, 30.0), up=True)),
    _signal("rsi_overbought", "RSI leaves overbought | RSI 走出超买", -1, "RSI 14 crosses below 70",
            _crossing(lambda x: (x.rsi, 70.0), up=False)),
    _signal("kdj_oversold", "KDJ golden cross, oversold | KDJ 低位金叉", 1,
            "K crosses above D while D is below 20",
            lambda x: np.asarray(ind.cross_up(x.kdj.k, x.kdj.d)) & (x.kdj.d < 20)),
    _signal("kdj_overbought", "KDJ death cross, overbought | KDJ 高位死叉", -1,
            "K crosses below D while D is above 80",
            lambda x: np.asarray(ind.cross_down(x.kdj.k, x.kdj.d)) & (x.kdj.d > 80)),
    _signal("squeeze", "Bollinger squeeze | 布林带收口", 0,
            "band width becomes the narrowest of 120 bars", _squeeze),
    _signal("divergence_up", "Bullish divergence | 底背离", 1,
            "a lower confirmed low of the price with a higher RSI 14, within 60 bars",
            lambda x: divergences(x.low, x.rsi, highs=False)),
    _signal("divergence_down", "Bearish divergence | 顶背离", -1,
            "a higher confirmed high of the price with a lower RSI 14, within 60 bars",
            lambda x: divergences(x.high, x.rsi, highs=True)),
    _signal("doji", "Doji | 十字星", 0, "TA-Lib CDLDOJI", _pattern(candles.doji, 1)),
    _signal("hammer", "Hammer | 锤子线", 1, "TA-Lib CDLHAMMER", _pattern(candles.hammer, 1)),
    _signal("shooting_star", "Shooting star | 流星线", -1, "TA-Lib CDLSHOOTINGSTAR",
            _pattern(candles.shooting_star, -1)),
    _signal("engulfing_up", "Bullish engulfing | 看涨吞没", 1, "TA-Lib CDLENGULFING above 0",
            _pattern(candles.engulfing, 1)),
    _signal("engulfing_down", "Bearish engulfing | 看跌吞没", -1, "TA-Lib CDLENGULFING below 0",
            _pattern(candles.engulfing, -1)),
    _signal("harami_up", "Bullish harami | 看涨孕线", 1, "TA-Lib CDLHARAMI above 0",
            _pattern(candles.harami, 1)),
    _signal("harami_down", "Bearish harami | 看跌孕线", -1, "TA-Lib CDLHARAMI below 0",
            _pattern(candles.harami, -1)),
    _signal("morning_star", "Morning star | 启明星", 1, "TA-Lib CDLMORNINGSTAR",
            _pattern(candles.star, 1)),
    _signal("evening_star", "Evening star | 黄昏星", -1, "TA-Lib CDLEVENINGSTAR",
            _pattern(candles.star, -1)),
)  # fmt: skip
BY_NAME: Mapping[str, Signal] = {signal.name: signal for signal in TABLE}
