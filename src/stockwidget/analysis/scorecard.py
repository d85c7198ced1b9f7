"""What a score is made of, as data: families and their weights, rules and bands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from stockwidget import indicators as ind
from stockwidget.analysis.lag import before
from stockwidget.analysis.lines import Lines
from stockwidget.errors import InvalidRequest
from stockwidget.indicators.arrays import Floats
from stockwidget.params import WEIGHTS, check_weights
from stockwidget.scorecards import total

Direction = Literal[-1, 0, 1]
How = Literal["compared", "share", "holds"]
Reading = tuple[Floats, Floats]
"""What a rule looks at and what it compares with, both (n,)."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A question to each bar. Its points are given in whole or not at all, unless it has a share.

    ``points`` are its share of the family; a bar whose value or threshold is NaN has no answer.
    """

    name: str
    family: str
    points: float
    rule: str
    rule_zh: str
    reading: Callable[[Lines], Reading]
    above: bool = True
    """Whether the value has to lie above its threshold, or below."""
    share: Callable[[Lines], Floats] | None = None
    """The share of its points that each bar earns (n,), 0 to 1, NaN where it has no answer; None:
    all of them where the value lies on the right side of the threshold."""
    how: How = "compared"
    """What a reader is shown: value and threshold, a share of the points, or whether it holds."""

    def shares(self, lines: Lines, value: Floats, threshold: Floats) -> Floats:
        """Return the share of its points that each bar earns, given ``reading(lines)``."""
        if self.share is not None:
            return self.share(lines)
        known = np.isfinite(value) & np.isfinite(threshold)
        return np.where(known, holds(self, value, threshold), np.nan)


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """Scores from ``least`` up to the next band, named in both languages."""

    name: str
    least: float
    title: str
    title_zh: str
    direction: Direction
    """What such a score is said to announce: its record counts hits by it."""


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """Families whose weights sum to one, their rules, and what a score is called.

    Below ``least_coverage`` there is no score.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    least_coverage: float = 0.6
    rules: tuple[Rule, ...] = field(default_factory=lambda: RULES)
    bands: tuple[Band, ...] = field(default_factory=lambda: BANDS)
    """Highest first."""
    titles: Mapping[str, tuple[str, str]] = field(default_factory=lambda: FAMILY_TITLES)
    """Of the families, in English and Chinese."""
    kept: float = 1.0
    """Share of the score that the card has beside factors of the user."""

    def __post_init__(self) -> None:
        if self.rules is RULES:
            check_weights(self.weights)
        if not 0.0 <= self.least_coverage <= 1.0:
            raise InvalidRequest(
                f"least_coverage must lie between 0 and 1, not {self.least_coverage!r}.",
                hint="0.6 is usual: three fifths of the weight must be known.",
                field="least_coverage",
            )

    def points(self, rule: Rule) -> float:
        """Points of 100 that ``rule`` can give under these weights."""
        whole = total(other.points for other in self.rules if other.family == rule.family)
        return 100.0 * self.weights.get(rule.family, 0.0) * rule.points / whole

    def beside(
        self,
        rules: tuple[Rule, ...],
        weights: Mapping[str, float],
        titles: Mapping[str, tuple[str, str]],
    ) -> Scorecard:
        """Return the card with other families beside its own, which share what weight is left."""
        kept = max(1.0 - total(weights.values()), 0.0)
        return replace(
            self,
            weights={**{name: kept * each for name, each in self.weights.items()}, **weights},
            rules=self.rules + rules,
            titles={**self.titles, **titles},
            kept=kept,
        )

    def band(self, score: float) -> Band:
        """Return the band that ``score``, 0 to 100, lies in."""
        return next(b for b in self.bands if score >= b.least)


def holds(rule: Rule, value: Any, threshold: Any) -> Any:
    """Whether numbers (or arrays) earn the points; False for NaN."""
    return value > threshold if rule.above else value < threshold


def _level(value: float) -> Callable[[Lines], Floats]:
    return lambda x: np.full(len(x), value)


def _rule(
    name: str,
    family: str,
    points: float,
    rules: str,
    value: Callable[[Lines], Floats],
    threshold: Callable[[Lines], Floats],
    *,
    above: bool = True,
) -> Rule:
    rule, rule_zh = rules.split(" | ")
    return Rule(
        name=name,
        family=family,
        points=points,
        rule=rule,
        rule_zh=rule_zh,
        reading=lambda x: (value(x), threshold(x)),
        above=above,
    )


def _obv(x: Lines) -> Floats:
    """OBV, missing where nothing was traded in 20 bars: volume then says nothing."""
    return np.where(ind.highest(x.volume, 20) > 0, x.obv, np.nan)


def _mfi(x: Lines) -> Floats:
    """MFI 14, missing where no price moved with a trade in its window: TA-Lib has 0 there."""
    moved = x.volume * np.abs(np.diff(x.high + x.low + x.close, prepend=np.nan))
    return np.where(ind.highest(moved, 14) > 0, x.mfi, np.nan)


