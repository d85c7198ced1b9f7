"""The interval beside a difference is that of whole blocks of days: overlap widens it, few days void it."""

import numpy as np
import pytest

from stockwidget.scan.past import number_of
from stockwidget.study.after import DRAWS, forward, overlap, resampled_means
from stockwidget.study.tally import Hit, Tally

MONTH_ENDS = np.array(
    [
        number_of(day)
        for day in ("2024-01-31", "2024-02-29", "2024-03-28", "2024-04-30", "2024-05-31")
    ]
)


@pytest.mark.parametrize(
    ("days", "horizon", "block"),
    [
        (MONTH_ENDS, 5, 1),
        (MONTH_ENDS, 20, 1),  # 28 days: the next month end is 29 days away or more
        (MONTH_ENDS, 60, 3),  # 84 days hold three month ends
        (np.arange(0, 70, 7), 5, 1),
        (np.arange(0, 70, 7), 20, 4),
        (MONTH_ENDS[:1], 60, 1),
        (MONTH_ENDS[:0], 60, 1),
    ],
)
def test_a_block_holds_the_days_whose_returns_share_bars(days, horizon, block):
    assert overlap(days, horizon) == block


def test_days_that_do_not_overlap_are_drawn_one_by_one():
    values = np.random.default_rng(1).normal(size=80)
    means = resampled_means(values, 1, np.random.default_rng(2))
    assert means.shape == (DRAWS,)
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / np.sqrt(80), rel=0.05)


def test_blocks_keep_the_dependence_that_single_days_lose():
    # Sums of 6 successive shocks: the variance of their mean is near 6 times that of shuffled ones.
    shocks = np.random.default_rng(3).normal(size=605)
    values = np.convolve(shocks, np.ones(6), "valid")
    alone = resampled_means(values, 1, np.random.default_rng(4)).std()
    blocks = resampled_means(values, 6, np.random.default_rng(4)).std()
    assert 1.5 < blocks / alone < np.sqrt(6)


def test_a_block_goes_on_at_the_beginning():
    values = np.array([0.0, 0.0, 1.0])
    means = set(resampled_means(values, 3, np.random.default_rng(5)).round(9).tolist())
    assert means == {round(1 / 3, 9)}


def made(edges, *, per_day=2, base=0.01):
    """A hit's return exceeds the base by ``edges`` on each day; 5 symbols are judged."""
    days = np.arange(len(edges)) * 40
    hits = [
        tuple(Hit(symbol=f"S{k}", order=0.0, after=(base + e,)) for k in range(per_day))
        for e in edges
    ]
    count = np.full(len(edges), 5)
    tally = Tally(
        traded=count,
        judged=count,
        known=count[:, None].copy(),
        total=np.full((len(edges), 1), 5 * base),
        ups=count[:, None],
        hits=tuple(hits),
    )
    return days, tally, hits


def test_a_steady_difference_is_shown_and_noise_is_not():
    steady = np.random.default_rng(6).normal(0.02, 0.005, 60)
    (row,) = forward(*made(steady), [20])
    assert row["edge"] == pytest.approx(steady.mean())
    assert row["edge_low"] < steady.mean() < row["edge_high"]
    assert row["edge_high"] - row["edge_low"] == pytest.approx(
        3.92 * steady.std() / np.sqrt(60), rel=0.1
    )
    assert (row["n"], row["days"], row["independent"], row["warnings"]) == (120, 60, 60, [])
    (row,) = forward(*made(steady - 0.02), [20])
    assert row["warnings"] == ["spans_zero"]


def test_the_number_of_hits_a_day_does_not_narrow_the_interval():
    edges = np.random.default_rng(7).normal(0.0, 0.01, 40)
    few, many = (forward(*made(edges, per_day=n), [20])[0] for n in (1, 50))
    assert few["edge_low"] == pytest.approx(many["edge_low"])
    assert many["n"] == 50 * few["n"]


def test_too_few_days_have_no_interval():
    (row,) = forward(*made([0.02] * 4), [20])
    assert (row["edge_low"], row["warnings"]) == (None, ["few", "spans_zero"])
    (row,) = forward(*made([0.02, 0.01] * 3), [20])
    assert row["edge_low"] is not None
    assert "few" in row["warnings"]


def test_the_same_numbers_give_the_same_interval():
    asked = made(np.random.default_rng(8).normal(0.0, 0.01, 30))
    assert forward(*asked, [20]) == forward(*asked, [20])


def test_a_hit_without_a_return_counts_as_unknown_and_as_ended_where_others_go_on():
    days, tally, hits = made([0.01] * 6)
    gone = Hit(symbol="S9", order=0.0, after=(float("nan"),))
    hits[2] = (*hits[2], gone)
    (row,) = forward(days, tally, hits, [20])
    assert (row["n"], row["unknown"], row["ended"]) == (12, 1, 1)
    tally.known[2], tally.total[2] = 2, 0.02  # most others have no return yet either
    (row,) = forward(days, tally, hits, [20])
    assert (row["unknown"], row["ended"]) == (1, 0)
