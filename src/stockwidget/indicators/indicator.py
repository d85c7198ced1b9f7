"""What the table says about one indicator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stockwidget.indicators.arrays import Floats

DEGREES: Mapping[str, tuple[int, int]] = {
    "quote currency": (1, 0),
    "shares": (0, 1),
    "percent": (0, 0),
    "fraction": (0, 0),
    "number": (0, 0),
    "true or false": (0, 0),
}
"""Unit → powers by which an output grows if prices, or volumes and shares, are multiplied."""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One row: a function with its settings, and the names of what comes out."""

    name: str
    title: str
    function: Callable[..., Any]
    settings: Mapping[str, Any]
    inputs: tuple[str, ...] = ("close",)
    outputs: tuple[str, ...]
    lookbacks: tuple[int, ...]
    """For each output, rows of NaN before the first value."""
    unit: str
    """A key of ``DEGREES``."""
    flat: tuple[float, ...]
    """Last value of each output where no price ever moves and trade goes on, at price 1, volume 1
    and 1 share: NaN means that the indicator says nothing then."""
    reference: str
    """TA-Lib's function of the same numbers, or what tests compare with."""
    formula: str
    """Where the formula was published."""
    charted: bool = False
    """Whether an analysis shows it as a series; scans can use all."""
    tail: int | None = None
    """Bars that decide the last value exactly; None if it depends on all history."""

    @property
    def lookback(self) -> int:
        """Rows before the first on which every output has a value."""
        return max(self.lookbacks)

    def __call__(self, columns: Mapping[str, Floats]) -> dict[str, Floats]:
        """Compute it from arrays named as ``inputs``; returns one array an output."""
        result = self.function(*(columns[name] for name in self.inputs), **self.settings)
        values = result if isinstance(result, tuple) else (result,)
        return dict(zip(self.outputs, values, strict=True))
