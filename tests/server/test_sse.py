"""The event stream: the socket's frames as named events, resumed by id, never compressed, ended with a reason."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from http import HTTPStatus

import pytest
from contract import conforms
from streams import PATH, cursor_query, open_stream
from test_websocket import submit

from stockwidget.delivery.commands import RESTARTING, SLOW_READER
from stockwidget.delivery.limits import Limits


@pytest.fixture
def stream(jp_serverapp, jp_auth_header, http_server_client):
    """``await stream("?cursor=…")``: an open stream, with the server's token."""
    opened = []

    async def _stream(query="", headers=None, **rest):
        every = {**jp_auth_header, **(headers or {})}
        opened.append(await open_stream(jp_serverapp.port, query, headers=every, **rest))
        return opened[-1]

    yield _stream
    for each in opened:
        each.close()


@pytest.fixture
def service(jp_serverapp):
    return jp_serverapp.web_app.settings["stockwidget"]


def following(**cursors) -> str:
    return f"?cursor={cursor_query(cursors)}"


async def test_head_padding_and_greeting(stream, api):
    link = await stream(headers={"Accept-Encoding": "gzip"})
    assert link.status == HTTPStatus.OK
    assert link.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert link.headers["cache-control"] == "no-cache, no-transform"
    assert link.headers["x-accel-buffering"] == "no"
    assert link.headers["transfer-encoding"] == "chunked"
    assert "content-encoding" not in link.headers, "jupyter_server compresses all other texts"
    first = await link.chunk()
    assert first.startswith(b":")
    assert len(first) >= 2048
    hello = await link.event()
    info = (await api("GET", "info")).json
    assert (hello.kind, hello.data["e"], hello.id) == ("hello", info["epoch"], None)
    assert hello.data["d"]["server_id"] == info["server_id"]
    assert info["transports"] == ["ws", "sse", "poll"]


async def test_it_tells_what_the_socket_tells(api, follow, stream):
    task = await submit(api)
    socket_ = await follow()
    await socket_.say(op="subscribe", tasks={task: None})
    link = await stream(following(**{task: None}))
    expected = {f["s"]: f for f in await socket_.until("end", task) if "q" in f}
    events = [e for e in await link.until("end", task) if e.data.get("t") == task]
    assert [e.kind for e in events] == [e.data["k"] for e in events]
    kept = [e.data for e in events if e.kind not in {"progress", "snapshot"}]
    assert [f["q"] for f in kept] == list(range(events[0].data["q"] + 1, kept[-1]["q"] + 1))
    assert len(kept) > 3
    for frame in kept:
        assert expected.get(frame["s"], frame) == frame
    for event in events:
        place = {name: event.data[name] for name in ("e", "s", "q")}
        assert event.id == {task: place}


