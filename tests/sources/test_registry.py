"""Sources are found by name; checking a name loads nothing; a wrong one names the nearest."""

import subprocess
import sys

import pytest
from made_up_market import bars

from stockwidget.errors import InvalidRequest, UnknownSymbol
from stockwidget.sources.registry import NAMES, check, get_source, version
from stockwidget.store.barstore import BarStore


@pytest.mark.parametrize("name", sorted({*NAMES} - {"store"}))
def test_each_name_gives_its_source(name):
    assert get_source(name).name == name
    assert get_source(name) is get_source(name)


def test_a_store_is_named_by_its_folder(tmp_path):
    BarStore(tmp_path).append(bars("AAPL"), symbol="AAPL")
    source = get_source(f"store:{tmp_path}")
    found = source.bars("AAPL", start="2020-01-10")
    assert (found.market, found.currency, found.provenance.source) == ("US", "USD", "store")
    assert found.frame.equals(bars("AAPL").loc["2020-01-10":])
    before = version(source.name)
    BarStore(tmp_path).append(bars("MSFT"), symbol="MSFT")
    assert source.symbols() == ("AAPL", "MSFT"), "the newest version"
    assert version(source.name) != before
    with pytest.raises(UnknownSymbol, match="Did you mean AAPL"):
        source.bars("APPL")
    with pytest.raises(InvalidRequest, match="Which bar store"):
        get_source("store")


def test_a_wrong_name():
    with pytest.raises(InvalidRequest, match="Did you mean 'synthetic'") as caught:
        get_source("sintetic")
    assert caught.value.data["field"] == "source"
    with pytest.raises(InvalidRequest, match="Known: sample, synthetic"):
        check("zzz")


def test_listing_the_sample_needs_no_pandas():
    code = (
        "import sys; from stockwidget.sources.registry import get_source;"
        "print(len(get_source('sample').listings()), 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["9", "False"]


@pytest.mark.parametrize("kind", ["folder", "store"])
def test_a_place_that_cannot_be_looked_at_has_no_version(kind):
    assert version(f"{kind}:/{'x' * 5000}") is None
