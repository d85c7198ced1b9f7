"""What the package offers by name, and what its functions take for symbols and bars."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from made_up_market import bars, market

import stockwidget as sw
from stockwidget.notebook.universes import universe_of


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", str(tmp_path))
    return tmp_path


def test_symbols_lists_the_sample():
    frame = sw.symbols()
    assert frame.loc["AAPL", "name"].startswith("Apple")
    assert (frame["first"] < frame["last"]).all()
    assert frame["origin"].str.len().min() > 3


def test_symbols_lists_a_store_and_a_frame(place):
    """Whatever ``analyze`` reads from can be listed, with the days that its bars cover."""
    store = sw.store(place / "bars")
    store.append(market(["B", "600519.SS"], 0, 30))
    store.append(market(["B"], 30, 35))
    days = store.bars("B").index
    for source in (store, f"store:{store.path}", store.to_frame()):
        found = sw.symbols(source)
        assert found.index.tolist() == ["B", "600519.SS"]
        assert found["market"].tolist() == ["US", "CN"]
        assert found["bars"].tolist() == [35, 30]
        assert found["first"].tolist() == [days[0]] * 2
        assert found["last"].tolist() == [days[-1], days[29]]


def test_functions_stay_functions_when_their_modules_are_imported():
    """``scan`` and ``symbols`` name a function of the package and a module below it."""
    program = (
        "import stockwidget as sw, stockwidget.scan.columns, stockwidget.symbols, stockwidget.jobs\n"
        "import stockwidget.params\n"
        "assert callable(sw.scan) and callable(sw.symbols)\n"
        "from stockwidget.symbols import normalize\n"
        "from stockwidget.scan import columns"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_universes_of_many_kinds(place):
    store = sw.store(place / "bars")
    store.append(bars("AAPL"), symbol="AAPL")
    named = f"store:{place / 'bars'}"
    assert [universe_of(u) for u in (store, place / "bars", named)] == [named] * 3
    assert universe_of(place) == f"folder:{place}"
    assert universe_of("folder:~").startswith("folder:/")
    assert universe_of(pd.Index(["MSFT", "AAPL"])) == ["MSFT", "AAPL"]
    assert universe_of({"MSFT", "AAPL"}) == ["AAPL", "MSFT"]
    frame = market(["B", "A"])
    kept = universe_of(frame)
    assert universe_of(frame.copy()) == kept, "the same bars are kept once"
    assert universe_of(frame.iloc[:-1]) != kept
    assert sw.store(kept.removeprefix("store:")).symbols == ("B", "A")


def test_watchlists(place):
    assert sw.watchlist("tech", ["aapl", "MSFT", "AAPL"]) == ["AAPL", "MSFT"]
    assert universe_of("watchlist:tech") == sw.watchlist("tech") == ["AAPL", "MSFT"]
    with pytest.raises(sw.InvalidRequest, match="Did you mean 'tech'"):
        sw.scan("watchlist:tach")
    for wrong in ("../x", "", "a/b"):
        with pytest.raises(sw.InvalidRequest, match="cannot name"):
            sw.watchlist(wrong, ["AAPL"])
    with pytest.raises(sw.InvalidRequest, match="one symbol or more"):
        sw.watchlist("none", [])
    with pytest.raises(sw.InvalidRequest, match="list of one"):
        sw.watchlist("none", {"AAPL": 1})
