"""Why facts on a company are missing, or need care: English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

# ruff: noqa: E501 - a catalogue reads better as a table

REASONS: Mapping[str, tuple[str, str]] = {
    "no_events": (
        "No fundamentals from this source ({source}); its adjusted closes show no dividend or split.",
        "数据源 {source} 不提供基本面数据；复权价亦未见分红或拆股。",
    ),
    "only_events": (
        "No fundamentals from this source ({source}): neither valuation nor growth, quality or earnings dates.",
        "数据源 {source} 不提供基本面数据：无估值、成长、质量与财报日期。",
    ),
    "none_known": (
        "{source} has no fundamentals of {symbol} that were published by {date}.",
        "截至 {date}，数据源 {source} 没有 {symbol} 已公布的基本面数据。",
    ),
    "undated_used": (
        "Facts without a date of publication: {count}. They are as the source has them now, and are never used for the past.",
        "{count} 项数据无公布日期：按数据源当前值列示，不用于历史回看。",
    ),
    "undated_left": (
        "Facts without a date of publication: {count}. Not used, as nobody knows whether they were known then.",
        "{count} 项数据无公布日期，无法确认当时是否已知，故未采用。",
    ),
    "later_facts": (
        "Facts published after the last bar ({date}): {count}. Not used; append newer bars.",
        "{count} 项数据公布于最后一根K线（{date}）之后，未采用；请先补充较新的行情。",
    ),
    "old_figures": (
        "Figures of a period that ended more than 460 days before: {count}.",
        "{count} 项数据的报告期距今已超过 460 天。",
    ),
    "not_positive": ("The figure it rests on is not above zero.", "所依据的数值不为正。"),
    "other_currency": (
        "The figure is in {theirs} and the price in {ours}.",
        "数据以 {theirs} 计，股价以 {ours} 计。",
    ),
    "split_between": (
        "A split on {date} lies between the figure and the price.",
        "数据公布后于 {date} 发生拆合股，与现价不可比。",
    ),
    "stale": ("The newest figure is of {date}.", "最新数据为 {date}，已过时。"),
    "rescaled": (
        "Prices of this source are divided by splits that came after {date}.",
        "该数据源的价格已按 {date} 之后的拆股折算。",
    ),
    "implied": (
        "Read from adjusted closes: amounts are right to a few percent of themselves.",
        "由复权价推算，金额误差约百分之几。",
    ),
}
