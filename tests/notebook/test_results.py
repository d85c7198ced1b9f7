"""What a result hands over as pandas is the document, explained; missing stays missing."""

import io
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from stockwidget import jobs
from stockwidget.errors import InvalidRequest
from stockwidget.notebook.results import AnalysisResult
from stockwidget.notebook.static_output import analysis_html, document_text
from stockwidget.tasks.steps import Result


def result(**params):
    *_, last = jobs.analysis(params)
    assert isinstance(last, Result)
    return AnalysisResult(last.data)


@pytest.fixture(scope="module")
def aapl():
    return result(symbol="AAPL")


@pytest.fixture(scope="module")
def short():
    return result(symbol="FB", end="2012-07-02")


def test_the_score_is_explained_point_by_point(aapl):
    score = aapl.score
    frame = score.explain().frame
    assert float(score) == score.value == pytest.approx(frame["points"].sum())
    holds = np.where(
        frame["above"], frame["value"] > frame["threshold"], frame["value"] < frame["threshold"]
    )
    np.testing.assert_array_equal(frame["points"] > 0, holds)
    assert set(frame["date"]) == {aapl.summary["last_date"]}
    assert set(frame["source"]) == {"sample"}
    by_family = frame.groupby("family", sort=False)[["points", "max"]].sum()
    pd.testing.assert_frame_equal(by_family, score.families[["points", "max"]])
    assert score.families["weight"].sum() == pytest.approx(1.0)
    assert score.history.iloc[-1] == score.value
    assert score.history.index.equals(aapl.bars.index)
    assert score.history.first_valid_index() == aapl.bars.index[49], "SMA 50 has its first value"


async def test_a_result_that_is_awaited_says_that_it_is_here(aapl):
    with pytest.raises(InvalidRequest, match=r"Write r = await t, or r = t\.result\(\), not both"):
        await aapl


def test_the_explanation_is_told_in_both_languages(aapl):
    english, chinese = (str(aapl.score.explain(locale)) for locale in ("en", "zh"))
    assert english.splitlines()[0] == f"AAPL 2023-09-21: {aapl.score.value:.0f} of 100, Reduce"
    assert "减持" in chinese.splitlines()[0]
    assert "close above SMA 20: 173.93 ≤ 179.99" in english
    assert "收盘价高于 20 日均线: 173.93 ≤ 179.99" in chinese
    assert len(english.splitlines()) == len(chinese.splitlines()) == 1 + 5 + 18


def test_the_picture_shows_what_was_given(aapl):
    figure = aapl.score.explain().figure()
    assert isinstance(figure, Figure)
    image = Image.open(io.BytesIO(figure._repr_png_())).convert("RGB")
    colours = {colour: count for count, colour in image.getcolors(100_000)}
    assert colours[(31, 111, 235)] > 1000
    assert colours[(223, 229, 236)] > colours[(31, 111, 235)], "more missed than given"


def test_too_little_to_judge_has_a_reason_and_no_number(short):
    assert (short.score.value, short.score.band) == (None, None)
    assert np.isnan(float(short.score))
    assert "60 % are needed" in short.score.reason
    frame = short.score.explain().frame
    silent = frame[frame["abstained"]]
    assert {"sma_50_200", "ret_252"} <= set(silent.index)
    assert silent["points"].isna().all()
    assert silent["reason"].str.contains("too little history").all()
    assert "abstains" in str(short.score.explain())
    assert "no score" in short.score.explain().figure().axes[0].get_title(loc="left")
    assert short.risk["beta"] is None


def test_signals_are_dated_and_cite_what_they_compared(aapl):
    signals = aapl.signals
    assert signals.index.is_monotonic_increasing
    pd.testing.assert_series_equal(
        signals["price"], aapl.bars.loc[signals.index, "close"], check_names=False
    )
    crosses = signals[signals["key"] == "macd_up"]
    macd = aapl.indicators.loc[crosses.index]
    np.testing.assert_array_equal(crosses["value"], macd["macd_dif"])
    np.testing.assert_array_equal(crosses["threshold"], macd["macd_dea"])
    assert (crosses["value"] > crosses["threshold"]).all()
    assert set(crosses["title"]) == {"MACD crosses up"}
    assert set(signals["direction"]) == {-1, 0, 1}


def test_levels_lie_on_their_side(aapl):
    levels, close = aapl.levels, aapl.summary["last_close"]
    assert (levels.loc[levels["kind"] == "support", "price"] <= close).all()
    assert (levels.loc[levels["kind"] == "resistance", "price"] > close).all()
    np.testing.assert_allclose(levels["distance"], levels["price"] / close - 1)
    assert levels["last"].max() <= aapl.bars.index[-1]


def test_months_are_compounded_closes(aapl):
    ends = aapl.bars["close"].resample("ME").last().pct_change()
    table = aapl.monthly_returns
    assert table.loc[2020, 3] == pytest.approx(ends["2020-03-31"])
    assert np.isnan(table.loc[2013, 1]), "no close before it"
    assert aapl.seasonality.loc[3, "median"] == pytest.approx(table[3].median())


