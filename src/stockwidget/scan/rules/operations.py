"""What plans compute: every operation, what it remembers, and how far it looks back.

Those of indicators are the ones of ``stockwidget.indicators.table``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Op:
    """What the interpreter computes: some series in, ``parts`` series out."""

    name: str
    memory: Literal["each", "window", "past"]
    """"each": of the same bar alone; "window": of the last bars; "past": of all bars before."""
    lookback: Callable[..., tuple[int, ...]] = lambda *_: (0,)
    """For each part, rows of its inputs before the first that gives a value, by the settings."""
    parts: int = 1


OPS: dict[str, Op] = {}


def _op(
    name: str,
    memory: Literal["each", "window", "past"],
    lookback: Callable[..., Any],
    parts: int = 1,
) -> None:
    def rows(*settings: float) -> tuple[int, ...]:
        found = lookback(*settings)
        many = found if isinstance(found, tuple) else (found,) * parts
        return tuple(int(row) for row in many)

    OPS[name] = Op(name=name, memory=memory, lookback=rows, parts=parts)


for _name in ("add", "sub", "mul", "div", "neg", "abs", "min", "max", "log", "sqrt", "sign",
              "lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"):  # fmt: skip
    _op(_name, "each", lambda: 0)

_op("tally", "each", lambda _: 0, 2)
_op("verdict", "each", lambda *_: 0)
_op("sma", "window", lambda w: w - 1)
_op("sum", "window", lambda w: w - 1)
_op("wma", "window", lambda w: w - 1)
_op("stdev", "window", lambda w: w - 1)
_op("zscore", "window", lambda w: w - 1)
_op("highest", "window", lambda w: w - 1)
_op("lowest", "window", lambda w: w - 1)
_op("percentile", "window", lambda w: w - 1)
_op("within", "window", lambda w: w - 1)
_op("count", "window", lambda w: w - 1)
_op("rising", "window", lambda n: n)
_op("falling", "window", lambda n: n)
_op("shift", "window", lambda n: n)
_op("ret", "window", lambda n: n)
_op("momentum", "window", lambda n: n)
_op("volatility", "window", lambda w: w)
_op("boll", "window", lambda w, _: w - 1, 3)
_op("percent_b", "window", lambda w, _: w - 1)
_op("bandwidth", "window", lambda w, _: w - 1)
_op("stoch", "window", lambda w, s, g: w + s + g - 3, 2)
_op("williams_r", "window", lambda w: w - 1)
_op("cci", "window", lambda w: w - 1)
_op("mfi", "window", lambda w: w)
_op("vwap", "window", lambda w: w - 1)
_op("volume_ratio", "window", lambda w: w)
_op("donchian", "window", lambda w: w - 1, 3)
_op(
    "ichimoku",
    "window",
    lambda t, k, s, later: (t - 1, k - 1, max(t, k) - 1 + later, s - 1 + later),
    4,
)
_op("aroon", "window", lambda w: w, 3)
_op("ema", "past", lambda w, tdx: 0 if tdx else w - 1)
_op("macd", "past", lambda _, s, g, tdx: 0 if tdx else s + g - 2, 3)
_op("rsi", "past", lambda w, tdx: 1 if tdx else w)
_op("atr", "past", lambda w: w)
_op("kdj", "past", lambda w, s, g, tdx: w - 1 if tdx else w + s + g - 3, 3)
_op("adx", "past", lambda w: (2 * w - 1, w, w), 3)
_op("obv", "past", lambda: 0)
_op("keltner", "past", lambda w, a, _: max(w - 1, a), 3)
_op("sar", "past", lambda *_: 1)
_op("drawdown", "past", lambda: 0)
_op("cross", "past", lambda: 1, 2)
_op("bars_since", "past", lambda: 0)
_op("days_since", "past", lambda: 0)
