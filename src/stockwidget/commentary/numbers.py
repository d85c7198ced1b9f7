"""Numbers and dates as people write them, in English and Chinese, found in a text.

Values are read with what was shown: ``11.5 %`` is 0.115 and cannot be told from anything between
0.1145 and 0.1155.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Sort = Literal["number", "percent", "date", "month", "period", "words"]

_UNITS = {
    "万亿": 1e12, "亿": 1e8, "万": 1e4, "千": 1e3,
    "trillion": 1e12, "billion": 1e9, "bn": 1e9, "million": 1e6, "mn": 1e6, "thousand": 1e3,
    "T": 1e12, "B": 1e9, "M": 1e6, "K": 1e3, "k": 1e3,
}  # fmt: skip
_PERCENTS = {"%": 1e-2, "percent": 1e-2, "per cent": 1e-2, "percentage point": 1e-2,
             "个百分点": 1e-2, "‰": 1e-3, "bps": 1e-4, "bp": 1e-4, "basis point": 1e-4,
             "个基点": 1e-4}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
# One character each, so that places in the text stay.
_WIDE = str.maketrans(
    "０１２３４５６７８９．，％＋－−–—～\u00a0\u2009\u202f\u3000",
    "0123456789.,%+----~    ",
)

_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d.])(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?![\d%])",
        r"(?<!\d)(?:(?P<y>\d{4})\s?年\s?)?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?[日号]",
        rf"\b(?P<m>{_MONTH})\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<y>\d{{4}})\b)?(?![,.]?\d|\s?%)",
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m>{_MONTH})\b(?:,?\s(?P<y>\d{{4}})\b)?",
        r"(?<!\d)(?P<y>\d{4})\s?年\s?(?P<m>\d{1,2})\s?月",
        rf"\b(?P<m>{_MONTH}),?\s(?P<y>\d{{4}})\b(?!\s?%)",
        r"(?<![\d.,-])(?P<y>\d{4})-(?P<m>0[1-9]|1[0-2])(?![\d.,%-])",
    )
)
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_PERCENT = "|".join(sorted(_PERCENTS, key=len, reverse=True))
_NUMBER = re.compile(
    r"(?P<hundredths>百分之\s?)?"
    r"(?:(?<![A-Za-z0-9_)\]])(?P<sign>[+-])\s?)?"
    r"(?:(?P<dollar>[$¥€£]|USD\s?|CNY\s?|HK\$)(?P<after>-)?)?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?![\d])|\d+)(?P<decimals>\.\d+)?(?P<exponent>e[+-]?\d+)?"
    rf"(?:\s?(?P<percent>{_PERCENT})s?(?![a-z])|\s?(?P<unit>{_UNIT})s?(?![A-Za-z]))?",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[ \t>*#-]*[(（]?\d{1,2}[.)）、](?=\s|[^\d\s])", re.MULTILINE)
_PERIOD = re.compile(
    r"[- ]?(?:(?:trading|calendar|straight|consecutive)[- ])?"
    r"(?:days?|weeks?|months?|years?|bars?|sessions?|d|w|y)\b"
    r"|\s?(?:个)?(?:交易日|日|天|周|个月|年|根)",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s?(?:-|~|to|and|至|到|…|\.\.\.)\s?[+-]?$")
_ONES = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"  # noqa: E501
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_HAN = "零〇一二三四五六七八九十百千两点"
_WORDS = re.compile(
    rf"\b(?:(?:{_TENS})(?:[- ](?:{_ONES}))?|{_ONES})\s"
    r"(?:(?:(?:hundred|thousand|million|billion|trillion)\s?)+(?:per ?cent)?|per ?cent)\b"
    rf"|百分之[{_HAN}]+|[{_HAN}]{{1,12}}(?:万亿|亿|万|个百分点|成(?=[，。；、 的以左]|$))",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """A number in a text, from ``start`` to ``end``."""

    start: int
    end: int
    sort: Sort
    """``period`` are windows and years (20-day, MA20, 2019), ``words`` are spelled and not read."""
    value: float = 0.0
    """As a fraction where a percent sign stood; the magnitude if ``sign`` is 0."""
    half: float = 0.0
    """Half of the last digit shown: what rounding may have changed."""
    sign: Literal[-1, 0, 1] = 0
    """As written; 0 if none was."""
    year: int | None = None
    month: int | None = None
    day: int | None = None


def plain(text: str) -> str:
    """The text with ASCII digits and signs, letter for letter in the same places."""
    return text.translate(_WIDE)


def numbers(text: str) -> list[Number]:
    """All numbers of ``text`` in order; numerals of lists ("1.", "2)") are none."""
    text = plain(text)
    found = [*_dates(text)]
    taken = [(each.start, each.end) for each in found]
    taken += [match.span() for match in _BULLET.finditer(text)]
    for match in _WORDS.finditer(text):
        if not _overlaps(match.span(), taken):
            taken.append(match.span())
            found.append(Number(start=match.start(), end=match.end(), sort="words"))
    measured = [m for m in _NUMBER.finditer(text) if not _overlaps(m.span(), taken)]
    found += [
        _read(text, match, following)
        for match, following in zip(measured, [*measured[1:], None], strict=False)
    ]
    return sorted(found, key=lambda each: each.start)


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


def _dates(text: str) -> Iterator[Number]:
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if _overlaps(match.span(), taken):
                continue
            said = match.groupdict()
            year = None if said["y"] is None else int(said["y"])
            name = said["m"].lower()
            month = int(name) if name.isdigit() else _MONTHS.index(name[:3]) + 1
            day = int(said["d"]) if said.get("d") else None
            try:
                date(2000 if year is None else year, month, day or 1)
            except ValueError:
                continue
            taken.append(match.span())
            yield Number(
                start=match.start(),
                end=match.end(),
                sort="month" if day is None else "date",
                year=year,
                month=month,
                day=day,
            )


def _read(text: str, match: re.Match[str], following: re.Match[str] | None) -> Number:
    said = match.groupdict()
    start, end = match.span()
    percent = said["percent"]
    if percent is None and said["unit"] is None and following is not None:
        between = text[end : following.start()] + (following["sign"] or "")
        if _JOINED.fullmatch(between):  # "from 3 to 5 %": the sign stands once
            percent = following["percent"]
    unit = said["unit"] or ""
    scale = 1.0
    if said["hundredths"]:
        scale = 1e-2
    elif percent:
        scale = _PERCENTS[percent.lower()]
    elif unit:
        scale = _UNITS.get(unit) or _UNITS.get(unit.lower()) or _UNITS[unit.upper()]
    decimals = said["decimals"] or ""
    exponent = said["exponent"] or ""
    value = float(said["digits"].replace(",", "") + decimals + exponent) * scale
    half = 0.5 * 10.0 ** (int(exponent[1:] or 0) - max(0, len(decimals) - 1)) * scale
    signed = said["sign"] or said["after"]
    sort: Sort = "percent" if percent or said["hundredths"] else "number"
    whole = sort == "number" and not (decimals or exponent or unit or signed or said["dollar"])
    if whole and "," not in said["digits"] and _names(text, start, end, int(value)):
        sort = "period"
    return Number(
        start=start,
        end=end,
        sort=sort,
        value=value,
        half=half,
        sign=0 if not signed else -1 if signed == "-" else 1,
    )


def _names(text: str, start: int, end: int, value: int) -> bool:
    """Whether a whole number names something: a window (20-day, MA20, RSI(14)) or a year."""
    glued = re.search(r"[A-Za-z][-_ (（]?$", text[:start])
    letters = glued is not None and (glued.group()[-1] != " ")
    year = 1900 <= value <= 2100
    return letters or year or _PERIOD.match(text, end) is not None
