"""The WebSocket: hello first, exact recovery by cursor, bad messages survived, slow readers let go."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from http import HTTPStatus

import pytest
from tornado.httpclient import HTTPClientError

from stockwidget.delivery.commands import RESTARTING, SLOW_READER
from stockwidget.delivery.limits import Limits

SCAN = {"kind": "scan", "params": {"universe": "synthetic:400", "pace_s": 2}}


async def submit(api, body=SCAN) -> str:
    answer = await api("POST", "tasks", body)
    assert answer.status == HTTPStatus.ACCEPTED, answer.body
    return answer.json["id"]


async def test_hello_comes_first_and_agrees_with_info(api, follow):
    hello = await (await follow()).frame()
    info = (await api("GET", "info")).json
    assert (hello["v"], hello["k"], hello["e"]) == (1, "hello", info["epoch"])
    assert hello["d"]["server_id"] == info["server_id"]
    assert hello["d"]["heartbeat_ms"] == info["heartbeat_ms"]
    assert hello["d"]["limits"].items() <= info["limits"].items()


async def test_a_reconnect_with_a_cursor_gives_exactly_what_was_missed(api, follow):
    task = await submit(api)
    whole = await follow()
    await whole.say(op="subscribe", tasks={task: None})
    frames = await whole.until("end", task)
    snapshot, *events = (frame for frame in frames if frame.get("t") == task)
    kept = [frame for frame in events if frame["k"] != "progress"]
    assert snapshot["d"]["recovered"] is False
    assert [frame["q"] for frame in kept] == list(
        range(snapshot["q"] + 1, snapshot["q"] + 1 + len(kept))
    )
    assert len(kept) > 3, "the scan must have told something to miss"

    for missed in (1, len(kept) // 2, len(kept) - 1):
        last = kept[missed - 1]
        again = await follow()
        await again.say(
            op="subscribe", tasks={task: {"e": last["e"], "s": last["s"], "q": last["q"]}}
        )
        (_, answer, *rest) = await again.until("end", task)
        assert answer["k"] == "snapshot"
        assert answer["d"]["recovered"] is True
        assert (answer["s"], answer["q"]) == (last["s"], last["q"])
        assert rest == kept[missed:]


async def test_a_cursor_of_another_epoch_gets_the_whole_truth(api, follow):
    task = await submit(api)
    link = await follow()
    await link.say(op="subscribe", tasks={task: {"e": "lost", "s": 3, "q": 3}})
    (_, snapshot) = await link.until("snapshot")
    assert snapshot["d"]["recovered"] is False
    assert snapshot["d"]["state"]["id"] == task


async def test_all_readers_end_with_the_same_truth(api, follow):
    task = await submit(api)
    links = [await follow() for _ in range(5)]
    for link in links:
        await link.say(op="subscribe", tasks={task: None})
    ends = [(await link.until("end", task))[-1] for link in links]
    assert all(end == ends[0] for end in ends)


async def test_bad_messages_are_answered_and_survived(follow):
    link = await follow()
    await link.frame()
    for message, field in (
        ("{", "message"),
        ('{"op": "dance"}', "op"),
        (json.dumps({"op": "subscribe", "tasks": {"../../etc/passwd": None}}), "tasks"),
        ("x" * 100_000, "message"),
    ):
        await link.socket.write_message(message)
        error = await link.frame()
        assert (error["k"], error["d"]["field"]) == ("error", field)
        assert "t" not in error
    await link.socket.write_message(b'{"op": "ping"}', binary=True)
    assert (await link.frame())["k"] == "hb"


async def test_ten_thousand_subscriptions_on_one_socket_are_answered_and_hurt_nobody(api, follow):
    """Each is told that there is no such task, or is refused with the limit; the real one goes on."""
    task = await submit(api)
    other, link = await follow(), await follow()
    await other.say(op="subscribe", tasks={task: None})
    await link.say(op="subscribe", tasks={task: None})
    await link.until("snapshot", task)
    for n in range(0, 10_000, 250):
        await link.say(op="subscribe", tasks={f"{n + i:032x}": None for i in range(250)})
    unknown, refused = set(), 0
    while len(unknown) + 250 * refused < 10_000:
        frame = await link.frame()
        if frame["k"] == "error" and "t" in frame:
            assert frame["d"]["code"] == "unknown_task"
            unknown.add(frame["t"])
        elif frame["k"] == "error":
            assert frame["d"]["field"] == "tasks"
            assert "256" in frame["d"]["message"] + frame["d"]["hint"]
            refused += 1
    assert unknown
    assert refused
    await link.say(op="ping")
    assert list((await link.until("hb"))[-1]["d"]["tasks"]) in ([task], [])
    await other.until("end", task)


async def test_a_frame_beyond_all_measure_ends_the_connection_alone(api, follow):
    link, other = await follow(), await follow()
    await link.frame()
    await link.socket.write_message("x" * 2_000_000)
    assert await link.socket.read_message() is None
    await other.say(op="ping")
    assert (await other.frame())["k"] == "hello"
    assert (await api("GET", "info")).status == HTTPStatus.OK


async def test_an_unknown_task_is_said_and_the_others_go_on(api, follow):
    task = await submit(api)
    link = await follow()
    await link.say(op="subscribe", tasks={"nope": None, task: None})
    frames = await link.until("end", task)
    (error,) = (frame for frame in frames if frame["k"] == "error")
    assert (error["t"], error["d"]["code"]) == ("nope", "unknown_task")


async def test_a_plain_get_is_refused_readably(api):
    assert (await api("GET", "ws")).status == HTTPStatus.BAD_REQUEST


async def test_nothing_is_compressed(jp_ws_fetch):
    socket = await jp_ws_fetch("stockwidget/api/v1/ws", compression_options={})
    assert "Sec-Websocket-Extensions" not in socket.headers
    socket.close()
    await socket.read_message()
    assert await socket.read_message() is None


async def test_a_stopping_server_closes_with_the_code_for_coming_back(follow, jp_serverapp):
    link = await follow()
    await link.frame()
    await jp_serverapp.web_app.settings["stockwidget"].stop()
    assert await link.socket.read_message() is None
    assert link.socket.close_code == RESTARTING
    with pytest.raises(HTTPClientError) as refused:
        await follow()
    assert refused.value.code == HTTPStatus.SERVICE_UNAVAILABLE


async def test_a_reader_that_stops_reading_is_let_go_and_slows_nobody(
    api, follow, jp_serverapp, jp_auth_header
):
    service = jp_serverapp.web_app.settings["stockwidget"]
    service.limits = Limits(blocked_s=0.5)
    task = await submit(api, {"kind": "scan", "params": {"universe": "synthetic:3000"}})
    quick = await follow()
    await quick.say(op="subscribe", tasks={task: None})

    # A raw socket with tiny buffers that subscribes and subscribes, and never reads.
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", jp_serverapp.port))
    lines = [
        "GET /user/x/stockwidget/api/v1/ws HTTP/1.1",
        f"Host: 127.0.0.1:{jp_serverapp.port}",
        f"Authorization: {jp_auth_header['Authorization']}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]
    await loop.sock_sendall(raw, "\r\n".join([*lines, "", ""]).encode())
    await quick.until("end", task)
    assert len(service._pumps) == 2
    message = json.dumps({"op": "subscribe", "tasks": {task: None}}).encode()
    masked = bytes([0x81, 0x80 | 126]) + len(message).to_bytes(2, "big") + bytes(4) + message
    for _ in range(2000):
        if len(service._pumps) == 1:
            break
        with contextlib.suppress(TimeoutError, ConnectionError):
            await asyncio.wait_for(loop.sock_sendall(raw, masked), 0.2)
        await asyncio.sleep(0.005)
    assert len(service._pumps) == 1, "a reader that never reads must be let go"
    await quick.say(op="ping")
    assert (await quick.frame())["k"] == "hb"
    raw.close()
    assert SLOW_READER == 4408
