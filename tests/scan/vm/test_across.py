"""Ranks and scores across symbols: of those that have the value, equal ones alike."""

from __future__ import annotations

import numpy as np
import pytest

from stockwidget.scan.rules import compile_rule
from stockwidget.scan.vm import empty, evaluate, finish, slots

pytestmark = pytest.mark.timeout(400)  # the first one may have to compile the interpreter

NAN = np.nan


def outputs(closes: list[float], *columns: str) -> np.ndarray:
    """Values of ``columns`` over symbols of one bar each; NaN: a symbol without bars."""
    bars = np.array([price for price in closes if price == price])
    offsets = np.concatenate([[0], np.cumsum([price == price for price in closes])])
    plan = compile_rule(columns=columns)
    values = empty(plan, len(closes))
    days = np.zeros(len(bars), dtype=np.int32)
    evaluate(plan, bars, bars, bars, bars, bars, days, offsets, 0, len(closes), values)
    return finish(plan, values).T


def test_rank_is_the_share_of_the_others_below() -> None:
    (found,) = outputs([30, 10, NAN, 20, 40, 20], "rank(close)")
    assert found[[0, 1, 4]].tolist() == [75.0, 0.0, 100.0]
    assert found[3] == found[5] == 100 * 1.5 / 4
    assert np.isnan(found[2])


def test_zscore_is_in_population_deviations() -> None:
    (found,) = outputs([1, 2, 3, NAN, 6], "zscore(close)")
    known = np.array([1, 2, 3, 6.0])
    assert found[[0, 1, 2, 4]] == pytest.approx((known - known.mean()) / known.std())


@pytest.mark.parametrize("closes", [[5.0], [5.0, NAN]])
def test_one_symbol_cannot_be_compared(closes: list[float]) -> None:
    assert np.isnan(outputs(closes, "rank(close)", "zscore(close)")).all()


def test_equal_ones_have_a_rank_and_no_score() -> None:
    rank, score = outputs([5.0, 5.0, 5.0], "rank(close)", "zscore(close)")
    assert rank.tolist() == [50.0] * 3
    assert np.isnan(score).all()


def test_what_is_made_of_ranks() -> None:
    rank, mixed, nested, hit = outputs(
        [3.0, 1.0, 2.0],
        "rank(close)",
        "rank(close) / 2 + close",
        "rank(rank(close) + rank(-close))",
        "rank(close) > 40 and close < 3",
    )
    assert rank.tolist() == [100.0, 0.0, 50.0]
    assert mixed.tolist() == [53.0, 1.0, 27.0]
    assert nested.tolist() == [50.0] * 3
    assert hit.tolist() == [0.0, 0.0, 1.0]


def test_without_ranks_the_slots_are_the_outputs() -> None:
    plan = compile_rule(columns=["close", "sma(3)", "close"])
    assert slots(plan) == tuple(output.ref for output in plan.outputs)
    assert not plan.across
