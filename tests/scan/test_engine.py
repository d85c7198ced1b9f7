"""A scan finds what brute force finds, says why a symbol failed, and never succeeds empty-handed."""

import json
import operator

import numpy as np
import pandas as pd
import pytest
from made_up_market import market

from stockwidget.analysis.summary import summarize
from stockwidget.bars import adjusted, as_known
from stockwidget.errors import InsufficientHistory, SourceUnavailable, UnknownSymbol
from stockwidget.indicators import ret, rsi
from stockwidget.indicators.table import CHARTED
from stockwidget.params import ScanParams
from stockwidget.scan.engine import Scan
from stockwidget.scan.supply import STORE_CHUNK, SourceSupply
from stockwidget.scan.universe import Universe, resolve
from stockwidget.sources.sample import DATA, SampleSource
from stockwidget.sources.synthetic import SyntheticSource, universe
from stockwidget.store.barstore import BarStore

CHARTED_OUTPUTS = {output for row in CHARTED for output in row.outputs}


def scan(universe="sample", **data):
    params = ScanParams.from_dict({"universe": universe, **data})
    work = Scan(params=params, universe=resolve(params))
    chunks = list(work.run())
    return work.document(), chunks


def counters(*, total, found=0, failed=0, timed_out=0, abstained=0):
    return {
        "total": total, "processed": total, "found": found, "failed": failed,
        "timed_out": timed_out, "abstained": abstained,
    }  # fmt: skip


def table(document):
    return [dict(zip(document["columns"], row, strict=True)) for row in document["rows"]]


def test_a_number_that_is_asked_for_and_ordered_by_is_one_column():
    document, chunks = scan("synthetic:40", columns=["rsi(14)", "ret(20)", "ret( 20 )"], top=5)
    assert document["columns"] == ["symbol", "name", "last_date", "rsi(14)", "ret(20)"]
    assert document["sort"] == "ret(20)"
    rows = [row for chunk in chunks for row in chunk.rows] + document["rows"]
    assert {len(row) for row in rows} == {5}
    usual = scan("synthetic:40", top=5)[0]
    assert [row["ret(20)"] for row in table(document)] == [row["ret_20"] for row in table(usual)]


def test_a_hit_that_left_the_market_is_told(tmp_path):
    """Each is judged on its own last bar: GONE has none for longer than a month, HALTED for less."""
    days = {"LIVE": "2024-06-28", "HALTED": "2024-06-03", "GONE": "2024-05-20"}
    frames = [
        market([name], 0, 60).set_index(pd.bdate_range(end=day, periods=60, name="date"))
        for name, day in days.items()
    ]
    BarStore(tmp_path / "bars").append(pd.concat(frames))
    note = "1 of 3, the oldest of 2024-05-20"
    whole, _ = scan(f"store:{tmp_path / 'bars'}")
    assert note in whole["provenance"]["note"]
    then, _ = scan(f"store:{tmp_path / 'bars'}", as_of="2024-06-28")
    assert "Hits without" not in then["provenance"]["note"]
    assert {row["symbol"] for row in table(then)} == {"LIVE", "HALTED"}


OLD = [o for row in CHARTED for o in row.outputs if not o.startswith("adx")]


@pytest.mark.parametrize("symbol", ["AAPL", "MSFT", "FB"])
def test_columns_are_the_last_values_of_an_analysis(symbol):
    frame = adjusted(as_known(SampleSource().bars(symbol).frame))
    names = [*OLD, "ret_1", "ret_252", "volatility_252", "volume"]
    found = table(scan([symbol], columns=names, sort="close")[0])[0]
    arrays = {name: frame[name].to_numpy() for name in frame}
    for indicator in CHARTED:
        for name in set(indicator.outputs) & set(OLD):
            values = indicator(arrays)[name]
            expected = None if np.isnan(values[-1]) else values[-1]
            assert found[name] == expected, name
    summary = summarize(frame)
    assert found["close"] == summary.last_close
    assert found["ret_1"] == summary.return_1d
    assert found["ret_252"] == summary.return_1y
    assert found["volatility_252"] == summary.volatility_1y
    assert found["volume"] == frame["volume"].iloc[-1]


