"""What a careful reader should know about the bars before believing a number made of them.

Nothing here is repaired: bars that break a rule are refused by ``stockwidget.bars``, and what is
lawful but odd is found and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from stockwidget.analysis.events import SPLITS
from stockwidget.analysis.lines import Lines
from stockwidget.indicators.table import CHARTED

GAP_DAYS = 10
"""Calendar days without a bar that no usual holiday explains."""
WEEKLY = 5
"""Median of the calendar days between daily bars is 1; what is this wide holds several of them."""
SHORT = 252
SPLIT_WITHIN = 0.03
"""How far the open may lie from the ratio: a day's ordinary move."""
LEAST_JUMP = 0.35
FINDINGS: Mapping[str, tuple[str, str]] = {
    "short_history": (
        "{count} bars are less than a year: long averages and yearly numbers are missing.",
        "仅 {count} 根K线，不足一年：长期均线与年度指标缺失。",
    ),
    "empty_series": ("{count} bars are too few for {names}.", "{count} 根K线不足以计算 {names}。"),
    "no_volume": (
        "There is no volume on any bar: nothing is said about it.",
        "所有K线均无成交量，不作量能判断。",
    ),
    "halted": (
        "{count} bars have no volume, the longest run from {first} to {last} ({longest} bars).",
        "{count} 根K线无成交量，最长一段为 {first} 至 {last}（{longest} 根）。",
    ),
    "gaps": (
        "{count} gaps of over {least} days without a bar, the longest from {first} to {last}.",
        "有 {count} 段超过 {least} 天无K线，最长为 {first} 至 {last}。",
    ),
    "split_not_adjusted": (
        "{date}: the open is {ratio} times the close before, as after an unadjusted {split} split.",
        "{date}：开盘价为前收盘价的 {ratio} 倍，疑似 {split} 拆合股未复权。",
    ),
    "looks_ahead": (
        "{name} looks ahead: on bars cut off at {cut}, it answers otherwise for {date}.",
        "{name} 使用了未来数据：行情截至 {cut} 时，{date} 的结论不同。",
    ),
    "not_repeatable": (
        "{name} answers otherwise when asked again about the same bars.",
        "{name} 对同样的行情重复计算，结论不同。",
    ),
    "flat_prices": ("The price never moves.", "价格从未变动。"),
    "raw_dividends": (
        "Raw prices: returns, volatility and drawdown contain the jumps of dividends.",
        "不复权价格：涨跌幅、波动率与回撤包含分红造成的跳空。",
    ),
    "raw_splits": (
        "Raw prices: returns, volatility and drawdown contain the jumps of splits and dividends.",
        "不复权价格：涨跌幅、波动率与回撤包含拆股与分红造成的跳空。",
    ),
    "later_splits": (
        "Prices may be divided by splits after {date}: ratios are the day's, levels may not be.",
        "价格可能已按 {date} 之后的拆股折算：比率为当日所见，价位未必。",
    ),
    "later_factor": (
        "Adjusted for dividends or splits after {date}, too: the close was {close}, not {shown}.",
        "价格已按 {date} 之后的分红或拆股复权：当日收盘价为 {close}，而非 {shown}。",
    ),
    "not_daily": (
        "Bars are {days} days apart: numbers by the day or the year take them for daily ones.",
        "相邻K线相隔 {days} 天，并非日线；按日、按年的指标均以日线为准，在此失真。",
    ),
    "split_volume": (
        "Volume is as reported: before {date} it counts shares of before the {split} split.",
        "成交量未随拆股折算：{date} {split} 拆合股之前按旧股数计。",
    ),
    "no_benchmark": (
        "The benchmark {symbol} has no bars in this range: beta and alpha are missing.",
        "基准 {symbol} 在此区间无数据，贝塔与阿尔法缺失。",
    ),
    "few_common_days": (
        "Only {count} days in common with the benchmark {symbol}: beta and alpha say little.",
        "与基准 {symbol} 仅有 {count} 个共同交易日，贝塔与阿尔法参考意义有限。",
    ),
    "synthetic": (
        "Synthetic data: generated prices, no real market.",
        "模拟数据：随机生成的价格，并非真实行情。",
    ),
}
"""Key → sentence in English and Chinese, with the finding's parameters in braces."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One oddity; ``key`` is one of ``FINDINGS``."""

    key: str
    level: Literal["info", "warning"]
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = {
            name: ", ".join(value) if isinstance(value, list) else value
            for name, value in self.params.items()
        }
        return FINDINGS[self.key][0].format(**shown)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"key": self.key, "level": self.level, "params": dict(self.params)}


