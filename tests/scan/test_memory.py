"""A scan repeated after days were appended reads what is new, and ends with the same bytes."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_market import market

from stockwidget.params import ScanParams
from stockwidget.scan import memory
from stockwidget.scan.engine import Scan
from stockwidget.scan.universe import resolve
from stockwidget.store.barstore import BarStore

SYMBOLS = [f"S{k}" for k in range(12)]
RULE = "cross_up(macd_dif, macd_dea, within=3) or close > sma(20) or rsi(14) < 50"
COLUMNS = [
    "close", "ema(12)", "macd_hist", "rsi(14)", "atr(14)", "kdj_j", "obv", "adx(14)", "sar",
    "boll_upper", "ret(20)", "volatility(20)", "drawdown", "sma(50)", "bars_since(close > open)",
    "cross_up(close, sma(5))", "ema(rsi(7), 9)", "count(close > open, 10)",
]  # fmt: skip


def scanned(store, **more):
    data = {"universe": f"store:{store.path}", "rule": RULE, "columns": COLUMNS, **more}
    params = ScanParams.from_dict(data)
    work = Scan(params=params, universe=resolve(params))
    list(work.run())
    return json.dumps(work.document())


def anew(store, monkeypatch, **more):
    with monkeypatch.context() as patch:
        patch.setattr(memory.Memory, "_read", lambda self: None)
        patch.setattr(memory.Memory, "save", lambda self: None)
        return scanned(store, **more)


@pytest.fixture
def reads(monkeypatch):
    """Bars that blocks were made of."""
    found = []

    def counted(real):
        def block(*args, **options):
            made = real(*args, **options)
            found.append(len(made.close))
            return made

        return block

    for name in ("block", "newest"):
        monkeypatch.setattr(memory.Snapshot, name, counted(getattr(memory.Snapshot, name)))
    return found


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=5), st.data())
def test_however_days_are_appended_the_bytes_are_those_of_a_full_pass(
    tmp_path_factory, steps, data
):
    store = BarStore(tmp_path_factory.mktemp("store"))
    store.append(market(SYMBOLS, 0, 230))
    scanned(store)
    day = 230
    for step in steps:
        late = data.draw(st.sets(st.sampled_from(SYMBOLS), max_size=6), label="suspended")
        store.append(market([s for s in SYMBOLS if s not in late], day, day + step))
        day += step
        with pytest.MonkeyPatch.context() as patch:
            assert scanned(store) == anew(store, patch)


def test_only_new_bars_and_the_longest_window_are_read(tmp_path, reads, monkeypatch):
    store = BarStore(tmp_path / "bars")
    store.append(market(SYMBOLS, 0, 398))
    columns = ["macd_hist", "rsi(14)", "adx(14)", "sma(50)"]
    scanned(store, rule="close > 1", columns=columns)
    assert reads == [12 * 398]
    store.append(market(SYMBOLS, 398, 399))
    again = scanned(store, rule="close > 1", columns=columns)
    assert reads[1] < 12 * 60
    assert again == anew(store, monkeypatch, rule="close > 1", columns=columns)
    scanned(store, rule="close > 2", columns=columns)
    assert reads[-1] == 12 * 399, "another plan has its own memory"


def test_what_was_revised_is_read_anew(tmp_path, monkeypatch):
    store = BarStore(tmp_path / "bars")
    store.append(market(SYMBOLS, 0, 300, dividend=300))
    first = scanned(store)
    store.append(market(["S3"], 5, 301), replace=True)
    assert scanned(store) == anew(store, monkeypatch) != first
    store.append(market(["S4", "S5"], 290, 310, dividend=300))
    assert set(store.snapshot.manifest.revised) == {"S3", "S4", "S5"}
    assert scanned(store) == anew(store, monkeypatch)
    store.append(market(["NEW"], 0, 310))
    assert scanned(store) == anew(store, monkeypatch)


def test_sides_that_were_equal_for_long_are_looked_for_in_all_history(tmp_path, monkeypatch):
    store = BarStore(tmp_path / "bars")
    frame = market(SYMBOLS, 0, 300).reset_index()
    flat = frame["symbol"].isin(["S1", "S2"]) & (frame.groupby("symbol").cumcount() > 20)
    prices = ["open", "high", "low", "close", "adj_close"]
    frame.loc[flat, prices] = 7.0
    rise = frame["date"] == frame["date"].max()
    store.append(frame[~rise])
    asked = {"rule": "close > 0", "columns": ["cross_up(close, open)", "cross_down(close, open)"]}
    scanned(store, **asked)
    frame.loc[rise & flat, ["high", "close", "adj_close"]] = 8.0
    store.append(frame[rise])
    assert scanned(store, **asked) == anew(store, monkeypatch, **asked)


@pytest.mark.parametrize("harm", ["flip", "cut", "other", "list"])
def test_a_memory_that_was_damaged_is_no_memory(tmp_path, monkeypatch, harm):
    store = BarStore(tmp_path / "bars")
    store.append(market(SYMBOLS, 0, 300))
    scanned(store)
    (path,) = (store.path / "states").iterdir()
    content = bytearray(path.read_bytes())
    if harm == "flip":
        content[-5] ^= 64
    elif harm == "cut":
        content = content[:-8]
    else:
        content = {"other": b"{}\n", "list": b"[]\n"}[harm] + content.partition(b"\n")[2]
    path.write_bytes(content)
    store.append(market(SYMBOLS, 300, 301))
    assert scanned(store) == anew(store, monkeypatch)


def test_memories_are_few_and_need_no_room(tmp_path, monkeypatch):
    store = BarStore(tmp_path / "bars")
    store.append(market(SYMBOLS, 0, 100))
    for k in range(memory.KEPT + 4):
        scanned(store, rule=f"close > {k}", columns=["close"])
    assert len(list((store.path / "states").iterdir())) == memory.KEPT
    monkeypatch.setattr(memory.Path, "write_bytes", _full)
    assert (
        json.loads(scanned(store, rule="close > 99", columns=["close"]))["counters"]["failed"] == 0
    )


def _full(self, data):
    raise OSError(28, "No space left on device")


def test_across_symbols_too(tmp_path, monkeypatch):
    store = BarStore(tmp_path / "bars")
    store.append(market(SYMBOLS, 0, 300))
    asked = {"rule": "rank(rsi(14)) > 50", "rank": "zscore(ema(12) / close)"}
    scanned(store, **asked)
    store.append(market(SYMBOLS, 300, 301))
    found = scanned(store, **asked)
    assert found == anew(store, monkeypatch, **asked)
    assert 3 <= json.loads(found)["counters"]["found"] <= 9
    assert np.isfinite([row[-1] for row in json.loads(found)["rows"]]).all()
