"""Whether the numbers of a text are those of the facts, rounded to the digits that it shows.

A match says that such a number stands in the facts, not that it is said of the right thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stockwidget.commentary.facts import Known, known
from stockwidget.commentary.numbers import Number, numbers, plain

_EPS = 1e-9
_STOPS = re.compile(r"[;:!?，。；：！？、\n()（）]|[,.](?!\d)")
"""A word of falling counts for the numbers of its clause."""
_FALLING = re.compile(
    r"\b(?:fell|fall\w*|drop\w*|declin\w*|down\w*|los[est]\w*|below|under|beneath|draw-?downs?"
    r"|negative|minus|decreas\w*|slid\w*|sank|shed|off|retreat\w*|dip\w*|correct\w*|shortfall"
    r"|c?var|worst|trail\w*|lag\w*|underperform\w*|lower|reduc\w*|plung\w*|tumbl\w*)\b"
    r"|跌|降|低于|之下|下方|下行|回撤|亏|负|损|回落|落后|减|跑输|缩水",
    re.IGNORECASE,
)
_ABOUT = r"(?:\s?(?:by|about|around|roughly|nearly|some|over|了|约|近|逾|达|为|至))*\s?$"
_FELL = re.compile(
    rf"(?:\b(?:fell|dropped|declined|lost|slid|sank|shed|tumbled|plunged)\b|跌|下降|跌幅){_ABOUT}",
    re.IGNORECASE,
)
_ROSE = re.compile(
    r"(?:\b(?:rose|gained|climbed|advanced|rallied|jumped|surged|grew|up)\b"
    rf"|涨|上升|升|涨幅|增长|反弹){_ABOUT}",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A text in pieces, with the numbers that no fact bears out."""

    text: str
    count: int
    """Numbers and dates that were looked at."""
    unmatched: tuple[Number, ...]

    @property
    def said(self) -> list[str]:
        """The unmatched numbers as they were written."""
        return [self.text[each.start : each.end].strip() for each in self.unmatched]

    def parts(self) -> list[dict[str, Any]]:
        """``{"text", "unmatched"}`` one after the other; joined they give the text."""
        parts: list[dict[str, Any]] = []
        at = 0
        for each in self.unmatched:
            if each.start > at:
                parts.append({"text": self.text[at : each.start], "unmatched": False})
            parts.append({"text": self.text[each.start : each.end], "unmatched": True})
            at = each.end
        if at < len(self.text):
            parts.append({"text": self.text[at:], "unmatched": False})
        return parts


def check(text: str, facts: Mapping[str, Any]) -> Checked:
    """Look for every number of ``text`` among ``facts`` (``facts.facts_of``)."""
    have, even = known(facts), plain(text)
    found = numbers(text)
    wrong = tuple(each for each in found if not _borne_out(each, have, even))
    return Checked(text=text, count=len(found), unmatched=wrong)


def _borne_out(number: Number, have: Known, text: str) -> bool:
    if number.sort == "words":
        return False
    if number.sort in {"date", "month"}:
        return any(
            day.month == number.month
            and number.year in {None, day.year}
            and number.day in {None, day.day}
            for day in have.dates
        )
    if number.sort == "period":
        whole = int(number.value)
        if whole in have.windows or have.first <= whole <= have.last:
            return True
    return _among(number, have.values, text) or (
        number.sort == "percent" and _among(number, have.percents, text)
    )


def _among(number: Number, values: Sequence[float], text: str) -> bool:
    """A number without a sign is a fact's magnitude, if its clause says that it fell."""
    before, around = _clause(number, text)
    for fact in values:
        if abs(abs(fact) - number.value) > number.half + _EPS * max(1.0, number.value):
            continue
        if number.sign:
            if fact == 0 or (fact > 0) == (number.sign > 0):
                return True
        elif fact < 0:
            if _FALLING.search(around) and not _ROSE.search(before):
                return True
        elif number.sort != "percent" or not _FELL.search(before):
            return True
    return False


def _clause(number: Number, text: str) -> tuple[str, str]:
    """What stands before a number in its clause, and the whole clause."""
    start = max((m.end() for m in _STOPS.finditer(text, 0, number.start)), default=0)
    stop = _STOPS.search(text, number.end)
    end = len(text) if stop is None else stop.start()
    return text[start : number.start], text[start:end]
