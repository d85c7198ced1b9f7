"""The monitor shows the runner's own numbers, live in a page and still elsewhere, and no others."""

from __future__ import annotations

import threading

import pytest

import stockwidget as sw
from stockwidget.notebook import environment, runners
from stockwidget.notebook.comm_meter import comm_meter
from stockwidget.notebook.static_monitor import monitor_html, monitor_text

ALL = ("Connections", "Following", "Tasks", "Sent", "Spared", "Delay", "Polls", "Transport changes")


def server_stats(server):
    return server.get("stockwidget/api/realtime/stats").json()


class TestWithAServer:
    @pytest.fixture(autouse=True)
    def _server(self, on_server):
        self.server = on_server

    def test_stats_are_the_server_s(self):
        sw.analyze("AAPL").result(60)
        mine, theirs = sw.stats(), server_stats(self.server)
        assert mine["runner"] == "server"
        assert mine["server_id"] == theirs["server_id"]
        assert mine["tasks"]["by_state"] == theirs["tasks"]["by_state"]
        assert mine["tasks"]["by_state"]["completed"] >= 1
        assert sum(mine["frames"].values()) >= 2, "the kernel itself followed the task"

    def test_still_output_has_every_line_and_no_script(self, monkeypatch):
        monkeypatch.setattr(environment, "frontend", lambda: "headless")
        data, metadata = sw.monitor()._repr_mimebundle_()
        assert data.keys() == {"text/plain", "text/html"}
        assert metadata == {}
        for label in ALL:
            assert label in data["text/plain"]
            assert label in data["text/html"]
        assert "<script" not in data["text/html"]
        assert "realtime on" in data["text/plain"]

    def test_in_a_page_it_is_one_widget_with_the_numbers_as_first_paint(self, monkeypatch):
        monkeypatch.setattr(environment, "frontend", lambda: "live")
        monitor = sw.monitor(locale="zh")
        data, _ = monitor._repr_mimebundle_()
        model = monitor._model
        assert "application/vnd.jupyter.widget-view+json" in data
        assert "订阅" in data["text/plain"]
        state = model.get_state()
        assert (state["mode"], state["locale"]) == ("server", "zh")
        assert state["epoch"] == state["stats"]["epoch"] == server_stats(self.server)["epoch"]
        monitor._repr_mimebundle_()
        assert monitor._model is model

    def test_a_page_that_cannot_reach_the_server_asks_the_kernel(self, monkeypatch):
        monkeypatch.setattr(environment, "frontend", lambda: "vscode")
        monitor = sw.monitor()
        monitor._repr_mimebundle_()
        assert monitor._model.mode == "kernel"
        sent, done = [], threading.Event()
        monkeypatch.setattr(
            monitor._model, "send", lambda content: (sent.append(content), done.set())
        )
        monitor._model._handle_custom_msg({"type": "something else"}, [])
        monitor._model._handle_custom_msg({"type": "stats"}, [])
        assert done.wait(15)
        (news,) = sent
        assert news["type"] == "stats"
        assert news["stats"]["server_id"] == server_stats(self.server)["server_id"]


class TestWithoutAServer:
    @pytest.fixture(autouse=True)
    def _no_server(self, monkeypatch, forget_runner):
        monkeypatch.setenv("STOCKWIDGET_SERVER", "off")

    def test_looking_starts_nothing(self):
        found = sw.stats()
        assert (found["runner"], found["server_id"], found["uptime_s"]) == ("kernel", None, None)
        assert found["latency"]["p50_ms"] is None
        assert "not started yet" in repr(sw.monitor())
        assert runners.current().pid is None

    def test_the_child_process_tells_what_it_did(self):
        sw.analyze("AAPL").result(60)
        found = sw.stats()
        assert found["connections"]["open"] == {"pipe": 1}
        assert found["subscriptions"]["total"] == {"pipe": 1}
        assert found["tasks"]["by_state"]["completed"] == 1
        assert found["frames"]["pipe"] >= 3
        assert found["bytes"]["pipe"] > 300
        assert found["latency"]["n"] >= 1
        assert found["realtime_enabled"] is None

    def test_numbers_that_it_has_not_are_said_to_be_missing(self):
        text = repr(sw.monitor())
        assert "Polls and changes of transport are a server's numbers" in text
        assert "Transport changes" not in text


class TestPagesFedByTheKernel:
    @pytest.fixture(autouse=True)
    def _fresh(self, on_server):
        comm_meter.cache_clear()
        yield
        comm_meter.cache_clear()

    def test_nobody_was_fed(self):
        assert sw.stats()["kernel"] is None
        assert "Fed by this kernel" not in repr(sw.monitor())

    def test_what_went_over_the_comm_stands_apart_from_the_server_s(self):
        meter = comm_meter()
        meter.opened("comm")
        meter.sent("comm", 3, 1200)
        fed = sw.stats()["kernel"]
        assert (fed["connections"]["open"], fed["frames"]) == ({"comm": 1}, {"comm": 3})
        assert fed["latency"]["p50_ms"] is None
        assert "comm" not in sw.stats()["connections"]["open"]
        assert "comm 1 now, 1 since the start; comm 3 frames, 1.2 kB" in repr(sw.monitor())


class TestWords:
    @pytest.fixture
    def stats(self, on_server):
        return sw.stats()

    def test_reasons_are_listed_and_data_is_no_markup(self, stats):
        change = {"kind": "downgrade", "from": "ws", "to": "sse", "reason": "<b>", "count": 3}
        changes = {**stats["changes"], "downgrades": 3, "by_reason": [change]}
        told = {**stats, "changes": changes}
        assert "3 downgrades" in monitor_text(told)
        assert "ws → sse (<b>) × 3" in monitor_text(told)
        assert "ws → sse (&lt;b&gt;) × 3" in monitor_html(told)

    def test_sizes_spans_and_delays_are_for_people(self, stats):
        latency = {"n": 7, "window_s": 300.0, "p50_ms": 3, "p95_ms": 8, "p99_ms": 20}
        told = {
            **stats,
            "uptime_s": 7322.0,
            "realtime_enabled": False,
            "bytes": dict.fromkeys(stats["bytes"], 2340000),
            "latency": latency,
        }
        text = monitor_text(told)
        assert "up 2 h 2 min, polling only" in text
        assert "2.3 MB" in text
        assert "p50 3 ms, p95 8 ms, p99 20 ms (7 deliveries in 5 min)" in text
