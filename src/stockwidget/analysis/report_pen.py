"""How a report writes: a sentence by its key, and numbers with no more digits than they deserve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stockwidget.analysis.report_words import SENTENCES, TITLES
from stockwidget.analysis.wording import Wording

Part = Mapping[str, Any]
Paragraph = dict[str, Any]
"""``key``, ``title`` and ``lines``, sentences without markup."""
_MILLION = 1e6


class Pen:
    """Writes in one language about one document."""

    def __init__(self, document: Part, locale: str) -> None:
        self.terms = Wording(document["terms"], locale)
        self._place = 1 if self.terms.language == "zh" else 0
        self._percent = "%" if self._place else " %"

    def say(self, key: str, **values: object) -> str:
        """The sentence ``key`` with its facts."""
        return SENTENCES[key][self._place].format(**values)

    def paragraph(self, key: str, lines: Iterable[str | None], **values: object) -> Paragraph:
        """A titled paragraph of the lines that there are."""
        title = TITLES[key][self._place].format(**values)
        return {"key": key, "title": title, "lines": [line for line in lines if line]}

    def join(self, parts: Iterable[str]) -> str:
        """A list within a sentence."""
        return ("、" if self._place else "; ").join(parts)

    def beside(self, parts: Iterable[str]) -> str:
        """Remarks in brackets."""
        return ("，" if self._place else ", ").join(parts)

    def follow(self, sentences: Iterable[str]) -> str:
        """Sentences one after the other, in a line."""
        return ("" if self._place else " ").join(sentences)

    def percent(self, value: float | None, sign: str = "+", digits: int = 1) -> str:
        """A fraction as percent; ``sign="-"`` for what is never a change."""
        return percent(value, self._percent, sign, digits)

    def share(self, value: float) -> str:
        """A fraction as whole percent."""
        return f"{100 * value:.0f}{self._percent}"

    @staticmethod
    def score(value: float | None) -> str:
        """A score or points, with a decimal where it has one."""
        return "–" if value is None else f"{value:.1f}".removesuffix(".0")

    @staticmethod
    def number(value: float | None) -> str:
        """See ``number``."""
        return number(value)

    def price(self, value: float | None, currency: str = "") -> str:
        """A price, with its currency where it is the first of a text."""
        return f"{self.number(value)} {currency}".strip()

    def reading(self, key: str, value: float) -> str:
        """See ``reading``."""
        return reading(key, value, self.terms.language)


def number(value: float | None) -> str:
    """Any number: two decimals, or four digits of a small one, or none of a large one."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    if abs(value) < 1:
        return f"{value:.4g}"
    return f"{value:,.0f}" if abs(value) >= _MILLION else f"{value:,.2f}"


def percent(value: float | None, unit: str, sign: str, digits: int = 1) -> str:
    """A fraction as percent, as ``Pen.percent`` has it."""
    if value is None:
        return "–"
    shown = round(100 * value, digits) or 0.0
    return f"{shown:{sign if shown else '-'},.{digits}f}{unit}"


def reading(key: str, value: float | None, language: str) -> str:
    """What the rule ``key`` of the score compared, in its own unit."""
    unit = "%" if language == "zh" else " %"
    if key.startswith("ret_") or key == "depth":
        return percent(value, unit, "+")
    if key == "rising_volume":
        return percent(value, unit, "-")
    if value is not None and float(value).is_integer():
        return f"{value:,.0f}"
    return number(value)
