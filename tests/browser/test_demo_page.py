"""The demo page of a real ``jupyter stockwidget``: tasks run, ways break and heal, and nothing gets lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_driver import Lab, running_lab
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

APP = "stockwidget_server"
OPENED_MS = 20_000


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("app"), app=APP, base_url="/user/x/") as running:
        yield running


@pytest.fixture
def errors(page: Page) -> list[str]:
    """Every error of the page: it has no other author than us."""
    seen: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            seen.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: seen.append(str(error)))
    return seen


def visit(page: Page, app: Lab, query: str = "") -> None:
    page.goto(f"{app.url}stockwidget/realtime_demo.html?token={app.token}{query}")
    expect(page.locator(".dp-ladder")).to_be_visible(timeout=OPENED_MS)


def scan(page: Page, universe: str = "sample") -> None:
    page.select_option("select[name=universe]", universe)
    page.uncheck("input[name=slow]")
    page.locator("form[data-kind=scan] button[type=submit]").click()
    expect(card(page)).to_be_visible(timeout=OPENED_MS)


def follow(page: Page, app: Lab) -> str:
    """Let the page follow a task that takes minutes; return its id."""
    task = app.pace(rows=5000)["id"]
    page.evaluate(
        "id => subscribeTaskStatus(id, seen => { window.found = seen.partial.rows?.length ?? 0; })",
        task,
    )
    return task


def card(page: Page):
    return page.locator(".dp-tasks-list .stockwidget").first


def rung(page: Page, name: str):
    return page.locator(f".dp-rung[data-rung={name}]")


def carrying(page: Page, name: str, *, within_s: float) -> None:
    expect(rung(page, name)).to_have_attribute("data-state", "carrying", timeout=within_s * 1000)


def toggle(page: Page, name: str) -> None:
    rung(page, name).get_by_role("switch").click()


def grows(page: Page, *, within_s: float) -> None:
    """The page is fed: it knows of more rows than now."""
    page.wait_for_function(
        "before => (window.found ?? 0) > before",
        arg=page.evaluate("window.found ?? 0"),
        timeout=within_s * 1000,
    )


def stop(app: Lab, task: str) -> None:
    app.api(f"stockwidget/api/v1/tasks/{task}/cancel", {})


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width


@pytest.mark.timeout(300)
def test_it_goes_down_step_by_step_and_up_again_while_the_task_goes_on(
    page: Page, app: Lab, errors: list[str]
) -> None:
    visit(page, app)
    task = follow(page, app)
    carrying(page, "ws", within_s=10)
    toggle(page, "ws")
    carrying(page, "sse", within_s=10)
    expect(rung(page, "ws")).to_have_attribute("data-state", "broken")
    expect(page.locator(".dp-link-why")).to_contain_text("Not over WebSocket: ")
    grows(page, within_s=10)
    toggle(page, "sse")
    carrying(page, "poll", within_s=45)
    grows(page, within_s=10)
    page.get_by_role("button", name="Heal all").click()
    carrying(page, "ws", within_s=90)
    expect(page.locator("[data-tally=downgrades] dd")).not_to_have_text("0")
    expect(page.locator("[data-tally=upgrades] dd")).not_to_have_text("0")
    grows(page, within_s=10)
    stop(app, task)
    assert errors == []


def test_offline_is_said_and_survived(page: Page, app: Lab) -> None:
    visit(page, app)
    task = follow(page, app)
    carrying(page, "ws", within_s=10)
    page.get_by_role("switch", name="Everything: Offline").click()
    expect(page.locator(".dp-connection")).to_have_attribute("data-state", "backoff")
    expect(page.locator(".dp-rung[data-state=broken]")).to_have_count(3)
    page.get_by_role("button", name="Heal all").click()
    expect(page.locator(".dp-connection")).to_have_attribute("data-state", "live", timeout=30_000)
    grows(page, within_s=10)
    stop(app, task)


def test_the_monitor_reads_only_while_it_is_seen(page: Page, app: Lab) -> None:
    reads: list[str] = []
    page.on(
        "request", lambda sent: reads.append(sent.url) if "realtime/stats" in sent.url else None
    )
    page.set_viewport_size({"width": 760, "height": 700})
    visit(page, app)
    page.wait_for_timeout(2_500)
    assert reads == []
    monitor = page.locator(".sw-monitor")
    monitor.scroll_into_view_if_needed()
    expect(monitor.locator(".sw-value").first).to_have_text(re.compile(r"\d"), timeout=10_000)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)
    seen = len(reads)
    page.wait_for_timeout(4_500)
    assert len(reads) <= seen + 1  # one may have been under way


@pytest.mark.parametrize("width", [360, 480, 760, 1200])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_width_overflows(page: Page, app: Lab, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    visit(page, app, f"&lang={language}")
    assert overflow(page) <= 0
    scan(page)
    expect(card(page)).to_have_attribute("data-status", "completed", timeout=30_000)
    page.locator(".sw-monitor").scroll_into_view_if_needed()
    expect(page.locator(".sw-monitor .sw-value").first).to_have_text(re.compile(r"\d"))
    assert overflow(page) <= 0


def test_language_and_theme_change_in_place_and_are_remembered(page: Page, app: Lab) -> None:
    visit(page, app, "&theme=light")
    page.get_by_role("button", name="Analyse").click()
    expect(card(page)).to_have_attribute("data-status", "completed", timeout=30_000)
    page.get_by_role("radio", name="中文").click()
    expect(card(page)).to_contain_text("最大回撤", timeout=10_000)
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    light = card(page).evaluate("e => getComputedStyle(e).backgroundColor")
    page.get_by_role("radio", name="深色").click()
    page.wait_for_function(
        """light => getComputedStyle(document.querySelector('.dp-tasks-list .stockwidget'))
               .backgroundColor !== light""",
        arg=light,
    )
    page.goto(f"{app.url}stockwidget/realtime_demo.html")
    expect(page.get_by_role("button", name="开始分析")).to_be_visible(timeout=OPENED_MS)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_keyboard_reaches_everything(page: Page, app: Lab) -> None:
    visit(page, app)
    page.locator("input[name=symbol]").focus()
    page.keyboard.press("Enter")
    expect(card(page)).to_have_attribute("data-status", "completed", timeout=30_000)
    page.get_by_role("switch", name="WebSocket: Refuse").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name="WebSocket: Refuse")).to_have_attribute(
        "aria-checked", "true"
    )
    page.get_by_role("radio", name="EN").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="中文")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("switch", name="WebSocket: 拒绝")).to_have_attribute(
        "aria-checked", "true"
    )


def test_polling_only_is_said_and_works(browser: Browser, tmp_path: Path) -> None:
    with running_lab(tmp_path, app=APP, more={"REALTIME_ENABLED": "false"}) as app:
        context = browser.new_context(viewport={"width": 1200, "height": 900})
        page = context.new_page()
        sockets: list[str] = []
        page.on("websocket", lambda ws: sockets.append(ws.url))
        errors: list[str] = []
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        visit(page, app)
        expect(page.locator(".dp-rung[data-state=off]")).to_have_count(2)
        task = follow(page, app)
        carrying(page, "poll", within_s=20)
        expect(page.locator(".dp-link-look")).to_have_text("Polling only")
        grows(page, within_s=60)  # the first worker of this server may still be starting
        stop(app, task)
        assert sockets == []
        assert errors == []
        context.close()


def test_a_stranger_comes_to_the_login_page(page: Page, app: Lab) -> None:
    page.goto(f"{app.url}stockwidget/realtime_demo.html?lang=zh")
    expect(page).to_have_url(re.compile("/user/x/login"))
    page.locator("#password_input").fill(app.token)
    page.locator("#login_submit").click()
    expect(page.get_by_role("button", name="开始分析")).to_be_visible(timeout=OPENED_MS)


def test_the_same_request_again_brings_its_card_to_the_top(page: Page, app: Lab) -> None:
    visit(page, app)
    for symbol in ("IBM", "NVDA", "IBM"):
        page.fill("input[name=symbol]", symbol)
        page.get_by_role("button", name="Analyse").click()
        expect(card(page)).to_contain_text(symbol, timeout=30_000)
        expect(card(page)).to_have_attribute("data-status", "completed", timeout=30_000)
