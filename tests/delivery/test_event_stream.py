"""A stream of server-sent events: what a browser's reader gets is every frame, and an id that resumes."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from reader import EPOCH, WALL, Task

from stockwidget.delivery.cursors import Cursor, read_cursors
from stockwidget.delivery.event_stream import PADDING, Blocks, EventStream, farewell
from stockwidget.delivery.frames import Encoder
from stockwidget.errors import UnknownTask

AT = Cursor(epoch=EPOCH, s=3, q=2)


def parse(data: bytes) -> list[dict[str, str]]:
    """WHATWG HTML 9.2.6, as far as fields that occur once a block go."""
    events = []
    for block in data.decode().split("\n\n"):
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            if line and not line.startswith(":"):
                name, _, value = line.partition(":")
                assert name not in fields
                fields[name] = value.removeprefix(" ")
        if fields:
            events.append(fields)
    return events


def frames_of(task: Task, kinds: list[str]) -> list[bytes]:
    encoder = Encoder(EPOCH)
    make = {
        "log": lambda: task.log("line\nbreak \u2028 é"),
        "progress": lambda: task.progress(5),
        "end": task.end,
    }
    return [encoder.event(make[kind]()) for kind in kinds]


def test_an_event_has_the_kind_the_cursor_and_the_very_bytes_of_the_frame():
    (frame,) = frames_of(Task(), ["log"])
    (event,) = parse(EventStream({"t1": None}, blocks=Blocks()).write([frame]))
    assert event["event"] == "log"
    assert event["data"].encode() == frame
    assert orjson.loads(event["id"]) == {"t1": {"e": EPOCH, "s": 1, "q": 1}}


def test_the_connection_itself_has_no_id():
    hello = Encoder(EPOCH).notice("hello", {"server_id": "s"}, ts=WALL)
    beat = Encoder(EPOCH).notice("hb", {"tasks": {"t1": [1, 1]}}, ts=WALL)
    events = parse(EventStream({"t1": AT}, blocks=Blocks()).write([hello, beat]))
    assert [event["event"] for event in events] == ["hello", "hb"]
    assert all("id" not in event for event in events)


def test_readers_of_one_task_share_the_bytes_and_others_get_their_own():
    blocks = Blocks()
    (frame,) = frames_of(Task(), ["log"])
    one, two = (EventStream({"t1": at}, blocks=blocks).write([frame]) for at in (None, AT))
    assert one == two
    (event,) = parse(EventStream({"t1": None, "t2": AT}, blocks=blocks).write([frame]))
    assert orjson.loads(event["id"]) == {
        "t1": {"e": EPOCH, "s": 1, "q": 1},
        "t2": {"e": EPOCH, "s": 3, "q": 2},
    }


def test_a_refused_task_leaves_the_cursor():
    error = Encoder(EPOCH).error(UnknownTask("No.", task_id="t2"), ts=WALL, task="t2")
    stream = EventStream({"t1": AT, "t2": None}, blocks=Blocks())
    (event,) = parse(stream.write([error]))
    assert orjson.loads(event["id"]) == {"t1": {"e": EPOCH, "s": 3, "q": 2}}


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["log", "progress"])), max_size=60))
def test_an_id_is_the_whole_cursor_and_costs_no_more_than_the_events(happenings):
    tasks = [Task(f"task{n:028}") for n in range(31)]
    reader: dict[str, Any] = {task.id: None for task in tasks}
    stream = EventStream(dict(reader), blocks=Blocks())
    sent = marks = 0
    for number, kind in happenings:
        (frame,) = frames_of(tasks[number], [kind])
        sent += len(frame)
        (event,) = parse(stream.write([frame]))
        body = orjson.loads(event["data"])
        reader[body["t"]] = {name: body[name] for name in ("e", "s", "q")}
        if "id" in event:
            marks += len(event["id"])
            assert orjson.loads(event["id"]) == reader
            read_cursors(orjson.loads(event["id"]), field="Last-Event-ID")
    longest = len(orjson.dumps(reader))
    assert marks <= sent + 2 * longest


def test_padding_is_a_comment_and_the_farewell_an_event():
    assert parse(PADDING) == []
    assert len(PADDING) > 2048
    (bye,) = parse(farewell(EPOCH, 1012, "later", ts=WALL))
    body = orjson.loads(bye["data"])
    assert (bye["event"], body["k"], body["e"]) == ("bye", "bye", EPOCH)
    assert body["d"] == {"code": 1012, "reason": "later"}
