"""To send functions takes the right to start kernels, and a server's consent; they are in no answer."""

from __future__ import annotations

import base64

import pytest
from contract import conforms
from jupyter_server.auth import Authorizer

import stockwidget as sw
from stockwidget.parts.packing import pack


@sw.signal(title="Up day", title_zh="上涨日", direction="up")
def up_day(bars):
    """The close lies above the open."""
    return bars.close > bars.open


@sw.rule(title="Many bars")
def many_bars(bars):
    return len(bars) > 2_000


def submission(**changes):
    params, code = pack(signals=[up_day])
    body = {"kind": "analysis", "params": {"symbol": "AAPL", **params}, "code": code.plain()}
    return {**body, **changes}


class Only(Authorizer):
    """Allows all but some actions on kernels."""

    refused: frozenset[str] = frozenset()

    def is_authorized(self, handler, user, action, resource):
        return resource != "kernels" or action not in self.refused


async def end(follow, task):
    link = await follow()
    await link.say(op="subscribe", tasks={task: None})
    frames = []
    while True:
        frames.append(await link.frame())
        kind, data = frames[-1]["k"], frames[-1].get("d", {})
        state = data["state"] if kind == "snapshot" else data
        if kind in {"snapshot", "end"} and state["status"] in {"completed", "failed"}:
            return frames, state


async def test_a_signal_of_the_user_is_marked_recorded_and_its_code_seen_by_nobody(api, follow):
    body = submission()
    taken = await api("POST", "tasks", body)
    conforms("tasks", "POST", 202, taken.json)
    task = taken.json["id"]
    frames, ended = await end(follow, task)
    assert ended["status"] == "completed", ended["error"]
    result = await api("GET", f"tasks/{task}/result")
    days = [d for d, k in zip(result.json["signals"]["date"], result.json["signals"]["key"], strict=True) if k == "up_day"]  # fmt: skip
    bars = result.json["bars"]
    rises = zip(bars["date"], bars["open"], bars["close"], strict=True)
    assert days == [day for day, opening, close in rises if close > opening]
    assert (
        result.json["terms"]["signals"]["up_day"]["rule"]["en"] == "The close lies above the open."
    )
    rows = [r for r in result.json["record"]["signals"] if r["key"] == "up_day"]
    assert [r["horizon"] for r in rows] == [5, 20, 60]
    assert all(r["edge_low"] <= r["edge"] <= r["edge_high"] for r in rows)
    code = base64.b64decode(body["code"]["payload"])
    for seen in (taken.body, result.body, repr(frames).encode(), (await api("GET", "tasks")).body):
        assert body["code"]["payload"].encode() not in seen
        assert code not in seen
        assert body["code"]["executable"].encode() not in seen


async def test_the_same_code_is_one_task_and_a_card_runs_it_again(api):
    first = await api("POST", "tasks", submission())
    again = await api("POST", "tasks", submission())
    assert (again.status, again.json["id"]) == (200, first.json["id"])
    params = first.json["params"]
    rerun = await api("POST", "tasks", {"kind": "analysis", "params": params, "force": True})
    assert rerun.status == 202
    unknown = {**params, "code": "0" * 32}
    lost = await api("POST", "tasks", {"kind": "analysis", "params": unknown})
    assert (lost.status, lost.json["field"]) == (400, "code")
    for task in (first, rerun):
        await api("POST", f"tasks/{task.json['id']}/cancel")


@pytest.mark.parametrize("refused", ["write", "execute"])
async def test_who_may_not_start_kernels_may_not_send_code(api, jp_serverapp, refused):
    first = await api("POST", "tasks", submission())
    judge = Only()
    judge.refused = frozenset({refused})
    jp_serverapp.web_app.settings["authorizer"] = judge
    again = {"kind": "analysis", "params": first.json["params"], "force": True}
    for body in (submission(force=True), again):
        answer = await api("POST", "tasks", body)
        assert (answer.status, answer.json["code"]) == (403, "code_not_allowed")
        assert refused in answer.json["hint"]
        conforms("tasks", "POST", 403, answer.json)
    for verb in ("resume", "retry_failed"):
        answer = await api("POST", f"tasks/{first.json['id']}/{verb}")
        assert answer.json["code"] == "code_not_allowed"
    scan = {"universe": ["AAPL"], "cluster": "tcp://127.0.0.1:1"}
    for kind in ("scan", "study"):
        answer = await api("POST", "tasks", {"kind": kind, "params": {**scan, "rule": "close > 1"}})
        assert (answer.status, answer.json["code"]) == (403, "code_not_allowed")
    for harmless in (
        {"kind": "analysis", "params": {"symbol": "AAPL"}},
        {"kind": "scan", "params": {**scan, "cluster": "local:2"}},
    ):
        taken = await api("POST", "tasks", harmless)
        assert taken.status == 202
        await api("POST", f"tasks/{taken.json['id']}/cancel")
    await api("POST", f"tasks/{first.json['id']}/cancel")


class TestWhereItIsSwitchedOff:
    @pytest.fixture
    def stock_config(self):
        return {"StockwidgetApp": {"allow_code": False}}

    async def test_it_is_refused_with_a_sentence(self, api):
        answer = await api("POST", "tasks", submission())
        assert (answer.status, answer.json["code"]) == (403, "code_not_allowed")
        assert "allow_code" in answer.json["hint"]

    async def test_a_scheduler_that_could_send_code_is_refused_too(self, api):
        params = {"universe": ["AAPL"], "cluster": "tcp://127.0.0.1:1"}
        answer = await api("POST", "tasks", {"kind": "scan", "params": params})
        assert (answer.status, answer.json["code"]) == (403, "code_not_allowed")
        assert "allow_code" in answer.json["hint"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "x"}, "code"),
        ({"code": {"payload": "x"}}, "code"),
        ({"code": None}, "code"),
        ({"params": {"symbol": "AAPL"}}, "code"),
    ],
)
async def test_what_is_malformed_names_its_field(api, changes, field):
    answer = await api("POST", "tasks", submission(**changes))
    assert (answer.status, answer.json["field"]) == (400, field)


async def test_a_rule_of_the_user_scans(api, follow):
    params, code = pack(rule=many_bars)
    body = {"kind": "scan", "params": {"universe": "sample", **params}, "code": code.plain()}
    taken = await api("POST", "tasks", body)
    assert taken.json["title"] == "sample · Many bars"
    _, ended = await end(follow, taken.json["id"])
    assert ended["status"] == "completed", ended["error"]
    rows = (await api("GET", f"tasks/{taken.json['id']}/result")).json["rows"]
    held = {row[0] for row in rows}
    listed = sw.symbols()
    assert held == set(listed.index[listed["bars"] > 2_000])
