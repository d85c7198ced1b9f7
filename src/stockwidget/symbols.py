"""Symbols as text: one spelling each, and the market that the spelling implies.

The spelling is Yahoo's: a bare ticker is listed in the United States, a suffix names another
exchange (``0700.HK``, ``600519.SS``, ``000001.SZ``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stockwidget.errors import InvalidRequest

_ALLOWED = re.compile(r"[A-Z0-9^][A-Z0-9.^=_-]{0,23}")
_TICKER = re.compile(r"[A-Z]+(-[A-Z]+)?")
_SYNTHETIC = re.compile(r"SYN\d{5}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Market:
    """A place of trade: ``code`` decides the colours of a chart (CN: red is up)."""

    code: str
    currency: str


US = Market(code="US", currency="USD")
HK = Market(code="HK", currency="HKD")
CN = Market(code="CN", currency="CNY")
OTHER = Market(code="", currency="")
MARKETS = (US.code, HK.code, CN.code)

_SUFFIXES = {"HK": HK, "SS": CN, "SH": CN, "SZ": CN, "BJ": CN}
_US_CLASSES = {"A", "B", "C"}  # share classes as in BRK.B, no exchange


def normalize(text: object, *, field: str = "symbol") -> str:
    """Return ``text`` trimmed and in upper case; ``700.HK`` and ``00700.HK`` are ``0700.HK``.

    Raises InvalidRequest naming ``field`` if it is no text, empty, or has characters no symbol has.
    """
    if not isinstance(text, str):
        raise InvalidRequest(
            f"{field} must be text such as 'AAPL', not {type(text).__name__}.",
            hint="Pass the ticker in quotes, with its exchange suffix if it has one.",
            field=field,
        )
    symbol = text.strip().upper()
    if not _ALLOWED.fullmatch(symbol):
        shown = text if len(text) <= 40 else text[:40] + "…"
        raise InvalidRequest(
            f"{shown!r} is not a symbol.",
            hint="Write a ticker such as 'AAPL', '0700.HK' or '600519.SS'.",
            field=field,
            kind="not_a_symbol",
            given=shown,
        )
    code, _, suffix = symbol.rpartition(".")
    return f"{int(code):04}.HK" if suffix == "HK" and code.isdigit() else symbol


def market(symbol: str) -> Market:
    """Return the market that a normalised symbol's spelling implies; OTHER where it implies none.

    A code without its exchange (``600519``) may be of several, an index has no currency, and
    ``EURUSD=X`` is no share.
    """
    if "." not in symbol:
        return US if looks_synthetic(symbol) or _TICKER.fullmatch(symbol) else OTHER
    suffix = symbol.rpartition(".")[2]
    return US if suffix in _US_CLASSES else _SUFFIXES.get(suffix, OTHER)


def looks_synthetic(symbol: str) -> bool:
    """Whether a normalised symbol is spelt as those of the synthetic source, SYN00001."""
    return _SYNTHETIC.fullmatch(symbol) is not None
