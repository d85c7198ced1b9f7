"""A bad call fails at the call, typed, before any runner is asked; names are what they should be."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from made_up_market import bars, market

import stockwidget as sw
from stockwidget.notebook import runners
from stockwidget.notebook.universes import universe_of


@pytest.fixture(autouse=True)
def no_runner(monkeypatch):
    def none() -> None:
        raise AssertionError("a bad request must not reach a runner")

    monkeypatch.setattr(runners, "current", none)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: sw.analyze(""), "symbol"),
        (lambda: sw.analyze(7), "symbol"),
        (lambda: sw.analyze("AAPL", start="2024-02-30"), "start"),
        (lambda: sw.analyze("AAPL", start="2024-02-02", end="2023-01-01"), "start"),
        (lambda: sw.analyze("AAPL", adjust="forward"), "adjust"),
        (lambda: sw.analyze("AAPL", source="yahoo"), "source"),
        (lambda: sw.analyze("AAPL", locale="de"), "locale"),
        (lambda: sw.analyze("AAPL", colors="blue"), "colors"),
        (lambda: sw.scan("synthetic:0"), "universe"),
        (lambda: sw.scan([]), "universe"),
        (lambda: sw.scan(where={"rsi_14": ("~", 3)}), "where.rsi_14"),
        (lambda: sw.scan(top=0), "top"),
    ],
)
def test_bad_parameters_name_their_field(call, field):
    with pytest.raises(sw.InvalidRequest) as caught:
        call()
    assert caught.value.data["field"] == field
    assert caught.value.hint


def test_unknown_column_suggests_the_nearest():
    with pytest.raises(sw.InvalidRequest, match="`rsi`"):
        sw.scan(where={"rsii_14": ("<", 70)})
    with pytest.raises(sw.InvalidRequest, match="`sma`"):
        sw.scan(rule="close > smaa(20)")


def test_symbols_lists_the_sample():
    frame = sw.symbols()
    assert frame.loc["AAPL", "name"].startswith("Apple")
    assert (frame["first"] < frame["last"]).all()
    assert frame["origin"].str.len().min() > 3


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


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", str(tmp_path))
    return tmp_path


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
