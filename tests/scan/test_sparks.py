"""A spark says first and last close exactly and the way between to a 127th; equal bars give equal sparks."""

import base64
import struct

import numpy as np
import pytest

from stockwidget.params import ScanParams
from stockwidget.scan.engine import Scan
from stockwidget.scan.sparks import sparks_of
from stockwidget.scan.universe import resolve
from stockwidget.store.barstore import BarStore
from stockwidget.store.snapshot import Block


def block(*closes, days=None):
    lengths = [len(c) for c in closes]
    joined = np.concatenate([np.asarray(c, float) for c in closes])
    dates = (
        np.concatenate([np.arange(n, dtype=np.int32) for n in lengths])
        if days is None
        else np.asarray(days, np.int32)
    )
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Block(
        symbols=[f"S{k}" for k in range(len(closes))], offsets=offsets, dates=dates,
        open=joined, high=joined, low=joined, close=joined, volume=joined,
    )  # fmt: skip


def read(spark):
    data = base64.b64decode(spark)
    first, last = struct.unpack("<2f", data[:8])
    return first, last, list(data[8:])


def test_it_shows_the_last_sixty_closes_between_their_own_lowest_and_highest():
    closes = [*range(100, 40, -1), *range(1, 61)]
    first, last, codes = read(sparks_of(block([5.0], closes), [1])["S1"])
    assert (first, last) == (1, 60)
    assert len(codes) == 60
    assert codes == [round((close - 1) / 59 * 127) for close in range(1, 61)]


def test_a_young_symbol_has_fewer_bars_whatever_lies_before_it():
    made = sparks_of(block([1e9] * 80, [10.0, 12.0, 11.0], [7.0]), [1, 2])
    assert read(made["S1"]) == (10, 11, [0, 127, 64])
    assert read(made["S2"]) == (7, 7, [64])


def test_missing_bars_are_a_gap_and_a_run_of_holidays_is_none():
    days = [0, 3, 13, 24, 25]
    assert read(sparks_of(block([1, 2, 3, 2, 1], days=days), [0])["S0"])[2] == [
        0,
        64,
        127,
        64 | 0x80,
        0,
    ]
    long = [*range(100), 200, *range(201, 260)]  # the gap lies before the first bar that is shown
    assert max(read(sparks_of(block(range(1, 161), days=long), [0])["S0"])[2]) == 127


def test_where_all_closes_are_equal_the_line_is_in_the_middle():
    assert read(sparks_of(block([3.0] * 60), [0])["S0"])[2] == [64] * 60


def done(universe, **more):
    params = ScanParams.from_dict({"universe": universe, **more})
    work = Scan(params=params, universe=resolve(params))
    told = {}
    for chunk in work.run():
        if chunk.sparks:
            told |= zip((row[0] for row in chunk.rows), chunk.sparks, strict=True)
    return work.document(), told


def test_each_row_has_its_own_and_the_last_close_is_the_rows(monkeypatch, tmp_path):
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", str(tmp_path))
    document, told = done("synthetic:300", columns=["close"], sort="close", top=20)
    assert len(document["rows"]) == 20
    for row, spark in zip(document["rows"], document["sparks"], strict=True):
        assert spark == told[row[0]]
        assert read(spark)[1] == pytest.approx(row[3], rel=1e-6)
        assert len(read(spark)[2]) == 60


@pytest.mark.parametrize("rule", ["close > 0", "rank(close) > 0.5"])
def test_off_it_changes_nothing_but_its_own_absence(rule):
    on, _ = done("sample", rule=rule)
    off, told = done("sample", rule=rule, sparklines=False)
    assert told == {}
    assert len(on.pop("sparks")) == len(on["rows"]) > 0
    on["params"], off["params"] = {}, {}
    assert on == off


def test_a_repeated_scan_that_reads_few_bars_draws_the_same(tmp_path):
    dates = np.array("2020-01-01", "datetime64[D]") + np.arange(400)
    store = BarStore(tmp_path / "store")
    rng = np.random.default_rng(7)

    def day(lo, hi):
        import pandas as pd

        frames = []
        for symbol in ("AAA", "BBB"):
            closes = np.round(50 + rng.normal(0, 1, hi - lo).cumsum(), 2)
            frames.append(pd.DataFrame({
                "symbol": symbol, "date": dates[lo:hi], "open": closes, "high": closes, "low": closes,
                "close": closes, "volume": 1000.0,
            }))  # fmt: skip
        return pd.concat(frames)

    store.append(day(0, 398))
    asked = {"columns": ["ema(5)"], "sort": "close"}
    universe = f"store:{store.path}"
    done(universe, **asked)
    store.append(day(398, 400))
    again, _ = done(universe, **asked)
    for path in (store.path / "states").iterdir():
        path.unlink()
    anew, _ = done(universe, **asked)
    assert again == anew
    assert [len(read(spark)[2]) for spark in again["sparks"]] == [60, 60]
