"""Envelopes have the documented fields and are encoded once; client messages are refused by field."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader import EPOCH, WALL, Task

from stockwidget.delivery.frames import (
    MESSAGE_BYTES,
    Cursor,
    Encoder,
    Ping,
    Subscribe,
    Unsubscribe,
    Visible,
    read_message,
)
from stockwidget.errors import InvalidRequest, UnknownParameter


def test_an_event_becomes_an_envelope():
    event = Task().log("hello")
    assert orjson.loads(Encoder(EPOCH).event(event)) == {
        "v": 1,
        "k": "log",
        "t": "t1",
        "e": EPOCH,
        "s": 1,
        "q": 1,
        "ts": WALL,
        "d": {"level": "info", "message": "hello"},
    }


def test_readers_share_the_bytes_of_an_event():
    encoder, task = Encoder(EPOCH, kept=2), Task()
    events = [task.log(str(n)) for n in range(3)]
    frames = [encoder.event(event) for event in events]
    assert encoder.event(events[2]) is frames[2]
    assert encoder.event(events[0]) is not frames[0], "the oldest is forgotten"
    assert encoder.event(events[0]) == frames[0]


def test_two_tasks_do_not_share_by_number():
    encoder = Encoder(EPOCH)
    frames = [encoder.event(Task(name).log("x")) for name in ("a", "b")]
    assert [orjson.loads(frame)["t"] for frame in frames] == ["a", "b"]


def test_a_number_that_is_not_finite_is_null():
    event = Task().emit("partial", set={"x": float("nan"), "y": float("inf")}, append={})
    assert orjson.loads(Encoder(EPOCH).event(event))["d"]["set"] == {"x": None, "y": None}


@pytest.mark.parametrize(
    ("message", "value"),
    [
        (
            {"op": "subscribe", "tasks": {"a": None, "b": {"e": "x", "s": 3, "q": 2, "new": 1}}},
            Subscribe(tasks={"a": None, "b": Cursor(epoch="x", s=3, q=2)}),
        ),
        ({"op": "unsubscribe", "tasks": ["a"]}, Unsubscribe(tasks=("a",))),
        ({"op": "visible", "visible": False}, Visible(visible=False)),
        ({"op": "ping"}, Ping()),
    ],
)
def test_good_messages(message, value):
    assert read_message(orjson.dumps(message)) == value
    assert read_message(orjson.dumps(message).decode()) == value


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (b"", "message"),
        (b"nonsense", "message"),
        (b"\xff", "message"),
        (b"[" * 2000, "message"),
        ("é" * (MESSAGE_BYTES + 1), "message"),
        (b"[]", "message"),
        (b"{}", "op"),
        (b'{"op": ["ping"]}', "op"),
        (b'{"op": "subscribe"}', "tasks"),
        (b'{"op": "subscribe", "tasks": null}', "tasks"),
        (b'{"op": "subscribe", "tasks": {"": null}}', "tasks"),
        (b'{"op": "subscribe", "tasks": {"a b": null}}', "tasks"),
        (b'{"op": "subscribe", "tasks": {"a": 5}}', "tasks.a"),
        (b'{"op": "subscribe", "tasks": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}", "tasks.a"),
        (b'{"op": "subscribe", "tasks": {"a": {}}}', "tasks.a.e"),
        (b'{"op": "subscribe", "tasks": {"a": {"e": "x", "s": true, "q": 0}}}', "tasks.a.s"),
        (b'{"op": "subscribe", "tasks": {"a": {"e": "x", "s": 0, "q": 0.5}}}', "tasks.a.q"),
        (b'{"op": "unsubscribe", "tasks": "a"}', "tasks"),
        (b'{"op": "unsubscribe", "tasks": [1]}', "tasks"),
        (b'{"op": "visible", "visible": "no"}', "visible"),
    ],
)
def test_bad_messages_name_the_field(message, field):
    with pytest.raises(InvalidRequest) as refused:
        read_message(message)
    assert refused.value.data["field"] == field
    assert refused.value.hint


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(UnknownParameter) as refused:
        read_message(b'{"op": "visible", "visible": true, "visble": true}')
    assert refused.value.data["field"] == "visble"
    assert "visible" in refused.value.hint


@given(st.one_of(st.binary(), st.text(), st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["op", "subscribe", "tasks", "visible"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["op", "tasks", "e"]), inner),
).map(orjson.dumps)))  # fmt: skip
def test_whatever_is_sent_is_a_message_or_refused(message):
    try:
        read_message(message)
    except InvalidRequest as error:
        assert len(orjson.dumps(error.to_dict())) < 2000
