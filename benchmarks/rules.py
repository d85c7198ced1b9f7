"""The interpreter of rules: planning, 18 indicators over a market, each function alone, a new day.

``python benchmarks/rules.py [symbols]``. Prices are random walks, in memory, 2 180 to 2 520 bars a
symbol; best of five runs. ``benchmarks/scan.py`` compares whole scans with other libraries.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from stockwidget.scan.rules import Plan, compile_rule
from stockwidget.scan.rules.functions import FUNCTIONS
from stockwidget.scan.rules.values import example
from stockwidget.scan.vm import empty, evaluate, state_size

CHUNK = 250
RULE = "cross_up(macd_dif, macd_dea, within=3) and close > sma(200) and rsi(14) < 70"
COLUMNS = [
    "sma(5)",
    "sma(20)",
    "sma(50)",
    "sma(200)",
    "ema(12)",
    "ema(26)",
    "macd_dif",
    "macd_dea",
    "macd_hist",
    "rsi(14)",
    "boll_upper",
    "boll_mid",
    "boll_lower",
    "atr(14)",
    "kdj_k",
    "kdj_d",
    "kdj_j",
    "obv",
    "adx(14)",
    "ret(20)",
    "volatility(20)",
    "drawdown(252)",
    "close/highest(252)-1",
    "volume_ratio(5)",
]


class Market:
    """OHLCV of many symbols, one after the other."""

    def __init__(self, symbols: int) -> None:
        rng = np.random.default_rng(0)
        self.symbols = symbols
        lengths = rng.integers(2_180, 2_521, symbols)
        self.offsets = np.concatenate([[0], np.cumsum(lengths)])
        bars = int(self.offsets[-1])
        close = np.concatenate([50 * np.exp(np.cumsum(rng.normal(0, 0.02, n))) for n in lengths])
        opening = close * (1 + rng.normal(0, 0.005, bars))
        high = np.maximum(opening, close) * (1 + 0.01 * rng.random(bars))
        low = np.minimum(opening, close) * (1 - 0.01 * rng.random(bars))
        volume = rng.integers(1, 1_000, bars) * 100.0
        self.columns = (opening, high, low, close, volume)
        self.dates = np.arange(bars, dtype=np.int32)

    def run(self, plan: Plan, out: Any, threads: int, **rest: Any) -> None:
        """Evaluate ``plan`` chunk by chunk in ``threads`` threads."""

        def chunk(lo: int) -> None:
            hi = min(lo + CHUNK, self.symbols)
            evaluate(plan, *self.columns, self.dates, self.offsets, lo, hi, out, **rest)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(chunk, range(0, self.symbols, CHUNK)))


def best(work: Callable[[], None], runs: int = 5) -> float:
    """Milliseconds of the fastest run."""
    found = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found) * 1e3


def main(symbols: int) -> None:
    market = Market(symbols)
    bars = int(market.offsets[-1])
    print(f"{symbols} symbols, {bars} bars, {bars * 40 / 1e6:.0f} MB")
    plan = compile_rule(rule=RULE, rank="ret(20)", columns=COLUMNS)
    print(
        f"parse and plan {best(lambda: compile_rule(rule=RULE, columns=COLUMNS) and None):.2f} ms"
    )
    begun = time.perf_counter()
    out = empty(plan, symbols)
    evaluate(plan, *market.columns, market.dates, market.offsets, 0, 1, out)
    print(f"first call, compiled or loaded {time.perf_counter() - begun:.2f} s")
    begun = time.perf_counter()
    new = compile_rule(rule="within(kdj_j(7, 3, 3) < 5, 4) and close > wma(33)")
    evaluate(new, *market.columns, market.dates, market.offsets, 0, 1, empty(new, symbols))
    print(f"a rule never seen before, one symbol {(time.perf_counter() - begun) * 1e3:.2f} ms")
    for threads in (1, 2):
        took = best(lambda n=threads: market.run(plan, out, n))  # type: ignore[misc]
        print(f"18 indicators, {threads} threads {took:.0f} ms, {took * 1e6 / bars:.1f} ns a bar")
    state = np.zeros((symbols, state_size(plan)))
    seen = np.zeros(symbols, dtype=np.int64)
    market.run(plan, out, 2, state=state, seen=seen, ends=market.offsets[1:] - 1)
    again = empty(plan, symbols)
    for threads in (1, 2):

        def day(n: int = threads) -> None:
            market.run(plan, again, n, state=state.copy(), seen=seen.copy())

        print(f"the same a day later, {threads} threads {best(day):.0f} ms")
    market.run(plan, out, 2)
    print(f"with the same bytes: {out.tobytes() == again.tobytes()}")
    for row in FUNCTIONS.values():
        if row.group not in ("market", "arithmetic") and row.part == 0:
            one = compile_rule(columns=[example(row)])
            room = empty(one, symbols)
            took = best(lambda one=one, room=room: market.run(one, room, 1), 3)  # type: ignore[misc]
            print(f"{example(row):40s} {took:6.1f} ms in one thread")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
