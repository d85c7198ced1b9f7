"""A comparison is on display at once; its page hears each analysis by itself, and saved outputs get the results at the end."""

from __future__ import annotations

import time
from typing import Any

import comm
import pytest

import stockwidget as sw
from stockwidget import jobs
from stockwidget.notebook import comparison_display, environment
from stockwidget.notebook.results import AnalysisResult
from stockwidget.notebook.widgets import STATIC

pytestmark = pytest.mark.usefixtures("local_runner")


class Recorder(comm.base_comm.BaseComm):
    """What a page would have got."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.published: list[dict[str, Any]] = []
        super().__init__(*args, **kwargs)

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys) -> None:
        self.published.append(data or {})


@pytest.fixture
def published(monkeypatch) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Outputs of a live page, each with how it was published."""
    outputs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    monkeypatch.setattr(comm, "create_comm", Recorder)
    monkeypatch.setattr(environment, "frontend", lambda: "live")
    monkeypatch.setattr(
        comparison_display,
        "_publish",
        lambda data, _metadata=None, **how: outputs.append((data, how)),
    )
    return outputs


def result(symbol: str) -> AnalysisResult:
    *_, last = jobs.analysis({"symbol": symbol})
    return AnalysisResult(last.data)


def model(compared: sw.Comparison) -> Any:
    return compared._shown()._live()


def got(compared: sw.Comparison, kind: str) -> list[dict[str, Any]]:
    customs = [d["content"] for d in model(compared).comm.published if d.get("method") == "custom"]
    return [content for content in customs if content["type"] == kind]


def say(compared: sw.Comparison, **content: object) -> None:
    model(compared)._handle_custom_msg(content, [])


def test_it_returns_at_once_and_the_output_is_renewed_when_all_have_ended(
    published, eventually, tmp_path
):
    shown = tmp_path / "shown"

    @sw.signal
    def waits(bars):
        while not shown.exists():
            time.sleep(0.01)
        return bars.close > 0

    compared = sw.compare([sw.analyze("AAPL", signals=[waits]), "APPL"], locale="zh", timeout=90)
    compared._ipython_display_()
    shown.touch()
    (first, how) = published[0]
    assert "application/vnd.jupyter.widget-view+json" in first
    assert "AAPL, APPL" in first["text/plain"]
    eventually(lambda: len(published) == 2, 90)
    last, again = published[1]
    assert again["update"]
    assert again["transient"] == how["transient"]
    assert "APPL" in last["text/html"]
    assert "减持" in last["text/html"]
    assert last["text/plain"] == repr(compared)
    assert "unknown_symbol" in set(compared.failures["code"])


def test_each_slot_is_told_of_its_own_task_and_gets_its_own_result(published, eventually):
    compared = sw.compare("AAPL", "IBM")
    slots = model(compared).slots
    assert [(s["symbol"], s["task_id"]) for s in slots] == [
        (symbol, task.id) for symbol, task in compared.tasks.items()
    ]
    assert model(compared).parts["analysis.js"] == (STATIC / "analysis.js").read_text()
    eventually(lambda: compared.done, 60)
    eventually(lambda: len(got(compared, "result")) == 2, 20)
    told = {content["slot"]: content["result"]["symbol"] for content in got(compared, "result")}
    assert told == {0: "AAPL", 1: "IBM"}
    assert [s["snapshot"]["state"]["status"] for s in model(compared).slots] == ["completed"] * 2
    assert got(compared, "bundle") == []
    say(compared, type="bundle", name="details.js")
    assert got(compared, "bundle")[0]["text"] == (STATIC / "details.js").read_text()


def test_a_page_that_subscribes_for_a_slot_gets_frames_of_that_task_alone(published, eventually):
    compared = sw.compare("MSFT", "IBM", "AAPL")
    task = compared.tasks["IBM"]
    say(compared, type="subscribe", tasks={task.id: None}, slot=1)

    def told() -> list[tuple[int, dict[str, Any]]]:
        return [(c["slot"], f) for c in got(compared, "frames") for f in c["frames"]]

    eventually(lambda: any("t" in frame for _slot, frame in told()), 30)
    eventually(lambda: compared.done, 60)
    assert {slot for slot, _frame in told()} == {1}
    assert {frame["t"] for _slot, frame in told() if "t" in frame} == {task.id}


def test_a_given_result_is_had_from_the_kernel_and_steers_nothing(published):
    compared = sw.compare(result("AAPL"), result("IBM"))
    state = model(compared).slots[1]["snapshot"]["state"]
    assert (state["status"], state["title"]) == ("completed", "IBM")
    say(compared, type="result", slot=1)
    (answer,) = got(compared, "result")
    assert (answer["slot"], answer["result"]["symbol"]) == (1, "IBM")
    say(compared, type="do", verb="rerun", slot=0)
    (refusal,) = got(compared, "error")
    assert refusal["slot"] == 0
    assert "analyze" in refusal["error"]["hint"]
    compared._ipython_display_()
    assert "Correlation" in published[0][0]["text/plain"]


def test_an_analysis_that_was_run_again_takes_the_place_of_the_old_one(published, eventually):
    compared = sw.compare("AAPL", "APPL", timeout=60)
    compared._ipython_display_()
    eventually(lambda: "Not compared" in published[-1][0]["text/plain"], 60)
    shown = len(published)
    before = compared.tasks["APPL"].id
    prices = compared.prices
    say(compared, type="do", verb="rerun", slot=1)
    assert model(compared).slots[1]["task_id"] == compared.tasks["APPL"].id != before
    assert compared.prices is not prices
    eventually(lambda: len(published) == shown + 1, 60)
    # So does one that the page went on with by itself.
    slots = [dict(slot) for slot in model(compared).slots]
    state = {**slots[1]["snapshot"]["state"], "id": before}
    slots[1] |= {"task_id": before, "snapshot": {"state": state, "partial": {}, "logs": []}}
    model(compared).slots = slots
    assert compared.tasks["APPL"].id == before


def test_cancel_stops_what_runs_and_the_rest_is_compared(published, eventually):
    compared = sw.compare(result("AAPL"), sw.analyze("IBM", force=True))
    compared.cancel()
    eventually(lambda: compared.done, 30)
    assert next(iter(compared.analyses)) == "AAPL"
    ended = compared.tasks["IBM"].status
    assert (ended == "cancelled") == ("IBM" in compared.failures.index)


def test_nobody_looking_waits_for_the_results(published, monkeypatch):
    monkeypatch.setattr(environment, "frontend", lambda: "headless")
    compared = sw.compare("AAPL", "IBM")
    compared._ipython_display_()
    (data,) = [data for data, how in published if not how]  # no renewed output of a test before
    assert set(data) == {"text/plain", "text/html"}
    assert "Correlation" in data["text/plain"]


def test_a_reader_who_waits_too_briefly_is_told(published):
    compared = sw.compare(sw.analyze("MSFT", force=True), "IBM", timeout=0)
    with pytest.raises(TimeoutError):
        _ = compared.table
    data, _metadata = compared._repr_mimebundle_()
    assert "of 2 analyses have ended" in data["text/plain"] or "Correlation" in data["text/plain"]
