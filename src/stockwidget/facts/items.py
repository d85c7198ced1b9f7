"""The facts there are: names, units and definitions, as one table. Light: no pandas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["ratio", "fraction", "amount", "per_share", "shares"]
"""``fraction``: 0.01 is 1 %. ``amount`` and ``per_share`` are in a currency."""
MONEY: frozenset[str] = frozenset({"amount", "per_share"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One number about one company. Dates are ISO."""

    item: str
    """A name of ``ITEMS``."""
    value: float | None
    """None for an earnings date whose result is not out."""
    period_end: str | None
    """Last day of the period; of an event, its day."""
    published: str | None
    """First day on whose close it was known; None if nobody said."""
    currency: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A kind of fact."""

    name: str
    title: str
    title_zh: str
    rule: str
    """Definition."""
    rule_zh: str
    unit: Unit
    event: bool = False
    derived: bool = False
    """Only ever reckoned here, never taken from a source."""


def _items(
    *rows: tuple[str, Unit, str, str, str, str], event: bool = False, derived: bool = False
) -> tuple[Item, ...]:
    return tuple(
        Item(
            name=name,
            unit=unit,
            title=title,
            title_zh=title_zh,
            rule=rule,
            rule_zh=rule_zh,
            event=event,
            derived=derived,
        )
        for name, unit, title, title_zh, rule, rule_zh in rows
    )


_STATED = _items(
    ("pe_ttm", "ratio", "P/E (TTM)", "市盈率 (TTM)",
     "close by diluted earnings per share of the last four quarters; none after a loss",
     "收盘价 / 最近四个季度稀释每股收益，亏损时不计"),
    ("pb", "ratio", "P/B", "市净率",
     "close by book value per share", "收盘价 / 每股净资产"),
    ("ps_ttm", "ratio", "P/S (TTM)", "市销率 (TTM)",
     "market value by revenue of the last four quarters", "总市值 / 最近四个季度营业收入"),
    ("dividend_yield", "fraction", "Dividend yield", "股息率",
     "dividends with an ex-date within 365 days, by the close", "近 365 天除息的每股分红合计 / 收盘价"),
    ("market_cap", "amount", "Market value", "总市值",
     "close times shares outstanding", "收盘价 × 总股本"),
    ("revenue_growth", "fraction", "Revenue growth", "营收同比",
     "revenue of the period over that of the same period a year before, less 1",
     "本期营业收入 / 上年同期 − 1"),
    ("earnings_growth", "fraction", "Earnings growth", "净利润同比",
     "net income of the period over that of the same period a year before, less 1",
     "本期净利润 / 上年同期 − 1"),
    ("roe", "fraction", "Return on equity", "净资产收益率 (ROE)",
     "net income of the last four quarters by mean equity", "最近四个季度净利润 / 平均净资产"),
    ("gross_margin", "fraction", "Gross margin", "毛利率",
     "gross profit by revenue", "毛利 / 营业收入"),
    ("net_margin", "fraction", "Net margin", "净利率",
     "net income by revenue", "净利润 / 营业收入"),
    ("debt_to_equity", "ratio", "Debt to equity", "负债权益比",
     "interest-bearing debt by equity", "有息负债 / 净资产"),
    ("free_cash_flow", "amount", "Free cash flow", "自由现金流",
     "operating cash flow less capital expenditure, last four quarters",
     "最近四个季度经营现金流 − 资本开支"),
    ("revenue", "amount", "Revenue (TTM)", "营业收入 (TTM)",
     "of the last four quarters", "最近四个季度合计"),
    ("eps", "per_share", "Earnings per share (TTM)", "每股收益 (TTM)",
     "diluted, of the last four quarters", "稀释，最近四个季度合计"),
    ("book_value_per_share", "per_share", "Book value per share", "每股净资产",
     "equity by shares outstanding", "净资产 / 总股本"),
    ("shares_outstanding", "shares", "Shares outstanding", "总股本",
     "all shares issued less those held by the company", "已发行股份，不含库存股"),
    ("float_shares", "shares", "Free float", "流通股本",
     "shares that can be traded", "可流通的股份"),
)  # fmt: skip
_DERIVED = _items(
    ("turnover_rate", "fraction", "Turnover rate", "换手率",
     "volume of the last bar by the free float, or by the shares outstanding",
     "最近一日成交量 / 流通股本（缺失时用总股本）"),
    ("turnover_rate_20", "fraction", "Turnover rate, 20 bars", "20 日平均换手率",
     "mean volume of 20 bars by the same shares", "20 日平均成交量 / 同一股本"),
    derived=True,
)  # fmt: skip
_EVENTS = _items(
    ("dividend", "per_share", "Dividend", "分红",
     "amount for a share; its day is the first without the right to it", "每股金额；日期为除息日"),
    ("split", "ratio", "Split", "拆合股",
     "new shares for an old one; its day is the first with the new shares",
     "每 1 股变为几股；日期为除权日"),
    ("earnings", "per_share", "Earnings date", "财报日",
     "day on which results come out, with the earnings per share where they are out",
     "业绩公布日；已公布时附每股收益"),
    event=True,
)  # fmt: skip
ITEMS: Mapping[str, Item] = {each.name: each for each in (*_STATED, *_DERIVED, *_EVENTS)}
FIGURES: tuple[str, ...] = tuple(each.name for each in _STATED)
"""What a source may state of a company, in the order of a table of them."""
EVENTS: tuple[str, ...] = tuple(each.name for each in _EVENTS)
