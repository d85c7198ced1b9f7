"""Candlestick patterns by TA-Lib's definitions (Nison 1991; settings of TA-Lib's candles).

Each function takes open, high, low and close, float64 (n,), quote currency, and returns int8 (n,):
1 bullish, −1 bearish, 0 none. "Long" and "short" compare with the ten bars before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stockwidget.analysis.lag import before
from stockwidget.indicators.arrays import Floats

Marks = npt.NDArray[np.int8]
PERIOD = 10
NEAR_PERIOD = 5
PENETRATION = 0.3


class Candles:
    """Bodies and shadows of all bars, quote currency."""

    def __init__(self, opening: Floats, high: Floats, low: Floats, close: Floats) -> None:
        self.open, self.high, self.low, self.close = opening, high, low, close
        self.body = np.abs(close - opening)
        self.top = np.maximum(opening, close)
        self.bottom = np.minimum(opening, close)
        self.upper = high - self.top
        self.lower = self.bottom - low
        self.white = close >= opening
        self.usual_body = usual(self.body, PERIOD)
        self.tiny = 0.1 * usual(high - low, PERIOD)
        self.near = 0.2 * usual(high - low, NEAR_PERIOD)


def usual(values: Floats, period: int) -> Floats:
    """Mean of the ``period`` bars before; NaN where there are fewer."""
    out = np.full(len(values), np.nan)
    if len(values) > period:
        windows = np.lib.stride_tricks.sliding_window_view(values, period)[:-1]
        out[period:] = windows.mean(axis=1)
    return out


def doji(c: Candles) -> Marks:
    """Body of at most a tenth of the usual range; marked 1, though it takes no side."""
    return _marks(c.body <= c.tiny)


def hammer(c: Candles) -> Marks:
    """Short body at the top, long lower shadow, hardly an upper one, near the low before."""
    return _marks(
        (c.body < c.usual_body)
        & (c.lower > c.body)
        & (c.upper < c.tiny)
        & (c.bottom <= before(c.low) + before(c.near))
    )


def shooting_star(c: Candles) -> Marks:
    """Short body above the body before, long upper shadow, hardly a lower one."""
    return -_marks(
        (c.body < c.usual_body)
        & (c.upper > c.body)
        & (c.lower < c.tiny)
        & (c.bottom > before(c.top))
    )


def engulfing(c: Candles) -> Marks:
    """A body that holds the body before, of the other colour; one end may be equal."""
    opened, closed = before(c.open), before(c.close)
    white_before = _shifted(c.white)
    known = np.isfinite(opened)
    up = (c.close >= opened) & (c.open <= closed) & ~((c.close == opened) & (c.open == closed))
    down = (c.open >= closed) & (c.close <= opened) & ~((c.open == closed) & (c.close == opened))
    return _marks(known & c.white & ~white_before & up) - _marks(
        known & ~c.white & white_before & down
    )


def harami(c: Candles) -> Marks:
    """A short body within the long body before; one end may be equal."""
    top, bottom = before(c.top), before(c.bottom)
    within = (c.top <= top) & (c.bottom >= bottom) & ~((c.top == top) & (c.bottom == bottom))
    found = _marks(within & (before(c.body) > before(c.usual_body)) & (c.body <= c.usual_body))
    return np.where(_shifted(c.white), -found, found).astype(np.int8)


def star(c: Candles) -> Marks:
    """Morning star (1) and evening star (−1): long body, short body beyond a gap, body back."""
    first, usual_first = before(c.body, 2), before(c.usual_body, 2)
    shape = (
        (first > usual_first) & (before(c.body) <= before(c.usual_body)) & (c.body > c.usual_body)
    )
    white_first = _shifted(c.white, 2)
    back = PENETRATION * first
    morning = (
        shape
        & ~white_first
        & c.white
        & (before(c.top) < before(c.bottom, 2))
        & (c.close > before(c.close, 2) + back)
    )
    evening = (
        shape
        & white_first
        & ~c.white
        & (before(c.bottom) > before(c.top, 2))
        & (c.close < before(c.close, 2) - back)
    )
    return _marks(morning) - _marks(evening)


def _marks(found: npt.NDArray[np.bool_]) -> Marks:
    return found.astype(np.int8)


def _shifted(flags: npt.NDArray[np.bool_], bars: int = 1) -> npt.NDArray[np.bool_]:
    out = np.zeros(len(flags), dtype=np.bool_)
    out[bars:] = flags[: max(len(flags) - bars, 0)]
    return out