@pytest.mark.parametrize(("op", "compare"), [("<", operator.lt), (">=", operator.ge)])
def test_hits_are_those_of_brute_force(op, compare):
    document, _ = scan("synthetic:120", where={"rsi_14": (op, 45), "close": (">", 20)})
    source, expected = SyntheticSource(), {}
    for symbol in universe(120):
        close = adjusted(source.bars(symbol).frame)["close"]
        if compare(rsi(close, 14).iloc[-1], 45) and close.iloc[-1] > 20:
            expected[symbol] = ret(close, 20).iloc[-1]
    assert 0 < len(expected) < 120
    order = sorted(expected, key=lambda s: -expected[s])
    assert [row["symbol"] for row in table(document)] == order
    assert document["counters"] == counters(total=120, found=len(expected))


@pytest.mark.parametrize("op", ["==", "!=", "<=", ">"])
def test_equality_and_limits(op):
    close = {r["symbol"]: r["close"] for r in table(scan()[0])}["IBM"]
    found = {row["symbol"] for row in table(scan(where={"close": (op, close)})[0])}
    assert ("IBM" in found) == (op in {"==", "<="})
    assert ("AAPL" in found) == (op in {"!=", "<="})


def test_order_top_and_direction():
    up, _ = scan(sort="close", descending=False)
    down, _ = scan(sort="close")
    closes = [row["close"] for row in table(up)]
    assert closes == sorted(closes)
    assert up["rows"] == down["rows"][::-1]
    top, _ = scan(sort="close", top=2)
    assert top["rows"] == down["rows"][:2]
    assert top["counters"]["found"] == 9


def test_ties_go_by_symbol():
    twin = Universe(label="twins", symbols=("MSFT", "IBM", "AAPL"), supply=SourceSupply(_Twins()))
    for descending in (True, False):
        work = Scan(params=ScanParams(universe="sample", descending=descending), universe=twin)
        list(work.run())
        assert [row[0] for row in work.ranked()] == ["AAPL", "IBM", "MSFT"]


class _Twins(SampleSource):
    """Every symbol has IBM's bars."""

    def bars(self, symbol, start=None, end=None):
        del symbol
        return super().bars("IBM", start, end)


def test_lacking_history_is_a_failure_with_its_reason():
    document, _ = scan(where={"sma_200": (">", 0)}, sort="ret_252")
    assert document["failures"] == [
        {
            "symbol": "FB",
            "code": "insufficient_history",
            "message": "sma_200 needs 200 bars; FB has 196.",
        }
    ]
    assert document["counters"] == counters(total=9, found=8, failed=1, abstained=1)
    assert "FB" not in {row["symbol"] for row in table(document)}


def test_lacking_history_in_a_column_only_shown_is_an_empty_cell():
    rows = {row["symbol"]: row for row in table(scan(columns=["sma_200"])[0])}
    assert rows["FB"]["sma_200"] is None
    assert rows["IBM"]["sma_200"] is not None


def test_an_unknown_symbol_fails_alone():
    document, _ = scan(["AAPL", "APPL", "MSFT"])
    assert [f["symbol"] for f in document["failures"]] == ["APPL"]
    assert document["failures"][0]["code"] == "unknown_symbol"
    assert len(document["rows"]) == 2


def test_no_hit_is_no_failure():
    document, _ = scan(where={"rsi_14": (">", 100)})
    assert document["rows"] == []
    assert document["counters"] == counters(total=9)


def test_all_failing_fails_the_scan():
    with pytest.raises(UnknownSymbol, match="Did you mean AAPL"):
        scan(["APPL"])
    with pytest.raises(UnknownSymbol, match=r"None of the 2 symbols could be scanned.*XXXX"):
        scan(["XXXX", "YYYY"])
    with pytest.raises(InsufficientHistory, match="sma_200 needs 200 bars"):
        scan(["FB"], sort="sma_200")


def test_a_source_that_is_down_fails_the_scan(tmp_path):
    (tmp_path / "sample.json").write_bytes((DATA / "sample.json").read_bytes())
    down = Universe(
        label="sample", symbols=("AAPL", "IBM"), supply=SourceSupply(SampleSource(tmp_path))
    )
    with pytest.raises(SourceUnavailable, match="None of the 2 symbols"):
        list(Scan(params=ScanParams(universe="sample"), universe=down).run())


def test_chunks_add_up_to_the_document():
    count = STORE_CHUNK + 7
    document, chunks = scan(f"synthetic:{count}", where={"ret_20": (">", 0)})
    assert [c.counters.processed for c in chunks] == [STORE_CHUNK, count]
    rows = [list(row) for chunk in chunks for row in chunk.rows]
    assert sorted(rows) == sorted(document["rows"])
    assert chunks[-1].counters.to_dict() == document["counters"]


