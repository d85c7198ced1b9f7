"""Statistics and metrics tell what a real server did; reports of clients are counted and bounded."""

from __future__ import annotations

import asyncio
import json
import logging
from http import HTTPStatus

import pytest
from contract import SPEC, conforms
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from stockwidget.delivery.meter import CHANGE_KINDS, ENDINGS, ENDS, REASONS
from stockwidget.tasks.lifecycle import STATES
from stockwidget_server.stats import CHANGES_LIMIT

STATS = "/stockwidget/api/realtime/stats"
SCAN = {"kind": "scan", "params": {"universe": "synthetic:400"}}
DOWN = {"kind": "downgrade", "from": "ws", "to": "sse", "reason": "refused", "after_ms": 3200}


@pytest.fixture
def stats(api, jp_base_url):
    async def get():
        answer = await api("GET", jp_base_url.rstrip("/") + STATS)
        conforms(STATS, "GET", answer.status, answer.json)
        assert answer.status == HTTPStatus.OK
        return answer.json

    return get


@pytest.fixture
def metrics(call, jp_auth_header, jp_base_url):
    """``{(name, (label, value), …): value}`` of all that is ours on the server's own page."""

    async def get():
        answer = await call("GET", f"{jp_base_url}metrics", headers=dict(jp_auth_header))
        assert answer.status == HTTPStatus.OK
        samples = [
            sample
            for family in text_string_to_metric_families(answer.body.decode())
            for sample in family.samples
            if sample.name.startswith("stockwidget_")
        ]
        return {(s.name, *sorted(s.labels.items())): s.value for s in samples}

    return get


async def until(condition):
    for _ in range(100):
        if await condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("It never came true.")


async def test_a_server_that_did_nothing_claims_nothing(stats, api):
    found = await stats()
    info = (await api("GET", "info")).json
    assert (found["server_id"], found["epoch"]) == (info["server_id"], info["epoch"])
    assert list(found["connections"]["open"]) == info["transports"]
    assert found["mix"] == {"connections": None, "frames": None}
    assert found["latency"]["p99_ms"] is None
    assert found["useless_share"] is None
    assert set(found["tasks"]["by_state"]) == set(STATES)
    assert 0 <= found["uptime_s"] < 120


async def test_a_followed_scan_is_counted_once_and_let_go(stats, api, follow):
    link = await follow()
    task = (await api("POST", "tasks", SCAN)).json["id"]
    await link.say(op="subscribe", tasks={task: None})
    frames = [*await link.until("snapshot", task)]
    during = await stats()
    assert during["connections"]["open"]["ws"] == during["subscriptions"]["open"]["ws"] == 1
    assert during["mix"]["connections"]["ws"] == 1.0
    assert during["tasks"]["followed"] == 1
    frames += await link.until("end", task)
    after = await stats()
    assert after["frames"]["ws"] == len(frames)
    assert after["bytes"]["ws"] > 500
    assert after["tasks"]["by_state"]["completed"] == 1
    assert after["tasks"]["protected"] == after["tasks"]["leased"] == 1, "it is being looked at"
    assert 1 <= after["latency"]["n"] <= len(frames)
    assert after["latency"]["p50_ms"] <= after["latency"]["p99_ms"] < 5000
    link.socket.close()

    async def gone():
        now = await stats()
        return now["connections"]["open"]["ws"] == now["tasks"]["followed"] == 0

    await until(gone)
    last = await stats()
    assert last["connections"]["total"]["ws"] == last["subscriptions"]["total"]["ws"] == 1
    assert last["connections"]["ended"]["left"] == 1


