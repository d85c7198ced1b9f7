"""``api/analysis_status/<id>`` keeps its keys for all kinds, and fails as every other route does."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import pytest
from contract import conforms

ROUTE = "/stockwidget/api/analysis_status/{id}"
COUNTS = ("total", "processed", "found", "failed", "timeout")


@pytest.fixture
def glance(api, jp_base_url):
    async def get(task: str):
        answer = await api("GET", jp_base_url.rstrip("/") + ROUTE.replace("{id}", task))
        conforms(ROUTE, "GET", answer.status, answer.json)
        return answer

    return get


async def settled(glance, task: str):
    for _ in range(600):
        answer = await glance(task)
        if answer.json["status"] not in {"queued", "running", "cancelling"}:
            return answer.json
        assert answer.json["result"] is None
        await asyncio.sleep(0.05)
    raise AssertionError("The task does not end.")


async def test_an_analysis_ends_with_its_whole_document(api, glance):
    task = (await api("POST", "tasks", {"kind": "analysis", "params": {"symbol": "AAPL"}})).json
    found = await settled(glance, task["id"])
    assert (found["task_id"], found["kind"], found["status"]) == (
        task["id"],
        "analysis",
        "completed",
    )
    assert (found["progress"], found["error"], found["estimated_remaining"]) == (100, None, None)
    assert found["result"] == (await api("GET", f"tasks/{task['id']}/result")).json
    assert not set(COUNTS) & set(found)


async def test_a_scan_counts_its_symbols(api, glance):
    scan = {"kind": "scan", "params": {"universe": "sample"}}
    task = (await api("POST", "tasks", scan)).json["id"]
    found = await settled(glance, task)
    assert found["status"] == "completed"
    assert found["processed"] == found["total"] == 9
    assert found["found"] == len(found["result"]["rows"])
    assert found["failed"] == len(found["result"]["failures"])
    assert found["timeout"] == found["result"]["counters"]["timed_out"] == 0


async def test_a_failed_analysis_says_why_and_has_no_result(api, glance):
    task = (await api("POST", "tasks", {"kind": "analysis", "params": {"symbol": "APPL"}})).json
    found = await settled(glance, task["id"])
    assert (found["status"], found["result"]) == ("failed", None)
    assert found["error"]["code"] == "unknown_symbol"


async def test_an_id_that_never_was_is_404(glance):
    answer = await glance("nope")
    assert (answer.status, answer.json["code"]) == (HTTPStatus.NOT_FOUND, "unknown_task")


class TestExpiry:
    @pytest.fixture
    def stock_config(self):
        return {"StockwidgetApp": {"analysis_retention_s": 1}}

    async def test_a_task_that_was_removed_is_410(self, api, glance):
        body = {"kind": "analysis", "params": {"symbol": "AAPL"}}
        task = (await api("POST", "tasks", body)).json["id"]
        await settled(glance, task)
        for _ in range(100):
            answer = await glance(task)
            if answer.status != HTTPStatus.OK:
                break
            await asyncio.sleep(0.1)
        assert (answer.status, answer.json["code"]) == (HTTPStatus.GONE, "expired")
        assert answer.json["how_to_rerun"] == body
