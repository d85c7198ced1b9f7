"""Polling: the socket's frames in pieces, exact by cursor, waiting for news without work, never late at an end."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus

import pytest
from contract import conforms
from streams import cursor_query
from test_websocket import submit

from stockwidget.delivery.cadence import HIDDEN_MS, QUIET_MS
from stockwidget.delivery.pump import Pump
from stockwidget.tasks.retention import tombstone

ANALYSIS = {"kind": "analysis", "params": {"symbol": "AAPL"}}


@pytest.fixture
def service(jp_serverapp):
    return jp_serverapp.web_app.settings["stockwidget"]


def scan(size: int) -> dict:
    return {"kind": "scan", "params": {"universe": f"synthetic:{size}"}}


async def finished(api, poller, body=ANALYSIS) -> str:
    task = await submit(api, body)
    reader = poller(task)
    while not any(ended(frame) for frame in reader.frames):
        await reader.poll()
    return task


def ended(frame: dict) -> bool:
    """Whether the task is over; one that was quick is so in its first snapshot."""
    return frame["k"] == "end" or frame["d"].get("state", {}).get("status") == "completed"


async def test_a_task_is_followed_to_its_end_without_a_hole(api, follow, poller):
    task = await submit(api)
    whole = await follow()
    await whole.say(op="subscribe", tasks={task: None})
    reader = poller(task)
    await reader.until("end")
    heads = [f for f in reader.frames if f["k"] == "snapshot"]
    assert [f["d"]["recovered"] for f in heads] == [False, *[True] * (len(heads) - 1)]
    kept = [f for f in reader.frames if f["k"] not in {"snapshot", "progress"}]
    assert [f["q"] for f in kept] == list(range(heads[0]["q"] + 1, kept[-1]["q"] + 1))
    assert len(heads) > 1
    told = {f["s"]: f for f in await whole.until("end", task) if "q" in f and f["k"] != "snapshot"}
    assert kept[-1] == told[kept[-1]["s"]]
    for frame in kept:
        assert told.get(frame["s"], frame) == frame


async def test_each_piece_begins_where_the_reader_stands(api, poller):
    task = await submit(api)
    reader = poller(task)
    while True:
        before = reader.cursors[task]
        frames = await reader.poll()
        if frames and before is not None:
            assert frames[0]["k"] == "snapshot"
            assert frames[0]["d"]["recovered"] is True
            assert (frames[0]["s"], frames[0]["q"]) == (before["s"], before["q"])
            assert len(frames) > 1, "a snapshot that only confirms the cursor is no news"
        if any(frame["k"] == "end" for frame in frames):
            return


async def test_nothing_new_is_304_after_the_wait_and_costs_no_frame(api, poller):
    task = await finished(api, poller)
    reader = poller(task, wait=0.3)
    assert [frame["k"] for frame in await reader.poll()] == ["snapshot"]
    for _ in range(2):
        began = time.monotonic()
        assert await reader.poll() == []
        assert reader.answer.status == HTTPStatus.NOT_MODIFIED
        assert reader.answer.headers["ETag"] == reader.etag
        assert 0.28 < time.monotonic() - began < 3
    reader.etag = None
    assert await reader.poll() == []
    assert reader.answer.status == HTTPStatus.OK, "who kept no ETag gets an empty answer"


async def test_an_etag_alone_is_no_cursor(api, poller):
    task = await finished(api, poller)
    reader = poller(task, wait=0)
    await reader.poll()
    reader.cursors[task] = None
    assert [frame["k"] for frame in await reader.poll()] == ["snapshot"]


async def test_a_held_poll_answers_at_the_next_event_and_does_no_work_before(
    api, poller, monkeypatch
):
    done = await finished(api, poller)
    task = await submit(api, {"kind": "scan", "params": {"universe": "synthetic:20000"}})
    reader = poller(task)
    await reader.poll()
    quiet = poller(done)
    await quiet.poll()
    held = asyncio.ensure_future(quiet.poll())
    await asyncio.sleep(0.1)
    turns = []
    original = Pump.turn
    monkeypatch.setattr(
        Pump, "turn", lambda pump, now: turns.append(set(pump.followed)) or original(pump, now)
    )
    await asyncio.sleep(1)
    assert {done} not in turns, "a poll that waits does nothing"
    assert not held.done()

    waiting = asyncio.ensure_future(reader.until("end"))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await api("POST", f"tasks/{task}/cancel")
    await waiting
    assert time.monotonic() - began < 5
    assert reader.frames[-1]["d"]["status"] == "cancelled"
    held.cancel()


async def test_a_burst_is_one_answer(api, poller, service):
    task = await finished(api, poller)
    reader = poller(task)
    await reader.poll()
    held = asyncio.ensure_future(reader.poll())
    await until(lambda: service._pumps)
    runner = await service.runner()
    record = await runner.get(task)
    from stockwidget.tasks.events import Event

    for n in range(1, 11):
        event = Event(
            task_id=task, kind="log", s=record.s + n, q=record.q + n, ts=0,
            data={"level": "info", "message": str(n)},
        )  # fmt: skip
        runner._hub.publish([event])
        await asyncio.sleep(0)
    frames = await held
    assert [f["d"]["message"] for f in frames if f["k"] == "log"] == [str(n) for n in range(1, 11)]


async def until(condition) -> None:
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def test_many_tasks_are_one_request_and_only_news_travels(api, poller):
    done = [await finished(api, poller, scan(40 + n)) for n in range(12)]
    reader = poller(*done, wait=2)
    assert sorted(f["t"] for f in await reader.poll()) == sorted(done)
    running = await submit(api)
    reader.cursors[running] = None
    assert {f["t"] for f in await reader.poll()} == {running}


async def test_bad_ids_among_good_ones_are_frames_not_an_http_error(api, poller):
    task = await submit(api, ANALYSIS)
    reader = poller("nope", task)
    frames = await reader.poll()
    (error,) = (frame for frame in frames if frame["k"] == "error")
    assert (error["t"], error["d"]["code"]) == ("nope", "unknown_task")
    assert any(frame["k"] == "snapshot" and frame["t"] == task for frame in frames)


async def test_a_cursor_of_another_epoch_gets_the_whole_truth(api, poller):
    task = await finished(api, poller)
    reader = poller(task)
    reader.cursors[task] = {"e": "lost", "s": 10**9, "q": 10**9}
    (frame,) = await reader.poll()
    assert (frame["k"], frame["d"]["recovered"]) == ("snapshot", False)
    assert frame["d"]["state"]["status"] == "completed"


async def test_a_reader_that_is_ahead_is_not_answered_in_vain(api, poller):
    task = await finished(api, poller)
    reader = poller(task, wait=0.2)
    await reader.poll()
    reader.cursors[task]["s"] += 1000
    assert await reader.poll() == []


async def test_what_expired_is_gone_for_those_who_knew_it_and_expired_for_others(
    api, poller, service
):
    task = await finished(api, poller)
    reader = poller(task)
    await reader.poll()
    before = dict(reader.cursors[task])
    runner = await service.runner()
    record = await runner.get(task)
    assert await runner._store.expire(tombstone(record, record.ended_at + 10 * 3600 * 1000))
    (gone,) = await reader.poll()
    assert (gone["k"], gone["s"], gone["q"]) == ("gone", before["s"] + 1, before["q"] + 1)
    assert gone["d"]["code"] == "expired"
    assert gone["d"]["expired_at"] > record.ended_at
    assert gone["d"]["how_to_rerun"] == ANALYSIS
    (error,) = await poller(task).poll()
    assert (error["k"], error["d"]["code"]) == ("error", "expired")


async def test_the_pause_is_short_while_a_task_lives_and_grows_where_nothing_comes(api, poller):
    done = await finished(api, poller)
    reader = poller(done, wait=0)
    await reader.poll()
    query = f"poll?since={cursor_query(reader.cursors)}&wait=0&last_ms=4000"
    assert (await api("GET", query)).json["next_ms"] == 6000
    assert (await api("GET", f"{query}&visible=0")).json["next_ms"] == HIDDEN_MS
    live = poller(await submit(api))
    await live.poll()
    assert live.answer.json["next_ms"] <= QUIET_MS
    assert int(live.answer.headers["X-Next-Ms"]) == live.answer.json["next_ms"]


async def test_post_takes_what_a_url_cannot_hold(api, poller):
    task = await finished(api, poller)
    others = {f"{n:0128}": None for n in range(255)}
    body = {"op": "subscribe", "tasks": {**others, task: None}, "wait": 1, "visible": True}
    answer = await api("POST", "poll", body)
    assert answer.status == HTTPStatus.OK
    conforms("poll", "POST", 200, answer.json)
    assert {f["k"] for f in answer.json["frames"] if f["t"] == task} == {"snapshot"}
    assert sum(f["k"] == "error" for f in answer.json["frames"]) == 255


async def test_an_answer_has_a_bound_and_the_rest_comes_next(api, poller, monkeypatch):
    tasks = [await finished(api, poller, scan(40 + n)) for n in range(12)]
    whole = poller(*tasks, wait=1)
    frames = await whole.poll()
    assert len(frames) == len(tasks)
    monkeypatch.setattr("stockwidget.delivery.gathering.ANSWER_BYTES", 1000)
    reader = poller(*tasks, wait=1)
    pieces = []
    while None in reader.cursors.values():
        pieces.append(await reader.poll())
        assert pieces[-1]
    assert len(pieces) > 1
    assert sorted(f["t"] for f in reader.frames) == sorted(tasks)


async def test_a_reader_that_hangs_up_leaves_nothing_behind(
    api, poller, service, jp_serverapp, jp_auth_header
):
    task = await finished(api, poller)
    reader = poller(task)
    await reader.poll()
    assert not service._pumps
    _, writer = await asyncio.open_connection("127.0.0.1", jp_serverapp.port)
    line = f"GET /user/x/stockwidget/api/v1/poll?since={cursor_query(reader.cursors)} HTTP/1.1"
    head = [line, "Host: 127.0.0.1", f"Authorization: {jp_auth_header['Authorization']}"]
    writer.write("\r\n".join([*head, "", ""]).encode())
    await until(lambda: service._pumps)
    writer.close()
    await until(lambda: not service._pumps)
    assert service.meter.traffic["poll"].open == service.meter.traffic["poll"].following == 0


async def test_a_stopping_server_answers_held_polls_at_once(api, poller, service):
    task = await finished(api, poller)
    reader = poller(task)
    await reader.poll()
    held = asyncio.ensure_future(api("GET", f"poll?since={cursor_query(reader.cursors)}"))
    await until(lambda: service._pumps)
    began = time.monotonic()
    await service.stop()
    answer = await held
    assert time.monotonic() - began < 3
    assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
    assert answer.headers["Retry-After"]
    conforms("poll", "GET", 503, answer.json)


async def test_polls_and_useless_polls_are_counted(api, poller, service):
    task = await finished(api, poller)
    before, frames = service.meter.polls, service.meter.traffic["poll"].frames
    reader = poller(task, wait=0)
    await reader.poll()
    await reader.poll()
    await reader.poll()
    assert service.meter.polls - before == 3
    assert service.meter.useless_polls == 2
    assert service.meter.traffic["poll"].frames - frames == 1
