"""The embedded sample is what its listing and NOTICE say, and damage to it is noticed."""

import json
import shutil

import pandas as pd
import pytest

from stockwidget.bars import adjusted, validate
from stockwidget.errors import InsufficientHistory, SourceUnavailable, UnknownSymbol
from stockwidget.sources.sample import DATA, SampleSource

SAMPLE = SampleSource()


@pytest.mark.parametrize("listing", SAMPLE.listings(), ids=lambda listing: listing.symbol)
def test_bars_are_valid_and_as_listed(listing):
    bars = SAMPLE.bars(listing.symbol)
    validate(bars.frame, symbol=listing.symbol)
    days = bars.frame.index.strftime("%Y-%m-%d")
    assert (days[0], days[-1], len(days)) == (listing.first, listing.last, listing.bars)
    assert not bars.provenance.synthetic
    assert (bars.provenance.first, bars.provenance.last) == (listing.first, listing.last)
    assert (bars.market, bars.currency) == ("US", "USD")
    notice = (DATA / "NOTICE.md").read_text()
    assert listing.symbol in notice
    assert bars.provenance.origin.split()[0] in notice
    assert bars.provenance.last in notice
    assert bars.provenance.last in bars.provenance.note


def test_the_listing_is_complete():
    assert SAMPLE.symbols() == ("AAPL", "AMZN", "FB", "GOOG", "IBM", "META", "MSFT", "NFLX", "NVDA")


# Closing prices as the press reported them, and a split known from the company's own pages.
@pytest.mark.parametrize(
    ("symbol", "day", "column", "value"),
    [
        ("FB", "2012-05-18", "open", 42.05),  # the first trade of Facebook
        ("FB", "2012-05-18", "close", 38.23),
        ("IBM", "2013-03-01", "close", 202.91),
        ("AAPL", "2023-09-21", "close", 173.93),
    ],
)
def test_prices_known_from_elsewhere(symbol, day, column, value):
    assert SAMPLE.bars(symbol).frame.loc[day, column] == pytest.approx(value, abs=0.005)


def test_raw_prices_jump_at_a_split_and_adjusted_ones_do_not():
    frame = SAMPLE.bars("MSFT").frame  # two for one on 2003-02-18
    day = pd.Timestamp("2003-02-18")
    assert frame["close"].pct_change()[day] == pytest.approx(-0.4832, abs=1e-4)
    assert abs(adjusted(frame)["close"].pct_change()[day]) < 0.04


def test_a_range_is_inclusive_and_keeps_the_whole_in_its_provenance():
    bars = SAMPLE.bars("AAPL", start="2020-01-02", end="2020-01-31")
    assert bars.frame.index[0] == pd.Timestamp("2020-01-02")
    assert bars.frame.index[-1] == pd.Timestamp("2020-01-31")
    assert bars.provenance.first == "2013-01-02"


def test_an_empty_range_says_what_there_is():
    with pytest.raises(InsufficientHistory, match="2013-01-02 to 2023-09-21") as caught:
        SAMPLE.bars("AAPL", start="2030-01-01")
    assert caught.value.data["bars"] == 0


def test_unknown_symbols():
    with pytest.raises(UnknownSymbol) as caught:
        SAMPLE.bars("APPL")
    assert caught.value.data["nearest"][0] == "AAPL"
    assert caught.value.data["sources"] == ["sample"]
    with pytest.raises(UnknownSymbol, match="source='synthetic'"):
        SAMPLE.bars("SYN00001")


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(DATA, tmp_path / "data")


def test_reading_twice_gives_equal_frames_that_share_nothing():
    one = SAMPLE.bars("FB").frame
    two = SAMPLE.bars("FB").frame
    one.iloc[0, 0] = -1.0
    assert two.iloc[0, 0] == 42.05


def test_a_changed_file_is_refused(copy):
    content = bytearray((copy / "sample.parquet").read_bytes())
    content[1000] ^= 1
    (copy / "sample.parquet").write_bytes(content)
    with pytest.raises(SourceUnavailable, match="Install stockwidget again"):
        SampleSource(copy).bars("AAPL")


def test_missing_files_are_reported(copy):
    (copy / "sample.parquet").unlink()
    with pytest.raises(SourceUnavailable, match=r"sample\.parquet"):
        SampleSource(copy).bars("AAPL")
    (copy / "sample.json").write_text(json.dumps({})[:1])
    with pytest.raises(SourceUnavailable, match=r"sample\.json"):
        SampleSource(copy).symbols()
