"""Dividends and splits, read from how a vendor's adjusted closes leave the closes.

Between two days without an event, adjusted close and close move alike. On the day before an event
their ratio is lower by the part of the price that was paid out, or by the split's ratio. Vendors
reckon that part from different closes, so that an amount is right to a few percent of itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockwidget.indicators.arrays import Floats

LEAST = 1e-4
"""A smaller part of the price is no dividend anybody pays."""
NOISE = 20.0
"""An event stands out this many times from nine tenths of all days: adjusted closes are rounded."""
SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50)
"""New shares for an old one, the usual ratios; reverse splits are their inverses."""
NEAR = 0.02
LARGEST_DIVIDEND = 0.45
YEAR_DAYS = 365


@dataclass(frozen=True, kw_only=True, slots=True)
class Events:
    """Events within the range, oldest first; dates are the first without the right to them."""

    dividends: tuple[tuple[str, float, float], ...]
    """Date, amount in the currency of the closes, and amount as a fraction of the close before."""
    splits: tuple[tuple[str, float], ...]
    """Date and new shares for an old one: 2.0, or 0.1 of a reverse split."""
    dividend_yield: float | None
    """Dividends of the last 365 days by the last close; None without any, or without a year."""


def events(frame: pd.DataFrame) -> Events:
    """Events of a bars frame (see ``stockwidget.bars``) of at least one bar."""
    close = frame["close"].to_numpy()
    days = frame.index.to_numpy().astype("datetime64[D]")
    kept = _kept(close, frame["adj_close"].to_numpy())
    dividends: list[tuple[str, float, float]] = []
    splits: list[tuple[str, float]] = []
    recent = 0.0
    for row in np.flatnonzero(_stands_out(kept)).tolist():
        date, paid = str(days[row + 1]), 1.0 - float(kept[row])
        ratio = split_ratio(float(kept[row]))
        if ratio is not None:
            splits.append((date, ratio))
        elif 0.0 < paid < LARGEST_DIVIDEND:
            amount = paid * float(close[row])
            dividends.append((date, amount, paid))
            if days[-1] - days[row + 1] < np.timedelta64(YEAR_DAYS, "D"):
                recent += amount
    whole = days[-1] - days[0] >= np.timedelta64(YEAR_DAYS, "D")
    return Events(
        dividends=tuple(dividends),
        splits=tuple(splits),
        dividend_yield=recent / float(close[-1]) if whole and recent > 0.0 else None,
    )


def split_ratio(kept: float) -> float | None:
    """New shares for an old one that leave ``kept`` of its price; None if no split is so near."""
    for shares in SPLITS:
        if abs(kept * shares - 1.0) <= NEAR:
            return float(shares)
        if abs(kept / shares - 1.0) <= NEAR:
            return 1.0 / shares
    return None


def _kept(close: Floats, adjusted: Floats) -> Floats:
    """Part of each day's price that is left on the next, (n − 1,); 1 without an event."""
    factor = adjusted / close
    return np.asarray(factor[:-1] / factor[1:])


def _stands_out(kept: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    apart = np.abs(kept - 1.0)
    noise = float(np.percentile(apart, 90)) if len(apart) else 0.0
    return np.asarray(apart > max(LEAST, NOISE * noise))
