"""A wrong call is refused at the call, typed, in words that say what to write; no runner is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_market import bars, market

import stockwidget as sw
from stockwidget import indicators as ind
from stockwidget.notebook import runners


@sw.signal
def rises(frame):
    return frame.close > frame.open


@sw.factor(weight=0.1)
def quiet(frame):
    return frame.close * 0


@sw.rule
def yes(frame):
    return True


@pytest.fixture(autouse=True)
def no_runner(monkeypatch, tmp_path):
    def none() -> None:
        raise AssertionError("a bad request must not reach a runne")

    monkeypatch.setattr(runners, "current", none)
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", str(tmp_path))
    return tmp_path


CALLS = [
    # analyses
    (lambda: sw.analyze(""), "symbol", "Write a ticker such as 'AAPL'"),
    (lambda: sw.analyze(None), "symbol", "Try symbol='AAPL'"),
    (lambda: sw.analyze(7), "symbol", "Pass the ticker in quotes"),
    (lambda: sw.analyze(["AAPL", "MSFT"]), "symbol", "sw.compare('AAPL', 'MSFT') puts several"),
    (lambda: sw.analyze("AAPL", "MSFT"), None, "Write it as analyze(symbol, source=…)"),
    (lambda: sw.analyze("AAPL", sorce="sample"), "sorce", "Did you mean source"),
    (lambda: sw.analyze("AAPL", source="yahoo"), "source", "Known: sample, synthetic, store"),
    (lambda: sw.analyze("AAPL", source="sampel"), "source", "Did you mean 'sample'"),
    (lambda: sw.analyze("AAPL", source=5), "source", "Pass a name ('sample'), a store"),
    (lambda: sw.analyze("AAPL", source=None), "source", "or a DataFrame of bars"),
    (lambda: sw.analyze("AAPL", source=["AAPL"]), "source", "not a list of symbols"),
    (lambda: sw.analyze(market(["A", "B"])), "symbol", "sw.analyze('A', source=frame)"),
    (lambda: sw.analyze(bars("A")), "symbol", "does not say whose bars it has"),
    (lambda: sw.analyze("AAPL", facts=pd.DataFrame()), "facts", "Give the bars too"),
    (lambda: sw.analyze("AAPL", start="2024-02-30"), "start", "Write it as '2024-01-31'"),
    (lambda: sw.analyze("AAPL", start="2024-02-02", end="2023-01-01"), "start", "Swap the dates"),
    (
        lambda: sw.analyze("AAPL", end="2023-01-01", as_of="2022-01-01"),
        "as_of",
        "leave one of them",
    ),
    (lambda: sw.analyze("AAPL", as_of=pd.NaT), "as_of", "Write it as"),
    (lambda: sw.analyze("AAPL", adjust="forward"), "adjust", "must be 'adjusted' or 'raw'"),
    (lambda: sw.analyze("AAPL", benchmark=5), "benchmark", "Pass the ticker in quotes"),
    (lambda: sw.analyze("AAPL", risk_free=float("nan")), "risk_free", "Write 3 % as 0.03"),
    (lambda: sw.analyze("AAPL", weights={"trnd": 1.0}), "weights.trnd", "Did you mean trend"),
    (lambda: sw.analyze("AAPL", weights=[1.0]), "weights", "For example weights="),
    (lambda: sw.analyze("AAPL", scorecard="mine"), "scorecard", "For example"),
    (lambda: sw.analyze("AAPL", signals=rises), "signals", "Put them in brackets"),
    (
        lambda: sw.analyze("AAPL", signals=[quiet]),
        "signals",
        "quiet is not marked as a signal, but as a factor",
    ),
    (
        lambda: sw.analyze("AAPL", factors=[lambda b: b]),
        "factors",
        "Write @sw.factor(weight=0.2)",
    ),
    (lambda: sw.analyze("AAPL", signals=["nope"]), "signals", "No installed package offers 'nope'"),
    (lambda: sw.analyze("AAPL", commentary="gpt"), "commentary", "Offered: openai-compatible"),
    (lambda: sw.analyze("AAPL", name=5), "name", "must be a string"),
    (lambda: sw.analyze("AAPL", tags="nightly"), "tags", "Write for instance tags="),
    (lambda: sw.analyze("AAPL", keep_for="long"), "keep_for", 'Write "90min"'),
    (lambda: sw.analyze("AAPL", locale="de"), "locale", "must be 'en' or 'zh'"),
    (lambda: sw.analyze("AAPL", colors="blue"), "colors", "'red-up' or 'green-up'"),
    # scans
    (lambda: sw.scan(5), "universe", "a list of symbols, a store"),
    (lambda: sw.scan([]), "universe", "For example universe="),
    (lambda: sw.scan("sampel"), "universe", "Did you mean 'sample'"),
    (lambda: sw.scan("AAPL"), "universe", "A list of one symbol is written ['AAPL']"),
    (lambda: sw.scan("synthetic:0"), "universe", "as 'synthetic:500'"),
    (lambda: sw.scan({"AAPL": bars("AAPL")}), "universe", "pd.concat(frames, names="),
    (lambda: sw.scan("index:CSI300"), None, "Name in source= a store"),
    (lambda: sw.scan("watchlist:nope"), "universe", "sw.watchlist('nope'"),
    (lambda: sw.scan(members=pd.DataFrame()), "members", "Give the bars too"),
    (lambda: sw.scan("sample", "close"), "rule", "Compare it, as in close > 0"),
    (lambda: sw.scan("sample", "close > smaa(20)"), "rule", "Did you mean `sma`"),
    (lambda: sw.scan("sample", "pe_ttm < 10"), "rule", "which a rule does not see"),
    (lambda: sw.scan("sample", ""), "rule", "For example 'close > sma"),
    (lambda: sw.scan("sample", 5), "rule", "must be an expression as text, not 5"),
    (lambda: sw.scan("sample", rises), "rule", "rises is not marked as a rule"),
    (lambda: sw.scan("sample", "close > 5", "ret_20"), None, "scan(universe, rule, where=…)"),
    (lambda: sw.scan(rules="close > 5"), "rules", "Did you mean rule"),
    (lambda: sw.scan(where={"rsi_14": ("~", 3)}), "where.rsi_14", "Operators: <"),
    (lambda: sw.scan(where={"rsii_14": ("<", 3)}), "where.rsii_14", "Did you mean `rsi`"),
    (lambda: sw.scan(where={5: ("<", 3)}), "where", "as text, not 5"),
    (lambda: sw.scan(top=0), "top", "Leave it out to keep all"),
    (lambda: sw.scan(top=True), "top", "a whole number from 1"),
    (lambda: sw.scan(pace_s=-1), "pace_s", "to have rows as they are found"),
    (lambda: sw.scan(columns="close"), "columns", "columns=['close']"),
    (lambda: sw.scan(columns=["close", 5]), "columns", "as text, not 5"),
    (lambda: sw.scan(market="XX"), "market", "Known: US, HK, CN"),
    (lambda: sw.scan(cluster="local:0"), "cluster", "'local:2' for two processes"),
    (lambda: sw.scan(as_of=["2020-01-01"]), "as_of", "sw.study"),
    # studies
    (lambda: sw.study("sample"), "rule", "A study needs a rule"),
    (lambda: sw.study("close > 5"), "universe", "or comes second"),
    (lambda: sw.study("close > 5", "sample"), "universe", "or comes second"),
    (lambda: sw.study("sample", "close > 5", every="day"), "every", "listed in dates="),
    (lambda: sw.study("sample", "close > 5", dates="2020-01-01"), "dates", "For example dates="),
    # the others
    (lambda: sw.compare("AAPL"), "symbols", "2 to 12 symbols, not 1"),
    (lambda: sw.compare("AAPL", "AAPL"), "symbols", "Name each once"),
    (lambda: sw.compare("AAPL", "MSFT", timeout="soon"), "timeout", "a number of seconds"),
    (lambda: sw.attach(5), "task", "Write an id, a name"),
    (lambda: sw.tasks("running"), None, "Write it as tasks(status=…)"),
    (lambda: sw.tasks(status="runing"), "status", "It is one of queued"),
    (lambda: sw.tasks(status=5), "status", "It is one of queued"),
    (lambda: sw.tasks(kind="scna"), "kind", "It is one of analysis, scan, study"),
    (lambda: sw.tasks(limit=0), "limit", "from 1 to 1000"),
    (lambda: sw.explain(5), "rule", "rule must be text, not 5"),
    (lambda: sw.explain(yes), "rule", "A function has no plan"),
    (lambda: sw.diff("a", "b"), "old", "sw.diff(yesterday, today)"),
    (lambda: sw.symbols(5), "source", "Pass a name"),
    (lambda: sw.symbols("nope"), "source", "Known: sample"),
    (lambda: sw.store(5), "path", "sw.store('~/bars')"),
    (lambda: sw.store(Path(__file__)), "path", ").append('"),
    (lambda: sw.watchlist("tech", "AAPL"), "symbols", "['AAPL', 'MSFT']"),
    (lambda: sw.watchlist("tech", 5), "symbols", "['AAPL', 'MSFT']"),
    (lambda: sw.doctor(5), "task", "Pass a handle"),
    (lambda: sw.doctor(locale="fr"), "locale", "must be 'en' or 'zh'"),
    (lambda: sw.signal(titel="x"), "signal.titel", "Did you mean title"),
    (lambda: sw.signal(5), "signal", "marks a function, not 5"),
    (lambda: sw.factor(quiet), None, "Write it as factor(weight=…)"),
    (lambda: sw.Scorecard(families=5), "scorecard.families", "must have 1 to 20 entries"),
    (lambda: ind.rsi(bars("A"), 14), "close", "Pass one column at a time"),
    (lambda: ind.rsi(bars("A").close, 2.5), "window", "window counts bars"),
    (lambda: ind.macd(bars("A").close, 26, 12, 9), "fast", "The usual pair is 12 and 26"),
]


@pytest.mark.parametrize(("call", "field", "words"), CALLS)
def test_a_wrong_call_says_what_to_write(call, field, words):
    with pytest.raises(sw.InvalidRequest) as caught:
        call()
    assert words in str(caught.value)
    if field is not None:
        assert caught.value.data["field"] == field


@pytest.mark.parametrize(
    ("call", "field", "words"),
    [
        (lambda st: st.bars(5), "symbol", "Pass the ticker in quotes"),
        (lambda st: st.facts(5), "symbol", "Pass the ticker in quotes"),
        (lambda st: st.to_frame("A"), "symbols", "to_frame(['AAPL'])"),
        (lambda st: st.to_frame(5), "symbols", "must be a list"),
        (lambda st: st.append(5), None, "Bars come as a pandas DataFrame"),
        (lambda st: st.append("/nowhere.csv"), None, "Check the path"),
        (lambda st: st.append(bars("A"), fetched_at="soon"), "fetched_at", "Write it as"),
        (lambda st: st.members("CSI300"), "universe", "put_members"),
        (lambda st: st.put_facts(5), None, "Facts come as a pandas DataFrame"),
    ],
)
def test_a_wrong_call_of_a_store_says_what_to_write(tmp_path, call, field, words):
    store = sw.store(tmp_path / "bars")
    store.append(bars("A"), symbol="A")
    with pytest.raises(sw.InvalidRequest) as caught:
        call(store)
    assert words in str(caught.value)
    assert field is None or caught.value.data["field"] == field


def test_a_symbol_that_a_store_lacks_is_looked_for_there(tmp_path):
    store = sw.store(tmp_path / "bars")
    store.append(bars("AAPL"), symbol="AAPL")
    with pytest.raises(sw.UnknownSymbol, match=r"Did you mean AAPL\? sw.symbols\(source\) lists"):
        store.bars("APPL")
    assert store.bars("aapl").equals(store.bars("AAPL"))


def test_a_misspelt_name_of_the_package_has_the_nearest():
    with pytest.raises(AttributeError, match="Did you mean 'analyze'"):
        sw.analyse  # noqa: B018
    assert not hasattr(sw, "_repr_html_")


def test_numbers_of_numpy_are_numbers():
    from stockwidget.params import AnalysisParams, ScanParams

    asked = {"top": np.int64(5), "min_bars": np.int32(9), "min_turnover": np.float32(2)}
    found = ScanParams.from_dict({**asked, "where": {"rsi_14": ("<", np.float64(70))}})
    plain = ScanParams.from_dict(
        {"top": 5, "min_bars": 9, "min_turnover": 2.0, "where": {"rsi_14": ("<", 70)}}
    )
    assert found == plain
    assert {type(found.top), type(found.min_bars)} == {int}
    half = AnalysisParams.from_dict({"symbol": "AAPL", "risk_free": np.float32(0.5)})
    assert half.risk_free == 0.5
