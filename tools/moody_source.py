"""A source for tests that hangs, crashes or fails for some symbols, as vendors' libraries do."""

from __future__ import annotations

import os
import time

from made_up_market import bars

from stockwidget.errors import UnknownSymbol
from stockwidget.sources.base import Bars, Provenance

PROVENANCE = Provenance(
    source="moody",
    synthetic=False,
    first="2020-01-01",
    last="2020-03-24",
    origin="tests",
    licence="BSD-3-Clause",
    note="",
    raw_is_split_adjusted=False,
)


class MoodySource:
    """``HANG`` never answers, ``CRASH`` ends the process, ``RAISE`` and ``NONE`` fail."""

    name = "moody"

    def symbols(self) -> tuple[str, ...]:
        """Those that behave, and those that do not."""
        return ("AAA", "HANG", "BBB", "CRASH", "RAISE", "NONE", "CCC")

    def bars(self, symbol: str, start: str | None = None, end: str | None = None) -> Bars:
        """Bars, or trouble."""
        if symbol == "HANG":
            while True:
                time.sleep(1)
        if symbol == "CRASH":
            os._exit(11)
        if symbol == "RAISE":
            raise KeyError("日期")
        if symbol == "NONE":
            raise UnknownSymbol.of(symbol, known=["AAA"], sources=[self.name])
        frame = bars(symbol).loc[start:end]
        return Bars(
            symbol=symbol, name=symbol, market="", currency="", frame=frame, provenance=PROVENANCE
        )


def broken() -> None:
    """A library that is not installed."""
    raise ModuleNotFoundError("No module named 'vendor'")


def crashing() -> None:
    """A library that takes the process with it."""
    os._exit(11)
