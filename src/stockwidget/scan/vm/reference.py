"""The interpreter once more, written to be read: whole series of one symbol, NumPy and plain loops.

``evaluate`` must equal it, byte for byte where both call the same indicator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from stockwidget import indicators as ind
from stockwidget.scan.rules.functions import COLUMNS
from stockwidget.scan.rules.graph import ACROSS, Node
from stockwidget.scan.rules.plan import Plan

Floats = npt.NDArray[np.float64]
NAN = np.nan


def series(plan: Plan, columns: Mapping[str, Floats], days: npt.NDArray[Any]) -> list[Any]:
    """All parts of all nodes over the bars of one symbol; None for what needs all symbols.

    columns: OHLCV by name, float64 (n,). days: (n,), days since 1970-01-01.
    """
    rows: list[Any] = []
    for node in plan.nodes:
        args = [None if rows[arg] is None else rows[arg][part] for arg, part in node.args]
        if node.op in ACROSS or any(arg is None for arg in args):
            rows.append(None)
        elif node.op == "column":
            rows.append((_finite(columns[list(COLUMNS)[int(node.settings[0])]]),))
        elif node.op == "const":
            rows.append((np.full(len(days), node.settings[0]),))
        else:
            rows.append(_computed(node, args, days))
    return rows


def _computed(node: Node, args: list[Any], days: npt.NDArray[Any]) -> tuple[Floats, ...]:
    if node.op == "days_since":
        return (_since(args[0], days),)
    settings = [int(s) if s == int(s) else s for s in node.settings]
    found = MEANING[node.op](*args, *settings)
    return tuple(found) if isinstance(found, tuple) else (found,)


def _finite(x: Floats) -> Floats:
    return np.where(np.isfinite(x), x, NAN)


def _each(function: Callable[..., Any]) -> Callable[..., Floats]:
    def over(*args: Floats) -> Floats:
        with np.errstate(all="ignore"):
            found = np.asarray(function(*args), dtype=np.float64)
        known = np.logical_and.reduce([np.isfinite(arg) for arg in args])
        return np.where(known & np.isfinite(found), found, NAN)

    return over


def _and(a: Floats, b: Floats) -> Floats:
    known = ~(np.isnan(a) | np.isnan(b))
    return np.where((a == 0) | (b == 0), 0.0, np.where(known, 1.0, NAN))


def _or(a: Floats, b: Floats) -> Floats:
    known = ~(np.isnan(a) | np.isnan(b))
    return np.where((a == 1) | (b == 1), 1.0, np.where(known, 0.0, NAN))


def _tally(given: Floats, judged: Floats, x: Floats, points: float) -> tuple[Floats, Floats]:
    return given + points * (x == 1), judged + points * ~np.isnan(x)


def _verdict(given: Floats, judged: Floats, possible: float, least: float) -> Floats:
    enough = (judged > 0) & (judged / possible >= least)
    found = np.divide(100.0 * given, judged, out=np.full(len(given), NAN), where=enough)
    return np.asarray(np.minimum(found, 100.0))


def _rolling(x: Floats, window: int, reduce: Callable[[Floats], Any]) -> Floats:
    out = np.full(len(x), NAN)
    if len(x) >= window:
        for row, part in enumerate(sliding_window_view(x, window), start=window - 1):
            out[row] = reduce(part)
    return out


def _within(x: Floats, bars: int) -> Floats:
    # Bars before the first are as good as bars on which nothing is known.
    return _rolling(np.concatenate([np.full(bars - 1, NAN), x]), bars, _held)[bars - 1 :]


def _held(part: Floats) -> float:
    if (part == 1).any():
        return 1.0
    return NAN if np.isnan(part).any() else 0.0


def _exact_sum(part: Floats) -> float:
    return math.fsum(part) if np.isfinite(part).all() else NAN


def _percentile(part: Floats) -> float:
    if np.isnan(part).any():
        return NAN
    before, last = part[:-1], part[-1]
    return float(100.0 * ((before < last).sum() + 0.5 * (before == last).sum()) / len(before))


def _stdev(part: Floats) -> float:
    if np.isnan(part).any():
        return NAN
    total = 0.0
    for value in part:
        total += value - part[-1]
    mean = part[-1] + total / len(part)
    squares = 0.0
    for value in part:
        squares += (value - mean) ** 2
    return float(np.sqrt(squares / len(part)))


def _steps(sign: int) -> Callable[[Floats], float]:
    def reduce(part: Floats) -> float:
        if np.isnan(part).any():
            return NAN
        return float((sign * np.diff(part) > 0).all())

    return reduce


def _cross(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    known = np.isfinite(a) & np.isfinite(b)
    before = np.concatenate([[False], known[:-1]]) if len(known) else known
    missing = ~(known & before)
    return (
        np.where(missing, NAN, ind.cross_up(a, b)),
        np.where(missing, NAN, ind.cross_down(a, b)),
    )


def _since(condition: Floats, places: npt.NDArray[Any]) -> Floats:
    out = np.full(len(condition), NAN)
    last: Any = None
    for row, held in enumerate(condition):
        if np.isnan(held):
            last = None
        elif held:
            last = places[row]
        if last is not None:
            out[row] = float(places[row] - last)
    return out


def _shift(x: Floats, bars: int) -> Floats:
    return np.concatenate([np.full(min(bars, len(x)), NAN), x[: max(len(x) - bars, 0)]])


def _convention(tdx: int) -> str:
    return "tdx" if tdx else "talib"


MEANING: Mapping[str, Callable[..., Any]] = {
    "add": _each(lambda a, b: a + b),
    "sub": _each(lambda a, b: a - b),
    "mul": _each(lambda a, b: a * b),
    "div": _each(lambda a, b: a / b),
    "neg": _each(lambda a: -a),
    "abs": _each(np.abs),
    "min": _each(np.minimum),
    "max": _each(np.maximum),
    "log": _each(np.log),
    "sqrt": _each(np.sqrt),
    "sign": _each(np.sign),
    "lt": _each(lambda a, b: a < b),
    "le": _each(lambda a, b: a <= b),
    "gt": _each(lambda a, b: a > b),
    "ge": _each(lambda a, b: a >= b),
    "eq": _each(lambda a, b: a == b),
    "ne": _each(lambda a, b: a != b),
    "not": _each(lambda a: a == 0),
    "and": _and,
    "or": _or,
    "tally": _tally,
    "verdict": _verdict,
    "sma": ind.sma,
    "sum": lambda x, w: _rolling(x, w, _exact_sum),
    "wma": ind.wma,
    "stdev": lambda x, w: _rolling(x, w, _stdev),
    "zscore": ind.zscore,
    "highest": ind.highest,
    "lowest": ind.lowest,
    "percentile": lambda x, w: _rolling(x, w, _percentile),
    "within": _within,
    "count": lambda x, n: _rolling(x, n, np.sum),
    "rising": lambda x, n: _rolling(x, n + 1, _steps(1)),
    "falling": lambda x, n: _rolling(x, n + 1, _steps(-1)),
    "shift": _shift,
    "ret": ind.ret,
    "momentum": ind.momentum,
    "volatility": ind.volatility,
    "boll": ind.bollinger,
    "percent_b": ind.percent_b,
    "bandwidth": ind.bandwidth,
    "stoch": ind.stochastic,
    "williams_r": ind.williams_r,
    "cci": ind.cci,
    "mfi": ind.mfi,
    "vwap": ind.vwap,
    "volume_ratio": ind.volume_ratio,
    "donchian": ind.donchian,
    "ichimoku": ind.ichimoku,
    "aroon": ind.aroon,
    "ema": lambda x, w, tdx: ind.ema(x, w, convention=_convention(tdx)),
    "macd": lambda x, f, s, g, tdx: ind.macd(x, f, s, g, convention=_convention(tdx)),
    "rsi": lambda x, w, tdx: ind.rsi(x, w, convention=_convention(tdx)),
    "atr": ind.atr,
    "kdj": lambda h, lo, c, w, s, g, tdx: ind.kdj(h, lo, c, w, s, g, convention=_convention(tdx)),
    "adx": ind.adx,
    "obv": ind.obv,
    "keltner": ind.keltner,
    "sar": ind.parabolic_sar,
    "drawdown": ind.drawdown,
    "cross": _cross,
    "bars_since": lambda x: _since(x, np.arange(len(x))),
}
"""What each operation gives over whole series."""
