"""Pumps tell the meter what they did, by transport; the document made of it never claims more."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from line import SUBSCRIBE, Line, Source, turns
from reader import EPOCH, WALL

from stockwidget.delivery.commands import RESTARTING
from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.meter import Meter
from stockwidget.delivery.pump import Pump
from stockwidget.delivery.rounds import Rounds
from stockwidget.delivery.session import Session
from stockwidget.delivery.stats import document
from stockwidget.tasks.tally import NO_TASKS, Tally


class Wall:
    """Says how late it is after the reader's ``WALL``."""

    late_ms = 0

    def __call__(self) -> int:
        return WALL + self.late_ms


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def meter(wall: Wall) -> Meter:
    return Meter(transports=["ws", "sse", "poll"], wall=wall)


@pytest.fixture
def connect(meter: Meter):
    async def make(
        name: str = "ws", *, limits: Limits | None = None, gathers: bool = False
    ) -> tuple[Source, Line, Pump]:
        source, line, now = Source(), Line(), asyncio.get_running_loop().time
        session = Session(
            encoder=Encoder(EPOCH), server_id="s", wall=lambda: WALL, now=now(), limits=limits
        )
        pump = Pump(
            tasks=source, session=session, transport=line, name=name, meter=meter,
            gathers=gathers, rounds=Rounds(monotonic=now),
        )  # fmt: skip
        source.open.set()
        pump.start()
        pump.receive(SUBSCRIBE)
        await turns()
        return source, line, pump

    return make


def doc(meter: Meter, **more):
    known = {
        "runner": "server", "server_id": "s", "epoch": EPOCH, "uptime_s": 1.25,
        "realtime_enabled": True, "tasks": NO_TASKS, "followed": (),
    }  # fmt: skip
    return document(meter=meter, **{**known, **more})


async def test_connections_and_subscriptions_are_counted_by_transport(meter, connect):
    _, _, first = await connect("ws")
    _, _, second = await connect("sse")
    assert doc(meter)["connections"]["open"] == {"ws": 1, "sse": 1, "poll": 0}
    assert doc(meter)["subscriptions"]["open"] == {"ws": 1, "sse": 1, "poll": 0}
    assert doc(meter)["mix"]["connections"] == {"ws": 0.5, "sse": 0.5, "poll": 0.0}
    first.receive('{"op": "unsubscribe", "tasks": ["t1"]}')
    await turns()
    assert doc(meter)["subscriptions"]["open"]["ws"] == 0
    first.stop()
    first.stop()
    second.close(RESTARTING, "later")
    await turns()
    after = doc(meter)
    assert set(after["connections"]["open"].values()) == {0}
    assert set(after["subscriptions"]["open"].values()) == {0}
    assert after["connections"]["total"] == {"ws": 1, "sse": 1, "poll": 0}
    assert after["subscriptions"]["total"] == {"ws": 1, "sse": 1, "poll": 0}
    assert after["connections"]["ended"] == {
        "left": 1, "lost": 0, "slow_reader": 0, "restarting": 1,
    }  # fmt: skip


async def test_frames_and_bytes_are_those_that_the_reader_got(meter, connect):
    source, line, pump = await connect()
    source.publish(source.task.log("one"))
    source.publish(source.task.log("two"))
    await turns()
    assert meter.traffic["ws"].frames == len(line.reader.frames) == 4
    assert meter.traffic["ws"].bytes == line.bytes
    pump.stop()


async def test_a_delay_is_that_of_the_oldest_live_event_of_a_write(meter, connect, wall):
    source, _line, pump = await connect()
    assert meter.latency.n == 0, "a greeting and a snapshot have no delay"
    wall.late_ms = 70
    source.publish(source.task.log("written at WALL + 0"))
    source.publish(source.task.log("written at WALL + 1"))
    await turns()
    assert (meter.latency.n, meter.latency.sum_ms) == (1, 70)
    pump.stop()


async def test_a_replay_is_about_the_past_and_no_delay(meter, connect, wall):
    source, line, pump = await connect()
    pump.stop()
    missed = [source.task.log("while away"), source.task.progress(50.0)]
    wall.late_ms = 3_600_000
    cursor = {"e": EPOCH, "s": missed[0].s - 1, "q": missed[0].q - 1}
    again, line, pump = await connect()
    again.task = source.task
    pump.receive(json.dumps({"op": "subscribe", "tasks": {"t1": cursor}}))
    await turns()
    assert [frame["k"] for frame in line.reader.frames][-2:] == ["log", "progress"]
    assert meter.latency.n == 0
    pump.stop()


