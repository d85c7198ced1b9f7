"""A universe is all of one source, cut by filters before bars are read, and never empty."""

import sys

import pandas as pd
import pytest
from made_up_market import market

from stockwidget.errors import InvalidRequest
from stockwidget.params import ScanParams
from stockwidget.scan.universe import label, resolve, source_name, version
from stockwidget.sources.sample import SampleSource
from stockwidget.store.barstore import BarStore


def params(universe, **more):
    return ScanParams.from_dict({"universe": universe, **more})


def find(universe, **more):
    return resolve(params(universe, **more))


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    store = BarStore(tmp_path_factory.mktemp("stored") / "my bars")
    store.append(pd.concat([market(["AAPL", "600519.SS"], 0, 60), market(["0700.HK"], 0, 10)]))
    return f"store:{store.path}"


def test_sample():
    found = find("sample")
    assert found.supply.name == "sample"
    assert len(found.symbols) == 9


def test_synthetic():
    found = find("synthetic:3")
    assert found.supply.name == "synthetic"
    assert found.symbols == ("SYN00001", "SYN00002", "SYN00003")
    assert found.label == "synthetic:3"


def test_markets(stored):
    assert find("US").symbols == find("sample").symbols
    assert label(params("us")) == "US"
    for spelt in ("CN", "market:CN", " market:cn"):
        found = find(spelt, source=stored)
        assert found.symbols == ("600519.SS",)
        assert found.label == "CN · my bars"
        assert str(version(params(spelt, source=stored))).count("00000001.json")
    with pytest.raises(InvalidRequest, match="'sample' has no symbol of the market HK") as caught:
        find("HK")
    assert caught.value.hint == "It has: US. source= names another one."
    with pytest.raises(InvalidRequest, match="has no end"):
        source_name(params("US", source="synthetic"))
    with pytest.raises(InvalidRequest, match="Did you mean 'market:hk'"):
        params("market:HKG")


def test_lists():
    assert find(["AAPL", "MSFT"]).supply.name == "sample"
    assert find(["SYN00007"]).supply.name == "synthetic"
    assert label(params(["A", "B", "C", "D", "E"])) == "A, B, C +2"


def test_mixtures_are_refused():
    with pytest.raises(InvalidRequest, match="mixes synthetic") as caught:
        source_name(params(["AAPL", "SYN00001"]))
    assert caught.value.data["field"] == "universe"


def test_a_store(stored):
    found = find(stored)
    assert found.symbols == ("AAPL", "600519.SS", "0700.HK")
    assert (found.label, found.supply.version) == ("my bars", 1)
    assert find(["AAPL"], source=stored).supply.version == 1
    assert str(version(params(stored))).count("00000001.json")
    with pytest.raises(InvalidRequest, match="no bar store"):
        find("store:/nowhere")
    with pytest.raises(InvalidRequest, match="is no list"):
        source_name(params(stored, source="sample"))


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"market": "CN"}, ["600519.SS"]),
        ({"market": "us"}, ["AAPL"]),
        ({"min_bars": 60}, ["AAPL", "600519.SS"]),
        ({"min_bars": 10, "market": "HK"}, ["0700.HK"]),
        ({"min_turnover": 1.0}, ["AAPL", "600519.SS", "0700.HK"]),
    ],
)
def test_filters(stored, filters, left):
    found = find(stored, **filters)
    assert list(found.symbols) == left
    assert sum(found.excluded.values()) == 3 - len(left)


def test_turnover_is_that_of_the_last_bars(stored):
    store = BarStore(stored.removeprefix("store:"))
    last = store.bars("AAPL").iloc[-20:]
    traded = float((last["close"] * last["volume"]).mean())
    assert "AAPL" in find(stored, min_turnover=traded * 0.999).symbols
    with pytest.raises(InvalidRequest, match="min_turnover 1"):
        find(["AAPL"], source=stored, min_turnover=traded * 1.001)


@pytest.mark.parametrize("day", [None, "2003-02-25", "2013-02-20"])
@pytest.mark.parametrize("kept", ["sample", "store"])
def test_turnover_is_what_was_paid(kept, day, tmp_path):
    """Reported close times reported volume, by pandas: Microsoft's split of 2003-02-18 halved the
    earlier adjusted closes, and later dividends lowered all of them."""
    frame = SampleSource().bars("MSFT").frame
    place = {"source": "sample"}
    if kept == "store":
        BarStore(tmp_path / "bars").append(frame.assign(symbol="MSFT"))
        place = {"source": f"store:{tmp_path / 'bars'}"}
    known = frame.loc[:day].iloc[-20:]
    paid = float((known["close"] * known["volume"]).mean())
    if day is not None:
        place["as_of"] = day
    assert find(["MSFT"], min_turnover=paid * 0.9999, **place).symbols == ("MSFT",)
    with pytest.raises(InvalidRequest, match="min_turnover 1"):
        find(["MSFT"], min_turnover=paid * 1.0001, **place)


def test_filters_that_leave_nothing_say_so(stored):
    with pytest.raises(InvalidRequest, match=r"No symbol .* left \(min_bars 3\)"):
        find(stored, min_bars=1000)


def test_a_folder_is_read_once_and_again_when_a_file_changes(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    market(["A"], 0, 20).drop(columns="symbol").to_csv(folder / "A.csv")
    one, before = find(f"folder:{folder}"), version(params(f"folder:{folder}"))
    assert one.symbols == ("A",)
    assert find(f"folder:{folder}").supply.snapshot.folder == one.supply.snapshot.folder
    market(["B"], 0, 20).drop(columns="symbol").to_csv(folder / "B.csv")
    assert version(params(f"folder:{folder}")) != before
    assert find(f"folder:{folder}").symbols == ("A", "B")
    with pytest.raises(InvalidRequest, match="no folder"):
        find(f"folder:{tmp_path}/none")


def test_asking_for_names_and_versions_is_light():
    import subprocess

    code = (
        "import sys; from stockwidget.params import ScanParams;"
        "from stockwidget.scan import universe, columns;"
        "p = ScanParams.from_dict({'universe': 'store:/x', 'rule': 'close > sma(5)'});"
        "universe.version(p), columns.compile_params(p);"
        "print([m for m in ('numpy', 'pandas', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
