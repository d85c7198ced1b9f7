"""News of a task arrive once and in order over every transport and from one to the next.

A real server behind a proxy that misbehaves; the task's own events say whether something was lost.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

import stockwidget as sw
from stockwidget.delivery import ladder
from stockwidget.notebook import follower, reporting, runners
from stockwidget.notebook.client import ServerBackend
from stockwidget.notebook.task_events import TaskEvent

WS, SSE, POLL = "/api/v1/ws", "/api/v1/events", "/api/v1/poll"
EVERY = {"close": (">", 0)}


@pytest.fixture
def through_relay(servers, relay, monkeypatch, forget_runner):
    monkeypatch.setenv("STOCKWIDGET_SERVER", relay.url)
    monkeypatch.setenv("STOCKWIDGET_TOKEN", servers[0].token)
    return relay


@pytest.fixture
def hurried(monkeypatch):
    """The same rules with shorter times."""
    monkeypatch.setattr(ladder, "CLIMB_S", (1.0,))
    monkeypatch.setattr(ladder, "RETRY_S", 0.5)
    monkeypatch.setattr(reporting, "REPORT_S", 0.2)


_numbers = itertools.count()


def scan_of(ms: int, **wanted: object) -> sw.Scan:
    """A scan that takes so long, unlike any before: the server would hand out the result that it has."""
    return sw.scan(f"synthetic:{60 + next(_numbers)}", pace_s=ms / 1_000, **wanted)


def collect(task: sw.Scan, meanwhile: Callable[[TaskEvent], None] = lambda _event: None):
    """All events of ``task``, checked: numbers without a gap or a double, rows as in the result."""
    events = []
    for event in task.events():
        events.append(event)
        meanwhile(event)
    assert events[0].kind == "snapshot"
    assert events[-1].last
    for before, after in itertools.pairwise(events):
        if after.kind == "snapshot":
            assert after.q >= before.q
        else:
            assert after.s > before.s
            assert after.q == before.q + (after.kind != "progress")
    if task.status == "completed":
        found = set(task.result(30).table.index)
        assert set(task.partial().index) == found
        assert task.partial().index.is_unique
        last = max(n for n, event in enumerate(events) if event.kind == "snapshot")
        streamed = [row[0] for row in rows(events[last:])]
        assert len(streamed) == len(set(streamed))
        assert set(streamed) == found
    return events


def rows(events: list[TaskEvent]) -> Iterator[list[object]]:
    for event in events:
        if event.kind == "snapshot":
            yield from event.data["partial"].get("rows", ())
        elif event.kind == "partial":
            yield from event.data.get("append", {}).get("rows", ())


@pytest.mark.parametrize(
    ("refused", "transport"), [((), "ws"), ((WS,), "sse"), ((WS, SSE), "poll")]
)
def test_each_transport_carries_a_task(through_relay, refused, transport):
    for path in refused:
        through_relay.refuse(path, 400)
    began = time.monotonic()
    carried: dict[str | None, float] = {}
    task = scan_of(1500, where=EVERY)
    collect(task, lambda _: carried.setdefault(sw.connection().transport, time.monotonic() - began))
    now = sw.connection()
    assert (now.state, now.transport) == ("live", transport)
    assert carried[transport] < 5
    assert now.downgrades == len(refused)
    assert now.reason == ("refused" if refused else None)
    assert now.frames > 5
    assert transport in repr(now)


def test_a_stream_that_is_held_back_gives_way_to_polling(through_relay, eventually):
    """News come before it has given way: polls bridge the gap."""
    through_relay.refuse(WS)
    through_relay.hold(SSE)
    began = time.monotonic()
    task = scan_of(20000)
    eventually(lambda: task.progress > 0, 5)
    eventually(lambda: sw.connection().transport == "poll", 12)
    assert time.monotonic() - began < 10
    assert sw.connection().reason == "buffered"
    task.cancel()
    collect(task)


def test_a_stream_that_is_collected_in_blocks_is_noticed(through_relay, eventually):
    """It greets and tells the beginning; what stays behind on the way is missed and asked for."""
    through_relay.refuse(WS)
    through_relay.collect(SSE)
    task = scan_of(700)
    collect(task)
    assert task.status == "completed"
    eventually(lambda: sw.connection().downgrades == 2)
    assert sw.connection().reason == "buffered"
    scan_of(50).result(30)
    assert sw.connection().transport == "poll"


def test_a_mute_socket_gives_way_at_once(through_relay, eventually):
    through_relay.hold(WS)
    task = scan_of(20000)
    eventually(lambda: task.progress > 0, 5)
    eventually(lambda: sw.connection().transport == "sse", 10)
    task.cancel()
    collect(task)


@pytest.mark.parametrize("refused", [(), (WS,), (WS, SSE)])
def test_cuts_lose_and_double_nothing(through_relay, refused):
    for path in refused:
        through_relay.refuse(path)
    shares = [60, 40, 20]

    def cut(_event: TaskEvent) -> None:
        if shares and task.progress >= shares[-1]:
            shares.pop()
            through_relay.cut()

    task = scan_of(2000, where=EVERY)
    collect(task, cut)
    assert shares == []


@pytest.mark.usefixtures("hurried")
def test_it_climbs_back_make_before_break(through_relay, eventually):
    def told() -> list[tuple[str, str, str]]:
        changes = sw.stats()["changes"]["by_reason"]
        return [
            (each["kind"], each["from"], each["to"])
            for each in changes
            for _ in range(each["count"])
        ]

    before = told()
    for path in (WS, SSE):
        through_relay.refuse(path)
    task = scan_of(30000)
    eventually(lambda: sw.connection().transport == "poll", 10)
    through_relay.heal()
    eventually(lambda: sw.connection().transport == "ws", 10)
    now = sw.connection()
    assert (now.upgrades, now.reason) == (1, None)
    eventually(lambda: len(told()) >= len(before) + 3, 5)  # the server's statistics know it too
    new = Counter(told()) - Counter(before)
    assert new["upgrade", "poll", "ws"] == 1
    assert (
        sum(count for (kind, _, to), count in new.items() if (kind, to) == ("downgrade", "poll"))
        == 2
    )
    task.cancel()
    collect(task)


@pytest.mark.usefixtures("hurried")
def test_a_climb_that_fails_disturbs_nothing(through_relay, eventually):
    through_relay.refuse(WS)
    task = scan_of(30001)
    eventually(lambda: sw.connection().transport == "sse", 10)
    tried = through_relay.refused
    eventually(lambda: through_relay.refused > tried + 1, 10)
    now = sw.connection()
    assert (now.transport, now.upgrades, now.recoveries) == ("sse", 0, 0)
    assert through_relay.count(SSE) == 1
    task.cancel()
    collect(task)


@pytest.mark.parametrize("refused", [(), (WS,)])
def test_a_half_open_connection_is_found(through_relay, monkeypatch, eventually, refused):
    quick = follower.Patience(silence=1.0, answer=0.5)
    monkeypatch.setattr(follower, "Patience", lambda: quick)
    for path in refused:
        through_relay.refuse(path)
    task = scan_of(30002)
    eventually(lambda: task.progress > 0)
    through_relay.freeze()
    frozen = task.progress
    eventually(lambda: task.progress > frozen, 5)
    eventually(lambda: sw.connection().recoveries >= 1, 8)
    task.cancel()
    collect(task)


@pytest.mark.usefixtures("hurried")
def test_a_lost_login_is_told_and_resumed_from(through_relay, eventually):
    task = scan_of(30003)
    eventually(lambda: task.progress > 0)
    through_relay.refuse("stockwidget", 401)
    through_relay.cut()
    eventually(lambda: sw.connection().state == "auth")
    assert isinstance(task._followed.trouble, sw.NotAuthorized)
    through_relay.heal()
    eventually(lambda: sw.connection().state == "live")
    assert sw.connection().transport == "ws"
    task.cancel()
    collect(task)


def test_a_dead_network_blames_no_transport(through_relay, eventually):
    task = scan_of(30004)
    eventually(lambda: task.progress > 0)
    through_relay.down = True
    through_relay.cut()
    eventually(lambda: sw.connection().state == "backoff")
    before = through_relay.port
    time.sleep(2.5)  # several attempts fail meanwhile
    through_relay.heal()
    eventually(lambda: sw.connection().state == "live", 6)
    now = sw.connection()
    assert (now.transport, now.downgrades, now.recoveries) == ("ws", 0, 1)
    assert before == through_relay.port
    task.cancel()
    collect(task)


def test_one_stream_follows_tasks_that_join_it(through_relay, eventually):
    through_relay.refuse(WS)
    first = scan_of(30005)
    eventually(lambda: sw.connection().transport == "sse")
    others = [sw.analyze(symbol) for symbol in ("AAPL", "MSFT")]
    for other in others:
        assert other.result(30).symbol
    assert first.status == "running"
    assert sw.connection().downgrades == 1
    assert through_relay.count(SSE) <= 4
    first.cancel()
    collect(first)


async def test_events_without_blocking_the_loop(on_server):
    task = scan_of(800, where=EVERY)
    kinds = [event.kind async for event in task.events()]
    assert kinds[0] == "snapshot"
    assert {"partial", "end"} <= set(kinds)
    assert [event.kind for event in task.events()] == ["snapshot"]


def test_nothing_is_asked_once_connected(through_relay, eventually):
    """Over a socket or a stream a task costs no status requests."""
    task = scan_of(1500)
    eventually(lambda: task.progress > 0)
    seen = len(through_relay.seen)
    eventually(lambda: task.status == "completed", 30)
    assert through_relay.seen[seen:] == []


def test_where_realtime_is_off_polls_do(make_server, monkeypatch, forget_runner):
    server = make_server(REALTIME_ENABLED="false")
    monkeypatch.setenv("STOCKWIDGET_SERVER", server.url)
    monkeypatch.setenv("STOCKWIDGET_TOKEN", server.token)
    collect(sw.scan("sample", pace_s=1))
    now = sw.connection()
    assert (now.transport, now.downgrades, now.reason) == ("poll", 0, None)
    assert now.polls > 1


def test_connection_before_any_task(monkeypatch):
    monkeypatch.setattr(runners, "_current", None)
    now = sw.connection()
    assert (now.state, now.transport, now.server) == ("idle", None, None)
    assert now.to_dict()["since"] is None


def test_nothing_is_kept_open_for_long(through_relay, monkeypatch, eventually):
    brief = follower.Patience(linger=0.2)
    monkeypatch.setattr(follower, "Patience", lambda: brief)
    sw.analyze("AAPL").result(30)
    eventually(lambda: sw.connection().state == "idle")
    backend = runners.current()
    assert isinstance(backend, ServerBackend)
    assert sw.analyze("MSFT").result(30).symbol == "MSFT"
