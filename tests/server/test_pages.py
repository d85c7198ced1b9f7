"""The page: who may open it, what may run in it, and how long a browser may keep its bundles."""

from __future__ import annotations

import hashlib
import json
import re
from http.cookies import SimpleCookie

import pytest

from stockwidget_server.bundles import BUNDLES, EXACT, Bundle
from stockwidget_server.pages import STATIC

PAGE = "/user/x/stockwidget/realtime_demo.html"
BUNDLE = "/user/x/stockwidget/static/"


def directives(header: str) -> dict[str, str]:
    policies = header.split(",")
    pairs = (part.strip().partition(" ") for policy in policies for part in policy.split(";"))
    return {name: value for name, _, value in pairs}


async def test_a_person_without_a_login_is_sent_to_it_and_back(call):
    answer = await call("GET", f"{PAGE}?lang=zh")
    assert answer.status == 302
    assert answer.headers["Location"].startswith("/user/x/login?next=%2Fuser%2Fx%2Fstockwidget%2F")
    assert "lang%3Dzh" in answer.headers["Location"]


async def test_a_token_in_the_address_logs_the_browser_in(call, jp_serverapp):
    token = jp_serverapp.identity_provider.token
    answer = await call("GET", f"{PAGE}?token={token}")
    assert answer.status == 200
    assert token not in answer.body.decode()
    cookies = SimpleCookie("; ".join(answer.headers.get_list("Set-Cookie")))
    assert "_xsrf" in cookies
    login = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
    again = await call("GET", PAGE, headers={"Cookie": login})
    assert again.status == 200


async def test_the_page_tells_its_scripts_where_they_are(call, jp_auth_header):
    page = (await call("GET", PAGE, headers=dict(jp_auth_header))).body.decode()
    block = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page)
    assert block
    config = json.loads(block[1])
    assert config["baseUrl"] == "/user/x/"
    assert config["token"] == ""
    assert config["stockwidget"]["symbols"]["AAPL"] == "Apple Inc."


async def test_only_scripts_with_this_answers_nonce_run(call, jp_auth_header):
    answers = [await call("GET", PAGE, headers=dict(jp_auth_header)) for _ in range(2)]
    nonces = []
    for answer in answers:
        policy = directives(answer.headers["Content-Security-Policy"])
        page = answer.body.decode()
        scripts = re.findall(r"<script(?! id=)([^>]*)>(.*?)</script>", page)
        assert scripts
        assert [body for _, body in scripts] == [""] * len(scripts), "an inline script"
        (nonce,) = {re.search(r'nonce="([^"]+)"', attributes)[1] for attributes, _ in scripts}
        assert policy["script-src"] == f"'nonce-{nonce}'"
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'self'", "Jupyter's own rule holds as well"
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", page), "something from elsewhere"
        assert answer.headers["Cache-Control"] == "no-store"
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize("name", BUNDLES)
async def test_a_bundle_named_by_its_content_is_kept_for_ever(call, jp_auth_header, name):
    content = (STATIC / name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:20]
    login = dict(jp_auth_header)
    named = await call("GET", f"{BUNDLE}{name}?v={digest}", headers=login)
    assert named.status == 200
    assert named.body == content
    assert "immutable" in named.headers["Cache-Control"]
    assert named.headers["Content-Type"].startswith("text/javascript")
    plain = await call("GET", BUNDLE + name, headers=login)
    assert plain.headers["Cache-Control"] == "private, no-cache"
    again = await call(
        "GET", BUNDLE + name, headers={**login, "If-None-Match": plain.headers["ETag"]}
    )
    assert (again.status, again.body) == (304, b"")
    other = await call("GET", BUNDLE + name, headers={**login, "If-None-Match": '"other"'})
    assert other.status == 200


async def test_the_page_names_its_bundles_by_their_content(call, jp_auth_header):
    page = (await call("GET", PAGE, headers=dict(jp_auth_header))).body.decode()
    addresses = re.findall(r'src="([^"]+)"', page)
    assert [a.partition("?")[0] for a in addresses] == [f"{BUNDLE}client.js", f"{BUNDLE}demo.js"]
    for address in addresses:
        answer = await call("GET", address, headers=dict(jp_auth_header))
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["other.js", "..%2Fpy.typed", "widget.js.map"])
async def test_nothing_else_lies_there(call, jp_auth_header, name):
    assert (await call("GET", BUNDLE + name, headers=dict(jp_auth_header))).status == 404


async def test_a_bundle_is_not_for_strangers(call):
    assert (await call("GET", f"{BUNDLE}client.js")).status == 401


async def test_a_part_is_given_to_no_bundle_of_another_version(call, jp_auth_header):
    login = dict(jp_auth_header)
    assert (await call("GET", f"{BUNDLE}analysis.js?v=other", headers=login)).status == 404
    assert (await call("GET", f"{BUNDLE}client.js?v=other", headers=login)).status == 200


@pytest.mark.parametrize("name", ["widget.js", "demo.js"])
def test_a_bundle_asks_for_the_parts_that_were_built_with_it(name):
    text = (STATIC / name).read_text(encoding="utf-8")
    assert [part for part in EXACT if Bundle.at(STATIC / part).digest not in text] == []


def test_a_new_build_is_noticed(tmp_path):
    file = tmp_path / "client.js"
    file.write_text("one")
    before = Bundle.at(file)
    file.write_text("another")
    assert Bundle.at(file).content == b"another"
    assert Bundle.at(file).digest != before.digest
