"""The interpreter gives the same bytes as the readable one, whole or resumed, gaps or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockwidget.errors import InvalidRule
from stockwidget.scan.rules import Plan, compile_rule
from stockwidget.scan.rules.functions import COLUMNS, FUNCTIONS
from stockwidget.scan.rules.values import example
from stockwidget.scan.vm import empty, evaluate, slots, state_size
from stockwidget.scan.vm.reference import series

pytestmark = pytest.mark.timeout(400)  # the first one may have to compile the interpreter

EACH = [example(row) for row in FUNCTIONS.values() if row.group != "market"]
TDX = [
    f"{row.name}(convention='{word}')"
    for row in FUNCTIONS.values()
    if row.convention
    for word in ("talib", "tdx")
]
NESTED = [
    "cross_up(macd_dif, macd_dea, within=3) and close > sma(200) and rsi(14) < 70",
    "cross_up(sma(5), sma(20), within=10) or cross_down(close, ema(9))",
    "within(rsi(6) < 30, 10) and not rising(close, 3)",
    "ema(rsi(14), 9)",
    "rsi(ema(close, 5), 7)",
    "macd_hist(sma(close, 3), 5, 8, 3)",
    "sma(rsi(14), 14)",
    "highest(kdj_j, 30) - lowest(kdj_j(5, 2, 2), 30)",
    "count(close > shift(close), 20) >= 11",
    "percentile(volume, 60)",
    "days_since(close == highest(close, 60))",
    "bars_since(cross_up(close, sma(20))) < 5",
    "days_since(cross_up(macd_dif, macd_dea, within=2))",
    "ema(volume, 10) / sma(volume, 50)",
    "shift(ema(20), 5) < ema(20) and shift(adx(14), 3) < adx",
    "boll_upper(rsi(14), 20, 1.5)",
    "drawdown(120) > -0.2 and drawdown > -0.5",
    "ema(abs(close > open), 5)",
    "rising(macd_hist, 2) and falling(atr, 2)",
    "ema(ema(ema(close, 5), 5), 5)",
    "cross_up(close, 50)",
    "sign(close - open) * volume",
    "zscore(ret(5), 30)",
    "within(days_since(close > 10 * open) > 3, 4)",
    "count(cross_up(kdj_k, kdj_d), 30)",
    "shift(close, 0) == close",
    "score",
    "cross_up(score, 60, within=3) or rising(sma(score, 3), 2)",
]
RULES = [*EACH, *TDX, *NESTED]


@dataclass
class Bars:
    columns: list[Any]
    dates: Any
    offsets: Any

    @property
    def symbols(self) -> int:
        return len(self.offsets) - 1


def made(seed: int, *, gaps: float = 0.0) -> Bars:
    """Symbols of all lengths: none, one bar, a week; flat ones, halted ones, rounded ones."""
    rng = np.random.default_rng(seed)
    lengths = [0, 1, 2, 5, 30, 80, 200, 260, 300, 300, 301, 420, 700, 3, 60]
    frames = []
    for place, n in enumerate(lengths):
        close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
        if place % 5 == 1:
            close = np.round(close)  # many equal prices
        if place == 8:
            close[:] = 37.123
        opening = close * (1 + rng.normal(0, 0.004, n))
        high = np.maximum(opening, close) * (1 + 0.01 * rng.random(n))
        low = np.minimum(opening, close) * (1 - 0.01 * rng.random(n))
        volume = rng.integers(0, 900, n) * 100.0
        if place == 8:
            opening, high, low = close.copy(), close.copy(), close.copy()
        if place in (9, 13) and n > 40:  # halted: prices stand still, no trade
            for column in (opening, high, low, close):
                column[-40:] = column[-41]
            volume[-40:] = 0.0
        frame = np.array([opening, high, low, close, volume])
        if gaps:
            frame[rng.random(frame.shape) < gaps] = np.nan
            frame[rng.random(frame.shape) < gaps / 4] = np.inf
        frames.append(frame)
    table = np.concatenate(frames, axis=1)
    days = np.concatenate([np.cumsum(rng.integers(1, 4, n)) for n in lengths]).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Bars(columns=[np.ascontiguousarray(c) for c in table], dates=days, offsets=offsets)


def readable(plan: Plan, bars: Bars, ends: Any = None) -> Any:
    out = empty(plan, bars.symbols)
    for symbol in range(bars.symbols):
        end = bars.offsets[symbol + 1] if ends is None else ends[symbol]
        rows = slice(bars.offsets[symbol], end)
        if rows.start >= rows.stop:
            continue
        columns = {name: c[rows].copy() for name, c in zip(COLUMNS, bars.columns, strict=True)}
        found = series(plan, columns, bars.dates[rows])
        out[symbol] = [found[node][part][-1] for node, part in slots(plan)]
    out[~np.isfinite(out)] = np.nan
    return out


def computed(plan: Plan, bars: Bars, **rest: Any) -> Any:
    out = np.full((bars.symbols, len(slots(plan))), -1.0)
    evaluate(plan, *bars.columns, bars.dates, bars.offsets, 0, bars.symbols, out, **rest)
    return out


def same(plan: Plan, found: Any, wanted: Any) -> None:
    for place, output in enumerate(plan.outputs):
        assert found[:, place].tobytes() == wanted[:, place].tobytes() or np.array_equal(
            found[:, place], wanted[:, place], equal_nan=True
        ), (output.label, found[:, place], wanted[:, place])


@pytest.mark.parametrize("gaps", [0.0, 0.002, 0.05])
@pytest.mark.parametrize("seed", [1, 2])
def test_as_the_readable_one(seed: int, gaps: float) -> None:
    bars = made(seed, gaps=gaps)
    for rules in (RULES[:100], RULES[100:]):
        plan = compile_rule(columns=rules)
        same(plan, computed(plan, bars), readable(plan, bars))


@pytest.mark.parametrize(("seed", "gaps"), [(1, 0.002), (2, 0.05)])
def test_alone_each_needs_less_history_and_gives_the_same(seed: int, gaps: float) -> None:
    bars = made(seed, gaps=gaps)
    for rule in RULES:
        plan = compile_rule(columns=[rule])
        same(plan, computed(plan, bars), readable(plan, bars))


@pytest.mark.parametrize("gaps", [0.0, 0.01])
@pytest.mark.parametrize("seed", [3, 4])
def test_a_scan_that_goes_on_from_its_state_gives_the_same_bytes(seed: int, gaps: float) -> None:
    rng = np.random.default_rng(seed)
    bars = made(seed, gaps=gaps)
    plan = compile_rule(columns=RULES[:100])
    starts, lengths = bars.offsets[:-1], np.diff(bars.offsets)
    state = np.zeros((bars.symbols, state_size(plan)))
    seen = np.zeros(bars.symbols, dtype=np.int64)
    known = np.maximum(lengths - 12, 0)
    for step in range(6):
        ends = starts + known
        found = computed(plan, bars, ends=ends, state=state, seen=seen)
        same(plan, found, computed(plan, bars, ends=ends))
        assert (seen == known).all()
        if step == 3:
            seen[5] = 0  # a symbol whose prices were adjusted anew
        grown = np.ones_like(known) if step % 2 else rng.integers(0, 5, bars.symbols)
        known = np.minimum(known + grown, lengths)


def test_what_held_since_the_first_bar_is_known_of_a_young_symbol() -> None:
    """A window that reaches beyond the first bar may not count on what happens to lie there."""
    bars = made(1, gaps=0.004)
    plan = compile_rule(columns=["ema(abs(cross_up(close, rsi(5), within=8)) * close, 2)"])
    same(plan, computed(plan, bars), readable(plan, bars))


def test_chunks_give_what_the_whole_gives() -> None:
    bars = made(5)
    plan = compile_rule(columns=NESTED)
    whole = computed(plan, bars)
    parts = np.full_like(whole, -1.0)
    for lo in range(0, bars.symbols, 4):
        hi = min(lo + 4, bars.symbols)
        evaluate(plan, *bars.columns, bars.dates, bars.offsets, lo, hi, parts)
    assert parts.tobytes() == whole.tobytes()


NUMBERS = st.sampled_from(
    [
        "close",
        "high - low",
        "volume",
        "3",
        "rsi(5)",
        "ema(7)",
        "sma(9)",
        "macd_hist(3, 6, 4)",
        "obv",
    ]
)
CONDITIONS = st.tuples(NUMBERS, st.sampled_from(["<", ">", ">=", "=="]), NUMBERS).map(" ".join)


def _further(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    bars = st.integers(1, 12)
    both = st.tuples(inner, NUMBERS)
    return st.one_of(
        st.tuples(inner, bars).map(lambda t: f"shift({t[0]} + close, {t[1]})"),
        st.tuples(inner, bars).map(lambda t: f"highest({t[0]} - open, {t[1]})"),
        st.tuples(inner, bars).map(lambda t: f"ema({t[0]} * close, {t[1]})"),
        st.tuples(inner, bars).map(lambda t: f"sma({t[0]} * close, {t[1]})"),
        st.tuples(both, bars).map(lambda t: f"abs(cross_up({t[0][0]}, {t[0][1]}, within={t[1]}))"),
        both.map(lambda t: f"abs(cross_down({t[0]}, {t[1]}))"),
        st.tuples(CONDITIONS, bars).map(lambda t: f"count(close > 1 and ({t[0]}), {t[1]})"),
        CONDITIONS.map(lambda t: f"bars_since(close > 1 and ({t}))"),
        both.map(lambda t: f"({t[0]} / {t[1]})"),
    )


EXPRESSIONS = st.recursive(NUMBERS, _further, max_leaves=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(EXPRESSIONS, min_size=1, max_size=4), st.integers(0, 9), st.integers(0, 30))
def test_made_up_rules_whole_and_resumed(texts: list[str], seed: int, older: int) -> None:
    try:
        plan = compile_rule(columns=texts)
    except InvalidRule:
        return
    bars = made(seed, gaps=0.004 * (seed % 3))
    whole = computed(plan, bars)
    same(plan, whole, readable(plan, bars))
    starts, lengths = bars.offsets[:-1], np.diff(bars.offsets)
    state = np.zeros((bars.symbols, state_size(plan)))
    seen = np.zeros(bars.symbols, dtype=np.int64)
    computed(plan, bars, ends=starts + np.maximum(lengths - older, 0), state=state, seen=seen)
    resumed = computed(plan, bars, state=state, seen=seen)
    assert resumed.tobytes() == whole.tobytes()


@pytest.mark.parametrize("gaps", [0, 4])
def test_long_histories_are_the_same_where_they_are_steady(gaps: int) -> None:
    """Nine symbols of one length, whose few gaps have each recursion start anew in between."""
    rng = np.random.default_rng(7)
    count, n = 9, 900
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (count, n)), axis=1))
    close[3] = np.round(close[3])
    close[4, 300:500] = close[4, 300]  # windows without range
    spread = 0.01 * rng.random((2, count, n)) * (close != close[4, 300])
    volume = rng.integers(0, 900, (count, n)) * 100.0
    table = np.array([close, close * (1 + spread[0]), close * (1 - spread[1]), close, volume])
    for _ in range(gaps):
        table[rng.integers(5), rng.integers(count), rng.integers(n)] = np.nan
    bars = Bars(
        columns=[np.ascontiguousarray(column).ravel() for column in table],
        dates=np.tile(np.arange(n, dtype=np.int32), count),
        offsets=np.arange(count + 1) * n,
    )
    plan = compile_rule(columns=[*EACH, *TDX])
    wanted = readable(plan, bars)
    same(plan, computed(plan, bars), wanted)
    state = np.zeros((count, state_size(plan)))
    seen = np.zeros(count, dtype=np.int64)
    computed(plan, bars, ends=bars.offsets[1:] - 400, state=state, seen=seen)
    same(plan, computed(plan, bars, state=state, seen=seen), wanted)
