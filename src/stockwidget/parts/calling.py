"""A user's function called on bars, and what it gave checked: never bent into shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget.declared import Own
from stockwidget.parts.blame import raised, unusable

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Function = Callable[[pd.DataFrame], Any]


def marks(own: Own, function: Function, bars: pd.DataFrame, cells: Mapping[str, str]) -> Mask:
    """Bars that a signal marks, bool (n,); one that it says nothing of is not marked.

    Raises PartFailed, as all of this module.
    """
    column = _column(own, _call(own, function, bars, cells), bars)
    values = _numbers(own, column, bars)
    odd = ~np.isnan(values) & (values != 0.0) & (values != 1.0)
    if odd.any():
        raise unusable(
            own,
            f"gave {values[odd][0]:g} for {_day(bars, odd)}, and a signal is True or False",
            "Compare it, as in bars.close > bars.open.",
        )
    return np.asarray(values == 1.0)


def shares(own: Own, function: Function, bars: pd.DataFrame, cells: Mapping[str, str]) -> Floats:
    """Shares of its points that a factor gives, float64 (n,), 0 to 1; NaN where it abstains."""
    column = _column(own, _call(own, function, bars, cells), bars)
    values = _numbers(own, column, bars)
    odd = ~np.isnan(values) & ~((values >= 0.0) & (values <= 1.0))
    if odd.any():
        raise unusable(
            own,
            f"gave {values[odd][0]:g} for {_day(bars, odd)}, and a factor lies between 0 and 1",
            "It is the share of its points: scale it, or .clip(0, 1).",
        )
    return values


def verdict(
    own: Own, function: Function, bars: pd.DataFrame, cells: Mapping[str, str], symbol: str
) -> bool | None:
    """What a rule says of a symbol; None where it says nothing."""
    found = _call(own, function, bars, cells, symbol)
    if isinstance(found, bool | np.bool_):
        return bool(found)
    if found is None or found is pd.NA or (isinstance(found, float) and np.isnan(found)):
        return None
    hint = "Return True, False, or None where it cannot say."
    if isinstance(found, pd.Series | pd.DataFrame | np.ndarray):
        hint = "Return the answer for the last bar alone, such as bool(condition.iloc[-1])."
    said = f"returned {_kind(found)}, and a rule says True, False or None"
    raise unusable(own, said, hint, symbol)


def _call(
    own: Own,
    function: Function,
    bars: pd.DataFrame,
    cells: Mapping[str, str],
    symbol: str | None = None,
) -> Any:
    try:
        return function(bars.copy())
    except (Exception, SystemExit) as error:
        raise raised(own, error, cells, symbol) from error


def _column(own: Own, found: object, bars: pd.DataFrame) -> pd.Series[Any]:
    """What it returned, one value a bar."""
    hint = "Return one value a bar: a Series with the index of bars."
    if not isinstance(found, pd.Series | np.ndarray | list):
        raise unusable(own, f"returned {_kind(found)}, no Series", hint)
    if isinstance(found, pd.Series) and not found.index.equals(bars.index):
        rows = f"{len(found)} rows of other dates for {len(bars)} bars"
        raise unusable(own, f"returned {rows}", f"{hint} .reindex(bars.index) helps.")
    if len(found) != len(bars) or np.ndim(found) != 1:
        rows = f"{len(found)} values for {len(bars)} bars"
        raise unusable(own, f"returned {rows}", hint)
    return pd.Series(found, index=bars.index)


def _numbers(own: Own, column: pd.Series[Any], bars: pd.DataFrame) -> Floats:
    """The column as float64; what is missing is NaN."""
    if column.dtype != object:
        try:
            return column.to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            column = column.astype(object)
    values = np.full(len(column), np.nan)
    for row, each in enumerate(column.array):
        if each is None or each is pd.NA:
            continue
        if not isinstance(each, bool | int | float | np.bool_ | np.integer | np.floating):
            place = np.arange(len(column)) == row
            raise unusable(
                own,
                f"gave {each!r:.60} for {_day(bars, place)}",
                "Return numbers or booleans.",
            )
        values[row] = float(each)
    return values


def _day(bars: pd.DataFrame, rows: Mask) -> str:
    return str(bars.index[int(rows.argmax())].date())


def _kind(found: object) -> str:
    if isinstance(found, pd.Series | pd.DataFrame | np.ndarray | list | tuple):
        return f"a {type(found).__name__} of {len(found)}"
    return "None" if found is None else f"{found!r:.60} ({type(found).__name__})"
