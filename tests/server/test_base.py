"""Every route lets in whom Jupyter lets in, and its own kernels; every refusal is readable JSON."""

from __future__ import annotations

import json
import os
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from contract import conforms
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from stockwidget_server.base import verbs
from stockwidget_server.connection_file import VARIABLE
from stockwidget_server.routes import ROUTES

EVERY = [
    (verb, path.removeprefix("/stockwidget/api/v1/").replace("{id}", "t1"), path)
    for path, handler in ROUTES.items()
    for verb in verbs(handler)
]


@pytest.mark.parametrize(("verb", "path", "spec"), EVERY)
@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"Authorization": "token wrong"},
        {"Authorization": "stockwidget wrong"},
        {"Authorization": "stockwidget"},
        {"Authorization": "stockwidget é"},
    ],
    ids=["nothing", "wrong token", "wrong secret", "no secret", "odd secret"],
)
async def test_every_route_turns_strangers_away(call, verb, path, spec, credentials):
    answer = await call(verb, path, headers=credentials)
    assert answer.status == 401
    assert answer.json["code"] == "not_authorized"
    assert "jupyter server list" in answer.json["hint"]
    conforms(spec.removeprefix("/stockwidget/api/v1/"), verb, 401, answer.json)


@pytest.mark.parametrize(("verb", "path", "spec"), EVERY)
async def test_every_route_asks_the_authorizer(
    call, jp_serverapp, jp_auth_header, verb, path, spec
):
    class Nobody(Authorizer):
        def is_authorized(self, handler, user, action, resource):
            asked.append((action, resource))
            return False

    asked: list[tuple[str, str]] = []
    jp_serverapp.web_app.settings["authorizer"] = Nobody()
    answer = await call(verb, path, headers=dict(jp_auth_header))
    assert answer.status == 403
    assert answer.json["code"] == "not_authorized"
    assert asked == [("read" if verb == "GET" else "write", "stockwidget")]
    conforms(spec.removeprefix("/stockwidget/api/v1/"), verb, 403, answer.json)


async def test_a_token_enters_by_header_and_by_query(call, jp_serverapp):
    token = jp_serverapp.identity_provider.token
    assert (await call("GET", "info", headers={"Authorization": f"token {token}"})).status == 200
    assert (await call("GET", f"info?token={token}")).status == 200


async def test_a_cookie_reads_at_once_and_writes_with_xsrf_only(call, jp_auth_header, jp_base_url):
    login = await call("GET", "info", headers=dict(jp_auth_header))
    jar = SimpleCookie()
    for line in login.headers.get_list("Set-Cookie"):
        jar.load(line)
    assert "_xsrf" in jar, "a GET must give a page that has only a login cookie its XSRF token"
    cookies = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())}
    assert (await call("GET", "info", headers=cookies)).status == 200

    body = {"kind": "analysis", "params": {"symbol": "AAPL"}}
    refused = await call("POST", "tasks", body, headers=cookies)
    assert refused.status == 403
    assert "X-XSRFToken" in refused.json["hint"]
    conforms("tasks", "POST", 403, refused.json)

    xsrf = {"X-XSRFToken": jar["_xsrf"].value}
    assert (await call("POST", "tasks", body, headers=cookies | xsrf)).status == 202


async def test_the_secret_of_the_connection_file_opens_our_routes_and_no_others(
    call, api, jp_runtime_dir, jp_serverapp, jp_base_url, stock_data_dir
):
    info = (await api("GET", "info")).json
    path = Path(os.environ[VARIABLE])
    assert path.parent == Path(jp_runtime_dir)
    assert path.stat().st_mode & 0o777 == 0o600
    content = json.loads(path.read_text())
    assert content["url"] == f"http://localhost:{jp_serverapp.port}{jp_base_url}"
    assert (content["base_url"], content["pid"]) == (jp_base_url, os.getpid())
    assert (content["server_id"], content["epoch"]) == (info["server_id"], info["epoch"])

    kernel = {"Authorization": f"stockwidget {content['secret']}"}
    assert (await call("GET", "info", headers=kernel)).status == 200
    body = {"kind": "analysis", "params": {"symbol": "AAPL"}}
    assert (await call("POST", "tasks", body, headers=kernel)).status == 202
    foreign = await call("GET", f"{jp_base_url}api/contents", headers=kernel)
    assert foreign.status == 403


