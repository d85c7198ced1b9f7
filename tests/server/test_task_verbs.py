"""Over HTTP: the same thing is asked for once, kept as long as wished, and goes on where it stopped."""

from __future__ import annotations

import pytest
from contract import conforms

ANALYSIS = {"kind": "analysis", "params": {"symbol": "AAPL"}}
SCAN = {"kind": "scan", "params": {"universe": "synthetic:20000"}}


async def settled(api, follow, task):
    link = await follow()
    await link.say(op="subscribe", tasks={task: None})
    while (await api("GET", f"tasks/{task}")).json["status"] not in {
        "completed",
        "failed",
        "cancelled",
    }:
        await link.frame()
    return (await api("GET", f"tasks/{task}")).json


async def test_asked_twice_is_202_then_200(api, follow):
    first = await api("POST", "tasks", ANALYSIS)
    conforms("tasks", "POST", 202, first.json)
    again = await api("POST", "tasks", {**ANALYSIS, "retries": 2, "keep_for_s": None})
    assert (first.status, again.status) == (202, 200)
    conforms("tasks", "POST", 200, again.json)
    assert again.json["id"] == first.json["id"]
    assert again.headers["Location"] == first.headers["Location"]
    await settled(api, follow, first.json["id"])
    assert (await api("POST", "tasks", ANALYSIS)).json["status"] == "completed"
    forced = await api("POST", "tasks", {**ANALYSIS, "force": True})
    assert forced.status == 202
    assert forced.json["id"] != first.json["id"]


async def test_an_idempotency_key_holds(api):
    body = {**ANALYSIS, "force": True, "idempotency_key": "abc"}
    first, again = await api("POST", "tasks", body), await api("POST", "tasks", body)
    assert (first.status, again.status) == (202, 200)
    assert first.json["id"] == again.json["id"]
    other = await api("POST", "tasks", {**body, "params": {"symbol": "IBM"}})
    assert other.status == 400
    assert other.json["field"] == "idempotency_key"


@pytest.mark.parametrize(
    ("field", "value"),
    [("force", 1), ("idempotency_key", 7), ("retries", 99), ("retries", "2"), ("keep_for_s", "1"), ("keep_for_s", -1), ("forse", True)],
)  # fmt: skip
async def test_bad_wishes_name_the_field(api, field, value):
    answer = await api("POST", "tasks", {**ANALYSIS, field: value})
    assert answer.status == 400
    conforms("tasks", "POST", 400, answer.json)
    assert answer.json["field"] == field


async def test_pin_and_unpin(api, follow):
    task = (await api("POST", "tasks", ANALYSIS)).json["id"]
    ended = await settled(api, follow, task)
    longer = await api("POST", f"tasks/{task}/pin", {"keep_for_s": 86_400})
    assert longer.status == 200
    conforms("tasks/{id}/pin", "POST", 200, longer.json)
    assert longer.json["pinned"] is False
    assert longer.json["retain_until"] > ended["ended_at"] + 86_399_000
    pinned = await api("POST", f"tasks/{task}/pin")
    assert (pinned.json["pinned"], pinned.json["retain_until"]) == (True, None)
    loose = await api("DELETE", f"tasks/{task}/pin")
    conforms("tasks/{id}/pin", "DELETE", 200, loose.json)
    assert loose.json["pinned"] is False
    assert loose.json["retain_until"] < longer.json["retain_until"]
    for method, body in (("POST", {"keep_for_s": 0}), ("POST", {"keep": 1})):
        answer = await api(method, f"tasks/{task}/pin", body)
        assert answer.status == 400
        conforms("tasks/{id}/pin", method, 400, answer.json)
    for method in ("POST", "DELETE"):
        unknown = await api(method, "tasks/never/pin")
        assert unknown.status == 404
        conforms("tasks/{id}/pin", method, 404, unknown.json)


async def test_resume_and_retry_failed(api, follow):
    task = (await api("POST", "tasks", SCAN)).json["id"]
    early = await api("POST", f"tasks/{task}/resume", {})
    assert early.status == 409
    conforms("tasks/{id}/resume", "POST", 409, early.json)
    await api("POST", f"tasks/{task}/cancel", {})
    assert (await settled(api, follow, task))["status"] == "cancelled"
    resumed = await api("POST", f"tasks/{task}/resume", {})
    assert resumed.status == 202
    conforms("tasks/{id}/resume", "POST", 202, resumed.json)
    assert resumed.json["predecessor"] == task
    assert resumed.headers["Location"].endswith(resumed.json["id"])
    await api("POST", f"tasks/{resumed.json['id']}/cancel", {})
    few = (
        await api(
            "POST",
            "tasks",
            {"kind": "scan", "params": {"universe": ["AAPL", "FB", "MSFT"], "sort": "ret_252"}},
        )
    ).json["id"]
    assert (await settled(api, follow, few))["counters"]["failed"] == 1
    again = await api("POST", f"tasks/{few}/retry_failed", {})
    assert again.status == 202
    conforms("tasks/{id}/retry_failed", "POST", 202, again.json)
    successor = await settled(api, follow, again.json["id"])
    assert (successor["predecessor"], successor["counters"]["failed"]) == (few, 1)
    one, two = [await api("GET", f"tasks/{each}/result") for each in (few, successor["id"])]
    assert one.body == two.body


class TestAFullQueue:
    @pytest.fixture
    def stock_config(self):
        return {"StockwidgetApp": {"max_queued": 1, "workers": 1}}

    async def test_is_429_with_retry_after(self, api):
        bodies = [{**SCAN, "force": True} for _ in range(3)]
        answers = [await api("POST", "tasks", body) for body in bodies]
        assert [a.status for a in answers] == [202, 202, 429]
        conforms("tasks", "POST", 429, answers[2].json)
        assert answers[2].json["code"] == "queue_full"
        assert int(answers[2].headers["Retry-After"]) > 0
