"""Readers hear everything in order, cannot hurt each other, and cost nothing once they are gone."""

import pytest

from stockwidget.tasks.events import Event, Snapshot
from stockwidget.tasks.hub import Hub


def event(s, **data):
    return Event(task_id="t1", kind="log", s=s, q=s, ts=1, data=data)


@pytest.fixture
def hub(make_record):
    hub = Hub()
    hub.open(Snapshot(record=make_record()))
    return hub


def test_two_readers_both_hear_every_event_in_order(hub):
    one, two = [], []
    hub.subscribe("t1", one.append)
    hub.subscribe("t1", two.append)
    hub.subscribe("t2", one.append)
    hub.publish([event(1), event(2)])
    assert one == two == [event(1), event(2)]
    assert hub.snapshot("t1").record.s == 2


def test_leaving_ends_one_subscription_only_even_if_done_twice(hub):
    heard = []
    leave = hub.subscribe("t1", heard.append)
    hub.subscribe("t1", heard.append)
    leave()
    leave()
    hub.publish([event(1)])
    assert heard == [event(1)]


def test_a_reader_may_leave_while_it_is_told(hub):
    heard = []
    leave = hub.subscribe("t1", lambda e: (heard.append(e), leave()))
    hub.subscribe("t1", heard.append)
    hub.publish([event(1), event(2)])
    assert [e.s for e in heard] == [1, 1, 2]


def test_a_reader_that_raises_is_dropped_and_logged(hub, caplog):
    heard = []
    hub.subscribe("t1", lambda e: 1 / 0)
    hub.subscribe("t1", heard.append)
    hub.publish([event(1), event(2)])
    assert [e.s for e in heard] == [1, 2]
    assert caplog.text.count("is dropped") == 1


def test_memory_is_given_back(hub):
    leave = hub.subscribe("t1", print)
    hub.close("t1")
    leave()
    assert len(hub) == 0
    assert hub.snapshot("t1") is None
    assert hub._readers == {}
