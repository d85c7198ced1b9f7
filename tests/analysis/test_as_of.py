"""An analysis as of a day is the one that data cut off at that day gives, byte for byte."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import orjson
import pytest

from stockwidget import jobs
from stockwidget.analysis.study import Study
from stockwidget.errors import StockwidgetError
from stockwidget.params import AnalysisParams
from stockwidget.sources import registry
from stockwidget.sources.sample import SampleSource


class Cut(SampleSource):
    """The sample as it was on a day: later bars are not there, whatever is asked for."""

    def __init__(self, day):
        super().__init__()
        self.day = day

    def bars(self, symbol, start=None, end=None):
        found = super().bars(symbol)
        clipped = found.frame.loc[start : min(end or self.day, self.day)]
        if not len(clipped):
            return super().bars(symbol, start, self.day)  # refuses
        return replace(found, frame=clipped)


def document(**params):
    *_, last = jobs.analysis(params)
    return orjson.dumps(last.data)


@pytest.mark.parametrize(
    "params",
    [
        {"symbol": "AAPL", "as_of": "2020-08-28", "benchmark": "IBM"},
        {"symbol": "AAPL", "as_of": "2020-08-29"},  # a Saturday
        {"symbol": "IBM", "as_of": "2015-03-02", "start": "2001-06-01", "adjust": "raw"},
        {"symbol": "META", "as_of": "2013-05-31", "weights": {"trend": 0.5, "momentum": 0.5}},
    ],
)
def test_as_of_is_truncation(params, monkeypatch):
    asked = document(**params)
    monkeypatch.setattr(registry, "get_source", lambda _name: Cut(params["as_of"]))
    try:
        cut = document(**params)
    except StockwidgetError as error:
        pytest.fail(str(error))
    assert asked == cut


def test_no_later_dividend_adjusts_a_price():
    params = AnalysisParams.from_dict({"symbol": "IBM", "as_of": "2010-06-30"})
    frame = SampleSource().bars("IBM").frame
    then = Study(SampleSource(), params).view
    today = Study(SampleSource(), replace(params, as_of=None, end="2010-06-30")).view
    assert then["close"].iloc[-1] == pytest.approx(frame.loc["2010-06-30", "close"])
    assert today["close"].iloc[-1] < 0.9 * then["close"].iloc[-1], "dividends of 13 years"
    ratio = then["close"] / today["close"]
    assert ratio.std() / ratio.mean() < 1e-12


def told(**params):
    """Last close and keys of what is odd, of an analysis of IBM."""
    study = Study(SampleSource(), AnalysisParams.from_dict({"symbol": "IBM", **params}))
    return study.view["close"].iloc[-1], {each.key: str(each) for each in study.findings}


def test_the_last_close_is_the_one_that_was_seen():
    """IBM closed at 202.91; the vendor's adjusted close knows dividends after the last bar."""
    close, odd = told()
    assert close == pytest.approx(202.91)
    assert "later_factor" not in odd


def test_a_close_that_was_not_seen_is_told_beside_the_one_that_was():
    """IBM closed at 123.48 on 2010-06-30."""
    close, odd = told(end="2010-06-30")
    assert "2010-06-30" in odd["later_factor"]
    assert f"the close was 123.48, not {close:.4f}" in odd["later_factor"]
    assert "later_factor" not in told(end="2010-06-30", adjust="raw")[1]


def test_value_traded_is_what_was_paid():
    """Reported close times volume by pandas: Microsoft pays dividends and split in 2003."""
    study = Study(SampleSource(), AnalysisParams.from_dict({"symbol": "MSFT"}))
    frame = SampleSource().bars("MSFT").frame
    paid = frame["close"] * frame["volume"]
    moves = frame["adj_close"].pct_change().abs()
    risk = study.part("risk")
    assert risk["traded_value"] == pytest.approx(paid.iloc[-20:].median())
    assert risk["illiquidity"] == pytest.approx((moves / (paid / 1e6)).mean(), rel=1e-9)
    assert [
        (f.params["date"], f.params["split"]) for f in study.findings if f.key == "split_volume"
    ] == [("2003-02-18", "2:1")]


def test_an_earlier_day_gives_another_answer():
    early, late = (
        orjson.loads(document(symbol="AAPL", as_of=d)) for d in ("2018-01-05", "2018-06-05")
    )
    assert early["summary"]["last_date"] == "2018-01-05"
    assert early["score"]["history"] == pytest.approx(
        late["score"]["history"][: len(early["score"]["history"])], nan_ok=True
    )
    assert early["record"]["universe"]["last"] == "2018-01-05"
    assert early["record"] != late["record"]


def test_two_processes_give_the_same_bytes():
    code = (
        "import hashlib, orjson; from stockwidget import jobs;"
        "*_, last = jobs.analysis({'symbol': 'NFLX', 'benchmark': 'MSFT', 'as_of': '2021-03-01'});"
        "print(hashlib.sha256(orjson.dumps(last.data)).hexdigest())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2)
    }
    assert len(answers) == 1

    own = document(symbol="NFLX", benchmark="MSFT", as_of="2021-03-01")
    assert answers == {hashlib.sha256(own).hexdigest() + "\n"}