def _rsi(x: Lines) -> Floats:
    """RSI 14, missing where the price did not move in its window: TA-Lib has 0 there."""
    still = ind.highest(x.close, 15) == ind.lowest(x.close, 15)
    return np.where(still, np.nan, x.rsi)


def _rising_share(x: Lines) -> Floats:
    """Share of the last 20 bars' volume that was traded on rising closes."""
    rises = np.where(np.isnan(x.ret(1)), np.nan, np.where(x.ret(1) > 0, x.volume, 0.0))
    falls = np.where(np.isnan(x.ret(1)), np.nan, np.where(x.ret(1) < 0, x.volume, 0.0))
    up, down = ind.sma(rises, 20), ind.sma(falls, 20)
    out: Floats = np.full(len(x), np.nan)
    np.divide(up, up + down, out=out, where=up + down > 0)
    return out


def _depth(x: Lines) -> Floats:
    """Fall below the highest close of 252 bars, a fraction from −1 to 0."""
    return np.asarray(x.close / ind.highest(x.close, 252) - 1.0)


RULES: tuple[Rule, ...] = (
    _rule("close_sma_20", "trend", 6, "close above SMA 20 | 收盘价高于 20 日均线",
          lambda x: x.close, lambda x: x.sma(20)),
    _rule("close_sma_50", "trend", 6, "close above SMA 50 | 收盘价高于 50 日均线",
          lambda x: x.close, lambda x: x.sma(50)),
    _rule("sma_20_50", "trend", 6, "SMA 20 above SMA 50 | 20 日均线高于 50 日均线",
          lambda x: x.sma(20), lambda x: x.sma(50)),
    _rule("sma_50_200", "trend", 6, "SMA 50 above SMA 200 | 50 日均线高于 200 日均线",
          lambda x: x.sma(50), lambda x: x.sma(200)),
    _rule("sma_50_slope", "trend", 6, "SMA 50 above its value of 20 bars ago | "
          "50 日均线高于 20 日前",
          lambda x: x.sma(50), lambda x: before(x.sma(50), 20)),
    _rule("rsi_50", "technical", 6, "RSI 14 above 50 | RSI 14 高于 50",
          _rsi, _level(50.0)),
    _rule("rsi_70", "technical", 4, "RSI 14 below 70 | RSI 14 低于 70，未超买",
          _rsi, _level(70.0), above=False),
    _rule("macd_signal", "technical", 6, "MACD line above its signal | DIF 高于 DEA",
          lambda x: x.macd.dif, lambda x: x.macd.dea),
    _rule("kdj", "technical", 5, "K above D | K 值高于 D 值",
          lambda x: x.kdj.k, lambda x: x.kdj.d),
    _rule("percent_b", "technical", 4, "close above the middle Bollinger band: %B above 0.5 | "
          "收盘价高于布林中轨，即 %B 高于 0.5", lambda x: x.percent_b, _level(0.5)),
    _rule("obv", "volume", 8, "OBV above its mean of 20 bars | OBV 高于 20 日均值",
          _obv, lambda x: ind.sma(x.obv, 20)),
    _rule("mfi", "volume", 6, "MFI 14 above 50 | MFI 14 高于 50",
          _mfi, _level(50.0)),
    _rule("rising_volume", "volume", 6, "more than half of 20 bars' volume on rising closes | "
          "20 日内上涨日成交量过半", _rising_share, _level(0.5)),
    _rule("natr", "volatility", 8, "NATR 14 below its mean of 252 bars | "
          "NATR 14 低于 252 日均值", lambda x: x.natr,
          lambda x: ind.sma(x.natr, 252), above=False),
    _rule("depth", "volatility", 7, "less than 10 % below the highest close of 252 bars | "
          "距 252 日最高收盘价回撤小于 10%", _depth, _level(-0.1)),
    _rule("ret_20", "momentum", 4, "return over 20 bars above 0 | 20 日涨幅为正",
          lambda x: x.ret(20), _level(0.0)),
    _rule("ret_60", "momentum", 3, "return over 60 bars above 0 | 60 日涨幅为正",
          lambda x: x.ret(60), _level(0.0)),
    _rule("ret_252", "momentum", 3, "return over 252 bars above 0 | 252 日涨幅为正",
          lambda x: x.ret(252), _level(0.0)),
)  # fmt: skip
FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(rule.family for rule in RULES))
FAMILY_TITLES: Mapping[str, tuple[str, str]] = {
    "trend": ("Trend", "趋势"),
    "technical": ("Technical", "技术指标"),
    "volume": ("Volume", "成交量"),
    "volatility": ("Volatility", "波动"),
    "momentum": ("Momentum", "动量"),
}
BANDS: tuple[Band, ...] = (
    Band(name="strong_buy", least=80.0, title="Strong buy", title_zh="强烈买入", direction=1),
    Band(name="buy", least=60.0, title="Buy", title_zh="买入", direction=1),
    Band(name="hold", least=40.0, title="Hold", title_zh="观望", direction=0),
    Band(name="reduce", least=20.0, title="Reduce", title_zh="减持", direction=-1),
    Band(name="sell", least=0.0, title="Sell", title_zh="卖出", direction=-1),
)
"""Highest first; made of the score alone, and no advice."""
