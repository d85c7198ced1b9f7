"""Twins of ``returns.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from stockwidget.indicators.arrays import Floats
from stockwidget.indicators.reference.pieces import by_runs, lagged, rolling


def _volatility(x: Floats, window: int = 252) -> Any:
    moves = np.log(x / lagged(x, 1))
    return rolling(moves, window, lambda rows: rows.std(axis=1, ddof=1)) * np.sqrt(252)


def _pairs(x: Floats, benchmark: Floats, window: int, of: Callable[[Floats], float]) -> Floats:
    table = np.array([x[1:] / x[:-1] - 1, benchmark[1:] / benchmark[:-1] - 1])
    out = np.full(len(x), np.nan)
    for i in range(window, len(x)):
        out[i] = of(np.cov(table[:, i - window : i], ddof=0))
    return out


def _beta(x: Floats, benchmark: Floats, window: int = 252) -> Any:
    return _pairs(x, benchmark, window, lambda c: c[0, 1] / c[1, 1] if c[1, 1] > 1e-28 else np.nan)


def _correlation(x: Floats, benchmark: Floats, window: int = 252) -> Any:
    def pearson(c: Floats) -> float:
        moved = min(c[0, 0], c[1, 1]) > 1e-28
        return float(c[0, 1] / np.sqrt(c[0, 0] * c[1, 1])) if moved else np.nan

    return _pairs(x, benchmark, window, pearson)


def _drawdown(x: Floats) -> Any:
    return x / np.maximum.accumulate(x) - 1


volatility = by_runs(_volatility, positive=True)
beta = by_runs(_beta, positive=True)
correlation = by_runs(_correlation, positive=True)
drawdown = by_runs(_drawdown, positive=True)
