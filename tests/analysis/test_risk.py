"""Risk agrees with empyrical where both have a number, and says None where nothing can be said."""

import empyrical
import numpy as np
import pandas as pd
import pytest

from stockwidget.analysis.risk import DEFINITIONS, Risk, assess, size
from stockwidget.errors import InvalidRequest

SYMBOLS = ["AAPL", "IBM", "META"]


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("risk_free", [0.0, 0.03])
def test_agrees_with_empyrical(chart, symbol, risk_free):
    frame, other = chart(symbol), chart("MSFT")["close"]
    found = assess(frame, benchmark=other, risk_free=risk_free)
    moves = frame["close"].pct_change().dropna()
    market = other.pct_change().reindex(moves.index)
    daily = risk_free / 252
    expected = {
        "annual_return": empyrical.annual_return(moves),
        "volatility": empyrical.annual_volatility(moves),
        "downside_deviation": empyrical.downside_risk(moves),
        "max_drawdown": empyrical.max_drawdown(moves),
        "var_95": empyrical.value_at_risk(moves),
        "cvar_95": empyrical.conditional_value_at_risk(moves),
        "sharpe": empyrical.sharpe_ratio(moves, daily),
        "sortino": empyrical.sortino_ratio(moves, daily),
        "calmar": empyrical.calmar_ratio(moves),
        "tail_ratio": empyrical.tail_ratio(moves),
        "beta": empyrical.beta(moves, market, daily),
        "alpha": empyrical.alpha(moves, market, daily),
        "skew": moves.skew(),
        "excess_kurtosis": moves.kurt(),
        "worst_day": moves.min(),
    }
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9), name
    assert found.worst_day_date == str(moves.idxmin().date())


def test_dates_of_the_drawdown(made):
    frame = made(close=[10, 12, 9, 6, 8, 12, 13, 11])
    found = assess(frame)
    days = [str(day.date()) for day in frame.index]
    assert found.max_drawdown == pytest.approx(-0.5)
    assert (found.max_drawdown_peak, found.max_drawdown_trough) == (days[1], days[3])
    assert found.max_drawdown_recovered == days[5]
    assert assess(frame.iloc[:5]).max_drawdown_recovered is None


@pytest.mark.parametrize("bars", [1, 2, 20])
def test_short_history_is_none(made, bars):
    found = assess(made(n=bars))
    told = {name for name, value in found.to_dict().items() if value is not None}
    assert told - {"max_drawdown_peak", "max_drawdown_trough", "max_drawdown_recovered"} <= {
        "first", "last", "returns", "max_drawdown", "halted_share", "traded_value",
    }  # fmt: skip
    assert assess(made(n=21)).volatility is not None


def test_a_price_that_never_moves_has_no_ratio(made):
    found = assess(made(close=np.full(60, 7.0)), benchmark=made(close=np.full(60, 7.0))["close"])
    assert (found.volatility, found.max_drawdown, found.var_95) == (0.0, 0.0, 0.0)
    for name in ("sharpe", "sortino", "calmar", "tail_ratio", "skew", "beta", "alpha"):
        assert getattr(found, name) is None, name


def test_only_neighbouring_days_of_both_count_for_beta(made):
    frame = made(n=200)
    market = made(2, 200)["close"]
    holed = market.drop(market.index[100])
    moves = pd.DataFrame({"a": frame["close"].pct_change(), "b": market.pct_change()}).dropna()
    kept = moves.drop(market.index[[100, 101]])
    found = assess(frame, benchmark=holed)
    assert found.benchmark_days == 197 == len(kept)
    assert found.beta == pytest.approx(kept["a"].cov(kept["b"]) / kept["b"].var())
    assert assess(frame, benchmark=market.iloc[:15]).beta is None
    assert assess(frame).benchmark_days is None


def test_the_return_across_a_halt_is_none_of_a_day(made):
    """30 bars are missing, in which the benchmark went on: by pandas, of the days before and after."""
    market = made(n=120, seed=2)["close"]
    frame = made(n=120, seed=1)
    halted = frame.drop(frame.index[50:80])
    found = assess(halted, benchmark=market)
    moves = pd.DataFrame({"ours": frame["close"], "theirs": market}).pct_change()
    kept = moves.drop(frame.index[50:81]).dropna()
    assert found.benchmark_days == len(kept) == 88
    assert found.beta == pytest.approx(kept["ours"].cov(kept["theirs"]) / kept["theirs"].var())


def test_liquidity(made):
    frame = made(n=100)
    frame["close"], frame["volume"] = 10.0, 1e6
    frame.loc[frame.index[50:55], "volume"] = 0.0
    frame.loc[frame.index[1::2], "close"] = 11.0
    found = assess(frame)
    assert found.halted_share == 0.05
    assert found.traded_value == pytest.approx(1.05e7)
    moves = frame["close"].pct_change()[frame["volume"] > 0].dropna().abs()
    traded = (frame["close"] * frame["volume"])[moves.index] / 1e6
    assert found.illiquidity == pytest.approx((moves / traded).mean())


def test_every_number_is_defined():
    described = {"first", "last", "returns", "benchmark_days"}
    fields = set(Risk.__dataclass_fields__)
    dates = {name for name in fields if name.endswith(("_peak", "_trough", "_recovered", "_date"))}
    assert set(DEFINITIONS) == fields - dates - described


def test_size_by_hand():
    """1 % of 10 000 is 100; a stop 2 · 2.5 below the close loses 5 a share: 20 shares."""
    found = size(50.0, 2.5, capital=10_000)
    assert (found.stop, found.shares, found.value, found.at_risk) == (45.0, 20, 1000.0, 100.0)
    assert size(50.0, 0.01, capital=10_000).shares == 200, "never more than the capital buys"
    with pytest.raises(InvalidRequest, match="atr must be a number above zero"):
        size(50.0, float("nan"), capital=10_000)


def test_quantstats_has_the_same_numbers(chart):
    """QuantStats 0.0.86 on the same closes; its VaR and CVaR are those of a fitted normal."""
    found = assess(chart("AAPL"))
    published = {
        "annual_return": 0.24403027730366,
        "volatility": 0.2863138453934732,
        "max_drawdown": -0.38515917046641,
        "sharpe": 0.9063719633453258,
        "sortino": 1.3169617551009964,
        "calmar": 0.6335829340585363,
        "tail_ratio": 1.0600871271645687,
        "skew": -0.14179186219154255,
        "excess_kurtosis": 5.767863891358035,
    }
    assert {name: getattr(found, name) for name in published} == pytest.approx(published, rel=1e-9)
    moves = chart("AAPL")["close"].pct_change().dropna()
    normal = moves.mean() - 1.6448536269514722 * moves.std()
    assert normal == pytest.approx(-0.028636917527995846), "QuantStats' VaR"
    assert found.var_95 != pytest.approx(normal, rel=0.01)
