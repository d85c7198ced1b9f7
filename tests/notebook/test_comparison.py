"""A comparison puts the analyses of real tasks side by side on their common days; nobody is dropped silently."""

import io

import numpy as np
import pandas as pd
import pytest
from made_up_market import market
from PIL import Image

import stockwidget as sw
from stockwidget import jobs
from stockwidget.errors import InvalidRequest
from stockwidget.notebook.comparison import Comparison
from stockwidget.notebook.results import AnalysisResult
from stockwidget.symbols import normalize

pytestmark = pytest.mark.usefixtures("local_runner")


def result(**params):
    *_, last = jobs.analysis(params)
    return AnalysisResult(last.data)


@pytest.fixture(scope="module")
def four():
    """Three kept results: two end in 2013, one begins there."""
    return {symbol: result(symbol=symbol) for symbol in ("AAPL", "MSFT", "IBM")}


@pytest.fixture(scope="module")
def compared(four):
    return Comparison(four)


def test_prices_begin_at_100_on_the_common_days(compared, four):
    days = four["AAPL"].bars.index.intersection(four["MSFT"].bars.index)
    days = days.intersection(four["IBM"].bars.index)
    assert compared.prices.index.equals(days)
    assert compared.range == (days[0], days[-1])
    assert list(compared.prices.iloc[0]) == [100.0] * 3
    for symbol, found in four.items():
        close = found.bars.loc[days, "close"]
        np.testing.assert_allclose(compared.prices[symbol], 100 * close / close.iloc[0])
        change = close.iloc[-1] / close.iloc[0] - 1
        assert compared.table.loc[symbol, "common_return"] == pytest.approx(change)
        logs = np.diff(np.log(close))
        deviation = logs.std(ddof=1) * 252**0.5
        assert compared.table.loc[symbol, "common_volatility"] == pytest.approx(deviation)


def test_correlation_is_that_of_the_common_log_returns(compared):
    logs = np.diff(np.log(compared.prices.to_numpy()), axis=0)
    np.testing.assert_allclose(compared.correlation, np.corrcoef(logs.T))


def test_figures_are_those_of_each_analysis(compared, four):
    for symbol, found in four.items():
        row = compared.table.loc[symbol]
        assert (row["score"], row["band"]) == (found.score.value, found.score.band)
        assert row["sharpe"] == found.risk["sharpe"]
        assert row["last_date"] == found.bars.index[-1]
        pd.testing.assert_series_equal(
            compared.families[symbol], found.score.families["score"], check_names=False
        )


def test_days_that_differ_are_said_in_both_languages(compared):
    assert compared.notes("en")[0].startswith(
        "The analyses end on different days, 2013-03-01 to 2023"
    )
    assert compared.notes("zh")[0].startswith("各分析的截止日不同")


def test_too_few_common_days_have_no_correlation():
    early, late = result(symbol="AAPL", end="2013-02-25"), result(symbol="AMZN", start="2013-02-06")
    found = Comparison({"AAPL": early, "AMZN": late})
    assert 1 < len(found.prices) < 20
    assert found.correlation.isna().all(axis=None)
    assert found.table["common_volatility"].isna().all()
    assert found.table["common_return"].notna().all()
    assert "need 20 returns" in " ".join(found.notes())
    assert "–" in repr(found)
    assert found.figure()


def test_no_common_day_is_told_and_nothing_made_up():
    old, new = result(symbol="IBM"), result(symbol="AAPL", start="2014-01-02")
    found = Comparison({"IBM": old, "AAPL": new})
    assert found.range is None
    assert found.prices.empty
    assert (
        found.table[["common_return", "common_volatility", "common_drawdown"]].isna().all(axis=None)
    )
    assert "0 common days" in found.notes()[0]
    assert "Correlation" not in repr(found)
    assert "<img" not in found._repr_html_()
    assert found.figure()


def test_symbols_are_analysed_and_a_failure_stands_beside_the_rest(four):
    found = sw.compare("aapl", four["MSFT"], "APPL", locale="zh", timeout=120)
    assert list(found.analyses) == ["AAPL", "MSFT"]
    assert list(found.failures.index) == ["APPL"]
    assert found.failures.loc["APPL", "code"] == "unknown_symbol"
    pd.testing.assert_frame_equal(found.analyses["AAPL"].bars, four["AAPL"].bars)
    for shown in (repr(found), found._repr_html_()):
        assert "未能对比" in shown
        assert "APPL" in shown
        assert "减持" in shown


def test_bars_of_the_user_are_compared(tmp_path, monkeypatch):
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", str(tmp_path))
    frame = market(["A", "B"], 0, 60)
    found = sw.compare("A", "B", source=frame, timeout=120)
    closes = frame.pivot_table(index="date", columns="symbol", values="close")
    assert found.prices.to_numpy() == pytest.approx((100 * closes / closes.iloc[0]).to_numpy())


def test_handles_are_awaited_and_all_may_fail():
    handle = sw.analyze("NOPE1")
    found = sw.compare(handle, "NOPE2", timeout=120)
    assert list(found.failures.index) == ["NOPE1", "NOPE2"]
    assert found.analyses == {}
    assert "nothing to compare" in repr(found)
    assert "NOPE2" in found._repr_html_()
    assert found.table.empty


@pytest.mark.parametrize(
    "symbols", [(), ("AAPL",), ("AAPL", "aapl "), ("AAPL", 3), tuple(f"A{i}" for i in range(13))]
)
def test_what_cannot_be_compared_is_refused_at_once(symbols):
    with pytest.raises(InvalidRequest) as caught:
        sw.compare(*symbols)
    assert caught.value.hint
    assert caught.value.data["field"] == "symbols"


def test_data_is_escaped_and_the_picture_shows_every_line(four):
    evil = normalize("A.B-C")
    document = {**four["MSFT"].document, "currency": "<b>x</b>"}
    found = Comparison(
        {"AAPL": four["AAPL"], evil: AnalysisResult(document)},
        [{"symbol": "<script>", "code": "x", "message": "<script>alert(1)</script>"}],
    )
    html = found._repr_html_()
    assert "<script>" not in html
    assert "<b>x</b>" not in html
    assert "Prices are in" in html
    image = Image.open(io.BytesIO(found.figure()._repr_png_())).convert("RGB")
    colours = {colour: count for count, colour in image.getcolors(1_000_000)}
    assert colours[(31, 111, 235)] > 300
    assert colours[(188, 76, 0)] > 300
