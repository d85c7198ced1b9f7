"""A study of many days is the scan of each day: the same hits, whatever the rule or the adjustments."""

import contextlib

import numpy as np
import orjson
import pandas as pd
import pytest
from made_up_market import DAYS, bars, market

from stockwidget.errors import InsufficientHistory, InvalidRequest, NoValue
from stockwidget.params import ScanParams, StudyParams
from stockwidget.scan.engine import Scan
from stockwidget.scan.supply import StoreSupply
from stockwidget.scan.universe import resolve
from stockwidget.store.barstore import BarStore
from stockwidget.study import replay as replaying
from stockwidget.study.engine import Study

NAMES = [f"S{k:02}" for k in range(24)]
MONTHS = {"start": "2020-03-01", "every": "month"}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Symbols that came late, left early, paid dividends, or did not trade for a while."""
    store = BarStore(tmp_path_factory.mktemp("bars"))
    frames = [
        market(NAMES[:10], 0, 400),
        market(NAMES[10:14], 130, 400),
        market(NAMES[14:18], 0, 260),
        market(NAMES[18:22], 0, 400, dividend=215),
        bars(NAMES[22], 0, 100).assign(symbol=NAMES[22]),
        bars(NAMES[22], 200, 400).assign(symbol=NAMES[22]),
        bars(NAMES[23], 0, 5).assign(symbol=NAMES[23]),
    ]
    store.append(pd.concat(frames))
    return store


def studied(universe, **data):
    work = Study(params=StudyParams.from_dict({"universe": universe, **data}))
    list(work.run())
    return work.document()


def hits_by_day(document):
    found = {day: [] for day in document["dates"]}
    events = document["events"]
    for place, symbol in zip(events["day"], events["symbol"], strict=True):
        found[document["dates"][place]].append(symbol)
    return found


def scanned(universe, day, **data):
    params = ScanParams.from_dict({"universe": universe, "as_of": day, **data})
    work = Scan(params=params, universe=resolve(params))
    list(work.run())
    return work.document()


@pytest.mark.parametrize(
    "asked",
    [
        {"rule": "close > 50"},
        {"rule": "cross_up(ema(5), ema(12), within=4) or rsi(6) < 35"},
        {"rule": "close > shift(highest(60), 1) or obv > ema(obv, 9)"},
        {"rule": "rank(ret(20)) > 70 and close > sma(10)"},
        {"rule": "zscore(rsi(14)) > 1"},
        {"rule": "days_since(close > shift(highest(20), 1)) < 9", "min_bars": 60},
        {"rule": "rsi(6) < 50", "min_turnover": 900_000},
        {"rank": "rank(volatility(20))", "top": 3, "descending": False},
        {"rule": "score > 40", "rank": "score", "top": 5},
        {"rule": "close > sma(10)", "where": {"rsi_14": [">", 55]}, "rank": "adx(14)", "top": 2},
    ],
    ids=lambda asked: asked.get("rule", "top"),
)
def test_the_hits_of_a_day_are_those_of_a_scan_as_of_it(store, asked):
    universe = f"store:{store.path}"
    document = studied(universe, **MONTHS, **asked)
    assert len(document["dates"]) >= 14
    found = hits_by_day(document)
    days = document["days"]
    some = 0
    for place, day in enumerate(document["dates"]):
        one = scanned(universe, day, **asked)
        rows = [row[0] for row in one["rows"]]
        some += len(rows)
        if "top" in asked:
            assert found[day] == rows
        assert sorted(found[day]) == sorted(rows)
        assert days["hits"][place] == len(rows)
        failed = {each["code"] for each in one["failures"]}
        assert failed <= {"insufficient_history", "no_value"}
        assert days["judged"][place] == len(NAMES) - len(one["failures"]) - sum(
            one["excluded"].values()
        )
    assert 0 < some < len(NAMES) * len(document["dates"])


def test_the_sample_with_its_dividends_and_splits_too():
    asked = {"rule": "close > 100 and rsi(14) > 20"}
    document = studied("sample", dates=["2011-06-30", "2013-01-15", "2019-11-29"], **asked)
    found = hits_by_day(document)
    for day in document["dates"]:
        assert sorted(found[day]) == sorted(
            row[0] for row in scanned("sample", day, **asked)["rows"]
        )
    assert found["2013-01-15"]
    assert found["2019-11-29"]


def test_a_history_is_read_anew_only_where_a_dividend_moved_its_basis(store, monkeypatch):
    changed = []
    on = replaying._Adjusted.on
    monkeypatch.setattr(
        replaying._Adjusted, "on", lambda self, day: changed.append(on(self, day)) or changed[-1]
    )
    studied(f"store:{store.path}", rule="ema(20) > ema(50)", start="2020-01-01", every="week")
    assert len(changed) > 70
    again = np.bincount(np.concatenate(changed), minlength=24)
    assert again.tolist() == [2 if 18 <= k < 22 else 1 for k in range(24)]


def test_a_function_of_the_user_sees_the_bars_of_each_day(store):
    def own(symbol, bars):
        if len(bars) < 150:
            raise NoValue("too short for me", symbol=symbol)
        return bool(bars["close"].iloc[-1] > bars["close"].iloc[-150])

    asked = {"where": {"rsi_6": ["<", 60]}}
    params = StudyParams.from_dict({"universe": f"store:{store.path}", **MONTHS, **asked})
    work = Study(params=params, own=own)
    list(work.run())
    found, judged = hits_by_day(work.document()), work.document()["days"]["judged"]
    for place, day in enumerate(work.dates):
        scan = ScanParams.from_dict({"universe": f"store:{store.path}", "as_of": day, **asked})
        one = Scan(params=scan, universe=resolve(scan), own=own)
        with contextlib.suppress(NoValue, InsufficientHistory):  # nobody can be judged
            list(one.run())
        document = one.document()
        assert sorted(found[day]) == sorted(row[0] for row in document["rows"])
        assert judged[place] == len(NAMES) - len(document["failures"])
    assert sum(map(len, found.values())) > 20
    always = StudyParams.from_dict(
        {
            "universe": ["S14", "S00"],
            "source": f"store:{store.path}",
            "where": {"close": [">", 0]},
            "dates": work.dates[:4],
        }
    )
    work = Study(params=always, own=lambda symbol, bars: symbol == "S00" or own(symbol, bars))
    list(work.run())
    assert work.document()["failures"] == [
        {"symbol": "S14", "code": "no_value", "message": "too short for me"}
    ]


def test_a_small_and_a_large_chunk_give_the_same_bytes(store, monkeypatch):
    asked = {"rule": "rank(ret(20)) > 70", **MONTHS}
    whole = studied(f"store:{store.path}", **asked)
    monkeypatch.setattr(StoreSupply, "chunk", 7)
    assert orjson.dumps(studied(f"store:{store.path}", **asked)) == orjson.dumps(whole)


@pytest.mark.parametrize("rule", ["rsi(6) < 50", "rank(rsi(6)) < 50"])
def test_chunks_that_were_done_are_taken_over_and_failed_ones_done_anew(store, monkeypatch, rule):
    monkeypatch.setattr(StoreSupply, "chunk", 7)
    params = StudyParams.from_dict({"universe": f"store:{store.path}", "rule": rule, **MONTHS})
    first = Study(params=params)
    kept = {c.key: orjson.loads(orjson.dumps(c.data)) for c in first.run() if c.fresh}
    assert len(kept) == 4
    resumed = Study(params=params, done=dict(list(kept.items())[:2]))
    retried = Study(params=params, done=kept, retry=list(kept))  # one symbol failed, in the last
    assert [c.fresh for c in resumed.run() if c.key] == [False, False, True, True]
    assert [c.fresh for c in retried.run() if c.key] == [False, False, False, True]
    for again in (resumed, retried):
        assert orjson.dumps(again.document()) == orjson.dumps(first.document())


def test_threads_change_no_byte(store, monkeypatch):
    monkeypatch.setattr(StoreSupply, "chunk", 5)
    asked = {"rule": "ema(9) > ema(20)", "rank": "score", "top": 4, **MONTHS}
    params = StudyParams.from_dict({"universe": f"store:{store.path}", **asked})
    told = []
    for threads in (1, 3):
        work = Study(params=params, threads=threads)
        told.append([(c.key, orjson.dumps(c.data)) for c in work.run()])
        told[-1].append(orjson.dumps(work.document()))
    assert told[0] == told[1]
    assert len(told[0]) == 6


def test_chunks_of_other_bars_are_not_taken_over(tmp_path):
    store = BarStore(tmp_path / "bars")
    store.append(market(NAMES[:3], 0, 300))
    params = StudyParams.from_dict({"universe": f"store:{store.path}", "rule": "close > 1"})
    kept = {chunk.key: chunk.data for chunk in Study(params=params).run()}
    store.append(market(NAMES[:3], 300, 400))
    later = Study(params=params, done=kept)
    assert [chunk.fresh for chunk in later.run()] == [True]
    assert len(later.dates) > 14


def test_nothing_later_changes_what_was_seen(tmp_path):
    store = BarStore(tmp_path / "bars")
    store.append(market(NAMES[:9], 0, 300, dividend=290))
    asked = {
        "rule": "close > 50 and rsi(6) > 40",
        "dates": [str(d.date()) for d in DAYS[100:300:40]],
    }
    before = studied(f"store:{store.path}", **asked)
    store.append(market(NAMES[:9], 300, 400, dividend=290))
    after = studied(f"store:{store.path}", **asked)
    assert hits_by_day(after) == hits_by_day(before)
    assert after["days"]["judged"] == before["days"]["judged"]
    assert after["forward"] != before["forward"]  # returns that were not known yet are now


def test_returns_run_from_the_next_open_to_the_close_with_dividends(store):
    document = studied(f"store:{store.path}", rule="close > 0", **MONTHS)
    events = document["events"]
    seen = 0
    for place, (day, symbol) in enumerate(zip(events["day"], events["symbol"], strict=True)):
        frame = store.bars(symbol)
        at = frame.index.searchsorted(pd.Timestamp(document["dates"][day]), side="right") - 1
        for horizon in (5, 20, 60):
            value = events["after"][str(horizon)][place]
            if at + horizon >= len(frame):
                assert value is None
                continue
            bought = frame["open"].iloc[at + 1] / frame["close"].iloc[at + 1]
            held = frame["adj_close"].iloc[at + horizon] / frame["adj_close"].iloc[at + 1]
            assert value == pytest.approx(held / bought - 1, rel=1e-12)
            seen += 1
    assert seen > 500
    for row in document["forward"]:  # every symbol is a hit: no difference, and it is said
        assert row["edge"] == pytest.approx(0, abs=1e-15)
        assert "spans_zero" in row["warnings"]


def test_each_day_counts_once_beside_all_that_were_judged(store):
    document = studied(f"store:{store.path}", rule="rsi(6) < 40", **MONTHS)
    events = pd.DataFrame({**document["events"]["after"], "day": document["events"]["day"]})
    every = studied(f"store:{store.path}", rule="rsi(6) < 1000", **MONTHS)["events"]
    base = pd.DataFrame({**every["after"], "day": every["day"]}).groupby("day").mean()
    own = events.groupby("day").mean()
    assert [row["horizon"] for row in document["forward"]] == [5, 20, 60]
    for row in document["forward"]:
        mine = own[str(row["horizon"])].dropna()
        assert row["days"] == len(mine)
        assert row["mean"] == pytest.approx(mine.mean())
        edges = mine - base[str(row["horizon"])]
        assert row["edge"] == pytest.approx(edges.mean())
        assert row["n"] == events[str(row["horizon"])].notna().sum()
        assert row["unknown"] == len(events) - row["n"]


def test_who_left_the_market_before_the_end_is_counted(store):
    document = studied(f"store:{store.path}", rule="close > 0", **MONTHS)
    last = {symbol: store.bars(symbol).index[-1] for symbol in NAMES}
    gone = [s for s, day in last.items() if day < DAYS[399]]
    row = next(row for row in document["forward"] if row["horizon"] == 60)
    assert 0 < row["ended"] <= 4 * len(gone)
    assert "ended" in document["warnings"]
    assert "survivors" in document["warnings"]


def test_reasons_are_given_for_those_judged_on_no_day(store):
    document = studied(f"store:{store.path}", rule="close > sma(390)", **MONTHS)
    why = {each["symbol"]: each["message"] for each in document["failures"]}
    assert "was traded on no day of the study" in why["S23"]
    assert "needs 390 bars; S10 has 270" in why["S10"]
    assert "S00" not in why
    assert document["counters"]["failed"] == len(why)
    assert document["counters"]["processed"] == len(NAMES)


def test_a_study_in_which_nobody_can_be_judged_fails(store):
    with pytest.raises(InsufficientHistory, match="None of the 24 symbols"):
        studied(f"store:{store.path}", rule="close > sma(1000)", **MONTHS)
    with pytest.raises(InvalidRequest, match="no trading day"):
        studied(f"store:{store.path}", rule="close > 1", start="2030-01-01")


def test_the_first_day_has_no_turnover_and_later_ones_count_both_ways(store):
    document = studied(f"store:{store.path}", rule="rsi(6) < 50", **MONTHS)
    found = list(hits_by_day(document).values())
    days = document["days"]
    assert days["new"][0] is None
    for place in range(1, len(found)):
        now, then = set(found[place]), set(found[place - 1])
        assert days["new"][place] == len(now - then)
        assert days["gone"][place] == len(then - now)
        if now:
            assert days["new_share"][place] == len(now - then) / len(now)
    assert np.mean([share for share in days["new_share"] if share is not None]) > 0.1
