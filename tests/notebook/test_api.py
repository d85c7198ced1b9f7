"""A bad call fails at the call, typed, before any runner is asked; names are what they should be."""

from __future__ import annotations

import subprocess
import sys

import pytest

import stockwidget as sw
from stockwidget.notebook import runners


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
    with pytest.raises(sw.InvalidRequest, match="rsi_14"):
        sw.scan(where={"rsi_41": ("<", 70)})


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
