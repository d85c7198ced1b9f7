"""Whatever lawful bars come, a study says something finite about them or says why it does not."""

import math

import numpy as np
import orjson
import pandas as pd
import pytest

from stockwidget import jobs
from stockwidget.analysis.study import PARTS, stage_of
from stockwidget.bars import COLUMNS
from stockwidget.errors import InvalidBars
from stockwidget.sources import registry
from stockwidget.sources.base import Bars, Provenance


class Given:
    """A source of one made chart, under any symbol."""

    name = "given"

    def __init__(self, frame):
        self.frame = frame

    def symbols(self):
        return ("XYZ",)

    def bars(self, symbol, start=None, end=None):
        days = [str(day) for day in self.frame.index[[0, -1]]]
        origin = Provenance(source="given", synthetic=False, first=days[0], last=days[1], origin="test",
                            licence="none", note="Made for a test.", raw_is_split_adjusted=False)  # fmt: skip
        return Bars(
            symbol=symbol, name="", market="", currency="", frame=self.frame, provenance=origin
        )


def analyse(monkeypatch, frame, **params):
    monkeypatch.setattr(registry, "get_source", lambda _name: Given(frame))
    monkeypatch.setattr(registry, "version", lambda _name: None)
    *_, last = jobs.analysis({"symbol": "XYZ", **params})
    return last.data


def walk(seed, n, *, scale=1.0, moves=0.02):
    rng = np.random.default_rng(seed)
    close = scale * 50 * np.exp(np.cumsum(rng.normal(0, moves, n)))
    opening = np.concatenate([close[:1], close[:-1]])
    table = {
        "open": opening,
        "high": np.maximum(opening, close) * 1.01,
        "low": np.minimum(opening, close) * 0.99,
        "close": close,
        "volume": np.round(rng.uniform(0, 1e6, n)),
        "adj_close": close,
    }
    return pd.DataFrame(table, index=pd.bdate_range("2015-01-01", periods=n, name="date"))[COLUMNS]


def halted(frame):
    """Bars of the vendor's "no trade" kind: all prices those of the close before, no volume."""
    frame = frame.copy()
    for row in (40, 41, 42, 43, 44, 200):
        frame.iloc[row, :4] = frame["close"].iloc[row - 1]
        frame.iloc[row, 5] = frame["close"].iloc[row - 1]
        frame.iloc[row, 4] = 0.0
    return frame


CHARTS = {
    "thirty bars": walk(1, 30),
    "a year": walk(2, 252),
    "no volume": walk(3, 400).assign(volume=0.0),
    "never moves": walk(4, 400, moves=0.0).assign(high=50.0, low=50.0),
    "halts": halted(walk(5, 400)),
    "tiny prices": walk(6, 400, scale=1e-9),
    "huge prices": walk(7, 400, scale=1e12),
    "wild": walk(8, 400, moves=0.4),
    "gaps of years": walk(9, 400).iloc[[*range(100), *range(300, 400)]],
    "only rises": walk(10, 300, moves=0.0).mul(np.r_[1:301][:, None] / 100.0),
    "only falls": walk(11, 300, moves=0.0).mul(np.r_[301:1:-1][:, None] / 100.0),
}


def numbers(value):
    """Every number of a document."""
    if isinstance(value, dict):
        for each in value.values():
            yield from numbers(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, float):
        yield value


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("adjust", ["adjusted", "raw"])
def test_every_lawful_chart_can_be_studied(name, adjust, monkeypatch):
    found = analyse(monkeypatch, CHARTS[name], adjust=adjust)
    assert all(math.isfinite(number) for number in numbers(found))
    score = found["score"]
    assert (score["value"] is None) == (score["reason"] is not None) == (score["band"] is None)
    assert score["value"] is None or 0 <= score["value"] <= 100
    assert all(v is None or 0 <= v <= 100 for v in score["history"])
    assert score["history"][-1] == (
        score["value"] if score["value"] is None else pytest.approx(score["value"])
    )
    for each in found["record"]["signals"] + found["record"]["score"]:
        assert each["hit_rate"] is None or 0 <= each["hit_rate"] <= 1
        assert (each["edge_low"] is None) == (
            each["independent"] < 2 or each["base_median"] is None
        )
        assert each["independent"] >= 20 or "few" in each["warnings"]
    for paragraphs in found["report"].values():
        said = [line for each in paragraphs for line in each["lines"]]
        assert all(each["lines"] for each in paragraphs)
        assert not [line for line in said if "nan" in line or "None" in line or "{" in line]
    orjson.dumps(found)


def test_points_do_not_depend_on_the_currency(monkeypatch):
    """Prices in cents, volumes in lots: the same score and the same signals."""
    frame = walk(20, 500)
    other = frame.mul([128, 128, 128, 128, 0.25, 128])
    ours, theirs = (analyse(monkeypatch, each) for each in (frame, other))
    assert ours["score"]["history"] == theirs["score"]["history"]
    assert ours["signals"]["key"] == theirs["signals"]["key"]
    assert ours["signals"]["row"] == theirs["signals"]["row"]


def test_more_bars_change_no_earlier_verdict(monkeypatch):
    frame = walk(21, 500)
    early, late = (analyse(monkeypatch, each) for each in (frame.iloc[:400], frame))
    assert late["score"]["history"][:400] == pytest.approx(early["score"]["history"])
    count = len(early["signals"]["row"])
    assert late["signals"]["key"][:count] == early["signals"]["key"]
    assert late["signals"]["row"][:count] == early["signals"]["row"]


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda f: f.tz_localize("Asia/Shanghai"), "index"),
        (lambda f: f.rename(columns={"adj_close": "Adj Close"}), "columns"),
        (lambda f: f.iloc[::-1], "unsorted"),
        (lambda f: f.iloc[[*range(50), *range(49, 100)]], "duplicate"),
        (lambda f: f.assign(low=f["high"] * 1.1), "high_low"),
        (
            lambda f: f.assign(close=np.where(np.arange(len(f)) == 7, np.nan, f["close"])),
            "non_finite",
        ),
        (
            lambda f: f.assign(open=np.where(np.arange(len(f)) == 7, -1.0, f["open"])),
            "non_positive",
        ),
    ],
)
def test_unlawful_bars_are_refused_by_rule_and_row(spoil, rule, monkeypatch):
    with pytest.raises(InvalidBars) as caught:
        analyse(monkeypatch, spoil(walk(30, 100)))
    assert caught.value.data["rule"] == rule
    assert caught.value.hint


def test_parts_are_made_in_the_stages_of_the_task():
    stages = list(dict.fromkeys(map(stage_of, PARTS)))
    assert ["bars", "indicators", *stages] == list(jobs.KINDS["analysis"].stages)
