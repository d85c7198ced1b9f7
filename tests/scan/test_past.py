"""A scan as of a day is the scan of what there was on that day: nothing later changes a byte."""

import numpy as np
import pandas as pd
import pytest
from made_up_market import market

from stockwidget.analysis.lines import Lines
from stockwidget.analysis.score import judge
from stockwidget.bars import OHLCV, adjusted, as_known
from stockwidget.errors import InsufficientHistory
from stockwidget.params import ScanParams
from stockwidget.scan import past
from stockwidget.scan.engine import Scan
from stockwidget.scan.supply import supply_of
from stockwidget.scan.universe import resolve
from stockwidget.sources.registry import get_source
from stockwidget.store.barstore import BarStore

DAY = "2013-02-20"
ASKED = {"rank": "close", "columns": ["close", "rsi(14)", "obv", "highest(252)", "score"]}


def scanned(universe="sample", **data):
    params = ScanParams.from_dict({"universe": universe, **ASKED, **data})
    work = Scan(params=params, universe=resolve(params))
    list(work.run())
    return work.document()


def test_bars_are_those_of_the_day_to_the_last_bit():
    supply = supply_of("sample")
    symbols = supply.symbols(None)
    loaded = past.load(supply, symbols, DAY)
    source = get_source("sample")
    assert loaded.errors == {}
    early = past.load(supply, symbols, "2012-07-03")
    assert set(early.block.symbols) == {"IBM", "MSFT", "FB"}
    assert "first bar is of 2013-01-02" in str(early.errors["NVDA"])
    for k, symbol in enumerate(loaded.block.symbols):
        frame = adjusted(as_known(source.bars(symbol).frame.loc[:DAY]))
        rows = slice(*loaded.block.offsets[k : k + 2])
        assert np.array_equal(
            loaded.block.dates[rows], frame.index.to_numpy().astype("datetime64[D]").astype(int)
        )
        for name in OHLCV:
            assert getattr(loaded.block, name)[rows].tobytes() == frame[name].to_numpy().tobytes()


def test_rows_are_those_of_an_analysis_as_of_the_day():
    document = scanned(as_of=DAY)
    source = get_source("sample")
    assert len(document["rows"]) + len(document["failures"]) == 9
    assert len(document["rows"]) == 9
    scores = []
    for symbol, _name, last, close, *_, score in document["rows"]:
        scores.append(score)
        frame = adjusted(as_known(source.bars(symbol).frame.loc[:DAY]))
        assert last == str(frame.index[-1].date()) == DAY
        assert close == frame["close"].iloc[-1]
        assert score == judge(Lines(frame)).score
    assert None in scores
    assert len(set(scores)) > 3
    assert document["params"]["as_of"] == DAY


def test_who_had_left_the_market_takes_no_part():
    document = scanned(as_of="2020-01-15")
    why = {f["symbol"]: f["message"] for f in document["failures"]}
    assert "its last bar until then is of 2013-03-01" in why["IBM"]
    assert "IBM" not in {row[0] for row in document["rows"]}


def test_nothing_later_changes_a_byte(tmp_path):
    names = [f"S{k}" for k in range(30)]
    store = BarStore(tmp_path / "bars")
    store.append(market(names, 0, 260))
    last = store.snapshot.manifest.last
    before = scanned(f"store:{store.path}", as_of=last)
    store.append(market(names, 260, 300))
    after = scanned(f"store:{store.path}", as_of=last)
    assert after["rows"] == before["rows"]
    assert len(after["rows"]) == 30
    newest = scanned(f"store:{store.path}")
    assert newest["rows"] != after["rows"]


def test_filters_look_at_the_day_too(tmp_path):
    names = ["OLD", "NEW"]
    store = BarStore(tmp_path / "bars")
    store.append(market(names[:1], 0, 300))
    store.append(market(names[1:], 200, 300))
    days = store.bars("OLD").index
    asked = {"min_bars": 90, "rank": "close", "columns": ["close"]}
    early = scanned(f"store:{store.path}", as_of=str(days[249].date()), **asked)
    late = scanned(f"store:{store.path}", as_of=str(days[299].date()), **asked)
    assert early["excluded"] == {"min_bars": 1}
    assert [row[0] for row in early["rows"]] == ["OLD"]
    assert {row[0] for row in late["rows"]} == {"OLD", "NEW"}


def test_a_day_before_all_bars_fails_the_scan():
    with pytest.raises(InsufficientHistory, match="was not traded on 1990-01-01"):
        scanned(as_of=pd.Timestamp("1990-01-01"))
