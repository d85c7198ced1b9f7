"""A plain web page follows tasks with nothing but ``client.js`` from a real server, however its ways are broken."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from lab_driver import Lab
from playwright.sync_api import Browser, BrowserContext, Page

OPEN = """
() => {
  window.seen = [];
  window.links = [];
  window.stockwidget.onConnection(link => window.links.push(link));
  window.begin = async (kind, params) => {
    const answer = await window.stockwidget.submit(kind, params);
    if (answer.is !== 'ok') throw new Error(JSON.stringify(answer));
    window.subscribeTaskStatus(answer.value.id, status => window.seen.push(status));
    return answer.value.id;
  };
}
"""
CARRIED = "name => { const c = window.stockwidget.connection(); return c.state === 'live' && c.transport === name; }"
DONE = "() => window.seen.length > 0 && 'result' in window.seen.at(-1)"
LONG_SCAN = {"universe": "synthetic:2000", "pace_s": 90}


def open_page(context: BrowserContext, lab: Lab) -> Page:
    """Open a page of our own on the server's origin; it knows nothing but where ``client.js`` is.

    In place of a page that exists (there is none but a 404 or the login form): Chromium lets only a document
    that came over the network open sockets to this machine.
    """
    page = context.new_page()
    script = f"{lab.url}stockwidget/static/client.js"
    page.goto(f"{lab.url}plain.html")
    page.set_content(
        f'<!doctype html><title>plain</title><script type="module" src="{script}"></script>'
    )
    page.wait_for_function("() => window.subscribeTaskStatus !== undefined")
    page.evaluate(OPEN)
    return page


@pytest.fixture
def context(browser: Browser) -> Any:
    fresh = browser.new_context()
    yield fresh
    fresh.close()


@pytest.fixture
def visit(context: BrowserContext, lab: Lab) -> Callable[[], Page]:
    """Pages of a browser that is logged in by cookie."""
    login = context.new_page()
    login.goto(f"{lab.url}stockwidget/api/v1/info?token={lab.token}")
    login.close()
    return lambda: open_page(context, lab)


def test_cookie_alone_is_enough_and_the_last_call_has_the_result(visit: Callable[[], Page]) -> None:
    page = visit()
    page.evaluate("() => window.begin('analysis', {symbol: 'AAPL'})")
    page.wait_for_function(DONE)
    seen = page.evaluate("() => window.seen")
    assert [s["status"] for s in seen].count("completed") == 1
    assert seen[-1]["result"]["symbol"] == "AAPL"
    progress = [s["progress"] for s in seen]
    assert progress == sorted(progress)
    assert progress[-1] == 100
    page.wait_for_function("() => window.stockwidget.connection().state === 'idle'")


def test_a_token_is_enough_without_a_cookie_and_is_in_no_address(
    browser: Browser, lab: Lab
) -> None:
    context = browser.new_context()
    page = context.new_page()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("websocket", lambda socket: addresses.append(socket.url))
    page.goto(f"{lab.url}login")
    page.evaluate(
        """async ({baseUrl, token}) => {
          const headers = {Authorization: `token ${token}`};
          const answer = await fetch(`${baseUrl}stockwidget/static/client.js`, {headers});
          await import(URL.createObjectURL(await answer.blob()));
          stockwidget.configure({baseUrl, token});
        }""",
        {"baseUrl": lab.url, "token": lab.token},
    )
    page.evaluate(OPEN)
    context.clear_cookies()  # Jupyter gives one to whoever shows a token
    page.evaluate("params => window.begin('scan', params)", LONG_SCAN)
    page.wait_for_function(CARRIED, arg="ws")
    page.evaluate("() => window.stockwidget.cancel(window.seen.at(-1).taskId)")
    page.wait_for_function("() => window.seen.at(-1)?.status === 'cancelled'")
    assert any(address.endswith("/api/v1/ws") for address in addresses)
    assert not [address for address in addresses if lab.token in address]
    context.close()


def test_each_way_broken_in_turn_and_healed(visit: Callable[[], Page]) -> None:
    page = visit()
    faults = "changes => window.stockwidget.faults().set(changes)"
    page.evaluate("params => window.begin('scan', params)", LONG_SCAN)
    page.wait_for_function(CARRIED, arg="ws")
    page.evaluate(faults, {"refuseWebSocket": True})
    page.wait_for_function(CARRIED, arg="sse", timeout=5_000)
    before = page.evaluate("() => window.seen.length")
    page.wait_for_function("n => window.seen.length > n + 3", arg=before)
    page.evaluate(faults, {"muteSse": True})
    page.evaluate("() => dispatchEvent(new Event('offline'))")  # on loopback: no matter
    page.wait_for_function(CARRIED, arg="poll", timeout=45_000)
    page.wait_for_function("() => window.stockwidget.connection().downgrades === 2", timeout=15_000)
    page.evaluate(faults, {"refuseWebSocket": False, "muteSse": False})
    page.evaluate("() => dispatchEvent(new Event('online'))")
    page.wait_for_function(CARRIED, arg="ws", timeout=5_000)
    page.evaluate("() => window.stockwidget.cancel(window.seen.at(-1).taskId)")
    page.wait_for_function("() => window.seen.at(-1).status === 'cancelled'")
    link = page.evaluate("() => window.stockwidget.connection()")
    assert link["downgrades"] == 2
    assert link["upgrades"] == 1
    rows = page.evaluate("() => (window.seen.at(-1).partial.rows ?? []).map(row => row[0])")
    assert len(rows) == len(set(rows)), "a row came twice"


def test_tabs_share_one_stream_and_outlive_the_one_that_held_it(
    visit: Callable[[], Page], lab: Lab
) -> None:
    pages = [visit() for _ in range(8)]  # two more than a browser opens connections
    task = ""
    for page in pages:
        page.evaluate("() => window.stockwidget.faults().set({refuseWebSocket: true})")
        if not task:
            task = page.evaluate("params => window.begin('scan', params)", LONG_SCAN)
        else:
            page.evaluate(
                "id => { window.subscribeTaskStatus(id, s => window.seen.push(s)); }", task
            )
    for page in pages:
        page.wait_for_function(CARRIED, arg="sse", timeout=15_000)
    settles_at_one_stream(lab)
    pages[0].close()
    for page in pages[1:]:
        before = page.evaluate("() => window.seen.at(-1).progress")
        page.wait_for_function("p => window.seen.at(-1).progress > p", arg=before, timeout=10_000)
    settles_at_one_stream(lab)
    pages[1].evaluate("id => window.stockwidget.cancel(id)", task)
    for page in pages[1:]:
        page.wait_for_function("() => window.seen.at(-1).status === 'cancelled'")


def settles_at_one_stream(lab: Lab) -> None:
    """A stream that is to follow one more task is replaced by a second one, which is there before it goes."""
    deadline = time.monotonic() + 5
    while streams(lab) != 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def streams(lab: Lab) -> int:
    """Event streams open at the server now."""
    return int(lab.api("stockwidget/api/realtime/stats")["connections"]["open"]["sse"])
