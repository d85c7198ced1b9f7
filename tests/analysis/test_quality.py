"""What is odd about bars is found and said, with its place; ordinary bars are not suspected."""

import re

import numpy as np
import pytest

from stockwidget import jobs
from stockwidget.analysis.lines import Lines
from stockwidget.analysis.quality import FINDINGS, findings
from stockwidget.bars import adjusted
from stockwidget.sources.sample import SampleSource
from stockwidget.tasks.steps import Log

SAMPLE = SampleSource()


def keys(frame):
    return {each.key: each.params for each in findings(Lines(frame))}


@pytest.mark.parametrize("symbol", SAMPLE.symbols())
def test_the_sample_is_not_suspected(symbol):
    assert "split_not_adjusted" not in keys(adjusted(SAMPLE.bars(symbol).frame))


@pytest.mark.parametrize(
    ("factor", "split"), [(0.5, "2:1"), (1 / 7, "7:1"), (1 / 20, "20:1"), (8.0, "1:8")]
)
def test_a_split_that_was_not_adjusted_is_named(made, factor, split):
    frame = made(seed=3)
    frame.iloc[400:, :4] *= factor
    found = keys(frame)["split_not_adjusted"]
    assert (found["row"], found["split"]) == (400, split)
    assert found["date"] == str(frame.index[400].date())
    assert found["ratio"] == pytest.approx(factor, rel=0.02)


@pytest.mark.parametrize(("every", "days"), [("W-FRI", 7), ("ME", 31), ("QE", 91)])
def test_bars_of_weeks_or_months_are_not_taken_for_daily_ones(made, every, days):
    """pandas resamples; the days apart are those of the calendar."""
    frame = made(n=1500)
    longer = frame.resample(every).last().dropna()
    assert abs(keys(longer)["not_daily"]["days"] - days) <= 1
    assert "gaps" not in keys(longer)
    assert "not_daily" not in keys(frame)
    assert "not_daily" not in keys(frame.iloc[::2]), "every other day is no week"


@pytest.mark.parametrize("move", [0.7, 0.58, 1.4])
def test_a_crash_is_no_split(made, move):
    frame = made(seed=3)
    frame.iloc[400:, :4] *= move
    assert "split_not_adjusted" not in keys(frame)


def test_the_splits_of_raw_prices_are_found():
    """Microsoft split 2:1 on 2003-02-18; the sample's raw prices still have the jump."""

    def warnings(**params):
        items = jobs.analysis({"symbol": "MSFT", **params})
        return [str(i.message) for i in items if isinstance(i, Log) and i.level == "warning"]

    said = warnings(adjust="raw")
    assert any("2003-02-18" in each and "2:1" in each for each in said), said
    assert not warnings()


def test_halts_and_gaps_are_counted(made):
    frame = made(n=300)
    frame.loc[frame.index[[10, 50, 51, 52]], "volume"] = 0
    frame = frame.drop(frame.index[100:120])
    found = keys(frame)
    assert found["halted"] == {
        "count": 4,
        "longest": 3,
        "first": str(frame.index[50].date()),
        "last": str(frame.index[52].date()),
    }
    assert found["gaps"]["count"] == 1
    assert (found["gaps"]["first"], found["gaps"]["last"]) == tuple(
        str(day.date()) for day in frame.index[99:101]
    )


def test_no_volume_for_ever(made):
    found = keys(made().assign(volume=0.0))
    assert "no_volume" in found
    assert "halted" not in found


def test_prices_that_never_move(made):
    frame = made(close=np.full(300, 20.0)).assign(high=20.0, low=20.0)
    assert "flat_prices" in keys(frame)


def test_a_short_history_names_what_is_empty(made):
    assert keys(made(n=60))["empty_series"] == {"count": 60, "names": ["SMA 200"]}
    assert "short_history" in keys(made(n=252))
    assert keys(made(n=600)) == {}


def test_every_finding_is_told_in_both_languages():
    for english, chinese in FINDINGS.values():
        assert english.isascii()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
        holes = [set(re.findall(r"{(\w+)}", text)) for text in (english, chinese)]
        assert holes[1] <= holes[0] | {"longest"}
