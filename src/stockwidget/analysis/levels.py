"""Support and resistance from confirmed turning points, and the state of the trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget import indicators as ind
from stockwidget.analysis.lag import before
from stockwidget.analysis.lines import Lines
from stockwidget.indicators.arrays import Floats

SPAN = 5
"""A turning point is the extreme of this many bars to either side, so it is known as many later."""
LOOKBACK = 252
NEAR_ATR = 0.5
"""Turning points within half an average true range of each other make one level."""
EACH = 3
SLOPE_BARS = 20
STRONG_ADX = 25.0
"""Wilder (1978): above it a trend is worth following."""
Rows = npt.NDArray[np.intp]
REASONS: Mapping[str, tuple[str, str]] = {
    "close_sma_50": ("close above SMA 50", "收盘价高于 50 日均线"),
    "sma_50_200": ("SMA 50 above SMA 200", "50 日均线高于 200 日均线"),
    "sma_50_slope": ("SMA 50 above its value of 20 bars ago", "50 日均线高于 20 日前"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "up": ("Up", "上升"),
    "down": ("Down", "下降"),
    "sideways": ("Sideways", "震荡"),
    "unknown": ("Unknown", "未知"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A price that turned the market more than once."""

    kind: Literal["support", "resistance"]
    price: float
    """Mean of its turning points, quote currency."""
    touches: int
    first: str
    last: str
    """Dates of the first and the last touch."""
    distance: float
    """From the last close, a fraction of it; below zero for a support."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One of the questions a trend is judged by."""

    name: str
    """A key of ``REASONS``."""
    value: float | None
    threshold: float | None
    holds: bool | None
    """None: history is too short to say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """``up`` or ``down`` if no known reason speaks against it and two or more for it."""

    state: Literal["up", "down", "sideways", "unknown"]
    strong: bool | None
    """ADX 14 above 25; None while it is unknown."""
    adx: float | None
    date: str
    reasons: tuple[Reason, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def turning_points(values: Floats, *, span: int = SPAN, highs: bool) -> Rows:
    """Rows of the turning points of ``values`` (n,).

    Above (or below) all of the ``span`` bars before and not under any of the ``span`` after; a
    plateau counts once, at its first row. The last ``span`` rows cannot be confirmed yet.
    """
    x = values if highs else -values
    width = 2 * span + 1
    if len(x) < width:
        return np.empty(0, dtype=np.intp)
    windows = np.lib.stride_tricks.sliding_window_view(x, width)
    middle = windows[:, span]
    first = middle > windows[:, :span].max(axis=1)
    return np.flatnonzero(first & (middle >= windows[:, span + 1 :].max(axis=1))) + span


def levels(lines: Lines, *, lookback: int = LOOKBACK, each: int = EACH) -> tuple[Level, ...]:
    """Up to ``each`` supports and resistances nearest to the last close, nearest first.

    Turning points of highs and lows in the last ``lookback`` bars, joined from the lowest up while
    the next is within half an ATR of the group's mean; groups of one are no level. Empty while the
    ATR is unknown.
    """
    reach = NEAR_ATR * lines.atr[-1] if len(lines) else np.nan
    if not np.isfinite(reach):
        return ()
    points = [
        (float(values[row]), int(row))
        for values, highs in ((lines.high, True), (lines.low, False))
        for row in turning_points(values, highs=highs)
        if row >= len(lines) - lookback
    ]
    close = float(lines.close[-1])
    found = [_level(group, lines, close) for group in _groups(sorted(points), reach)]
    near = sorted(found, key=lambda level: (abs(level.distance), level.price))
    chosen = [level for kind in ("support", "resistance") for level in _first(near, kind, each)]
    return tuple(chosen)


def trend(lines: Lines) -> Trend:
    """Judge the trend of the last bar; see ``Trend``."""
    short, long = lines.sma(50), lines.sma(200)
    reasons = (
        _reason("close_sma_50", lines.close, short),
        _reason("sma_50_200", short, long),
        _reason("sma_50_slope", short, before(short, SLOPE_BARS)),
    )
    known = [reason.holds for reason in reasons if reason.holds is not None]
    state: Literal["up", "down", "sideways", "unknown"]
    if len(known) < 2:
        state = "unknown"
    elif all(known):
        state = "up"
    elif not any(known):
        state = "down"
    else:
        state = "sideways"
    strength = ind.adx(lines.high, lines.low, lines.close).adx[-1]
    return Trend(
        state=state,
        strong=bool(strength > STRONG_ADX) if np.isfinite(strength) else None,
        adx=float(strength) if np.isfinite(strength) else None,
        date=str(lines.dates[-1]),
        reasons=reasons,
    )


def to_frame(found: Sequence[Level]) -> pd.DataFrame:
    """One row a level."""
    return pd.DataFrame([asdict(level) for level in found])


def _groups(points: list[tuple[float, int]], reach: float) -> list[list[tuple[float, int]]]:
    groups: list[list[tuple[float, int]]] = []
    for point in points:
        if groups and point[0] - np.mean([price for price, _ in groups[-1]]) <= reach:
            groups[-1].append(point)
        else:
            groups.append([point])
    return [group for group in groups if len(group) > 1]


def _level(group: list[tuple[float, int]], lines: Lines, close: float) -> Level:
    price = float(np.mean([price for price, _ in group]))
    rows = [row for _, row in group]
    return Level(
        kind="support" if price <= close else "resistance",
        price=price,
        touches=len(group),
        first=str(lines.dates[min(rows)]),
        last=str(lines.dates[max(rows)]),
        distance=price / close - 1.0,
    )


def _first(near: list[Level], kind: str, each: int) -> list[Level]:
    return [level for level in near if level.kind == kind][:each]


def _reason(name: str, values: Floats, thresholds: Floats) -> Reason:
    value, threshold = float(values[-1]), float(thresholds[-1])
    known = np.isfinite(value) and np.isfinite(threshold)
    return Reason(
        name=name,
        value=value if np.isfinite(value) else None,
        threshold=threshold if np.isfinite(threshold) else None,
        holds=value > threshold if known else None,
    )
