"""The report of an analysis as a reader takes it: text, Markdown, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from stockwidget.analysis.report import report

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#$|~&])")


class Report:
    """``print`` it or show it; ``paragraphs`` are ``{"key", "title", "lines"}``."""

    def __init__(
        self, document: Mapping[str, Any], locale: str, *, earlier: Mapping[str, Any] | None
    ) -> None:
        self.symbol = str(document["symbol"])
        self.paragraphs = report(document, locale, earlier=earlier)

    @cached_property
    def text(self) -> str:
        """Plain text: titles, and a line a sentence."""
        return "\n\n".join(
            "\n".join([each["title"], *(f"  {line}" for line in each["lines"])])
            for each in self.paragraphs
        )

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return "\n\n".join(
            "\n".join([f"#### {plain(each['title'])}", "", *_items(each["lines"])])
            for each in self.paragraphs
        )


def _items(lines: list[str]) -> list[str]:
    return [f"- {plain(line)}" for line in lines]


def plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\1", text)
