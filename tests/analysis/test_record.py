"""Records count what happened after, from the next open, once for overlapping returns, repeatably."""

import numpy as np
import pytest

from stockwidget.analysis.lines import Lines
from stockwidget.analysis.record import (
    HORIZONS,
    forward_returns,
    resampled_medians,
    score_records,
    signal_records,
)
from stockwidget.analysis.score import history
from stockwidget.analysis.signals import TABLE, masks


@pytest.mark.parametrize("horizon", [1, 5])
def test_forward_returns_start_at_the_next_open(chart, horizon):
    frame = chart("IBM").iloc[:50]
    expected = frame["close"].shift(-horizon) / frame["open"].shift(-1) - 1
    np.testing.assert_allclose(forward_returns(Lines(frame), horizon), expected)


def test_prices_that_did_not_move_are_neither_a_rise_nor_a_fall(made):
    frame = made(n=60)
    factor = np.random.default_rng(1).uniform(0.3, 0.9, 60)
    for name in ("open", "high", "low", "close"):
        frame[name] = 17.3 * factor / factor  # as an adjusted price is made
    frame["open"] = np.nextafter(frame["close"], np.where(np.arange(60) % 2, 0.0, 99.0))
    assert (frame["close"].shift(-5) / frame["open"].shift(-1) - 1).dropna().ne(0).any()
    after = forward_returns(Lines(frame), 5)
    assert set(after[np.isfinite(after)]) == {0.0}


def marked(lines, rows):
    mask = np.zeros(len(lines), dtype=bool)
    mask[rows] = True
    return mask


def test_by_hand(made):
    lines = Lines(made(n=200))
    rows = [10, 12, 15, 40, 198]
    record = signal_records(lines, {"gap_down": marked(lines, rows)})[0]
    after = forward_returns(lines, 5)
    independent = after[[10, 15, 40]]  # 12 overlaps 10; 198 has no five bars after it
    base = after[np.isfinite(after)]
    assert (record.horizon, record.direction, record.n, record.independent) == (5, -1, 4, 3)
    assert record.hit_rate == pytest.approx((independent < 0).mean())
    assert record.base_hit_rate == pytest.approx((base < 0).mean())
    assert record.median == pytest.approx(np.median(independent))
    assert record.edge == pytest.approx(np.median(independent) - np.median(base))
    assert record.edge_low <= record.edge <= record.edge_high
    assert "few" in record.warnings


@pytest.mark.parametrize("n", [2, 5, 24, 31])
def test_medians_are_those_of_samples_drawn_with_replacement(n):
    sample = np.random.default_rng(n).normal(0, 1, n)
    plain = np.median(np.random.default_rng(1).choice(sample, (20_000, n)), axis=1)
    ours = resampled_medians(sample, np.random.default_rng(2), 20_000)
    shares = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
    for share in shares:
        value = np.quantile(plain, share)
        # Both distributions have steps: compare how much of each lies below the same value.
        assert (ours <= value + 1e-12).mean() == pytest.approx(
            (plain <= value + 1e-12).mean(), abs=0.015
        )


def test_a_signal_that_foresees_is_told_from_one_that_guesses(made):
    lines = Lines(made(n=3000))
    after = forward_returns(lines, 20)
    rng = np.random.default_rng(3)
    wise = marked(lines, np.flatnonzero((after > 0.05) & (rng.random(3000) < 0.2)))
    blind = marked(lines, np.flatnonzero(rng.random(3000) < 0.1))
    found = {
        (r.name, r.horizon): r
        for r in signal_records(lines, {"golden_cross": wise, "breakout_20": blind})
    }
    assert found["golden_cross", 20].warnings == ()
    assert found["golden_cross", 20].edge_low > 0
    assert "spans_zero" in found["breakout_20", 20].warnings


def test_no_event_no_number(made):
    lines = Lines(made(n=100))
    for record in signal_records(lines, {"doji": marked(lines, [])}):
        assert (record.n, record.hit_rate, record.median, record.edge_low) == (0, None, None, None)
        assert record.warnings == ("few", "spans_zero")
    assert signal_records(Lines(made(n=3)), {"doji": marked(range(3), [0])})[0].base_median is None


def test_same_seed_same_record_whatever_else_is_asked(chart):
    lines = Lines(chart("AAPL"))
    found = masks(lines)
    all_of_them = signal_records(lines, found)
    assert all_of_them == signal_records(lines, found)
    assert len(all_of_them) == len(TABLE) * len(HORIZONS)
    alone = signal_records(lines, {"macd_up": found["macd_up"]})
    assert set(alone) <= set(all_of_them)
    other = signal_records(lines, {"macd_up": found["macd_up"]}, seed=1)
    assert [r.median for r in other] == [r.median for r in alone]
    assert [r.edge_low for r in other] != [r.edge_low for r in alone]


def test_bands_of_the_score_share_out_all_its_days(chart):
    lines = Lines(chart("NVDA"))
    scores = history(lines)
    for horizon in HORIZONS:
        judged = np.isfinite(scores) & np.isfinite(forward_returns(lines, horizon))
        mine = [r for r in score_records(lines, scores) if r.horizon == horizon]
        assert sum(record.n for record in mine) == judged.sum()
