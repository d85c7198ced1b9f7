"""From a rule's letters to Python's tree; what Python cannot read is pointed at."""

from __future__ import annotations

import ast
import re
import warnings

from stockwidget.scan.rules.text import Text


def parse(text: Text) -> ast.expr:
    """Return Python's tree of a rule's text; InvalidRule points at what it could not read."""
    plain = text.plain
    start = len(plain) - len(plain.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(_lower_words(plain[start:].rstrip()), mode="eval").body
    except SyntaxError as error:
        # Python names no place where a text ends too early.
        place = start + error.offset - 1 if error.offset else len(plain.rstrip())
        why = _why(plain)
        wide = (error.end_offset or 0) - (error.offset or 0)
        raise text.error(
            "This cannot be read.", start=place, end=place + max(wide, 1), hint=_WHY[why], kind=why
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise text.error(
            "This is nested too deeply.",
            start=0,
            end=len(plain),
            hint="Write it in simpler terms.",
            kind="too_nested",
        ) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword):
            node.col_offset += start
            node.end_col_offset = (node.end_col_offset or node.col_offset) + start
    return tree


def _lower_words(plain: str) -> str:
    return re.sub(r"\b(AND|OR|NOT)\b", lambda found: found[0].lower(), plain)


_WHY = {
    "unpaired": "The brackets do not pair up.",
    "single_equals": "Equality is ==; settings are named inside brackets, as in sma(window=20).",
    "unreadable": "As in close > sma(200) and rsi(14) < 70.",
}


def _why(plain: str) -> str:
    """Return which of ``_WHY`` it is."""
    if plain.count("(") != plain.count(")"):
        return "unpaired"
    return "single_equals" if re.search(r"(?<![<>=!])=(?!=)", plain) else "unreadable"
