"""How a card is to be shown, as the call asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stockwidget.errors import InvalidRequest
from stockwidget.symbols import market, normalize

_CHOICES = {"locale": ("en", "zh"), "colors": ("red-up", "green-up")}


@dataclass(frozen=True, kw_only=True, slots=True)
class CardSettings:
    """``""`` means: as the page has it, as the market has it."""

    locale: str = ""
    colors: str = ""


def card_settings(**card: str | None) -> CardSettings:
    """How a card is to be shown. Raises InvalidRequest."""
    for field, value in card.items():
        if value is not None and value not in _CHOICES[field]:
            raise InvalidRequest(
                f"{field} must be {' or '.join(map(repr, _CHOICES[field]))}, not {value!r}.",
                hint="Leave it out to follow the page and the market.",
                field=field,
            )
    return CardSettings(**{key: value or "" for key, value in card.items()})


def red_is_up(colors: str, params: Mapping[str, Any]) -> bool:
    """Whether a rise is red: as asked for, else as the symbol's market has it (CN and HK)."""
    if colors:
        return colors == "red-up"
    symbol = params.get("symbol")
    return isinstance(symbol, str) and market(normalize(symbol)).code in {"CN", "HK"}
