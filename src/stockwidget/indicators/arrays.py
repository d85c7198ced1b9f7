"""In and out of kernels: any one-dimensional numbers in, the same kind out.

NaN rule of every indicator: a NaN (or infinite) input gives NaN at its row, and the indicator
starts anew after it, as if the data began there. So leading NaNs are skipped, as TA-Lib does, and
a gap in the middle costs one lookback instead of poisoning the rest.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget.errors import InvalidRequest

Floats = npt.NDArray[np.float64]
Numbers = TypeVar("Numbers", npt.NDArray[Any], "pd.Series[Any]")


def floats(values: npt.NDArray[Any] | pd.Series[Any], name: str) -> Floats:
    """``values`` as contiguous, writable float64 (n,); InvalidRequest if it is no row of numbers.

    Writable, since numba compiles a second kernel for read-only arrays, which pandas hands out.
    """
    try:
        array = np.require(values, dtype=np.float64, requirements=["C", "W"])
    except (TypeError, ValueError) as error:
        raise InvalidRequest(
            f"{name} must hold numbers: {error}.",
            hint="Pass a float array or a pandas Series.",
            field=name,
        ) from error
    if array.ndim != 1:
        raise InvalidRequest(
            f"{name} must be one-dimensional, not of shape {array.shape}.",
            hint="Pass one column at a time.",
            field=name,
        )
    return array


def like(values: Numbers, result: Floats) -> Numbers:
    """``result`` as an array, or as a Series with the index of ``values`` if that is a Series."""
    if isinstance(values, pd.Series):
        return pd.Series(result, index=values.index)
    return result


def whole(value: int, name: str, *, least: int) -> int:
    """Return ``value`` if it is a whole number of at least ``least``; else InvalidRequest."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InvalidRequest(
            f"{name} must be a whole number from {least}, not {value!r}.",
            hint=f"{name} counts bars.",
            field=name,
        )
    return int(value)


def above_zero(value: float, name: str, *, hint: str) -> float:
    """Return ``value`` if it is a finite number above zero; else InvalidRequest."""
    if isinstance(value, str | None) or not (np.isfinite(value) and value > 0):
        raise InvalidRequest(
            f"{name} must be a number above zero, not {value!r}.", hint=hint, field=name
        )
    return float(value)


def is_tdx(convention: str) -> bool:
    """Whether ``convention`` is "tdx", not "talib"; InvalidRequest if it is neither."""
    if convention not in ("talib", "tdx"):
        raise InvalidRequest(
            f"convention must be 'talib' or 'tdx', not {convention!r}.",
            hint="'talib' seeds averages as TA-Lib does, 'tdx' as Chinese software does.",
            field="convention",
        )
    return convention == "tdx"


def columns(**values: npt.NDArray[Any] | pd.Series[Any]) -> tuple[Floats, ...]:
    """Each of ``values`` by ``floats``; InvalidRequest if their lengths differ."""
    found = {name: floats(column, name) for name, column in values.items()}
    same_length(**found)
    return tuple(found.values())


def same_length(**arrays: Floats) -> None:
    """Raise InvalidRequest unless all ``arrays`` have one length."""
    lengths = {name: len(a) for name, a in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidRequest(
            f"Inputs differ in length: {lengths}.",
            hint="Take all columns from one frame.",
            field=next(iter(lengths)),
        )