def test_provenance_says_what_differs():
    sample, _ = scan()
    assert sample["provenance"]["synthetic"] is False
    assert "from 2013-03-01 to 2023-09-21" in sample["provenance"]["note"]
    assert sample["provenance"]["licence"] == "MIT; Public domain"
    made_up, _ = scan("synthetic:2")
    assert made_up["provenance"]["synthetic"] is True
    assert "Made up" in made_up["provenance"]["note"]


class Flaky:
    """A source that counts what it is asked, and cannot answer for some symbols for the moment."""

    name = "synthetic"

    def __init__(self, down=()):
        self.asked = []
        self.down = set(down)

    def bars(self, symbol, start=None, end=None):
        self.asked.append(symbol)
        if symbol in self.down:
            raise SourceUnavailable(
                f"{symbol} is not to be had.", hint="Try later.", source="flaky"
            )
        return SyntheticSource().bars(symbol)


def continued(symbols, *, down=(), done=None, retry=(), stop_after=None, **more):
    """Run a scan to its end, or to a chunk; what passes between runs passes through JSON."""
    asked = {"universe": list(symbols), "where": {"rsi_14": ("<", 60)}, **more}
    params = ScanParams.from_dict(asked)
    source = Flaky(down)
    within = Universe(label="x", symbols=tuple(symbols), supply=SourceSupply(source))
    work = Scan(params=params, universe=within, done=done, retry=retry)
    kept = dict(done or {})
    for number, chunk in enumerate(work.run(), 1):
        if chunk.fresh:
            kept[chunk.key] = json.loads(json.dumps(chunk.data))
        if number == stop_after:
            return None, kept, source.asked
    return json.dumps(work.document()), kept, source.asked


SYMBOLS = universe(170)
DOWN = {SYMBOLS[3], SYMBOLS[49], SYMBOLS[60], SYMBOLS[169]}


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_continued_scan_ends_with_the_same_bytes_and_asks_for_nothing_twice(stop_after):
    whole, _, _ = continued(SYMBOLS, down=DOWN)
    _, kept, first = continued(SYMBOLS, down=DOWN, stop_after=stop_after)
    rest, _, second = continued(SYMBOLS, down=DOWN, done=kept)
    assert rest == whole
    assert first + second == list(SYMBOLS)


def test_failed_symbols_tried_again_give_what_a_scan_without_failures_gives():
    whole, _, _ = continued(SYMBOLS)
    broken, kept, _ = continued(SYMBOLS, down=DOWN)
    assert len(json.loads(broken)["failures"]) == 4
    again, merged, asked = continued(SYMBOLS, done=kept, retry=kept)
    assert again == whole
    assert set(asked) == DOWN
    assert continued(SYMBOLS, done=merged)[2] == []


def test_of_hits_that_cannot_be_among_the_best_only_the_number_is_kept():
    best = {"top": 4, "sparklines": True}
    whole, kept, _ = continued(SYMBOLS, **best)
    found = json.loads(whole)["counters"]["found"]
    assert json.loads(whole)["rows"] == json.loads(continued(SYMBOLS)[0])["rows"][:4]
    assert sum(len(data["rows"]) + data.get("beaten", 0) for data in kept.values()) == found > 80
    for data in kept.values():
        assert len(data["rows"]) <= 4
        assert set(data.get("sparks", ())) == {row[0] for row in data["rows"]}
    for stop_after in (1, 2, 3):
        _, some, _ = continued(SYMBOLS, down=DOWN, stop_after=stop_after, **best)
        assert continued(SYMBOLS, done=some, retry=some, **best)[0] == whole


def test_what_fails_again_stays_a_failure_in_its_place():
    still = {SYMBOLS[49]}
    whole, _, _ = continued(SYMBOLS, down=still)
    _, kept, _ = continued(SYMBOLS, down=DOWN)
    again, _, _ = continued(SYMBOLS, down=still, done=kept, retry=kept)
    assert again == whole


def test_chunks_of_other_symbols_are_not_taken_over():
    _, kept, _ = continued(SYMBOLS)
    others = SYMBOLS[1:]
    fresh, _, asked = continued(others, done=kept)
    assert fresh == continued(others)[0]
    assert asked == list(others)


def test_a_scan_that_could_judge_nothing_fails_alike_when_it_is_continued():
    _, kept, _ = continued(SYMBOLS[:60], down=SYMBOLS, stop_after=1)
    with pytest.raises(SourceUnavailable, match="None of the 60 symbols"):
        continued(SYMBOLS[:60], down=SYMBOLS, done=kept)