async def test_it_resumes_exactly_after_the_cursor(api, stream):
    """Wherever the reader stood, and however it says so."""
    task = await submit(api)
    whole = await stream(following(**{task: None}))
    events = [e for e in await whole.until("end", task) if e.id]
    kept = [e for e in events[1:] if e.kind != "progress"]

    def ways(last):
        header = {"Last-Event-ID": json.dumps(last.id)}
        yield stream(following(**last.id))
        yield stream(body={"op": "subscribe", "tasks": last.id})
        yield stream("", headers=header)
        yield stream(following(**{task: None}), headers=header)  # the header goes first

    for last in (kept[0], kept[len(kept) // 2], kept[-2]):
        for way in ways(last):
            again = await way
            (_, answer, *rest) = await again.until("end", task)
            assert (answer.kind, answer.data["d"]["recovered"]) == ("snapshot", True)
            assert answer.id == last.id
            assert [e.data for e in rest] == [e.data for e in kept[kept.index(last) + 1 :]]


async def test_the_id_holds_every_task_of_the_stream(api, stream):
    tasks = [
        await submit(api, {"kind": "analysis", "params": {"symbol": s}}) for s in ("AAPL", "MSFT")
    ]
    link = await stream(following(**dict.fromkeys([*tasks, "nope"])))
    last, ended, refused = None, set(), False
    while ended < set(tasks) or not refused:
        event = await link.event()
        if event.kind == "error":
            refused = True
            assert (event.data["t"], event.data["d"]["code"]) == ("nope", "unknown_task")
        if "t" not in event.data:
            continue
        last = event.id
        assert set(last) == {*tasks, *([] if refused else ["nope"])}
        if event.kind == "end" or event.data["d"].get("state", {}).get("status") == "completed":
            ended.add(event.data["t"])
    again = await stream(headers={"Last-Event-ID": json.dumps(last)})
    answers = [event.data for event in await again.until("snapshot") if "t" in event.data]
    answers.append((await again.event()).data)
    assert {frame["t"] for frame in answers} == set(tasks)
    assert all(frame["d"]["recovered"] for frame in answers)


async def test_a_long_cursor_is_not_repeated_with_every_event(api, stream):
    task = await submit(api)
    others = {f"other{n:03}": None for n in range(200)}
    link = await stream(body={"op": "subscribe", "tasks": {**others, task: None}})
    events = [e for e in await link.until("end", task) if "t" in e.data]
    marked = [e for e in events if e.id is not None]
    assert 0 < len(marked) < len(events)
    spent = sum(len(json.dumps(e.id)) for e in marked)
    assert spent < 3 * sum(len(json.dumps(e.data)) for e in events) + 10_000


async def test_an_http_1_0_reader_gets_a_plain_body(api, stream):
    task = await submit(api, {"kind": "analysis", "params": {"symbol": "AAPL"}})
    link = await stream(following(**{task: None}), version="1.0")
    assert "transfer-encoding" not in link.headers
    await link.until("snapshot", task)


class TestQuickHeart:
    @pytest.fixture
    def stock_config(self):
        return {"StockwidgetApp": {"heartbeat_s": 1}}

    async def test_the_heartbeat_is_an_event_with_the_positions(self, api, stream):
        task = await submit(api, {"kind": "analysis", "params": {"symbol": "AAPL"}})
        link = await stream(following(**{task: None}))
        (hello, *_, beat) = await link.until("hb")
        assert hello.data["d"]["heartbeat_ms"] == 1000
        assert beat.id is None
        assert list(beat.data["d"]["tasks"]) == [task]


async def test_a_stopping_server_says_goodbye_and_ends_the_body(stream, service):
    link = await stream()
    await link.event()
    await service.stop()
    bye = await link.event()
    assert (bye.kind, bye.data["k"], bye.data["d"]["code"]) == ("bye", "bye", RESTARTING)
    assert bye.data["d"]["reason"]
    assert await link.event() is None
    assert link.ended
    refused = await stream()
    assert refused.status == HTTPStatus.SERVICE_UNAVAILABLE


async def until(condition) -> None:
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def test_a_reader_that_hangs_up_leaves_nothing_behind(api, stream, service):
    task = await submit(api)
    link = await stream(following(**{task: None}))
    await link.until("snapshot")
    assert len(service._pumps) == 1
    link.close()
    await until(lambda: not service._pumps)
    assert service.meter.traffic["sse"].open == service.meter.traffic["sse"].following == 0


async def test_a_reader_that_stops_reading_is_let_go_and_slows_nobody(
    api, stream, service, jp_serverapp, jp_auth_header
):
    service.limits = Limits(blocked_s=0.5)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    task = await submit(api)
    quick = await stream(following(**{task: None}))
    await loop.sock_connect(raw, ("127.0.0.1", jp_serverapp.port))
    lines = [
        f"GET {PATH}events{following(**{task: None})} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: {jp_auth_header['Authorization']}",
    ]
    await loop.sock_sendall(raw, "\r\n".join([*lines, "", ""]).encode())
    await until(lambda: len(service._pumps) == 2)
    slow = max(service._pumps, key=lambda pump: pump._session._heartbeat_at)
    await quick.until("end", task)
    again = json.dumps({"op": "subscribe", "tasks": {task: None}})
    for _ in range(3000):
        if service.meter.traffic["sse"].ended["slow_reader"]:
            break
        # Whole snapshots of the scan, until the buffers of neither side take more.
        slow.receive(again)
        await asyncio.sleep(0.005)
    assert service.meter.traffic["sse"].ended["slow_reader"] == 1
    received = b""
    with contextlib.suppress(TimeoutError, ConnectionError):
        while data := await asyncio.wait_for(loop.sock_recv(raw, 1 << 20), 2):
            received += data
    raw.close()
    assert f'"code":{SLOW_READER}'.encode() in received[-500:], "the farewell is the last event"
    await until(lambda: len(service._pumps) == 1)


async def test_a_reset_connection_is_survived(api, stream, service):
    task = await submit(api)
    link = await stream(following(**{task: None}))
    await link.until("snapshot")
    sock = link.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.writer.transport.abort()
    await until(lambda: not service._pumps)
    other = await stream(following(**{task: None}))
    await other.until("end", task)


TOO_MANY = {f"t{n}": None for n in range(10_000)}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?cursor=%7B", "cursor"),
        ("?cursor=%FF", None),
        ("?cursor=[]", "cursor"),
        ("?cursor=1", "cursor"),
        ("?cursor=" + cursor_query({"../../etc": None}), "cursor"),
        ("?cursor=" + cursor_query({"": None}), "cursor"),
        ("?cursor=" + cursor_query({"任务": None}), "cursor"),
        ("?cursor=" + cursor_query({"t1": 3}), "cursor.t1"),
        ("?cursor=" + cursor_query({"t1": {"e": 1, "s": 1, "q": 1}}), "cursor.t1.e"),
        ("?cursor=" + cursor_query({"t1": {"e": "e", "s": -1, "q": 1}}), "cursor.t1.s"),
        ("?cursor=" + cursor_query({"t1": {"e": "e", "s": 1, "q": 1.5}}), "cursor.t1.q"),
        ("?cursor=" + cursor_query({f"t{n}": None for n in range(257)}), "cursor"),
        ("?visible=maybe", "visible"),
        ("?curser=%7B%7D", "curser"),
    ],
)
async def test_bad_queries_name_the_field(api, query, field):
    answer = await api("GET", f"events{query}")
    assert answer.status == HTTPStatus.BAD_REQUEST
    conforms("events", "GET", 400, answer.json)
    assert answer.json.get("field") == field
    assert answer.json["hint"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "body"),
        ([], "body"),
        ({}, "tasks"),
        ({"op": "dance", "tasks": {}}, "op"),
        ({"tasks": []}, "tasks"),
        ({"tasks": TOO_MANY}, "tasks"),
        ({"tasks": {"t1": {"e": "e", "s": True, "q": 0}}}, "tasks.t1.s"),
        ({"tasks": {}, "visible": 1}, "visible"),
        ({"taks": {}}, "taks"),
    ],
)
async def test_bad_bodies_name_the_field(api, body, field):
    answer = await api("POST", "events", body)
    assert (answer.status, answer.json["field"]) == (HTTPStatus.BAD_REQUEST, field)
    conforms("events", "POST", 400, answer.json)


async def test_a_bad_last_event_id_names_it(call, jp_auth_header):
    headers = {**jp_auth_header, "Last-Event-ID": "17"}
    answer = await call("GET", "events", headers=headers)
    assert (answer.status, answer.json["field"]) == (HTTPStatus.BAD_REQUEST, "Last-Event-ID")


class TestPollingOnly:
    @pytest.fixture
    def stock_config(self):
        return {"StockwidgetApp": {"realtime_enabled": False}}

    async def test_socket_and_stream_say_that_they_are_disabled(self, api):
        assert (await api("GET", "info")).json["transports"] == ["poll"]
        for verb, path in (("GET", "ws"), ("GET", "events"), ("POST", "events")):
            answer = await api(verb, path, {"tasks": {}} if verb == "POST" else None)
            assert (answer.status, answer.json["code"]) == (409, "realtime_disabled")
            assert answer.json["transports"] == ["poll"]
            conforms(path, verb, 409, answer.json)