def test_the_record_can_be_looked_up(aapl):
    row = aapl.record.loc[("symbol", "signal", "macd_up", 20)]
    assert row["n"] >= row["independent"] > 20
    assert row["edge"] == pytest.approx(row["median"] - row["base_median"])
    assert row["edge_low"] <= row["edge"] <= row["edge_high"]
    across = aapl.record.loc[("universe", "signal", "macd_up", 20)]
    assert across["n"] > row["n"]
    assert len(aapl.record.loc[("symbol", "score")]) == 15
    assert result(symbol="SYN00001", source="synthetic").record.index.unique("across").tolist() == [
        "symbol"
    ]


def test_sizing_trend_findings_and_fundamentals(aapl, short):
    assert aapl.sizing["at_risk"] <= 0.01 * aapl.sizing["capital"]
    assert aapl.trend["state"] == "sideways"
    assert aapl.findings.empty
    assert (
        short.findings.loc["empty_series", "text"]
        == "31 bars are too few for SMA 50, SMA 200, MACD."
    )
    implied, none = aapl.fundamentals.attrs["notes"]
    assert "right to a few percent" in implied
    assert "No fundamentals from this source (sample)" in none
    assert aapl.fundamentals.index.tolist() == ["dividend_yield"]
    assert aapl.events["source"].isna().all(), "implied by adjusted closes"
    assert aapl.dividends.loc["2023-08-11", "amount"] == pytest.approx(0.24, rel=0.01)
    assert short.fundamentals.empty
    assert "no dividend or split" in short.fundamentals.attrs["notes"][0]
    assert short.events.empty
    assert short.dividends.empty


def test_a_benchmark_gives_beta():
    found = result(symbol="GOOG", benchmark="AMZN", start="2015-01-01")
    ours, theirs = (
        result(symbol=s, start="2015-01-01").bars["close"].pct_change() for s in ("GOOG", "AMZN")
    )
    assert found.risk["beta"] == pytest.approx(ours.cov(theirs) / theirs.var())
    assert found.risk["benchmark"] == "AMZN"
    few = result(symbol="AAPL", benchmark="MSFT")
    assert "days in common with the benchmark MSFT" in few.findings.loc["few_common_days", "text"]
    none = result(symbol="AAPL", benchmark="MSFT", start="2015-01-01")
    assert (none.risk["beta"], none.findings.index.tolist()) == (None, ["no_benchmark"])


class Text(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.parts = []
        self.tags = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.parts.append(data)


def test_still_output_shows_score_signals_levels_and_risk(aapl, short):
    text = Text(analysis_html(aapl.document)).parts
    for expected in (
        "Score",
        "Trend",
        "Support",
        "Sharpe ratio",
        "After scores of “Reduce”",
        "on 9 symbols",
    ):
        assert expected in text, expected
    assert any("27 of 100, Reduce" in part for part in text)
    assert text[text.index("Dividend yield") + 1 :][:4] == [
        "0.54 %",
        "2023-08-11",
        "2023-08-11",
        "adjusted closes",
    ]
    assert any("No fundamentals from this source (sample)" in part for part in text)
    assert any("No score: " in part for part in Text(analysis_html(short.document)).parts)
    assert any(line.startswith("Score: 27 of 100") for line in document_text(aapl.document))


def test_words_of_a_document_are_escaped(aapl):
    evil = "<script>alert(1)</script>"
    words = {
        **aapl.document["terms"],
        "families": {"trend": {"title": {"en": evil, "zh": evil}, "rule": None}},
    }
    html = analysis_html({**aapl.document, "terms": words})
    assert "script" not in Text(html).tags
    assert evil in "".join(Text(html).parts)


def test_a_result_of_an_earlier_version_says_so(aapl):
    old = {
        k: v
        for k, v in aapl.document.items()
        if k in {"kind", "symbol", "provenance", "bars", "indicators", "summary"}
    }
    found = AnalysisResult(old)
    assert len(found.bars) == 2699
    assert "AAPL" in repr(found)
    with pytest.raises(InvalidRequest, match="an earlier version made it"):
        found.score  # noqa: B018
    assert "Score" not in analysis_html(old)


def test_the_report_is_text_and_markdown_in_both_languages(aapl):
    english, chinese = aapl.report(), aapl.report("zh")
    assert english.text.startswith(
        "Summary\n  Apple Inc. (AAPL) closed at 173.93 USD on 2023-09-21."
    )
    assert chinese.text.startswith("摘要\n")
    assert str(english) == english.text
    shown = english._repr_markdown_()
    assert shown.count("#### ") == len(english.paragraphs) == 7
    assert shown.count("\n- ") == sum(len(each["lines"]) for each in english.paragraphs)
    html = analysis_html(aapl.document)
    assert "The case against" in html
    with pytest.raises(InvalidRequest):
        aapl.report(since=result(symbol="MSFT"))
    assert "Since the analysis" in aapl.report(since=aapl).text


def test_a_name_is_no_markup(aapl):
    evil = AnalysisResult({**aapl.document, "name": "<img src=x> *a* $b$ [c](d)"})
    assert "\\<img src=x\\> \\*a\\* \\$b\\$ \\[c\\](d)" in evil.report()._repr_markdown_()