async def test_polls_are_counted_and_the_useless_ones_apart(stats, api):
    task = (await api("POST", "tasks", SCAN)).json["id"]
    first = await api("POST", "poll", {"op": "subscribe", "tasks": {task: None}, "wait": 0})
    frames = first.json["frames"]
    assert frames[0]["k"] == "snapshot"
    empty = 0
    while not any(frame["k"] == "end" for frame in frames):
        cursor = {name: frames[-1][name] for name in ("e", "s", "q")}
        body = {"op": "subscribe", "tasks": {task: cursor}, "wait": 5}
        news = (await api("POST", "poll", body)).json["frames"]
        empty += not news
        frames += news
    busy = await stats()
    assert busy["frames"]["poll"] == len(frames)
    assert busy["useless_polls"] == empty
    cursor = {name: frames[-1][name] for name in ("e", "s", "q")}
    await api("POST", "poll", {"op": "subscribe", "tasks": {task: cursor}, "wait": 0})
    idle = await stats()
    assert (idle["polls"], idle["useless_polls"]) == (busy["polls"] + 1, empty + 1)
    assert idle["connections"]["open"]["poll"] == 0


async def test_reports_are_counted_by_reason(stats, api, caplog):
    odd = {**DOWN, "reason": "a reason of tomorrow", "after_ms": None}
    up = {"kind": "upgrade", "from": "sse", "to": "ws", "reason": "probe", "more": 1}
    offline = {"kind": "downgrade", "from": "ws", "to": None, "reason": "offline"}
    with caplog.at_level(logging.INFO, logger="stockwidget"):
        answer = await api("POST", "report", {"changes": [DOWN, DOWN, odd, up, offline]})
    conforms("report", "POST", answer.status, answer.json)
    assert answer.json == {"counted": 5}
    changes = (await stats())["changes"]
    assert (changes["downgrades"], changes["upgrades"], changes["recoveries"]) == (4, 1, 0)
    counted = {(c["from"], c["to"], c["reason"]): c["count"] for c in changes["by_reason"]}
    assert counted == {
        ("ws", "sse", "refused"): 2,
        ("ws", "sse", "other"): 1,
        ("sse", "ws", "probe"): 1,
        ("ws", "none", "offline"): 1,
    }
    assert changes["took"]["downgrade"]["n"] == 2
    said = [r for r in caplog.records if r.name == "stockwidget.server.report"]
    assert [(r.transport, r.reason) for r in said[:1]] == [("sse", "refused")]
    assert "tomorrow" not in caplog.text, "words of a client do not reach the log"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "body"),
        ({}, "changes"),
        ({"changes": [DOWN] * 101}, "changes"),
        ({"changes": [DOWN, 7]}, "changes.1"),
        ({"changes": [{**DOWN, "kind": "sidegrade"}]}, "changes.0.kind"),
        ({"changes": [{**DOWN, "from": "pigeon"}]}, "changes.0.from"),
        ({"changes": [{**DOWN, "to": ["ws"]}]}, "changes.0.to"),
        ({"changes": [{**DOWN, "after_ms": -1}]}, "changes.0.after_ms"),
        ({"changes": [{**DOWN, "after_ms": True}]}, "changes.0.after_ms"),
        ({"changes": [{**DOWN, "reason": {}}]}, None),
    ],
)
async def test_a_bad_report_counts_for_nothing(stats, api, body, field):
    answer = await api("POST", "report", body)
    conforms("report", "POST", answer.status, answer.json)
    if field is None:
        assert answer.status == HTTPStatus.OK
        return
    assert (answer.status, answer.json["field"]) == (HTTPStatus.BAD_REQUEST, field)
    assert (await stats())["changes"]["downgrades"] == 0


async def test_reports_and_statistics_want_a_login_and_the_xsrf_token(call, jp_base_url):
    assert (await call("GET", jp_base_url.rstrip("/") + STATS)).status == HTTPStatus.UNAUTHORIZED
    refused = await call("POST", "report", {"changes": [DOWN]})
    assert refused.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


async def test_looking_at_statistics_does_not_keep_the_server_awake(stats, api, jp_serverapp):
    await api("GET", "info")
    before = jp_serverapp.web_app.settings["api_last_activity"]
    await stats()
    await api("POST", "report", {"changes": [DOWN]})
    assert jp_serverapp.web_app.settings["api_last_activity"] == before


