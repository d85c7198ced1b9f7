"""Classic scans by name: each is a word of the language, so that it can be part of a rule.

``sw.scan("sample", rule="golden_cross and volume_ratio > 2", rank="score")``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """A name for a rule, with what analysts look for in it."""

    name: str
    rule: str
    en: str
    zh: str
    why_en: str
    why_zh: str


def _preset(name: str, rule: str, en: str, zh: str, why_en: str, why_zh: str) -> Preset:  # noqa: PLR0917
    return Preset(name=name, rule=rule, en=en, zh=zh, why_en=why_en, why_zh=why_zh)


_ROWS = (
    _preset(
        "golden_cross", "cross_up(sma(50), sma(200), within=5)",
        "golden cross", "金叉（50 日线上穿 200 日线）",
        "The 50-day average has come to lie above the 200-day one: a turn of the long trend.",
        "五十日均线上穿二百日均线，长期趋势转强。",
    ),
    _preset(
        "death_cross", "cross_down(sma(50), sma(200), within=5)",
        "death cross", "死叉（50 日线下穿 200 日线）",
        "The 50-day average has come to lie below the 200-day one.",
        "五十日均线下穿二百日均线，长期趋势转弱。",
    ),
    _preset(
        "macd_cross_uptrend", "cross_up(macd_dif, macd_dea, within=3) and close > sma(200)",
        "MACD cross in an uptrend", "上升趋势中的 MACD 金叉",
        "A fresh MACD cross, only where the price is above its 200-day average.",
        "MACD 新近金叉，且股价在二百日均线之上。",
    ),
    _preset(
        "oversold_uptrend", "rsi(2) < 10 and close > sma(200)",
        "oversold in an uptrend", "上升趋势中的超卖",
        "A sharp short fall within a long rise (Connors and Alvarez 2009).",
        "长期上升中的短期急跌（Connors、Alvarez，2009）。",
    ),
    _preset(
        "new_high_volume", "high >= highest(252) and volume_ratio(20) > 1.5",
        "52-week high on volume", "放量创 52 周新高",
        "The highest high of a year, with half as much volume again as usual.",
        "创一年新高，成交量较近二十日均量放大一半以上。",
    ),
    _preset(
        "squeeze_breakout",
        "shift(percentile(bandwidth, 120), 1) < 10 and cross_up(close, boll_upper)",
        "breakout from a Bollinger squeeze", "布林带收口后突破",
        "The bands were narrower than on 90 % of half a year; now the close leaves them upwards.",
        "布林带宽处于近半年最窄的一成，收盘向上突破上轨。",
    ),
    _preset(
        "kdj_cross_low", "cross_up(kdj_k, kdj_d, within=2) and kdj_k < 40",
        "KDJ cross from below", "KDJ 低位金叉",
        "K crosses D while both are still low.",
        "K 线在低位上穿 D 线。",
    ),
    _preset(
        "volume_spike", "volume_ratio(20) > 3 and ret(1) > 0.03",
        "volume spike with a rise", "放量上涨",
        "Three times the usual volume on a day that rose by more than 3 %.",
        "当日涨幅超过 3 %，成交量为近二十日均量的三倍以上。",
    ),
    _preset(
        "turtle_breakout", "cross_up(high, shift(donchian_upper(20), 1)) and adx(14) > 20",
        "20-day breakout with a trend", "趋势中突破 20 日高点",
        "The high passes that of the 20 days before, as the Turtles did, where ADX sees a trend.",
        "最高价突破此前二十日高点（海龟法则），且 ADX 显示有趋势。",
    ),
    _preset(
        "pullback_to_average",
        "sma(50) > sma(200) and within(low <= sma(50), 3) and close > sma(50) and rising(close, 1)",
        "pullback to the 50-day average", "回踩 50 日线",
        "In an uptrend the price touched its 50-day average and left it upwards.",
        "上升趋势中回踩五十日均线后重新站上。",
    ),
    _preset(
        "three_white_soldiers", "rising(close, 3) and count(close > open, 3) == 3",
        "three rising days", "红三兵",
        "Three days that each closed above their open and above the day before.",
        "连续三日收阳且收盘逐日抬高。",
    ),
)  # fmt: skip
PRESETS: Mapping[str, Preset] = {row.name: row for row in _ROWS}
TEXTS: Mapping[str, str] = {row.name: row.rule for row in _ROWS}
