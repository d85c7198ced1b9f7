"""A real Jupyter server with the extension in it, and typed calls to its routes.

Reusable by other folders: ``from pytest_jupyter.jupyter_server import *`` brings ``jp_fetch`` and the like;
the coroutine tests below this folder run on the server's own loop instead of pytest-asyncio's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.websocket import WebSocketClientConnection
from traitlets.config import Config

sys.path.insert(0, str(Path(__file__).parent))  # ``contract``: importlib mode adds no folder

API = "stockwidget/api/v1"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any):
    """Keep pytest-asyncio's hands off: a test must run on the loop on which its server lives."""
    result = yield
    if iscoroutinefunction(obj) and collector.funcnamefilter(name):
        return list(collector._genfunctions(name, obj))
    return result


@pytest.fixture
def jp_base_url() -> str:
    return "/user/x/"


@pytest.fixture
def stock_data_dir(tmp_path: Path) -> Path:
    """Where the journal goes; override to break it."""
    return tmp_path / "stockwidget"


@pytest.fixture
def stock_config() -> dict[str, Any]:
    """More configuration, as ``{class: {trait: value}}``; override at will."""
    return {}


@pytest.fixture
def jp_server_config(stock_data_dir: Path, stock_config: dict[str, Any]) -> Config:
    config = Config(
        {
            "ServerApp": {"jpserver_extensions": {"stockwidget_server": True}},
            "StockwidgetApp": {"data_dir": str(stock_data_dir), "workers": 1, "warm_workers": 0},
        }
    )
    config.merge(Config(stock_config))
    return config


@dataclass(frozen=True)
class Answer:
    """What a route answered, whatever the status."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Call = Callable[..., Awaitable[Answer]]


@pytest.fixture
def call(jp_serverapp: Any, http_server_client: Any, jp_base_url: str) -> Call:
    """``await call("POST", "tasks", {…}, headers={})``: no header is added; below our prefix."""

    async def _call(
        method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> Answer:
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if raw is None and method in {"POST", "PUT", "PATCH"}:
            raw = b""
        if path.startswith("/stockwidget/"):
            url = f"{jp_base_url.rstrip('/')}{path}"
        else:
            url = path if path.startswith("/") else f"{jp_base_url}{API}/{path}"
        try:
            response: HTTPResponse = await http_server_client.fetch(
                url, method=method, body=raw, headers=headers or {}, follow_redirects=False,
                allow_nonstandard_methods=True, decompress_response=False,
            )  # fmt: skip
        except HTTPClientError as error:
            if error.response is None:
                raise
            response = error.response
        return Answer(response.code, response.headers, response.body)

    return _call


@pytest.fixture
def api(call: Call, jp_auth_header: dict[str, str]) -> Call:
    """``call`` with the server's token."""

    async def _api(method: str, path: str, body: Any = None) -> Answer:
        return await call(method, path, body, headers=dict(jp_auth_header))

    return _api


class Follower:
    """A WebSocket client that reads frames."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.write_message(json.dumps(message))

    async def frame(self) -> dict[str, Any]:
        text = await self.socket.read_message()
        assert text is not None, f"closed: {self.socket.close_code} {self.socket.close_reason}"
        return json.loads(text)

    async def until(self, kind: str, task: str | None = None) -> list[dict[str, Any]]:
        """Frames up to and with the first one of ``kind`` (about ``task``)."""
        frames = []
        while True:
            frames.append(await self.frame())
            if frames[-1]["k"] == kind and task in {None, frames[-1].get("t")}:
                return frames


@pytest.fixture
def follow(jp_ws_fetch: Any, jp_asyncio_loop: Any):
    """``await follow()``: an open connection, authenticated by the token unless headers are given."""
    opened: list[WebSocketClientConnection] = []

    async def _follow(**headers: str) -> Follower:
        opened.append(await jp_ws_fetch(API, "ws", headers=headers))
        return Follower(opened[-1])

    async def _close() -> None:
        for socket in opened:
            socket.close()
            while socket.close_code is None and await socket.read_message() is not None:
                pass

    yield _follow
    jp_asyncio_loop.run_until_complete(_close())


@pytest.fixture
def poller(call, jp_auth_header):
    """Give a reader that polls some tasks."""
    from poller import Poller

    return lambda *tasks, **more: Poller(call, jp_auth_header, *tasks, **more)
