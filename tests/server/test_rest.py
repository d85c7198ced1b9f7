"""Each REST route answers as ``openapi.yaml`` says, and each bad request is told what is wrong with it."""

from __future__ import annotations

import asyncio
import gzip
import json
import time

import pytest
from contract import conforms

ANALYSIS = {"kind": "analysis", "params": {"symbol": "AAPL"}}


async def finished(api, follow, body) -> dict:
    submitted = await api("POST", "tasks", body)
    assert submitted.status == 202, submitted.body
    link = await follow()
    await link.say(op="subscribe", tasks={submitted.json["id"]: None})
    while True:
        frame = await link.frame()
        status = frame["d"].get("state", frame["d"]).get("status")
        if frame["k"] in {"snapshot", "end"} and status in {"completed", "failed", "cancelled"}:
            return (await api("GET", f"tasks/{submitted.json['id']}")).json


async def test_info(api):
    answer = await api("GET", "info")
    assert answer.status == 200
    conforms("info", "GET", 200, answer.json)
    assert answer.json["kinds"]["analysis"] == {
        "stages": ["bars", "indicators", "score", "record", "summary"],
        "retention_s": 7200,
    }
    assert answer.json["heartbeat_ms"] == 15_000


async def test_the_life_of_an_analysis(api, follow):
    submitted = await api("POST", "tasks", {**ANALYSIS, "name": "mine"})
    assert submitted.status == 202
    conforms("tasks", "POST", 202, submitted.json)
    task = submitted.json["id"]
    assert submitted.headers["Location"] == f"/user/x/stockwidget/api/v1/tasks/{task}"
    assert (submitted.json["name"], submitted.json["title"]) == ("mine", "AAPL")

    early = await api("GET", f"tasks/{task}/result")
    assert early.status == 409
    assert early.json["code"] == "wrong_state"
    conforms("tasks/{id}/result", "GET", 409, early.json)

    link = await follow()
    await link.say(op="subscribe", tasks={task: None})
    await link.until("end", task)

    record = await api("GET", f"tasks/{task}")
    conforms("tasks/{id}", "GET", 200, record.json)
    assert (record.json["status"], record.json["progress"]) == ("completed", 100)
    assert record.json["retain_until"] == record.json["ended_at"] + 7_200_000

    result = await api("GET", f"tasks/{task}/result")
    conforms("tasks/{id}/result", "GET", 200, result.json)
    assert result.json["symbol"] == "AAPL"

    late = await api("POST", f"tasks/{task}/cancel")
    assert late.status == 409
    assert late.json["status"] == "completed"
    conforms("tasks/{id}/cancel", "POST", 409, late.json)


async def test_a_large_result_is_compressed_for_those_who_accept_it(
    api, call, follow, jp_auth_header
):
    task = (await finished(api, follow, ANALYSIS))["id"]
    plain = await api("GET", f"tasks/{task}/result")
    assert "Content-Encoding" not in plain.headers
    packed = await call(
        "GET", f"tasks/{task}/result", headers={**jp_auth_header, "Accept-Encoding": "gzip"}
    )
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2


async def test_a_scan(api, follow):
    body = {"kind": "scan", "params": {"universe": ["AAPL", "MSFT"], "sort": "ret_20"}}
    task = await finished(api, follow, body)
    assert task["status"] == "completed", task["error"]
    result = await api("GET", f"tasks/{task['id']}/result")
    conforms("tasks/{id}/result", "GET", 200, result.json)


async def test_a_task_that_failed_says_why_and_has_no_result(api, follow):
    task = await finished(api, follow, {"kind": "analysis", "params": {"symbol": "APPL"}})
    assert task["status"] == "failed"
    assert task["error"]["code"] == "unknown_symbol"
    assert "AAPL" in task["error"]["nearest"]
    conforms("tasks/{id}", "GET", 200, task)
    result = await api("GET", f"tasks/{task['id']}/result")
    assert result.status == 409
    conforms("tasks/{id}/result", "GET", 409, result.json)


async def test_cancel(api, follow):
    body = {"kind": "scan", "params": {"universe": "synthetic:20000"}}
    submitted = await api("POST", "tasks", body)
    task = submitted.json["id"]
    cancelled = await api("POST", f"tasks/{task}/cancel", {})
    assert cancelled.status == 202
    conforms("tasks/{id}/cancel", "POST", 202, cancelled.json)
    assert cancelled.json["status"] in {"cancelling", "cancelled"}
    link = await follow()
    await link.say(op="subscribe", tasks={task: None})
    while (await api("GET", f"tasks/{task}")).json["status"] == "cancelling":
        await link.frame()
    assert (await api("GET", f"tasks/{task}")).json["status"] == "cancelled"


