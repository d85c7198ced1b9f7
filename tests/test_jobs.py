"""Jobs report real stages and rising progress, stream what the result will hold, and are repeatable."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import orjson
import pytest

from stockwidget import jobs
from stockwidget.errors import InsufficientHistory, InvalidRequest, UnknownParameter, UnknownSymbol
from stockwidget.tasks.events import merge
from stockwidget.tasks.steps import Checkpoint, Done, Log, Partial, Result, Step

ANALYSIS = {"symbol": "AAPL"}
SCAN = {"universe": "synthetic:300", "where": {"rsi_14": ["<", 50]}}
STUDY = {"universe": "synthetic:300", "rule": "rsi(14) < 40", "every": "quarter"}
by_kind = pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("analysis", ANALYSIS),
        ("analysis", {"symbol": "FB"}),
        ("scan", SCAN),
        ("study", STUDY),
        ("study", {**STUDY, "rule": "rank(rsi(14)) < 20"}),
    ],
)


def run(kind, params):
    return list(getattr(jobs, kind)(params))


@by_kind
def test_stages_come_in_order_and_progress_rises_to_the_end(kind, params):
    steps = [item for item in run(kind, params) if isinstance(item, Step)]
    assert tuple(dict.fromkeys(s.stage for s in steps)) == jobs.KINDS[kind].stages
    progress = [s.progress for s in steps]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert len(set(progress)) >= 5


@by_kind
def test_one_result_comes_last(kind, params):
    items = run(kind, params)
    assert [isinstance(item, Result) for item in items] == [False] * (len(items) - 1) + [True]
    assert items[-1].data["kind"] == kind
    assert items[-1].summary


@by_kind
def test_same_parameters_same_bytes(kind, params):
    first, second = (orjson.dumps([_plain(item) for item in run(kind, params)]) for _ in range(2))
    assert first == second


def _plain(item):
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def test_what_streams_is_what_the_result_holds():
    items = run("scan", {"universe": "sample", "sort": "ret_252"})
    partial = {}
    for item in items:
        if isinstance(item, Partial):
            partial = merge(partial, {"set": item.set, "append": item.append})
    data = items[-1].data
    assert partial["columns"] == data["columns"]
    assert sorted(partial["rows"]) == sorted(data["rows"])
    assert partial["failures"] == data["failures"]
    assert [f["symbol"] for f in data["failures"]] == ["FB"]


def test_an_analysis_shows_its_chart_before_its_record():
    items = run("analysis", ANALYSIS)
    data = items[-1].data
    stages = [item.stage if isinstance(item, Step) else type(item).__name__ for item in items]
    pieces = [item.set for item in items if isinstance(item, Partial)]
    assert [next(iter(piece)) for piece in pieces] == ["provenance", "bars", "score"]
    assert stages.index("record") > max(i for i, kind in enumerate(stages) if kind == "Partial")
    for name in ("bars", "indicators"):
        tails = {key: values[-jobs.PREVIEW :] for key, values in data[name].items()}
        assert pieces[1][name] == tails
    assert pieces[1]["summary"] == data["summary"]
    assert pieces[2] == {name: data[name] for name in jobs.EARLY}
    assert all(len(orjson.dumps(piece)) < 200_000 for piece in pieces), "events are journalled"


def test_counters_rise_with_the_scan():
    steps = [item for item in run("scan", SCAN) if isinstance(item, Step) and item.counters]
    assert [s.counters["processed"] for s in steps] == [0, 256, 300, 300, 300]
    assert steps[-1].counters["total"] == 300


def test_the_scan_document_has_the_protocols_form():
    text = (Path(__file__).parents[1] / "docs" / "protocol.md").read_text()
    blocks = re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)
    (example,) = (orjson.loads(b) for b in blocks if '"kind": "scan"' in b and '"schema"' in b)
    data = run("scan", {"universe": "sample", "sort": "ret_20"})[-1].data
    assert list(data) == list(example)
    assert data["columns"] == example["columns"]
    assert data["params"] == {"universe": "sample"}


def test_the_study_document_has_the_protocols_form():
    text = (Path(__file__).parents[1] / "docs" / "protocol.md").read_text()
    blocks = re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)
    (example,) = (orjson.loads(b) for b in blocks if '"kind": "study"' in b)
    data = run("study", {"universe": "sample", "rule": "rsi(14) < 40"})[-1].data
    assert list(data) == list(example)
    for part in ("days", "counters", "words"):
        assert list(data[part]) == list(example[part])
    for part in ("forward",):
        assert list(data[part][0]) == list(example[part][0])
    assert list(data["after"]["5"]) == list(example["after"]["5"])
    assert list(data["events"]) == list(example["events"])


def test_what_a_study_tells_grows_into_its_result():
    told = [
        item.set["days"]
        for item in run("study", STUDY)
        if isinstance(item, Partial) and "days" in item.set
    ]
    data = run("study", STUDY)[-1].data
    assert len(told) == 2
    assert sum(told[0]["judged"]) < sum(told[1]["judged"])
    assert told[1] == {name: data["days"][name] for name in ("judged", "hits")}


def test_a_study_is_taken_up_where_it_was_left():
    items = run("study", STUDY)
    kept = [item for item in items if isinstance(item, Checkpoint)]
    assert len(kept) == 2
    done = [Done(chunk=kept[0].chunk, data=orjson.loads(orjson.dumps(kept[0].data)))]
    again = list(jobs.study(STUDY, done))
    assert [item.chunk for item in again if isinstance(item, Checkpoint)] == [kept[1].chunk]
    assert orjson.dumps(again[-1].data) == orjson.dumps(items[-1].data)


def test_a_short_history_is_logged():
    def warnings(params):
        items = run("analysis", params)
        return [item.message for item in items if isinstance(item, Log) and item.level == "warning"]

    [said] = warnings({"symbol": "FB"})
    assert "SMA 200" in said
    assert warnings(ANALYSIS) == []


@pytest.mark.parametrize(
    ("kind", "params", "error"),
    [
        ("analysis", {"symbol": "APPL"}, UnknownSymbol),
        ("analysis", {"symbol": "AAPL", "start": "2023-09-01"}, InsufficientHistory),
        ("analysis", {"symbol": "AAPL", "start": "2030-01-01"}, InsufficientHistory),
        ("scan", {"universe": ["APPL"]}, UnknownSymbol),
        ("study", {"universe": ["APPL"], "rule": "close > 1"}, UnknownSymbol),
    ],
)
def test_errors_come_typed(kind, params, error):
    with pytest.raises(error):
        run(kind, params)


@by_kind
def test_entries_are_importable(kind, params):
    del params
    module, _, name = jobs.KINDS[kind].entry.partition(":")
    assert getattr(import_module(module), name) is getattr(jobs, kind)


def test_prepare_gives_canonical_parameters_and_a_title():
    prepare = jobs.KINDS["analysis"].prepare
    assert prepare({"symbol": "aapl ", "source": "sample"}) == ({"symbol": "AAPL"}, "AAPL")
    params, title = jobs.KINDS["scan"].prepare(
        {"universe": ["aapl", "MSFT"], "where": {"rsi_14": ("<", 70)}, "descending": True}
    )
    assert params == {"universe": ["AAPL", "MSFT"], "where": {"rsi_14": ["<", 70.0]}}
    assert title == "AAPL, MSFT · rsi_14 < 70"
    assert jobs.KINDS["scan"].prepare(params) == (params, title)
    params, title = jobs.KINDS["study"].prepare(
        {"universe": "sample", "rule": "close > 1", "every": "week"}
    )
    assert params == {"universe": "sample", "rule": "close > 1", "every": "week"}
    assert title == "sample · close > 1"
    _, title = jobs.KINDS["study"].prepare({"rank": "ret(252)", "top": 3, "start": "2020-01-01"})
    assert title == "sample · ret(252) top 3 · 2020-01-01 →"


@pytest.mark.parametrize(
    ("kind", "params", "error", "field"),
    [
        ("analysis", {"symbol": "AAPL", "source": "yahoo"}, InvalidRequest, "source"),
        ("analysis", {"symbol": "AAPL", "form": 1}, UnknownParameter, "form"),
        ("scan", {"sort": "rsii"}, InvalidRequest, "sort"),
        ("scan", {"universe": ["AAPL", "SYN00001"]}, InvalidRequest, "universe"),
        ("study", {"universe": "sample"}, InvalidRequest, "rule"),
        ("study", {"universe": "sample", "rule": "rsi(14 < 3"}, InvalidRequest, "rule"),
    ],
)
def test_prepare_refuses_before_a_task_exists(kind, params, error, field):
    with pytest.raises(error) as caught:
        jobs.KINDS[kind].prepare(params)
    assert caught.value.data["field"] == field


def python(code, **env):
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **env},
    )
    return done.stdout.split()


def test_preparing_loads_nothing_heavy():
    code = (
        "import sys; from stockwidget import jobs;"
        "jobs.KINDS['analysis'].prepare({'symbol': 'AAPL'});"
        "jobs.KINDS['scan'].prepare({'where': {'rsi_14': ['<', 30]}});"
        "jobs.KINDS['study'].prepare({'rule': 'rsi_14 < 30'});"
        "print(*(m for m in ('numpy', 'pandas', 'numba', 'pyarrow') if m in sys.modules))"
    )
    assert python(code) == []


KERNELS = (
    "import gc, sys; from numba.core.dispatcher import Dispatcher; from stockwidget import jobs;"
    "kernels = lambda: [k for k in gc.get_objects() if isinstance(k, Dispatcher)];"
    "ready = lambda: {(k.py_func.__qualname__, s) for k in kernels() for s in k.overloads};"
    "jobs.warm();"
)
"""Where nothing was compiled before, to do it takes most of a minute."""


@pytest.mark.timeout(300)
def test_warm_leaves_nothing_to_import_or_compile():
    code = (
        f"{KERNELS} before, loaded = ready(), set(sys.modules);"
        "list(jobs.analysis({'symbol': 'IBM'}));"
        "list(jobs.scan({'universe': 'synthetic:60', 'sort': 'volatility_252'}));"
        "list(jobs.scan({'universe': 'sample'}));"
        "print(len(before), *(ready() - before), *(set(sys.modules) - loaded))"
    )
    ready, *later = python(code)
    assert int(ready) > 10
    assert later == []


@pytest.mark.timeout(300)
def test_a_second_process_compiles_nothing():
    told = f"{KERNELS} print(*(f'{{len(k.stats.cache_misses)}}/{{len(k.stats.cache_hits)}}' for k in kernels()))"
    python(told)
    second = python(told)
    assert all(each.startswith("0/") for each in second)
    assert any(each != "0/0" for each in second), "the second read the cache"


def test_a_scan_can_be_told_slowly_and_says_the_same():
    asked = {"universe": "sample", "where": {"rsi_14": ["<", 101]}}
    fast, slow = list(jobs.scan(asked)), list(jobs.scan({**asked, "pace_s": 1.2}))
    rows = [
        [row for y in told if isinstance(y, Partial) for row in y.append.get("rows", [])]
        for told in (fast, slow)
    ]
    assert rows[0] == rows[1] != []
    assert sum(isinstance(y, Partial) for y in slow) > sum(isinstance(y, Partial) for y in fast)
    assert fast[-1].data["rows"] == slow[-1].data["rows"]
    steps = [y.progress for y in slow if isinstance(y, Step)]
    assert steps == sorted(steps)


def test_rows_and_failures_come_with_the_counters_of_their_moment():
    asked = {"universe": ["AAPL", "MSFT", "FB", "NOSUCH"], "rule": "sma(200) > 0", "pace_s": 2.5}
    rows, failures, counters, seen = 0, 0, {}, []
    for said in jobs.scan(asked):
        if isinstance(said, Step):
            counters = said.counters
        elif isinstance(said, Partial):
            rows += len(said.append.get("rows", []))
            failures += len(said.append.get("failures", []))
            seen.append((rows, failures, counters.get("found", 0), counters.get("failed", 0)))
    assert all(each[:2] == each[2:] for each in seen)
    assert len({each[:2] for each in seen}) > 2