async def test_skipped_progress_is_counted(meter, connect):
    source, line, pump = await connect()
    for value in (1.0, 2.0, 3.0, 4.0):
        source.publish(source.task.progress(value))
        await turns()
    source.publish(source.task.end())
    await turns()
    shown = [frame for frame in line.reader.frames if frame["k"] == "progress"]
    assert (len(shown), meter.progress_conflated) == (1, 3)
    pump.stop()


async def test_an_overflow_is_a_resync_and_a_blocked_reader_a_slow_one(meter, connect):
    source, line, pump = await connect(limits=Limits(queue_events=5, blocked_s=0.05))
    line.hold = True
    for number in range(8):
        source.publish(source.task.log(str(number)))
        await turns()
    await asyncio.sleep(0.1)
    found = doc(meter)
    assert (found["resyncs"], found["slow_readers"]) == (1, 1)
    assert found["connections"]["open"]["ws"] == 0
    pump.stop()


async def test_a_transport_that_collects_counts_what_leaves(meter, connect, wall):
    source, _line, pump = await connect("poll", gathers=True)
    wall.late_ms = 20
    source.publish(source.task.log("one"))
    await turns()
    assert (meter.traffic["poll"].frames, meter.latency.n) == (0, 0)
    wall.late_ms = 50
    pump.stop()
    pump.delivered(1, 80)
    assert (meter.traffic["poll"].frames, meter.traffic["poll"].bytes) == (1, 80)
    assert (meter.latency.n, meter.latency.sum_ms) == (1, 50)


def test_what_was_not_measured_is_null():
    found = doc(Meter())
    assert found["mix"] == {"connections": None, "frames": None}
    assert found["useless_share"] is None
    assert found["latency"] == {
        "n": 0, "window_s": 300.0, "p50_ms": None, "p95_ms": None, "p99_ms": None,
    }  # fmt: skip
    assert found["changes"]["took"]["recovery"]["p50_ms"] is None


def test_polls_and_changes_of_transport_are_counted(meter):
    meter.poll(useless=False)
    meter.poll(useless=True)
    meter.changed("downgrade", "ws", "sse", "refused", 4000)
    meter.changed("downgrade", "ws", "sse", "refused", None)
    meter.changed("upgrade", "sse", "ws", "probe", 30_000)
    found = doc(meter)
    assert (found["polls"], found["useless_polls"], found["useless_share"]) == (2, 1, 0.5)
    changes = found["changes"]
    assert (changes["downgrades"], changes["upgrades"], changes["recoveries"]) == (2, 1, 0)
    assert changes["by_reason"][0] == {
        "kind": "downgrade", "from": "ws", "to": "sse", "reason": "refused", "count": 2,
    }  # fmt: skip
    assert changes["took"]["downgrade"]["n"] == 1
    assert 4000 < changes["took"]["downgrade"]["p50_ms"] <= 4250


def test_a_task_is_followed_once_however_many_follow_it(meter):
    counts = {**NO_TASKS.by_state, "running": 2, "completed": 5}
    tally = Tally(by_state=counts, protected=4, leased=3, pinned=1)
    assert doc(meter, tasks=tally, followed=["a", "b", "a"])["tasks"] == {
        "by_state": counts,
        "protected": 4,
        "leased": 3,
        "pinned": 1,
        "followed": 2,
    }


async def test_a_connection_logs_its_life_at_debug_alone(connect, caplog):
    with caplog.at_level(logging.INFO, logger="stockwidget"):
        _, _, pump = await connect()
        pump.stop()
    assert caplog.records == []
    with caplog.at_level(logging.DEBUG, logger="stockwidget"):
        _, line, pump = await connect("sse")
        line.broken = True
        pump.receive('{"op": "ping"}')
        await turns()
    opened, follows, ended = caplog.records
    assert all(r.levelno == logging.DEBUG and r.transport == "sse" for r in caplog.records)
    assert (opened.task, opened.reason) == (None, None)
    assert (follows.task, follows.cursor) == ("t1", None)
    assert (ended.task, ended.reason) == (["t1"], "lost")
    assert ended.cursor == {"t1": (0, 0)}
    assert "lost" in ended.getMessage()
