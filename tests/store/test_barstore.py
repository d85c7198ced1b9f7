"""A store gives back what came in, in versions that neither a crash nor a writer can disturb."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_market import DAYS, bars, market

from stockwidget.bars import adjusted
from stockwidget.errors import (
    DamagedStore,
    InvalidBars,
    InvalidRequest,
    SourceUnavailable,
    UnknownSymbol,
)
from stockwidget.store import checking
from stockwidget.store.barstore import KEPT, BarStore
from stockwidget.store.manifest import PARTITION
from stockwidget.store.places import newest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def store(tmp_path):
    return BarStore(tmp_path / "bars")


def same(store, symbol, expected):
    frame = store.bars(symbol)
    assert frame.index.equals(expected.index)
    assert (frame.to_numpy() == expected.to_numpy()).all(), symbol


def test_what_went_in_comes_out(store):
    assert (store.exists, store.version, store.symbols) == (False, 0, ())
    assert store.append(market(["MSFT", "AAPL"])) == 1
    assert store.symbols == ("MSFT", "AAPL")
    for symbol in store.symbols:
        same(store, symbol, bars(symbol))
    assert "2 symbols, 120 bars, 2020-01-01 to 2020-03-24, version 1" in repr(store)
    assert "AAPL" in store
    assert "IBM" not in store
    with pytest.raises(UnknownSymbol, match="Did you mean AAPL"):
        store.bars("APPL")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 399), min_size=1, max_size=9, unique=True), st.data())
def test_however_it_was_appended_the_bars_are_the_same(tmp_path_factory, cuts, data):
    store = BarStore(tmp_path_factory.mktemp("store"))
    symbols = [f"S{k}" for k in range(5)]
    cuts = [0, *sorted(cuts), 400]
    for start, stop in pairwise(cuts):
        back = data.draw(st.integers(0, min(start, 3)), label="days given again")
        store.append(market(symbols, start - back, stop))
    block = store.snapshot.block(symbols)
    for k, symbol in enumerate(symbols):
        same(store, symbol, bars(symbol, 0, 400))
        rows = slice(*block.offsets[k : k + 2])
        expected = adjusted(bars(symbol, 0, 400))
        assert (block.close[rows] == expected["close"].to_numpy()).all()
        assert (block.low[rows] == expected["low"].to_numpy()).all()


def test_daily_appends_write_little_and_leave_few_pieces(store):
    symbols = [f"S{k:03d}" for k in range(PARTITION + 40)]
    bars_of_all = market(symbols, 0, 340)
    store.append(bars_of_all[bars_of_all.index < DAYS[300]])
    whole = sum(s.size for s in store.snapshot.manifest.segments.values())
    written = 0
    for day in range(300, 340):
        store.append(bars_of_all[bars_of_all.index == DAYS[day]])
        newest = max(store.snapshot.manifest.segments)
        written += store.snapshot.manifest.segments[newest].size
        assert max(len(p.pieces) for p in store.snapshot.manifest.partitions) <= 5
    assert written < whole, "forty days of appending write less than the store is large"
    same(store, "S277", bars("S277", 0, 340))


def test_symbols_come_go_and_have_gaps(store):
    store.append(market(["OLD", "GAP"], 0, 10))
    store.append(pd.concat([market(["GAP"], 15, 20), market(["NEW"], 12, 20)]))
    assert store.symbols == ("OLD", "GAP", "NEW")
    same(store, "OLD", bars("OLD", 0, 10))
    same(store, "GAP", pd.concat([bars("GAP", 0, 10), bars("GAP", 15, 20)]))
    assert store.snapshot.counts(["NEW", "OLD", "GAP"]).tolist() == [8, 10, 15]
    assert store.snapshot.lasts(["OLD"])[0] == (bars("OLD").index[9] - pd.Timestamp(0)).days


def test_what_is_stored_already_changes_nothing(store):
    store.append(market(["A"], 0, 30))
    assert store.append(market(["A"], 10, 30)) == 1
    assert store.append(market(["A"], 10, 31)) == 2
    same(store, "A", bars("A", 0, 31))


def test_after_a_dividend_all_is_read_by_the_new_basis(store):
    store.append(market(["A", "B"], 0, 40, dividend=40))
    before = store.snapshot
    store.append(market(["A", "B"], 35, 50, dividend=40))
    for symbol in ("A", "B"):
        found, expected = store.bars(symbol), bars(symbol, 0, 50, dividend=40)
        assert (found.iloc[:, :5].to_numpy() == expected.iloc[:, :5].to_numpy()).all()
        assert found["adj_close"].to_numpy() == pytest.approx(expected["adj_close"].to_numpy())
        returns = adjusted(found)["close"].pct_change().iloc[40]
        assert returns == pytest.approx(adjusted(expected)["close"].pct_change().iloc[40])
    assert set(store.snapshot.manifest.revised.values()) == {2}
    assert (before.frame("A")["adj_close"] == bars("A", 0, 40)["close"]).all()


def test_bars_without_adjusted_closes_go_on_by_the_last_factor(store):
    store.append(market(["A"], 0, 40, dividend=20).iloc[:20])
    store.append(market(["A"], 20, 40).drop(columns="adj_close"))
    factor = store.bars("A")["adj_close"] / store.bars("A")["close"]
    assert factor.to_numpy() == pytest.approx(0.98)


def test_a_history_that_changed_is_refused_and_replaced_on_demand(store):
    store.append(market(["A", "B"], 0, 30))
    other = market(["A"], 20, 35)
    other.iloc[5, other.columns.get_loc("close")] *= 1.001
    with pytest.raises(InvalidBars, match=r"A 2020-02-05 .* its close was .* replace=True"):
        store.append(other)
    with pytest.raises(InvalidBars, match="later bars are stored"):
        store.append(bars("A").iloc[:1].assign(symbol="A").set_axis([pd.Timestamp("2019-01-01")]))
    assert store.version == 1
    store.append(other, replace=True)
    assert len(store.bars("A")) == 15
    same(store, "B", bars("B", 0, 30))
    assert store.snapshot.manifest.revised == {"A": 2}


def test_an_error_in_the_middle_leaves_the_store_as_it_was(store):
    store.append(market(["A"], 0, 10))
    bad = market(["A", "B"], 10, 20)
    bad.iloc[15, 0] = np.nan
    with pytest.raises(InvalidBars) as caught:
        store.append(bad)
    assert (caught.value.data["symbol"], caught.value.data["row"]) == ("B", 15)
    assert BarStore(store.path).version == 1


def test_readers_of_an_old_version_go_on(store):
    store.append(market(["A", "B"], 0, 50))
    old = BarStore(store.path)
    assert old.version == 1
    for day in range(50, 60):
        store.append(market(["A", "B"], day, day + 1))
    store.append(market(["A", "B"], 0, 20), replace=True)
    same(old, "A", bars("A", 0, 50))
    assert (old.version, len(old.bars("B"))) == (1, 50)
    assert len(old.refresh().bars("B")) == 20
    kept = len(list((store.path / "versions").iterdir()))
    assert kept == KEPT, "older versions go"


def test_a_block_needs_no_copy_where_none_is_needed(store):
    symbols = [f"S{k}" for k in range(20)]
    store.append(market(symbols, 0, 100))
    snapshot = store.snapshot
    part = snapshot.block(symbols[3:9])
    mapped = snapshot.placed(0)[0].run.columns[3]
    assert np.shares_memory(part.close, mapped)
    assert not np.shares_memory(snapshot.block(symbols[::2]).close, mapped)
    assert (
        part.close == snapshot.block([*symbols[3:9]][::-1]).close.reshape(6, 100)[::-1].ravel()
    ).all()
    tail = snapshot.block(symbols, bars=7)
    assert (
        tail.close.reshape(20, 7) == snapshot.block(symbols).close.reshape(20, 100)[:, 93:]
    ).all()
    with pytest.raises(ValueError, match="read-only"):
        part.close[0] = -1.0


def test_of_the_newest_bars_a_column_is_as_deep_as_asked(store):
    symbols = ["A", "B", "C"]
    store.append(market(symbols, 0, 60))
    store.append(market(symbols[1:], 58, 90, dividend=80))
    store.append(market(symbols, 90, 100, dividend=80))
    asked = ["C", "A"]
    block = store.snapshot.newest(asked, 30, {"low": 3, "close": 2, "volume": 25})
    assert block.offsets.tolist() == [0, 30, 60]
    assert len(block.open) == len(block.high) == 0, "nobody asked"
    for k, symbol in enumerate(asked):
        reported = store.bars(symbol)
        expected = adjusted(reported).iloc[-30:]
        rows = slice(*block.offsets[k : k + 2])
        days = (expected.index - pd.Timestamp("1970-01-01")).days
        assert block.dates[rows].tolist() == days.tolist()
        assert (block.close[rows] == expected["close"].to_numpy()).all(), "always all"
        for name, depth in (("low", 3), ("volume", 25)):
            column = getattr(block, name)[rows]
            assert np.isnan(column[:-depth]).all()
            assert (column[-depth:] == expected[name].to_numpy()[-depth:]).all()


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_a_damaged_file_is_named_and_the_rest_can_be_kept(store, harm):
    store.append(market([f"S{k}" for k in range(PARTITION)], 0, 30))
    store.append(market(["X", "Y"], 0, 30))
    victim = store.path / "segments" / max(store.snapshot.manifest.segments)
    if harm == "flip":
        flip(victim)
    elif harm == "cut":
        os.truncate(victim, 100)
    else:
        victim.unlink()
    damaged = BarStore(store.path)
    with pytest.raises(DamagedStore, match=victim.name) as caught:
        damaged.bars("S0")
    assert "repair()" in caught.value.hint
    assert [e.data["symbols"] for e in damaged.verify()] == [["X", "Y"]]
    assert damaged.repair() == ["X", "Y"]
    assert damaged.append(market(["X", "Y"], 0, 30)) == 4
    same(damaged, "S255", bars("S255", 0, 30))
    same(damaged, "Y", bars("Y", 0, 30))


@pytest.mark.parametrize("refusal", [errno.EACCES, errno.EMFILE, errno.ENOMEM])
def test_what_the_system_refuses_is_not_taken_for_damage(store, monkeypatch, refusal):
    store.append(market(["A"], 0, 30))

    def refuse(path):
        raise OSError(refusal, os.strerror(refusal), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(checking, "crc32", refuse)
        for call in (store.verify, store.repair):
            with pytest.raises(SourceUnavailable, match=os.strerror(refusal)):
                call()
    assert store.verify() == []
    same(store, "A", bars("A", 0, 30))


def test_what_belongs_to_the_next_version_too_stays_mapped(store):
    store.append(market([f"S{k}" for k in range(300)], 0, 30))
    one = store.snapshot
    store.append(market(["NEW"], 0, 30))
    two = BarStore(store.path).snapshot
    kept, new = two.manifest.segments
    assert two.segment(kept) is one.segment(kept)
    assert new not in one.manifest.segments


def test_a_file_that_became_another_one_is_mapped_anew(store):
    store.append(market(["A"], 0, 30))
    snapshot = store.snapshot
    (name,) = snapshot.manifest.segments
    before, path = snapshot.segment(name), store.path / "segments" / name
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)
    after = BarStore(store.path).snapshot.segment(name)
    assert after is not before
    assert after.run(0).columns[3].tolist() == before.run(0).columns[3].tolist()
    path.unlink()
    with pytest.raises(DamagedStore, match=name):
        BarStore(store.path).bars("A")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_segment_is_held_that_no_version_has(store):
    for day in range(6):
        store.append(market(["A"], 0, 20 + day), replace=True)
        same(BarStore(store.path), "A", bars("A", 0, 20 + day))
    there = {path.name for path in (store.path / "segments").iterdir()}
    assert len(there) == KEPT
    maps = Path("/proc/self/maps").read_text()
    assert f"{store.path}/" in maps
    assert "(deleted)" not in "".join(line for line in maps.splitlines() if str(store.path) in line)


def test_a_damaged_version_is_named(store):
    store.append(market(["A"]))
    flip(store.path / "versions" / "00000001.json")
    with pytest.raises(DamagedStore, match=r"00000001\.json"):
        BarStore(store.path).bars("A")


def test_no_store_is_no_empty_store(tmp_path):
    with pytest.raises(InvalidRequest, match="no bar store"):
        BarStore(tmp_path / "none").snapshot  # noqa: B018
    assert newest(tmp_path / "none") is None


def test_the_version_of_the_data_can_be_told_without_reading_it(store):
    store.append(market(["A"], 0, 10))
    one = newest(store.path)
    assert newest(store.path) == one
    store.append(market(["A"], 10, 11))
    assert newest(store.path) != one


def test_writers_wait_for_each_other(store):
    store.append(market(["A"], 0, 10))
    names = [f"W{k}" for k in range(6)]

    def write(name):
        for day in range(5):
            BarStore(store.path).append(market([name], day, day + 1))

    threads = [threading.Thread(target=write, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.refresh().version == 31
    for name in names:
        same(store, name, bars(name, 0, 5))


WRITER = """
import sys
sys.path.insert(0, {here!r})
from made_up_market import market
from stockwidget.store.barstore import BarStore
store = BarStore(sys.argv[1])
for day in range(int(sys.argv[2]), 400):
    store.append(market([f"S{{k}}" for k in range(300)], day, day + 1))
    print(day, flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_whole_version(store):
    store.append(market([f"S{k}" for k in range(300)], 0, 20))
    rng = np.random.default_rng(5)
    day = 20
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER.format(here=str(TOOLS)), str(store.path), str(day)],
            stdout=subprocess.PIPE,
        )
        writer.stdout.readline()  # it is at it
        time.sleep(rng.uniform(0.02, 0.3))
        writer.send_signal(signal.SIGKILL)
        told = [int(line) for line in writer.stdout.read().split()]
        writer.wait()
        writer.stdout.close()
        found = BarStore(store.path)
        assert found.verify() == []
        count = len(found.bars("S0"))
        assert count >= max([day, *told], default=0) + 1, "what was told to be stored is stored"
        for symbol in ("S0", "S255", "S256", "S299"):
            same(found, symbol, bars(symbol, 0, count))
        day = count
