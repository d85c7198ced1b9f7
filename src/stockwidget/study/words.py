"""A study in words, from its own numbers: English, and Chinese."""

# ruff: noqa: E501 - sentences

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

_EN = {
    "head": "{rule} on {label}: {n} days from {first} to {last} (every {every}).",
    "head_list": "{rule} on {label}: {n} days from {first} to {last}.",
    "top": "the first {top} by {rank}", "joined": "{rule}, {top}",
    "hits": "{hits} hits, {mean} a day of {judged} symbols judged ({share}).",
    "none": "No symbol was a hit on any day: there is nothing to compare.",
    "turnover": "From one day to the next {new} of the hits were new and {gone} of those before were gone.",
    "after": "After {horizon} bars the hits had returned {mean} on average, the universe on the same days {base}: a difference of {edge}{interval}; {n} hits on {days} days.",
    "interval": " (95% interval {low} to {high})", "no_interval": " (too few days for an interval)",
    "waiting": "After {horizon} bars: no return is known yet.",
    "spans_zero": "The interval spans zero: no difference is shown.",
    "few": "Only {independent} days at least {horizon} bars apart: little evidence, whatever the numbers say.",
    "ended": "{n} hits have no return after {horizon} bars because their bars end before (delisted or halted); they are left out, which flatters the average.",
    "survivors": "Today's list is used for the past: symbols that have left the market or the index since are missing (survivorship bias).",
    "cluster": "Hits of one day move together and returns from near days overlap, so days are counted and not hits; the interval is drawn from whole blocks of days.",
    "between": " ", "title": "title", "month": "month", "week": "week", "quarter": "quarter",
}  # fmt: skip
_ZH = {
    "head": "条件 {rule}，范围 {label}：{first} 至 {last} 共 {n} 个观察日（{every}）。",
    "head_list": "条件 {rule}，范围 {label}：{first} 至 {last} 共 {n} 个观察日。",
    "top": "按 {rank} 取前 {top} 只", "joined": "{rule}，{top}",
    "hits": "共选出 {hits} 次，平均每个观察日 {mean} 只，占可判断股票（{judged} 只）的 {share}。",
    "none": "所有观察日均无股票入选，无可比较。",
    "turnover": "相邻观察日之间，入选股票中平均 {new} 为新入选，上一期入选的有 {gone} 退出。",
    "after": "持有 {horizon} 个交易日：入选股票平均收益 {mean}，同日全体股票 {base}，超额 {edge}{interval}；样本 {n} 次、{days} 个观察日。",
    "interval": "（95% 区间 {low} 至 {high}）", "no_interval": "（观察日太少，不给区间）",
    "waiting": "持有 {horizon} 个交易日：尚无已实现的收益。",
    "spans_zero": "区间包含零：不能说明有差别。",
    "few": "相隔 {horizon} 个交易日以上的观察日只有 {independent} 个，样本太少，数字再好看也说明不了问题。",
    "ended": "有 {n} 次入选在 {horizon} 个交易日之前行情已终止（退市或停牌），未计入收益，平均值因此偏乐观。",
    "survivors": "用今天的名单回看过去：其间已退市或被调出的股票不在其中（幸存者偏差）。",
    "cluster": "同一天入选的股票同涨同跌，相近日期的收益又相互重叠，因此按观察日而非按股票计数；区间由整块日期重抽样得出。",
    "between": "", "title": "title_zh", "month": "每月末", "week": "每周末", "quarter": "每季末",
}  # fmt: skip
CATALOGUES = {"en": _EN, "zh": _ZH}


def words(document: Mapping[str, Any], locale: str) -> list[str]:
    """Return sentences, the weightiest warnings among them."""
    say = CATALOGUES[locale]
    days, hits = document["days"], document["days"]["hits"]
    found = [_head(document, say)]
    if not sum(hits):
        return [*found, say["none"], *_cautions(document, say)]
    judged = sum(days["judged"])
    found.append(
        say["hits"].format(
            hits=f"{sum(hits):,}",
            mean=f"{sum(hits) / len(hits):,.1f}",
            judged=f"{judged / len(hits):,.0f}",
            share=f"{sum(hits) / judged:.1%}",
        )
    )
    new, gone = (mean(days[name]) for name in ("new_share", "gone_share"))
    if new is not None and gone is not None:
        found.append(say["turnover"].format(new=f"{new:.0%}", gone=f"{gone:.0%}"))
    found += [say["between"].join(_after(row, say)) for row in document["forward"]]
    return [*found, say["cluster"], *_cautions(document, say)]


def mean(values: Sequence[float | None]) -> float | None:
    """Mean of those that are known."""
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def rule_in_words(params: Mapping[str, Any], say: Mapping[str, str]) -> str:
    """The rule as it was asked for, with the cut of ``top``."""
    title = params.get("function", {}).get(say["title"]) or params.get("function", {}).get("title")
    where = [f"{column} {op} {value:g}" for column, (op, value) in params.get("where", {}).items()]
    rule = " and ".join(
        [*([params["rule"]] if "rule" in params else []), *where, *([title] if title else [])]
    )
    if "top" not in params:
        return rule
    top = say["top"].format(top=params["top"], rank=params.get("rank", "ret_20"))
    return say["joined"].format(rule=rule, top=top) if rule else top


def _head(document: Mapping[str, Any], say: Mapping[str, str]) -> str:
    params, dates = document["params"], document["dates"]
    return say["head_list" if "dates" in params else "head"].format(
        rule=rule_in_words(params, say),
        label=document["label"],
        n=len(dates),
        first=dates[0],
        last=dates[-1],
        every=say[params.get("every", "month")],
    )


def _after(row: Mapping[str, Any], say: Mapping[str, str]) -> list[str]:
    if not row["days"]:
        return [say["waiting"].format(horizon=row["horizon"])]
    some = row["edge_low"] is not None
    interval = say["interval"].format(
        low=_percent(row["edge_low"]), high=_percent(row["edge_high"])
    ) if some else say["no_interval"]  # fmt: skip
    numbers = {
        "horizon": row["horizon"],
        "mean": _percent(row["mean"]),
        "base": _percent(row["base_mean"]),
        "edge": _percent(row["edge"]),
        "interval": interval,
        "n": f"{row['n']:,}",
        "days": row["days"],
    }
    found = [say["after"].format(**numbers)]
    if some and "spans_zero" in row["warnings"]:
        found.append(say["spans_zero"])
    if "few" in row["warnings"]:
        found.append(say["few"].format(**row))
    if row["ended"]:
        found.append(say["ended"].format(n=row["ended"], horizon=row["horizon"]))
    return found


def _cautions(document: Mapping[str, Any], say: Mapping[str, str]) -> list[str]:
    return [say["survivors"]] if "survivors" in document["warnings"] else []


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2%}".replace("-", "−")
