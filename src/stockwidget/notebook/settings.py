"""How a card is to be shown, as the call asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stockwidget.symbols import market, normalize


@dataclass(frozen=True, kw_only=True, slots=True)
class CardSettings:
    """``""`` means: as the page has it, as the market has it."""

    locale: str = ""
    colors: str = ""


def red_is_up(colors: str, params: Mapping[str, Any]) -> bool:
    """Whether a rise is red: as asked for, else as the symbol's market has it (CN and HK)."""
    if colors:
        return colors == "red-up"
    symbol = params.get("symbol")
    return isinstance(symbol, str) and market(normalize(symbol)).code in {"CN", "HK"}
