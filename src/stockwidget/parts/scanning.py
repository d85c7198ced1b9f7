"""A user's function as the rule of a scan, symbol by symbol."""

from __future__ import annotations

import pandas as pd

from stockwidget.errors import NoValue
from stockwidget.params import ScanParams
from stockwidget.parts.blame import called
from stockwidget.parts.calling import verdict
from stockwidget.parts.unpacking import Functions
from stockwidget.scan.supply import Judge


def judge_of(params: ScanParams, functions: Functions) -> Judge | None:
    """The function that ``params`` name, if they name one.

    It raises NoValue where the user's function abstains, PartFailed where it raises.
    """
    own = params.function
    if own is None:
        return None
    function = functions.rules[own.name]

    def judge(symbol: str, bars: pd.DataFrame) -> bool:
        said = verdict(own, function, bars, functions.cells, symbol)
        if said is None:
            raise NoValue(
                f"Your {called(own)} says nothing of {symbol}.",
                hint="It returned None there.",
                symbol=symbol,
            )
        return said

    return judge
