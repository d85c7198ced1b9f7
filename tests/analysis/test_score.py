"""Every point of the score can be traced, what is missing abstains, and wrong weights are refused."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import talib

from stockwidget.analysis.lines import Lines
from stockwidget.analysis.score import history, judge
from stockwidget.analysis.scorecard import BANDS, FAMILIES, RULES, Scorecard
from stockwidget.errors import InvalidRequest


def test_default_weights_are_the_published_ones():
    card = Scorecard()
    assert {f: round(sum(card.points(r) for r in RULES if r.family == f), 9) for f in FAMILIES} == {
        "trend": 30, "technical": 25, "volume": 20, "volatility": 15, "momentum": 10,
    }  # fmt: skip


@pytest.mark.parametrize("symbol", ["AAPL", "IBM", "NFLX", "META"])
def test_rows_add_up(chart, symbol):
    found = judge(Lines(chart(symbol)), source="sample")
    rows = found.explain()
    assert found.score == pytest.approx(sum(row["points"] for row in rows))
    assert found.coverage == 1.0
    assert found.reason is None
    assert found.band == Scorecard().band(found.score)
    for family in found.families:
        mine = [row for row in rows if row["family"] == family.family]
        assert family.points == pytest.approx(sum(row["points"] for row in mine))
        assert family.score == pytest.approx(100 * family.points / family.possible)
    assert {row["source"] for row in rows} == {"sample"}
    assert {row["date"] for row in rows} == {str(chart(symbol).index[-1].date())}
    json.dumps(found.to_dict())
    assert found.to_frame()["points"].sum() == pytest.approx(found.score)


def test_each_row_is_a_comparison_of_cited_numbers(chart):
    frame = chart("MSFT")
    above = {rule.name: rule.above for rule in RULES}
    rows = {row.name: row for row in judge(Lines(frame)).rows}
    for row in rows.values():
        holds = row.value > row.threshold if above[row.name] else row.value < row.threshold
        assert row.points == (row.possible if holds else 0.0), row.name
    high, low, close, volume = (frame[c].to_numpy() for c in ("high", "low", "close", "volume"))
    natr = talib.NATR(high, low, close)
    obv = talib.OBV(close, volume)
    moves = frame["close"].diff()
    up, down = (frame["volume"][side].tail(20) for side in (moves > 0, moves < 0))
    last = frame.tail(20).index
    up, down = (x[x.index.isin(last)].sum() for x in (up, down))
    expected = {
        "close_sma_20": (close[-1], close[-20:].mean()),
        "sma_50_slope": (close[-50:].mean(), close[-70:-20].mean()),
        "rsi_70": (talib.RSI(close)[-1], 70.0),
        "natr": (natr[-1], natr[-252:].mean()),
        "obv": (obv[-1], obv[-20:].mean()),
        "mfi": (talib.MFI(high, low, close, volume)[-1], 50.0),
        "rising_volume": (up / (up + down), 0.5),
        "depth": (close[-1] / close[-252:].max() - 1, -0.1),
        "ret_60": (close[-1] / close[-61] - 1, 0.0),
    }
    for name, numbers in expected.items():
        assert (rows[name].value, rows[name].threshold) == pytest.approx(numbers), name


def test_what_is_missing_abstains(made):
    found = judge(Lines(made(n=150)))
    silent = {row.name for row in found.rows if row.points is None}
    assert silent == {"sma_50_200", "natr", "depth", "ret_252"}
    missing = sum(row.possible for row in found.rows if row.name in silent)
    assert found.coverage == pytest.approx(1 - missing / 100)
    given = sum(row.points for row in found.rows if row.points is not None)
    assert found.score == pytest.approx(100 * given / (100 - missing))
    volatility = next(f for f in found.families if f.family == "volatility")
    assert (volatility.score, volatility.coverage) == (None, 0.0)


@pytest.mark.parametrize("bars", [1, 15, 30])
def test_no_score_below_the_coverage(made, bars):
    found = judge(Lines(made(n=bars)))
    assert found.coverage < 0.6
    assert (found.score, found.band) == (None, None)
    assert "60% are needed" in found.reason
    assert "sma_50_200" in found.reason
    assert judge(Lines(made(n=30)), Scorecard(least_coverage=0.1)).score is not None


def test_the_history_is_what_each_day_would_have_said(chart):
    frame = chart("META").iloc[:420]
    scores = history(Lines(frame))
    card = Scorecard(
        weights={"trend": 0.35, "technical": 0.31, "volatility": 0.17, "momentum": 0.17}
    )
    weighted = history(Lines(frame), card)
    for end in (1, 40, 100, 200, 252, 270, 419):
        lines = Lines(frame.iloc[: end + 1])
        for found, day in ((scores, judge(lines)), (weighted, judge(lines, card))):
            assert repr(found[end].item()) == repr(np.nan if day.score is None else day.score)


def test_just_enough_points_are_enough_whatever_was_rounded(made):
    """114 of 145 parts can be judged, and the sums of their points say a little less."""
    parts = dict(zip(FAMILIES, (8, 8, 7, 4, 2), strict=True))
    weights = {family: part / 29 for family, part in parts.items()}
    lines = Lines(made(n=150))
    least = Fraction(judge(lines, Scorecard(weights=weights)).coverage).limit_denominator(1000)
    card = Scorecard(weights=weights, least_coverage=float(least))
    assert judge(lines, card).score == history(lines, card)[-1]
    assert judge(lines, replace(card, least_coverage=float(least) + 1e-6)).score is None


def test_other_scorecards(chart):
    lines = Lines(chart("AAPL"))
    card = Scorecard(weights={"trend": 0.5, "momentum": 0.5})
    found = judge(lines, card)
    assert {row.family for row in found.rows} == {"trend", "momentum"}
    assert sum(row.possible for row in found.rows) == pytest.approx(100)
    assert history(lines, card)[-1] == pytest.approx(found.score)


@pytest.mark.parametrize(
    ("weights", "message", "field"),
    [
        ({"trend": 0.6, "technical": 0.5}, "sum to 1.1, not to 1", "weights"),
        ({"trnd": 1.0}, "Did you mean trend", "weights.trnd"),
        ({"trend": 1.5, "volume": -0.5}, "volume must be a number from 0", "weights.volume"),
        ({"trend": float("nan")}, "trend must be a number", "weights.trend"),
        ({}, "sum to 0", "weights"),
    ],
)
def test_wrong_weights(weights, message, field):
    with pytest.raises(InvalidRequest, match=message) as caught:
        Scorecard(weights=weights)
    assert caught.value.data["field"] == field


def test_a_coverage_that_cannot_be():
    with pytest.raises(InvalidRequest, match="least_coverage"):
        Scorecard(least_coverage=60)


@pytest.mark.parametrize(
    ("score", "name"),
    [
        (100, "strong_buy"),
        (80, "strong_buy"),
        (79.9, "buy"),
        (59.9, "hold"),
        (20, "reduce"),
        (0, "sell"),
    ],
)
def test_bands(score, name):
    assert Scorecard().band(score).name == name
    assert [b.least for b in BANDS] == sorted((b.least for b in BANDS), reverse=True)


def test_what_was_never_traded_says_nothing_about_volume(made):
    frame = made().assign(volume=0.0)
    silent = {row.name for row in judge(Lines(frame)).rows if row.points is None}
    assert silent == {"obv", "mfi", "rising_volume"}


def test_a_price_that_never_moves_has_no_strength(made):
    frame = made(close=np.full(300, 20.0)).assign(high=20.0, low=20.0, volume=5.0)
    rows = {row.name: row for row in judge(Lines(frame)).rows}
    abstaining = {name for name in rows if rows[name].points is None}
    assert abstaining >= {"rsi_50", "rsi_70", "kdj", "mfi"}
