"""Dated signals: one table of named rules, each a mask over the bars that never looks ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget import indicators as ind
from stockwidget.analysis import candles
from stockwidget.analysis.candles import Candles, Marks
from stockwidget.analysis.divergence import divergences
from stockwidget.analysis.lag import before
from stockwidget.analysis.lines import Lines, Mask
from stockwidget.indicators.arrays import Floats

Direction = Literal[-1, 0, 1]
Reading = Callable[[Lines], tuple[Floats, Floats | float]]
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
    rule_zh: str
    mask: Callable[[Lines], Mask]
    reading: Reading | None = None
    """What was compared: value and threshold of each bar; None where shapes are compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """A signal on its day; it is known at that day's close."""

    date: str
    name: str
    direction: Direction
    close: float
    value: float | None = None
    threshold: float | None = None
    """What the rule compared on that day; None for candlestick patterns and divergences."""

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def masks(lines: Lines, table: Iterable[Signal] | None = None) -> dict[str, Mask]:
    """One bool (n,) a signal: True on the bars at whose close it was known."""
    return {signal.name: signal.mask(lines) for signal in table or TABLE}


def by_name(table: Iterable[Signal]) -> dict[str, Signal]:
    """Signals by their names."""
    return {signal.name: signal for signal in table}


def events(lines: Lines, found: Mapping[str, Mask]) -> list[Event]:
    """Events of ``masks`` in order of date, then of the table."""
    order = {name: place for place, name in enumerate(found)}
    rows = [
        (int(row), name, value, threshold)
        for name, mask in found.items()
        for row, value, threshold in readings(lines, BY_NAME[name], np.flatnonzero(mask))
    ]
    rows.sort(key=lambda item: (item[0], order[item[1]]))
    return [
        Event(
            date=str(lines.dates[row]),
            name=name,
            direction=BY_NAME[name].direction,
            close=float(lines.close[row]),
            value=value,
            threshold=threshold,
        )
        for row, name, value, threshold in rows
    ]


def readings(
    lines: Lines, signal: Signal, rows: npt.NDArray[np.intp]
) -> Iterable[tuple[int, float | None, float | None]]:
    """Each of ``rows`` with the value and the threshold that the signal compared there."""
    reading = signal.reading
    if reading is None or not len(rows):
        return [(row, None, None) for row in rows.tolist()]
    value, threshold = reading(lines)
    limits = np.broadcast_to(threshold, len(lines))
    return list(zip(rows.tolist(), value[rows].tolist(), limits[rows].tolist(), strict=True))


def to_frame(found: Iterable[Event]) -> pd.DataFrame:
    """One row an event, indexed by date."""
    columns = ["date", "name", "direction", "close", "value", "threshold"]
    frame = pd.DataFrame([event.to_dict() for event in found], columns=columns)
    return frame.assign(date=pd.to_datetime(frame["date"])).set_index("date")


def _breakout(window: int) -> Reading:
    return lambda x: (x.close, before(ind.highest(x.high, window)))


def _breakdown(window: int) -> Reading:
    return lambda x: (x.close, before(ind.lowest(x.low, window)))


def _begins(state: Mask) -> Mask:
    """First bars of each run of True."""
    out = state.copy()
    out[1:] &= ~state[:-1]
    return out


def _first_above(x: Lines, reading: Reading) -> Mask:
    value, threshold = reading(x)
    return _begins(np.asarray(value > threshold))


def _first_below(x: Lines, reading: Reading) -> Mask:
    value, threshold = reading(x)
    return _begins(np.asarray(value < threshold))


def _at_least(x: Lines, reading: Reading) -> Mask:
    value, threshold = reading(x)
    return np.asarray((value > 0.0) & (value >= threshold))


def _crosses_up(x: Lines, reading: Reading) -> Mask:
    return np.asarray(ind.cross_up(*reading(x)))


def _crosses_down(x: Lines, reading: Reading) -> Mask:
    return np.asarray(ind.cross_down(*reading(x)))


