"""The document has the protocol's form, says where its numbers come from, and refuses too little."""

import json
import math
import re
from pathlib import Path

import pytest

from stockwidget import jobs
from stockwidget.analysis.document import LEAST, load
from stockwidget.errors import InsufficientHistory
from stockwidget.params import AnalysisParams
from stockwidget.sources.registry import get_source
from stockwidget.tasks.steps import Result

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"


def document(**params):
    *_, last = jobs.analysis(params)
    assert isinstance(last, Result)
    return last.data


def promised(kind):
    blocks = re.findall(r"```json\n(.*?)```", PROTOCOL.read_text(), flags=re.DOTALL)
    found = [json.loads(b) for b in blocks if f'"kind": "{kind}"' in b and '"schema"' in b]
    assert len(found) == 1
    return found[0]


def test_the_form_is_the_protocols():
    ours, example = document(symbol="AAPL"), promised("analysis")
    assert list(ours) == list(example)
    assert list(ours["indicators"]) == list(example["indicators"])
    shape(ours, example, "")
    fixed = ("schema", "kind", "symbol", "name", "market", "currency", "params")
    assert {k: ours[k] for k in fixed} == {k: example[k] for k in fixed}
    shown = {k: v for k, v in example["provenance"].items() if k != "note"}
    assert {k: v for k, v in ours["provenance"].items() if k != "note"} == shown


def shape(ours, example, place):
    """Every object of the example has our keys; a list's first element stands for all."""
    if isinstance(example, dict) and not place.startswith(
        ("terms.", "provenance.", "fundamentals.notes.")
    ):
        assert list(ours) == list(example) or place == "terms", place
        for key in example:
            shape(ours[key], example[key], f"{place}{key}.")
    elif isinstance(example, list) and example and isinstance(example[0], dict):
        for each in ours:
            shape(each, example[0], place)


@pytest.mark.parametrize("symbol", ["AAPL", "FB"])
def test_series_are_aligned_and_hold_no_nan(symbol):
    found = document(symbol=symbol)
    bars = found["provenance"]["bars"]
    for column in (*found["bars"].values(), *found["indicators"].values()):
        assert len(column) == bars
    for values in found["indicators"].values():
        assert all(v is None or math.isfinite(v) for v in values)
    json.dumps(found, allow_nan=False)


def test_a_short_history_gives_empty_series_and_says_so():
    found = document(symbol="FB")
    assert set(found["indicators"]["sma_200"]) == {None}
    assert found["indicators"]["sma_50"][48:50] == [None, pytest.approx(28.0, abs=8)]
    assert "196 bars are too few for SMA 200" in found["provenance"]["note"]
    assert "too few" not in document(symbol="IBM")["provenance"]["note"]


def test_a_range_limits_bars_and_indicators():
    found = document(symbol="AAPL", start="2020-01-01", end="2020-12-31")
    assert found["bars"]["date"][0] == found["provenance"]["first"] == "2020-01-02"
    assert found["bars"]["date"][-1] == found["summary"]["last_date"] == "2020-12-31"
    assert found["indicators"]["sma_20"][18:20] == [
        None,
        pytest.approx(sum(found["bars"]["close"][:20]) / 20),
    ]


def test_raw_and_adjusted_differ_and_raw_warns():
    raw, adjusted = document(symbol="MSFT", adjust="raw"), document(symbol="MSFT")
    assert raw["bars"]["close"][0] > 2 * adjusted["bars"]["close"][0]
    assert raw["bars"]["volume"] == adjusted["bars"]["volume"]
    assert "jumps of splits and dividends" in raw["provenance"]["note"]
    assert "Raw prices:" not in adjusted["provenance"]["note"]
    assert (raw["provenance"]["adjust"], adjusted["provenance"]["adjust"]) == ("raw", "adjusted")


def test_a_synthetic_symbol_is_labelled():
    found = document(symbol="SYN00001", source="synthetic")
    assert found["provenance"]["synthetic"] is True
    assert "Synthetic" in found["name"]
    assert found["provenance"]["note"].startswith("Made up")


def test_too_few_bars_name_the_range_there_is():
    params = AnalysisParams.from_dict(
        {"symbol": "AAPL", "start": "2020-01-01", "end": "2020-01-31"}
    )
    with pytest.raises(InsufficientHistory, match="has 21 bars from 2020-01-02 to 2020-01-31") as e:
        load(get_source("sample"), params)
    assert "2013-01-02 to 2023-09-21" in e.value.hint
    assert e.value.data | {"bars": 21, "needed": LEAST} == e.value.data


def test_exactly_enough_bars():
    dates = document(symbol="AAPL")["bars"]["date"]
    assert document(symbol="AAPL", end=dates[LEAST - 1])["provenance"]["bars"] == LEAST
    with pytest.raises(InsufficientHistory):
        document(symbol="AAPL", end=dates[LEAST - 2])
