"""The columns a scan can filter, sort and show, all of a symbol's last bar.

Names only: the server checks requests against this table without importing numpy.
``stockwidget.scan.values`` computes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stockwidget.errors import InvalidRequest, nearest
from stockwidget.params import ScanParams


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One number of the last bar; ``bars`` is the history it needs."""

    name: str
    bars: int
    meaning: str


_ROWS = (
    ("close", 1, "adjusted close, quote currency"),
    ("volume", 1, "shares traded, as reported"),
    ("ret_1", 2, "return over 1 bar, fraction"),
    ("ret_20", 21, "return over 20 bars, fraction"),
    ("ret_252", 253, "return over 252 bars, about a year, fraction"),
    ("sma_20", 20, "simple moving average of 20 closes"),
    ("sma_50", 50, "simple moving average of 50 closes"),
    ("sma_200", 200, "simple moving average of 200 closes"),
    ("ema_12", 12, "exponential moving average, 12 bars"),
    ("ema_26", 26, "exponential moving average, 26 bars"),
    ("macd_dif", 34, "MACD line, EMA 12 − EMA 26"),
    ("macd_dea", 34, "MACD signal, EMA 9 of the line"),
    ("macd_hist", 34, "MACD line − signal"),
    ("rsi_14", 15, "relative strength index, 0 to 100"),
    ("boll_upper", 20, "upper Bollinger band, 20 bars, 2 deviations"),
    ("boll_mid", 20, "middle Bollinger band"),
    ("boll_lower", 20, "lower Bollinger band"),
    ("atr_14", 15, "average true range, quote currency"),
    ("volatility_252", 253, "annualised deviation of 252 daily log returns, fraction"),
)
COLUMNS = {name: Column(name=name, bars=bars, meaning=meaning) for name, bars, meaning in _ROWS}
IDENTITY = ("symbol", "name", "last_date")
USUAL = ("close", "ret_20", "rsi_14")


def check(name: str, field: str) -> Column:
    """Return the column called ``name``; InvalidRequest names the nearest known ones."""
    if name in COLUMNS:
        return COLUMNS[name]
    near = nearest(name, COLUMNS)
    raise InvalidRequest(
        f"Unknown column {name!r} in {field}.",
        hint=f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(COLUMNS)}.",
        field=field,
        nearest=near,
    )


def needed(params: ScanParams) -> tuple[str, ...]:
    """Columns without which a symbol cannot be judged: those of ``where`` and ``sort``."""
    return _unique([*(c.column for c in params.where), params.sort])


def shown(params: ScanParams) -> tuple[str, ...]:
    """Numeric columns of a row, in order: asked for or usual, then the needed ones."""
    chosen = USUAL if params.columns is None else params.columns
    return _unique([*(c for c in chosen if c not in IDENTITY), *needed(params)])


def check_params(params: ScanParams) -> None:
    """Raise InvalidRequest for the first column of ``params`` that does not exist."""
    for condition in params.where:
        check(condition.column, f"where.{condition.column}")
    check(params.sort, "sort")
    for name in params.columns or ():
        if name not in IDENTITY:
            check(name, "columns")


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