def _read(
    name: str,
    titles: str,
    direction: Direction,
    rules: str,
    compare: Callable[[Lines, Reading], Mask],
    reading: Reading,
) -> Signal:
    """A rule that compares two lines."""
    mask = partial(_compared, compare=compare, reading=reading)
    return replace(_seen(name, titles, direction, rules, mask), reading=reading)


def _compared(x: Lines, *, compare: Callable[[Lines, Reading], Mask], reading: Reading) -> Mask:
    return compare(x, reading)


def _seen(
    name: str, titles: str, direction: Direction, rules: str, mask: Callable[[Lines], Mask]
) -> Signal:
    """A rule about the shape of bars or turning points."""
    title, title_zh = titles.split(" | ")
    rule, rule_zh = rules.split(" | ")
    return Signal(
        name=name,
        title=title,
        title_zh=title_zh,
        direction=direction,
        rule=rule,
        rule_zh=rule_zh,
        mask=mask,
    )


def _pattern(of: Callable[[Candles], Marks], side: int) -> Callable[[Lines], Mask]:
    return lambda x: np.asarray(of(x.candles) == side)


def _averages(x: Lines) -> tuple[Floats, Floats]:
    return x.sma(50), x.sma(200)


def _macd(x: Lines) -> tuple[Floats, Floats]:
    return x.macd.dif, x.macd.dea


def _kdj(x: Lines) -> tuple[Floats, Floats]:
    return x.kdj.k, x.kdj.d