async def test_kernels_enter_whatever_the_authorizer_says(call, jp_serverapp):
    class Nobody(Authorizer):
        def is_authorized(self, handler, user, action, resource):
            return False

    jp_serverapp.web_app.settings["authorizer"] = Nobody()
    secret = jp_serverapp.web_app.settings["stockwidget"].secret
    answer = await call("GET", "info", headers={"Authorization": f"stockwidget {secret}"})
    assert answer.status == 200


async def test_the_secret_is_in_no_answer_and_no_log(call, api, jp_serverapp, caplog):
    secret = jp_serverapp.web_app.settings["stockwidget"].secret
    answers = [
        await call("GET", path, headers={"Authorization": f"stockwidget {secret}"})
        for path in ("info", "tasks/none", "nothing", "tasks?limit=0")
    ]
    assert [answer.status for answer in answers] == [200, 404, 404, 400]
    for answer in answers:
        assert secret.encode() not in answer.body
        assert secret not in str(answer.headers.get_list("Set-Cookie"))
    assert secret not in caplog.text


async def test_a_stopped_server_takes_its_file_back(api, jp_serverapp):
    await api("GET", "info")
    path = Path(os.environ[VARIABLE])
    await jp_serverapp.web_app.settings["stockwidget"].stop()
    assert not path.exists()
    assert VARIABLE not in os.environ
    assert (await api("GET", "info")).status == 503


async def test_unknown_paths_and_verbs_below_our_prefix_answer_json(api, call, jp_auth_header):
    lost = await api("GET", "nothing/here")
    assert (lost.status, lost.json["code"]) == (404, "unknown_route")
    assert "/user/x/stockwidget/api/v1/nothing/here" in lost.json["message"]
    assert (await call("GET", "nothing/here")).status == 401

    wrong = await api("PUT", "tasks", {})
    assert (wrong.status, wrong.json["code"]) == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "GET, POST"


async def test_answers_are_neither_cached_nor_sniffed(api):
    for path in ("info", "tasks", "tasks/none", "nothing"):
        headers = (await api("GET", path)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Type"] == "application/json"
        assert "Etag" not in headers


async def test_a_page_of_this_server_opens_a_socket_by_cookie_and_a_foreign_one_does_not(
    call, jp_serverapp, jp_auth_header, jp_base_url
):
    login = await call("GET", "info", headers=dict(jp_auth_header))
    jar = SimpleCookie()
    for line in login.headers.get_list("Set-Cookie"):
        jar.load(line)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
    host = f"127.0.0.1:{jp_serverapp.port}"

    async def connect(origin: str):
        url = f"ws://{host}{jp_base_url}stockwidget/api/v1/ws"
        return await websocket_connect(
            HTTPRequest(url, headers={"Cookie": cookies, "Origin": origin})
        )

    socket = await connect(f"http://{host}")
    assert json.loads(await socket.read_message())["k"] == "hello"
    socket.close()
    assert await socket.read_message() is None
    with pytest.raises(HTTPClientError) as refused:
        await connect("https://evil.example")
    assert refused.value.code == 403


class TestWithoutUnauthenticatedAccess:
    """Jupyter's strict mode checks at load that every verb is decorated."""

    @pytest.fixture
    def stock_config(self):
        return {"ServerApp": {"allow_unauthenticated_access": False}}

    async def test_the_extension_loads_and_answers(self, api, call):
        assert (await api("GET", "info")).status == 200
        stranger = await call("GET", "info")
        assert (stranger.status, stranger.json["code"]) == (401, "not_authorized")


class TestWithPassword:
    """No token exists, so a kernel has nothing to show but the secret."""

    @pytest.fixture
    def stock_config(self):
        from jupyter_server.auth import passwd

        return {
            "IdentityProvider": {"token": ""},
            "PasswordIdentityProvider": {"hashed_password": passwd("correct horse")},
        }

    async def test_a_kernel_enters(self, call, jp_serverapp):
        assert (await call("GET", "info")).status == 401
        secret = jp_serverapp.web_app.settings["stockwidget"].secret
        kernel = {"Authorization": f"stockwidget {secret}"}
        body = {"kind": "analysis", "params": {"symbol": "AAPL"}}
        assert (await call("POST", "tasks", body, headers=kernel)).status == 202