async def test_metrics_show_the_same_numbers(stats, metrics, api, follow):
    link = await follow()
    task = (await api("POST", "tasks", SCAN)).json["id"]
    await link.say(op="subscribe", tasks={task: None})
    await link.until("end", task)
    await api("POST", "report", {"changes": [DOWN]})
    known, shown = await stats(), await metrics()
    ws = ("transport", "ws")
    assert shown["stockwidget_connections_open", ws] == 1
    assert shown["stockwidget_frames_sent_total", ws] == known["frames"]["ws"]
    assert shown["stockwidget_sent_bytes_total", ws] == known["bytes"]["ws"]
    assert shown["stockwidget_tasks", ("state", "completed")] == 1
    assert shown["stockwidget_delivery_latency_seconds_count",] == known["latency"]["n"]
    assert (
        shown["stockwidget_delivery_latency_seconds_bucket", ("le", "+Inf")]
        == known["latency"]["n"]
    )
    change = (("from", "ws"), ("kind", "downgrade"), ("reason", "refused"), ("to", "sse"))
    assert shown["stockwidget_transport_changes_total", *change] == 1


async def test_no_label_can_grow(metrics, api):
    changes = [{**DOWN, "reason": f"r{n}"} for n in range(100)]
    await api("POST", "report", {"changes": changes})
    allowed = {
        "transport": {"ws", "sse", "poll"},
        "state": {*STATES},
        "kind": {*CHANGE_KINDS},
        "from": {*ENDS},
        "to": {*ENDS},
        "reason": {*REASONS, *ENDINGS},
    }
    seen = {label for _, *labels in await metrics() for label in labels}
    assert {"transport", "kind", "from", "to", "reason"} <= {name for name, _ in seen}
    wrong = [(name, value) for name, value in seen if name != "le" and value not in allowed[name]]
    assert wrong == []


async def test_metrics_go_with_the_server(metrics, jp_serverapp):
    assert await metrics()
    await jp_serverapp.cleanup_extensions()
    ours = [f.name for f in REGISTRY.collect() if f.name.startswith("stockwidget_")]
    assert ours == []


async def test_an_ordinary_life_logs_nothing_at_warning_and_no_secret_at_all(
    api, follow, caplog, jp_serverapp, jp_auth_header
):
    with caplog.at_level(logging.DEBUG, logger="stockwidget"):
        link = await follow()
        task = (await api("POST", "tasks", SCAN)).json["id"]
        await link.say(op="subscribe", tasks={task: None})
        await link.until("end", task)
    ours = [r for r in caplog.records if r.name.startswith("stockwidget")]
    assert all(r.levelno <= logging.INFO for r in ours)
    about = [r for r in ours if getattr(r, "task", None) == task]
    told = [(r.levelname, getattr(r, "status", None)) for r in about if r.name.endswith("ledger")]
    assert told == [("INFO", "queued"), ("INFO", "running"), ("INFO", "completed")]
    assert any(r.transport == "ws" and r.cursor is None for r in about), "who follows is said"
    everything = json.dumps([{**r.__dict__, "msg": r.getMessage()} for r in ours], default=str)
    token = jp_auth_header["Authorization"].split()[-1]
    service = jp_serverapp.web_app.settings["stockwidget"]
    assert token not in everything
    assert service.secret not in everything


def test_the_specification_lists_what_the_code_counts():
    schemas = SPEC["components"]["schemas"]
    assert tuple(schemas["Transport"]["enum"]) == ENDS
    assert tuple(schemas["ChangeKind"]["enum"]) == CHANGE_KINDS
    assert set(schemas["ChangeReason"]["enum"]) == set(REASONS)
    ended = schemas["Stats"]["properties"]["connections"]["properties"]["ended"]
    assert set(ended["properties"]) == set(ENDINGS)
    assert schemas["Report"]["properties"]["changes"]["maxItems"] == CHANGES_LIMIT
