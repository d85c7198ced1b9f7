"""The pump performs what the session asks, against a runner-shaped source on a real loop."""

from __future__ import annotations

import asyncio

import pytest
from line import SUBSCRIBE, Line, Source, turns
from reader import EPOCH, WALL

from stockwidget.delivery.commands import RESTARTING
from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.meter import Meter
from stockwidget.delivery.pump import Pump
from stockwidget.delivery.rounds import Rounds
from stockwidget.delivery.session import Session
from stockwidget.errors import UnknownTask


@pytest.fixture
def parts():
    async def make() -> tuple[Source, Line, Pump]:
        source, line = Source(), Line()
        session = Session(
            encoder=Encoder(EPOCH),
            server_id="server",
            wall=lambda: WALL,
            now=asyncio.get_running_loop().time(),
        )
        pump = Pump(
            tasks=source,
            session=session,
            transport=line,
            name="ws",
            meter=Meter(),
            rounds=Rounds(monotonic=asyncio.get_running_loop().time),
        )
        pump.start()
        return source, line, pump

    return make


def kinds(line: Line) -> list[str]:
    return [frame["k"] for frame in line.reader.frames]


async def test_it_subscribes_before_it_reads_and_loses_nothing(parts):
    source, line, pump = await parts()
    pump.receive(SUBSCRIBE)
    await turns()
    assert len(source.readers) == 1
    source.publish(source.task.log("while the snapshot is read"))
    source.open.set()
    await turns()
    source.publish(source.task.log("after"))
    await turns()
    assert kinds(line) == ["hello", "snapshot", "log"]
    assert line.reader.knows(source.task)
    pump.stop()


async def test_events_published_together_leave_in_one_write(parts):
    source, line, pump = await parts()
    source.open.set()
    pump.receive(SUBSCRIBE)
    await turns()
    before = line.batches
    for n in range(20):
        source.publish(source.task.log(str(n)))
    await turns()
    assert line.batches == before + 1
    assert line.reader.knows(source.task)
    pump.stop()


async def test_held_progress_is_sent_by_the_timer_alone(parts):
    source, line, pump = await parts()
    source.open.set()
    pump.receive(SUBSCRIBE)
    await turns()
    for value in (1.0, 2.0, 3.0):
        source.publish(source.task.progress(value))
        await turns()
    assert kinds(line).count("progress") == 1
    await asyncio.sleep(0.15)
    assert line.reader.knows(source.task)
    assert kinds(line).count("progress") == 2
    pump.stop()


async def test_nothing_is_written_while_the_reader_is_blocked(parts):
    source, line, pump = await parts()
    source.open.set()
    line.hold = True
    pump.receive(SUBSCRIBE)
    await turns()
    assert kinds(line) == ["hello"]
    line.hold = False
    line.pending.pop().set_result(None)
    await turns()
    assert kinds(line) == ["hello", "snapshot"]
    pump.stop()


async def test_an_unknown_task_and_a_broken_source_are_said(parts):
    source, line, pump = await parts()
    source.open.set()
    for failure, code in (
        (UnknownTask("None.", task_id="t1"), "unknown_task"),
        (OSError(), "error"),
    ):
        source.failure = failure
        pump.receive(SUBSCRIBE)
        await turns()
        assert line.reader.errors[-1]["d"]["code"] == code
        assert source.readers == []
    pump.stop()


@pytest.mark.parametrize("how", ["stop", "broken", "close"])
async def test_afterwards_nobody_listens_any_more(parts, how):
    source, line, pump = await parts()
    pump.receive(SUBSCRIBE)
    await turns()
    if how == "stop":
        pump.stop()
    elif how == "close":
        pump.close(RESTARTING, "later")
    else:
        line.broken = True
        pump.receive('{"op": "ping"}')
    await turns()
    assert source.readers == []
    assert (line.closed is not None) == (how == "close")
    source.open.set()
    await turns()
    assert kinds(line) == ["hello"]
