"""Without a server the same call works through a child process that lives and dies with this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pandas as pd
import pytest

import stockwidget as sw
from stockwidget.notebook import runners
from stockwidget.notebook.local import ChildBackend

pytestmark = pytest.mark.usefixtures("local_runner")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_analysis_end_to_end():
    task = sw.analyze("AAPL", name="first")
    result = task.result(60)
    assert repr(task) == "<Analysis first completed>"
    assert task.progress == 100
    assert result.bars.index.name == "date"
    assert isinstance(result.bars.index, pd.DatetimeIndex)
    assert list(result.bars.columns) == ["open", "high", "low", "close", "volume"]
    assert len(result.indicators) == len(result.bars) == result.provenance["bars"]
    assert result.indicators["sma_20"].iloc[:19].isna().all()
    expected = result.bars["close"].rolling(20).mean()
    pd.testing.assert_series_equal(
        result.indicators["sma_20"].iloc[19:], expected.iloc[19:], check_names=False
    )
    assert result.summary["last_close"] == result.bars["close"].iloc[-1]
    assert task.partial()["provenance"] == result.provenance
    with pytest.raises(AttributeError, match=r"Write \.result\(\)\.bars"):
        task.bars  # noqa: B018 - a handle taken for its result
    with pytest.raises(AttributeError, match=r"What it found is in \.result\(\)"):
        task.no_such  # noqa: B018
    with pytest.raises(sw.InvalidRequest, match="timeout must be a number of seconds"):
        task.result("soon")
    for speaks in (result.report, result.score.explain):
        with pytest.raises(sw.InvalidRequest, match="locale must be 'en' or 'zh'"):
            speaks("de")
    with pytest.raises(sw.InvalidRequest, match="since must be a date"):
        result.report(since="lastt")


def test_a_report_since_the_last_analysis_or_since_a_day():
    first = sw.analyze("NVDA", as_of="2023-06-30").result(60)
    with pytest.raises(sw.InvalidRequest, match="no earlier analysis of MSFT to compare with"):
        sw.analyze("MSFT").result(60).report(since="last")
    task = sw.analyze("NVDA")
    found = task.result(60)
    texts = [found.report(since=since).text for since in (first, "last", "2023-06-30")]
    assert "Since the analysis of 2023-06-30" in texts[0]
    assert texts[0] == texts[1] == texts[2]
    with pytest.raises(sw.InvalidRequest, match=r"no earlier analysis of NVDA"):
        first.report(since="last")
    assert "No bar has been added since" in found.report(since=task).text, "a handle will do"
    assert sw.analyze("NVDA", as_of="2023-06-30").result(60).task == first.task, "and is made once"


def test_a_commentator_that_is_not_set_up_costs_the_commentary_alone():
    asked = {"commentary": "openai-compatible", "locale": "zh"}
    task = sw.analyze("AAPL", **asked)
    result = task.result(60)
    assert result.score.value is not None
    assert result.commentary.text == ""
    assert "STOCKWIDGET_COMMENTARY_URL is not set" in result.commentary.missing
    assert task.status == "completed"
    assert sw.analyze("AAPL", **asked).id != task.id
    with pytest.raises(sw.InvalidRequest, match="openai-compatible"):
        sw.analyze("AAPL", commentary="openai")


def test_scan_streams_its_rows():
    task = sw.scan(
        "synthetic:60", where={"rsi_14": ("<", 70)}, sort="rsi_14", descending=False, top=5
    )
    table = task.result(60).table
    assert table.index.name == "symbol"
    assert len(table) == 5
    assert table["rsi_14"].is_monotonic_increasing
    assert set(table.index) <= set(task.partial().index)
    assert task.counters["processed"] == 60


def test_unknown_symbol_names_what_is_near():
    with pytest.raises(sw.UnknownSymbol, match="AAPL") as caught:
        sw.analyze("APPL").result(60)
    assert "AAPL" in caught.value.data["nearest"]


async def test_await_leaves_the_loop_free():
    import asyncio

    task = sw.analyze("MSFT")
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    counting = asyncio.create_task(count())
    result = await task
    counting.cancel()
    assert result.symbol == "MSFT"
    assert turns > 3


def test_timeout_leaves_it_running_and_cancel_stops_it(eventually):
    task = sw.scan("synthetic:50", pace_s=20)
    with pytest.raises(TimeoutError, match="goes on"):
        task.result(0.05)
    task.cancel()
    with pytest.raises(sw.TaskCancelled):
        task.result(30)
    with pytest.raises(sw.WrongTaskState):
        task.cancel()


def test_interrupt_leaves_it_running(capsys):
    task = sw.scan("synthetic:51", pace_s=2)
    alarm = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            task.result()
    finally:
        signal.signal(signal.SIGALRM, alarm)
    assert "goes on in the background" in capsys.readouterr().err
    assert len(task.result(60)) > 0


def test_a_dead_runner_is_told_and_replaced(eventually):
    task = sw.scan("synthetic:52", pace_s=20)
    runner = runners.current()
    assert isinstance(runner, ChildBackend)
    os.kill(runner.pid, signal.SIGKILL)
    with pytest.raises(sw.WorkerCrashed, match="exit -9"):
        task.result(30)
    runner.close()
    assert sw.analyze("AAPL").result(60).symbol == "AAPL"
    assert runners.current() is not runner


def test_the_runner_ignores_the_interrupt_of_its_kernel():
    runner = runners.current()
    sw.analyze("AAPL").result(60)
    assert os.getpgid(runner.pid) != os.getpgid(0)


@pytest.mark.parametrize("end", ["pass", "os.kill(os.getpid(), 9)"])
def test_the_runner_ends_with_its_process(end, eventually):
    program = (
        "import os, stockwidget as sw\nfrom stockwidget.notebook import runners\n"
        f"t = sw.scan('synthetic:53', pace_s=50)\nprint(runners.current().pid, flush=True)\n{end}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    pid = int(done.stdout)
    eventually(lambda: not alive(pid), 10)


def test_a_fork_gets_a_runner_of_its_own():
    """multiprocessing's fork in a notebook: the copy must neither use nor end our runner."""
    sw.analyze("AAPL").result(60)
    mine = runners.current()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"1" if runners._current is None else b"0")
        mine.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1) == b"1"
    for end in (reading, writing):
        os.close(end)
    assert alive(mine.pid)
    assert sw.analyze("MSFT").result(60).symbol == "MSFT"
