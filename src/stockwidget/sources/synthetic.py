"""Made-up bars for trying out large scans; every name and provenance says that they are made up.

A symbol's bars depend on its number alone, never on how many others are asked for or in which
order. Two regimes (calm, turbulent) scale a GARCH(1,1) variance, so that quiet and wild weeks
cluster as in real markets (Bollerslev 1986; Hamilton 1989).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget.bars import COLUMNS
from stockwidget.errors import UnknownSymbol
from stockwidget.kernels import kernel
from stockwidget.params import MAX_SYNTHETIC
from stockwidget.sources.base import Bars, Provenance, clip
from stockwidget.symbols import looks_synthetic

BARS = 2520
LAST = "2024-12-31"
SEED = 20_240_607
"""Changing the seed or the drawing order changes every published synthetic number."""

Floats = npt.NDArray[np.float64]


class SyntheticSource:
    """SYN00001 to SYN99999, 2 520 business days each, to 2024-12-31."""

    name = "synthetic"

    def symbols(self) -> tuple[str, ...]:
        """All 99 999 of them."""
        return universe(MAX_SYNTHETIC)

    def bars(self, symbol: str, start: str | None = None, end: str | None = None) -> Bars:
        """See ``Source.bars``."""
        number = int(symbol[3:]) if looks_synthetic(symbol) else 0
        if number < 1:
            raise UnknownSymbol(
                f"Unknown symbol {symbol!r} (asked: {self.name}).",
                hint="Synthetic symbols run from SYN00001 to SYN99999.",
                symbol=symbol,
                nearest=[],
                sources=[self.name],
            )
        dates = calendar()
        frame = pd.DataFrame(generate(number), index=dates, columns=COLUMNS)
        provenance = self.provenance()
        return Bars(
            symbol=symbol,
            name=f"Synthetic {number:05d}",
            market="",
            currency="",
            frame=clip(frame, provenance, symbol, start, end),
            provenance=provenance,
        )

    def provenance(self) -> Provenance:
        """What is true of all its bars."""
        return _provenance()


@cache
def universe(n: int) -> tuple[str, ...]:
    """Return the first ``n`` synthetic symbols."""
    return tuple(f"SYN{i:05d}" for i in range(1, n + 1))


def generate(number: int) -> Floats:
    """Bars of synthetic symbol ``number``: float64 (BARS, 6), columns as in ``bars.COLUMNS``."""
    rng = np.random.Generator(np.random.PCG64([SEED, number]))
    traits = rng.random(5)
    bars: Floats = _walk(traits, rng.standard_normal((BARS, 5)), rng.random(BARS))
    bars[:, 4] *= 100  # round lots
    return bars


@kernel
def _walk(traits: Floats, normal: Floats, uniform: Floats) -> Any:
    n = uniform.shape[0]
    out = np.empty((n, 6))
    price = 8.0 * np.exp(3.2 * traits[0])  # first price, 8 to 200
    base = (0.15 + 0.30 * traits[1]) / np.sqrt(252.0)  # daily deviation when calm
    drift = (-0.06 + 0.26 * traits[2]) / 252.0
    turnover = np.exp(7.5 + 4.5 * traits[3])  # median volume in lots of 100
    leave_calm = 1.0 / (120.0 + 180.0 * traits[4])  # a calm regime lasts about half a year
    leave_turbulent = 1.0 / 40.0
    turbulent = False
    variance = 1.0  # of the GARCH part, mean 1
    close = price
    for i in range(n):
        if uniform[i] < (leave_turbulent if turbulent else leave_calm):
            turbulent = not turbulent
        scale = base * (1.9 if turbulent else 1.0)
        sigma = scale * np.sqrt(variance)
        trend = drift - (0.0006 if turbulent else 0.0) - 0.5 * sigma * sigma
        gap = 0.35 * sigma * normal[i, 0]
        day = 0.93 * sigma * normal[i, 1]
        opening = close * np.exp(gap)
        price = opening * np.exp(trend + day)
        shock = (gap + day) / sigma
        top = max(opening, price) * np.exp(0.45 * sigma * abs(normal[i, 2]))
        bottom = min(opening, price) * np.exp(-0.45 * sigma * abs(normal[i, 3]))
        close = max(np.round(price, 2), 0.05)  # a floor: no penny stock reaches zero
        out[i, 0] = max(np.round(opening, 2), 0.05)
        out[i, 1] = max(np.round(top, 2), 0.05)
        out[i, 2] = max(np.round(bottom, 2), 0.05)
        out[i, 3] = close
        busy = 0.35 * normal[i, 4] + 0.25 * min(abs(shock), 4.0) + 0.3 * np.log(scale / base)
        out[i, 4] = np.ceil(turnover * np.exp(busy))
        out[i, 5] = close
        variance = 0.06 + 0.08 * variance * shock * shock + 0.86 * variance
    return out


@cache
def calendar() -> pd.DatetimeIndex:
    """The business days of all synthetic symbols."""
    days = pd.bdate_range(end=LAST, periods=BARS).to_numpy()
    return pd.DatetimeIndex(days.astype("datetime64[ms]"), name="date")


@cache
def _provenance() -> Provenance:
    return Provenance(
        source=SyntheticSource.name,
        synthetic=True,
        first=calendar()[0].date().isoformat(),
        last=LAST,
        origin="stockwidget's generator",
        licence="BSD-3-Clause",
        note="Made up by a random generator; it is no real company and no real market.",
        raw_is_split_adjusted=True,
    )
