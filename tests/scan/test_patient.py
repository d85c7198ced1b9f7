"""A symbol that hangs is timed out alone, one that crashes fails alone, the others have their bars."""

import time

import pytest
from made_up_market import bars

from stockwidget.errors import SourceTimeout, SourceUnavailable, UnknownSymbol
from stockwidget.params import ScanParams
from stockwidget.scan.engine import Scan
from stockwidget.scan.patient import PatientSource
from stockwidget.scan.supply import SourceSupply
from stockwidget.scan.universe import Universe


@pytest.fixture
def source():
    made = PatientSource("moody", "moody_source:MoodySource", limit_s=3.0)
    yield made
    made.close()


def test_each_symbol_fares_as_it_must(source):
    symbols = tuple(source.symbols())
    params = ScanParams.from_dict({"universe": list(symbols), "sort": "close"})
    supply = SourceSupply(source)
    work = Scan(params=params, universe=Universe(label="x", symbols=symbols, supply=supply))
    begin = time.monotonic()
    list(work.run())
    assert time.monotonic() - begin < 30
    document = work.document()
    assert sorted(row[0] for row in document["rows"]) == ["AAA", "BBB", "CCC"]
    codes = {failure["symbol"]: failure["code"] for failure in document["failures"]}
    assert codes == {
        "HANG": "source_timeout",
        "CRASH": "source_unavailable",
        "RAISE": "source_unavailable",
        "NONE": "unknown_symbol",
    }
    assert document["counters"]["timed_out"] == 1
    assert document["counters"]["failed"] == 4


def test_what_comes_through_is_what_the_source_gave(source):
    found = source.bars("AAA", "2020-01-10", "2020-02-01")
    assert found.frame.equals(bars("AAA").loc["2020-01-10":"2020-02-01"])
    with pytest.raises(UnknownSymbol, match="asked: moody"):
        source.bars("NONE")
    with pytest.raises(SourceTimeout, match="within 3 s") as caught:
        source.bars("HANG")
    assert caught.value.data["symbol"] == "HANG"
    assert len(source.bars("BBB").frame) == 60, "in a new process"


def test_a_library_that_crashes_as_it_is_imported_is_named():
    source = PatientSource("vendor", "moody_source:crashing")
    with pytest.raises(SourceUnavailable, match="could not be started: its process crashed"):
        source.bars("AAA")


def test_a_library_that_is_missing_is_named():
    source = PatientSource("vendor", "moody_source:broken")
    with pytest.raises(SourceUnavailable, match="No module named 'vendor'"):
        source.bars("AAA")
