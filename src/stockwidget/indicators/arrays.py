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


def same_length(**arrays: Floats) -> None:
    """Raise InvalidRequest unless all ``arrays`` have one length."""
    lengths = {name: len(a) for name, a in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidRequest(
            f"Inputs differ in length: {lengths}.",
            hint="Take all columns from one frame.",
            field=next(iter(lengths)),
        )
