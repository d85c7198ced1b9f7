"""What may be asked of a poll: a bad request names its field, and limits are those of the configuration."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from contract import conforms
from streams import cursor_query
from test_websocket import SCAN, submit

OK = "since=%7B%7D"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "since"),
        ("since=%7B", "since"),
        ("since=[]", "since"),
        ("since=" + cursor_query({"a b": None}), "since"),
        ("since=" + cursor_query({"t1": "x"}), "since.t1"),
        ("since=" + cursor_query({"t1": {"e": "e", "s": "1", "q": 1}}), "since.t1.s"),
        ("since=" + cursor_query({"t1": {"e": "e", "s": 10**30, "q": 1}}), "since.t1.s"),
        ("since=" + cursor_query({f"t{n}": None for n in range(257)}), "since"),
        (f"{OK}&wait=-1", "wait"),
        (f"{OK}&wait=21", "wait"),
        (f"{OK}&wait=nan", "wait"),
        (f"{OK}&wait=Infinity", "wait"),
        (f"{OK}&wait=true", "wait"),
        (f"{OK}&wait=soon", "wait"),
        (f"{OK}&last_ms=-1", "last_ms"),
        (f"{OK}&visible=x", "visible"),
        (f"{OK}&weit=3", "weit"),
    ],
)
async def test_bad_queries_name_the_field(api, query, field):
    answer = await api("GET", f"poll?{query}")
    assert (answer.status, answer.json["field"]) == (HTTPStatus.BAD_REQUEST, field)
    assert answer.json["hint"]
    conforms("poll", "GET", 400, answer.json)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        ({"wait": 3}, "tasks"),
        ({"tasks": {f"t{n}": None for n in range(10_000)}}, "tasks"),
        ({"tasks": {}, "wait": "3"}, "wait"),
        ({"tasks": {}, "wait": 1e9}, "wait"),
        ({"tasks": {}, "last_ms": None}, "last_ms"),
        ({"op": "unsubscribe", "tasks": {}}, "op"),
    ],
)
async def test_bad_bodies_name_the_field(api, body, field):
    answer = await api("POST", "poll", body)
    assert (answer.status, answer.json["field"]) == (HTTPStatus.BAD_REQUEST, field)
    conforms("poll", "POST", 400, answer.json)


class TestPollingOnly:
    @pytest.fixture
    def stock_config(self):
        return {"StockwidgetApp": {"realtime_enabled": False}}

    async def test_everything_works_on_polling(self, api, poller):
        reader = poller(await submit(api, SCAN))
        await reader.until("end")
        assert reader.frames[-1]["d"]["status"] == "completed"


class TestFewSubscriptions:
    @pytest.fixture
    def stock_config(self):
        return {"StockwidgetApp": {"max_subscriptions": 2}}

    async def test_the_limit_is_configurable_and_told(self, api):
        assert (await api("GET", "info")).json["limits"]["subscriptions"] == 2
        for path, name in (("poll", "since"), ("events", "cursor")):
            query = cursor_query(dict.fromkeys("abc"))
            answer = await api("GET", f"{path}?{name}={query}")
            assert (answer.status, answer.json["field"]) == (400, name)
            assert "2 are allowed" in answer.json["message"]
