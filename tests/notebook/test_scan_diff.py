"""Two scans of a store, a day apart: what entered, what left, and how the rest moved."""

import json

import pytest
from made_up_market import market

import stockwidget as sw
from stockwidget.notebook.scan_result import ScanResult
from stockwidget.params import ScanParams
from stockwidget.scan.engine import Scan
from stockwidget.scan.universe import resolve
from stockwidget.store.barstore import BarStore

SYMBOLS = [f"S{k}" for k in range(40)]


def scanned(store, **more):
    data = {"universe": f"store:{store.path}", "rule": "rsi(14) < 45", "rank": "rsi(14)", **more}
    params = ScanParams.from_dict(data)
    work = Scan(params=params, universe=resolve(params))
    list(work.run())
    return ScanResult(json.loads(json.dumps(work.document())))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return BarStore(tmp_path_factory.mktemp("diff") / "bars")


@pytest.fixture(scope="module")
def pair(store):
    store.append(market(SYMBOLS, 0, 100))
    old = scanned(store)
    store.append(market(SYMBOLS, 100, 103))
    return old, scanned(store)


def test_a_result_is_read_as_its_table(pair):
    """What a DataFrame can, a scan's result can: columns, membership, methods, completion."""
    _, new = pair
    assert list(new) == list(new.table.columns)
    assert "close" in new
    assert new["close"].equals(new.table["close"])
    assert new.head(2).equals(new.table.head(2))
    assert {"head", "to_csv", "failures", "table"} <= set(dir(new))


def test_hits_are_parted_in_three(pair):
    old, new = pair
    found = sw.diff(old, new)
    assert set(found.entered.index) == set(new.index) - set(old.index) != set()
    assert set(found.left.index) == set(old.index) - set(new.index) != set()
    assert list(found.stayed.index) == [s for s in new.index if s in set(old.index)]
    symbol = found.stayed.index[0]
    moved = new.table.loc[symbol, "rsi(14)"] - old.table.loc[symbol, "rsi(14)"]
    assert found.stayed.loc[symbol, "rsi(14)"] == moved
    assert found.stayed.loc[symbol, "place_now"] == list(new.index).index(symbol) + 1
    assert found.stayed.loc[symbol, "place_before"] == list(old.index).index(symbol) + 1
    assert found.left["why"].isna().all()
    assert found.changed == {}


def test_shown_as_text_and_html(pair):
    found = sw.diff(*pair)
    assert repr(found).startswith("<ScanDiff 2020-05-19 → 2020-05-22: ")
    assert f"+ {found.entered.index[0]}" in repr(found)
    html = found._repr_html_()
    assert found.left.index[0] in html
    assert "entered" in html
    assert "<script" not in html


def test_what_was_asked_differently_is_named(store, pair):
    found = sw.diff(pair[0], scanned(store, rule="rsi(14) < 44", columns=["close"]))
    assert found.changed == {"rule": ("rsi(14) < 45", "rsi(14) < 44")}
    assert "Asked differently: rule" in repr(found)


def test_a_symbol_that_cannot_be_judged_any_more_says_why(store, pair):
    store.append(market([pair[1].index[0]], 100, 103), replace=True)
    found = sw.diff(pair[1], scanned(store))
    assert "needs 15 bars" in found.left.loc[pair[1].index[0], "why"]


def test_only_scans_can_be_compared(pair):
    with pytest.raises(sw.InvalidRequest, match="old must be a scan"):
        sw.diff("yesterday", pair[1])