async def test_lists_are_newest_first_and_filtered(api):
    ids = [(await api("POST", "tasks", {**ANALYSIS, "force": True})).json["id"] for _ in range(3)]
    everything = await api("GET", "tasks")
    conforms("tasks", "GET", 200, everything.json)
    assert [task["id"] for task in everything.json["tasks"]] == ids[::-1]
    assert len((await api("GET", "tasks?limit=2&1699999999")).json["tasks"]) == 2
    assert (await api("GET", "tasks?kind=scan")).json["tasks"] == []
    assert (await api("GET", "tasks?status=failed")).json["tasks"] == []


@pytest.mark.parametrize(
    ("path", "method"),
    [("tasks/none", "GET"), ("tasks/none/result", "GET"), ("tasks/none/cancel", "POST")],
)
async def test_a_task_that_never_existed(api, path, method):
    answer = await api(method, path)
    assert (answer.status, answer.json["code"]) == (404, "unknown_task")
    conforms(path.replace("none", "{id}"), method, 404, answer.json)


class TestShortRetention:
    @pytest.fixture
    def stock_config(self):
        return {"StockwidgetApp": {"analysis_retention_s": 1}}

    async def test_an_expired_task_is_410_with_its_tombstone_never_404(self, api, follow):
        submitted = await api("POST", "tasks", ANALYSIS)
        task = submitted.json["id"]
        while (await api("GET", f"tasks/{task}")).status == 200:
            await asyncio.sleep(0.05)
        for path in ("tasks/{id}", "tasks/{id}/result"):
            answer = await api("GET", path.format(id=task))
            assert (answer.status, answer.json["code"]) == (410, "expired")
            assert answer.json["expired_at"] >= submitted.json["created_at"] + 1_000
            conforms(path, "GET", 410, answer.json)
        late = await follow()
        await late.say(op="subscribe", tasks={task: None})
        (_, error) = await late.until("error")
        assert (error["t"], error["d"]["code"]) == (task, "expired")

    async def test_a_task_that_somebody_follows_outlives_its_retention(self, api, follow):
        task = (await api("POST", "tasks", ANALYSIS)).json["id"]
        link = await follow()
        await link.say(op="subscribe", tasks={task: None})
        end = (await link.until("end", task))[-1]["d"]
        while time.time() * 1_000 < end["retain_until"] + 500:
            await asyncio.sleep(0.1)
        answer = await api("GET", f"tasks/{task}")
        assert answer.status == 200
        assert answer.json["retain_until"] > time.time() * 1_000 + 500_000


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        (b"", "body", "not JSON"),
        (b"{", "body", "not JSON"),
        (b"\xff\xfe", "body", "not JSON"),
        (b"[]", "body", "not an object"),
        ({}, "kind", "missing"),
        ({"kind": 3}, "kind", "not a string"),
        ({"kind": "analisis", "params": {"symbol": "AAPL"}}, "kind", "analysis"),
        ({"kind": "analysis", "params": []}, "params", "not an object"),
        ({"kind": "analysis", "params": {"symbol": "AAPL"}, "nmae": "x"}, "nmae", "name"),
        ({"kind": "analysis", "params": {"symbl": "AAPL"}}, "symbl", "symbol"),
        ({"kind": "analysis", "params": {}}, "symbol", "symbol"),
        ({"kind": "analysis", "params": {"symbol": "AAPL"}, "name": 3}, "name", "string"),
    ],
)
async def test_bad_submissions_name_the_field(api, body, field, says):
    answer = await api("POST", "tasks", body)
    assert answer.status == 400
    assert answer.json["field"] == field
    assert says in json.dumps(answer.json)
    assert answer.json["hint"]
    conforms("tasks", "POST", 400, answer.json)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=000000001000000", "limit"),
        ("limit=²", "limit"),
        ("status=done", "status"),
        ("stauts=failed", "stauts"),
    ],
)
async def test_bad_queries_name_the_field(api, query, field):
    answer = await api("GET", f"tasks?{query.replace('²', '%C2%B2')}")
    assert (answer.status, answer.json["field"]) == (400, field)
    conforms("tasks", "GET", 400, answer.json)


async def test_a_body_nested_beyond_use_is_refused_as_a_whole(api):
    body = b'{"kind": "analysis", "params": {"symbol": ' + b"[" * 1000 + b"]" * 1000 + b"}}"
    answer = await api("POST", "tasks", body)
    assert (answer.status, answer.json["field"]) == (400, "body")
    assert "deeply" in answer.json["message"]


async def test_what_is_refused_is_quoted_but_not_told_back_whole(api):
    long = "x" * 900_000
    params = {"symbol": "AAPL", "source": long}
    for body in ({"kind": long}, {**ANALYSIS, long: 1}, {**ANALYSIS, "params": params}):
        answer = await api("POST", "tasks", body)
        assert answer.status == 400
        assert len(answer.body) < 5_000
        assert "xxx" in answer.json["message"]


async def test_a_body_beyond_the_limit_is_413(api):
    answer = await api("POST", "tasks", b" " * (1024 * 1024 + 1))
    assert (answer.status, answer.json["code"]) == (413, "request_too_large")
    conforms("tasks", "POST", 413, answer.json)