def findings(lines: Lines) -> list[Finding]:
    """Everything odd about the bars of a chart."""
    wide = _period(lines)
    gaps = [] if wide else _gaps(lines)
    return [*wide, *_splits(lines), *_still(lines), *_halts(lines), *gaps, *_short(lines)]


def _period(lines: Lines) -> list[Finding]:
    """Bars of weeks, months or longer times, as most of them lie apart."""
    if len(lines) < 2:
        return []
    days = int(np.median(np.diff(lines.dates).astype(np.int64)))
    if days < WEEKLY:
        return []
    return [Finding(key="not_daily", level="warning", params={"days": days})]


def _splits(lines: Lines) -> list[Finding]:
    """Opens that lie at a split's ratio to the close before, and stay there until the close."""
    opens, closes = lines.open[1:] / lines.close[:-1], lines.close[1:] / lines.close[:-1]
    found = []
    for row in np.flatnonzero(np.abs(np.log(opens)) > np.log1p(LEAST_JUMP)).tolist():
        for shares in SPLITS:
            for ratio, label in ((1.0 / shares, f"{shares}:1"), (float(shares), f"1:{shares}")):
                near = abs(opens[row] / ratio - 1.0) <= SPLIT_WITHIN
                stays = abs(closes[row] / ratio - 1.0) <= 2 * SPLIT_WITHIN
                if near and stays:
                    params = {
                        "date": str(lines.dates[row + 1]),
                        "row": row + 1,
                        "ratio": round(float(opens[row]), 4),
                        "split": label,
                    }
                    found.append(Finding(key="split_not_adjusted", level="warning", params=params))
    return found


def _still(lines: Lines) -> list[Finding]:
    if len(lines) > 1 and (lines.close == lines.close[0]).all():
        return [Finding(key="flat_prices", level="warning")]
    return []


def _halts(lines: Lines) -> list[Finding]:
    still = lines.volume == 0
    if still.all():
        return [Finding(key="no_volume", level="warning")]
    if not still.any():
        return []
    first, last = _longest(still)
    params = {
        "count": int(still.sum()),
        "longest": last - first + 1,
        "first": str(lines.dates[first]),
        "last": str(lines.dates[last]),
    }
    return [Finding(key="halted", level="info", params=params)]


def _gaps(lines: Lines) -> list[Finding]:
    days = np.diff(lines.dates).astype(np.int64)
    wide = days > GAP_DAYS
    if not wide.any():
        return []
    row = int(days.argmax())
    params = {
        "count": int(wide.sum()),
        "least": GAP_DAYS,
        "longest": int(days[row]),
        "first": str(lines.dates[row]),
        "last": str(lines.dates[row + 1]),
    }
    return [Finding(key="gaps", level="info", params=params)]


def _short(lines: Lines) -> list[Finding]:
    count = len(lines)
    found = []
    if count <= SHORT:
        found.append(Finding(key="short_history", level="info", params={"count": count}))
    empty = [row.name.upper().replace("_", " ") for row in CHARTED if row.lookback >= count]
    if empty:
        params = {"count": count, "names": empty}
        found.append(Finding(key="empty_series", level="warning", params=params))
    return found


def _longest(flags: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """First and last row of the longest run of True; the first of equally long ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    starts, ends = edges[::2], edges[1::2]
    best = int((ends - starts).argmax())
    return int(starts[best]), int(ends[best]) - 1