TABLE: tuple[Signal, ...] = (
    _read("golden_cross", "Golden cross | 黄金交叉", 1,
          "SMA 50 crosses above SMA 200 | 50 日均线上穿 200 日均线", _crosses_up, _averages),
    _read("death_cross", "Death cross | 死亡交叉", -1,
          "SMA 50 crosses below SMA 200 | 50 日均线下穿 200 日均线", _crosses_down, _averages),
    _read("macd_up", "MACD crosses up | MACD 金叉", 1,
          "MACD line crosses above its signal | DIF 上穿 DEA", _crosses_up, _macd),
    _read("macd_down", "MACD crosses down | MACD 死叉", -1,
          "MACD line crosses below its signal | DIF 下穿 DEA", _crosses_down, _macd),
    _read("breakout_20", "20-bar breakout | 突破 20 日高点", 1,
          "first close above the highest high of the 20 bars before | "
          "收盘价首次高于此前 20 日最高价",
          _first_above, _breakout(20)),
    _read("breakdown_20", "20-bar breakdown | 跌破 20 日低点", -1,
          "first close below the lowest low of the 20 bars before | "
          "收盘价首次低于此前 20 日最低价",
          _first_below, _breakdown(20)),
    _read("breakout_252", "52-week breakout | 突破 52 周高点", 1,
          "first close above the highest high of the 252 bars before | "
          "收盘价首次高于此前 252 日最高价", _first_above, _breakout(252)),
    _read("breakdown_252", "52-week breakdown | 跌破 52 周低点", -1,
          "first close below the lowest low of the 252 bars before | "
          "收盘价首次低于此前 252 日最低价", _first_below, _breakdown(252)),
    _read("gap_up", "Gap up | 向上跳空", 1,
          "low above the high before by half an ATR or more | 最低价高出前一日最高价至少半个 ATR",
          _at_least, lambda x: (x.low - before(x.high), GAP_ATR * before(x.atr))),
    _read("gap_down", "Gap down | 向下跳空", -1,
          "high below the low before by half an ATR or more | 最高价低于前一日最低价至少半个 ATR",
          _at_least, lambda x: (before(x.low) - x.high, GAP_ATR * before(x.atr))),
    _read("volume_spike", "Volume spike | 放量", 0,
          "volume at least three times the mean of the 20 bars before | "
          "成交量至少为此前 20 日均量的 3 倍",
          _at_least, lambda x: (ind.volume_ratio(x.volume, 20), SPIKE)),
    _read("rsi_oversold", "RSI leaves oversold | RSI 走出超卖", 1,
          "RSI 14 crosses above 30 | RSI 14 上穿 30", _crosses_up, lambda x: (x.rsi, 30.0)),
    _read("rsi_overbought", "RSI leaves overbought | RSI 走出超买", -1,
          "RSI 14 crosses below 70 | RSI 14 下穿 70", _crosses_down, lambda x: (x.rsi, 70.0)),
    _read("kdj_oversold", "KDJ golden cross, oversold | KDJ 低位金叉", 1,
          "K crosses above D while D is below 20 | K 上穿 D 且 D 低于 20",
          lambda x, pair: _crosses_up(x, pair) & (x.kdj.d < 20), _kdj),
    _read("kdj_overbought", "KDJ death cross, overbought | KDJ 高位死叉", -1,
          "K crosses below D while D is above 80 | K 下穿 D 且 D 高于 80",
          lambda x, pair: _crosses_down(x, pair) & (x.kdj.d > 80), _kdj),
    _read("squeeze", "Bollinger squeeze | 布林带收口", 0,
          "band width becomes the narrowest of 120 bars | 带宽创 120 日新低",
          _first_below, lambda x: (x.bandwidth, before(ind.lowest(x.bandwidth, SQUEEZE_BARS - 1)))),
    _seen("divergence_up", "Bullish divergence | 底背离", 1,
          "a lower confirmed low of the price with a higher RSI 14, within 60 bars | "
          "60 日内价格低点更低而 RSI 14 更高（低点已确认）",
          lambda x: divergences(x.low, x.rsi, highs=False)),
    _seen("divergence_down", "Bearish divergence | 顶背离", -1,
          "a higher confirmed high of the price with a lower RSI 14, within 60 bars | "
          "60 日内价格高点更高而 RSI 14 更低（高点已确认）",
          lambda x: divergences(x.high, x.rsi, highs=True)),
    _seen("doji", "Doji | 十字星", 0,
          "body of at most a tenth of the usual range (TA-Lib CDLDOJI) | "
          "实体不足平常振幅的十分之一",
          _pattern(candles.doji, 1)),
    _seen("hammer", "Hammer | 锤子线", 1,
          "short body near the low before, long lower shadow, hardly an upper one "
          "(TA-Lib CDLHAMMER) | 低位小实体、长下影、几无上影",
          _pattern(candles.hammer, 1)),
    _seen("shooting_star", "Shooting star | 流星线", -1,
          "short body above the body before, long upper shadow, hardly a lower one "
          "(TA-Lib CDLSHOOTINGSTAR) | 高位小实体、长上影、几无下影",
          _pattern(candles.shooting_star, -1)),
    _seen("engulfing_up", "Bullish engulfing | 看涨吞没", 1,
          "rising body that holds the falling body before (TA-Lib CDLENGULFING above 0) | "
          "阳线实体吞没前一日阴线实体",
          _pattern(candles.engulfing, 1)),
    _seen("engulfing_down", "Bearish engulfing | 看跌吞没", -1,
          "falling body that holds the rising body before (TA-Lib CDLENGULFING below 0) | "
          "阴线实体吞没前一日阳线实体",
          _pattern(candles.engulfing, -1)),
    _seen("harami_up", "Bullish harami | 看涨孕线", 1,
          "short body within the long falling body before (TA-Lib CDLHARAMI above 0) | "
          "长阴线之后实体居其中的小K线", _pattern(candles.harami, 1)),
    _seen("harami_down", "Bearish harami | 看跌孕线", -1,
          "short body within the long rising body before (TA-Lib CDLHARAMI below 0) | "
          "长阳线之后实体居其中的小K线", _pattern(candles.harami, -1)),
    _seen("morning_star", "Morning star | 启明星", 1,
          "long fall, short body below a gap, rise back into the fall (TA-Lib CDLMORNINGSTAR) | "
          "长阴、跳空小实体、阳线收复", _pattern(candles.star, 1)),
    _seen("evening_star", "Evening star | 黄昏星", -1,
          "long rise, short body above a gap, fall back into the rise (TA-Lib CDLEVENINGSTAR) | "
          "长阳、跳空小实体、阴线回落", _pattern(candles.star, -1)),
)  # fmt: skip
BY_NAME: Mapping[str, Signal] = by_name(TABLE)
