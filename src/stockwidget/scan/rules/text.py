"""The letters of a rule: what may be written, and where each letter stood.

Chinese keyboards give full-width signs, and 且, 或, 非 for and, or, not: they are read as what they
mean. The text that is parsed may so differ in length from what was typed; ``Text`` knows the way
back, so that an error points at the letter that was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stockwidget.errors import InvalidRule

MAX_LETTERS = 2_000
MAX_DEPTH = 40
"""Parentheses that may be open at once."""

_FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | {
    "\u3000": " ",
    "。": ".",
    "、": ",",
    "【": "(",
    "】": ")",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "×": "*",
    "÷": "/",
    "−": "-",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "且": " and ",
    "或": " or ",
    "非": " not ",
    "\n": " ",
    "\r": " ",
    "\t": " ",
}
_HINTS = {
    "&": "Write `and` between conditions.",
    "|": "Write `or` between conditions.",
    "~": "Write `not` before a condition.",
    "^": "There are no powers; x * x is a square, sqrt(x) a root.",
    "%": "Write 5% as 0.05.",
    "[": "Past values are shift(x, n).",
    "{": "Only round brackets have a meaning.",
    "#": "A rule has no comments.",
    ";": "A rule is one condition; join several by `and`.",
    ":": "A rule is one condition; there is no `if` or `lambda`.",
}
_READ = re.compile(r"[A-Za-z0-9_.,()<>=!+\-*/ \"']")


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A rule as typed, the same in plain letters, and for each of these the place it came from."""

    typed: str
    plain: str
    places: tuple[int, ...]
    field: str

    def error(
        self,
        message: str,
        *,
        start: int,
        end: int,
        hint: str = "",
        nearest: list[str] | None = None,
        kind: str,
        **data: object,
    ) -> InvalidRule:
        """Build the error that points at ``plain[start:end]``.

        ``kind`` and ``data`` say it again for those who word it in another language.
        """
        column = self.places[min(start, len(self.places) - 1)]
        last = self.places[min(max(end, start + 1), len(self.places) - 1)]
        return InvalidRule(
            message,
            hint=hint,
            field=self.field,
            text=self.typed,
            column=column,
            end=max(last, column + 1),
            nearest=nearest,
            kind=kind,
            **data,
        )


def read(typed: object, field: str) -> Text:
    """Return ``typed`` in plain letters; InvalidRule for the first that has no place in a rule."""
    if not isinstance(typed, str):
        raise InvalidRule(
            f"{field} must be text, not {type(typed).__name__}.",
            hint="For example 'close > sma(200)'.",
            field=field,
            kind="not_text",
        )
    if not typed.strip():
        raise InvalidRule(
            f"{field} is empty.",
            hint="For example 'close > sma(200)'.",
            field=field,
            text=typed,
            kind="empty",
        )
    if len(typed) > MAX_LETTERS:
        raise InvalidRule(
            f"{field} has {len(typed)} letters; {MAX_LETTERS} is the most.",
            hint="Scan in two steps, or write it as a function.",
            field=field,
            kind="too_long",
            given=len(typed),
            most=MAX_LETTERS,
        )
    pieces: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(typed):
        piece = _FULL_WIDTH.get(letter, letter)
        pieces.append(piece)
        places += [place] * len(piece)
    text = Text(typed=typed, plain="".join(pieces), places=(*places, len(typed)), field=field)
    _check(text)
    return text


def _check(text: Text) -> None:
    depth = 0
    for place, letter in enumerate(text.plain):
        if not _READ.fullmatch(letter):
            raise text.error(
                f"`{letter}` has no meaning in a rule.",
                start=place,
                end=place + 1,
                hint=_HINTS.get(letter, "Names, numbers, + - * / ( ) , and comparisons have one."),
                kind="unknown_letter",
                letter=letter,
            )
        depth += (letter == "(") - (letter == ")")
        if depth > MAX_DEPTH:
            raise text.error(
                f"More than {MAX_DEPTH} brackets are open at once.",
                start=place,
                end=place + 1,
                hint="Take some of them out.",
                kind="too_many_brackets",
                most=MAX_DEPTH,
            )
