"""From ``sw.scan`` to a ranked table and on to an analysis, by a real runner and its workers."""

import pandas as pd
import pytest
from made_up_market import bars, market

import stockwidget as sw

pytestmark = pytest.mark.usefixtures("local_runner")
RULE = "close > sma(200) and rsi(14) < 70"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def test_a_rule_over_the_synthetic_market_and_on_to_an_analysis():
    task = sw.scan(
        "synthetic:300", rule=RULE, rank="ret(20)", top=20, columns=["close", "rsi(14)", "ret(20)"]
    )
    found = task.result(60)
    assert list(found.columns) == ["name", "last_date", "close", "rsi(14)", "ret(20)"]
    assert len(found) == 20
    assert found["ret(20)"].is_monotonic_decreasing
    assert (found["rsi(14)"] < 70).all()
    assert found.provenance["synthetic"]
    pd.testing.assert_frame_equal(task.partial(), found.table)
    assert task.failures.empty
    assert found.head(2).index[0] == found.index[0]
    assert sw.analyze(found.index[0]).result(60).provenance["synthetic"]
    assert found.index[0] in found._repr_html_()


def test_a_frame_and_its_failures():
    frame = pd.concat([market([f"S{k}" for k in range(30)], 0, 300), market(["NEW"], 0, 50)])
    task = sw.scan(frame, rule=RULE, columns=["close"])
    found = task.result(60)
    assert list(task.failures.index) == list(found.failures.index) == ["NEW"]
    assert "needs 200 bars; NEW has 50" in found.failures.loc["NEW", "message"]
    assert found.counters["abstained"] == found.counters["failed"] == 1
    kept = sw.scan(frame, rule=RULE, columns=["close"], min_bars=200).result(60)
    assert kept.document["excluded"] == {"min_bars": 1}
    assert kept.failures.empty
    assert list(kept.index) == list(found.index)
    members = pd.DataFrame({"symbol": ["S3", "NEW"], "from": ["2019-01-01", "2019-01-01"]})
    few = sw.scan("index:Few", rule="close > 1", source=frame, members=members).result(60)
    assert set(few.index) == {"S3", "NEW"}


def test_a_store_that_grows(place):
    store = sw.store(place / "bars")
    store.append(market([f"S{k}" for k in range(30)], 0, 250))
    first = sw.scan(store, rule=RULE).result(60)
    assert first.provenance["version"] == 1
    store.append(market([f"S{k}" for k in range(30)], 250, 253))
    second = sw.scan(store, rule=RULE).result(60)
    assert second.provenance["version"] == 2, "and not the first one's result"
    moved = sw.diff(first, second)
    assert len(moved.entered) + len(moved.stayed) == len(second)
    last = sw.analyze("S3", source=f"store:{store.path}").result(60)
    assert last.bars["close"].iloc[-1] == bars("S3", 0, 253)["close"].iloc[-1]


def test_a_damaged_store_says_which_file(place):
    store = sw.store(place / "bars")
    store.append(market(["A", "B"], 0, 60))
    (segment,) = (store.path / "segments").iterdir()
    segment.write_bytes(segment.read_bytes()[:-100])
    with pytest.raises(sw.DamagedStore, match=segment.name):
        sw.scan(store, rule="close > 1").result(60)


def test_a_dask_cluster_of_the_worker():
    asked = {"rule": RULE, "rank": "ret(20)", "top": 5}
    here = sw.scan("synthetic:40", **asked).result(60).document
    there = sw.scan("synthetic:40", cluster="local:1", **asked).result(100).document
    assert there["params"].pop("cluster") == "local:1"
    assert there == here
