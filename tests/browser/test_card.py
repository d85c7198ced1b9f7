"""A cell run in a real JupyterLab shows a live card that survives a busy kernel, a reload and bad input."""

from __future__ import annotations

import re
from pathlib import Path

from lab_driver import (
    Lab,
    open_notebook,
    restart_kernel,
    run_all,
    run_cell,
    set_theme,
    wait_until_ready,
)
from playwright.sync_api import Browser, Page, WebSocket, expect

ANALYSIS = "import stockwidget as sw\nt = sw.analyze('AAPL')\nt"
LONG_SCAN = "import stockwidget as sw\ns = sw.scan('synthetic:2000', where={'rsi_14': ('<', 70)}, pace_s=60)\ns"
QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"


def card(page: Page, index: int = 0):
    return page.locator(".jp-OutputArea .stockwidget").nth(index)


def progress(page: Page) -> float:
    value = card(page).get_by_role("progressbar").first.get_attribute("aria-valuenow")
    return float(value or 0)


def test_quickstart_runs_to_its_end(page: Page, lab: Lab, console_errors: list[str]) -> None:
    (lab.folder / "quickstart.ipynb").write_bytes(QUICKSTART.read_bytes())
    open_notebook(page, lab, "quickstart.ipynb")
    run_all(page)
    expect(card(page).locator("canvas").first).to_be_visible(timeout=30_000)
    expect(card(page)).to_have_attribute("data-status", "completed")
    expect(card(page)).to_contain_text("AAPL")
    expect(card(page)).to_contain_text("2023-09-21")
    page.locator(".jp-Notebook").evaluate("n => n.scrollTo(0, n.scrollHeight)")
    expect(page.locator("body")).to_contain_text("Did you mean AAPL", timeout=60_000)
    expect(page.locator("body")).not_to_contain_text("Error displaying widget")
    assert console_errors == []


def test_a_busy_kernel_stops_neither_the_bar_nor_cancel(page: Page, lab: Lab) -> None:
    name = lab.write_notebook("busy.ipynb", [LONG_SCAN, "import time\ntime.sleep(30)"])
    open_notebook(page, lab, name)
    run_all(page)
    expect(card(page).get_by_role("progressbar").first).to_be_visible(timeout=20_000)
    busy = page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".jp-InputPrompt")
    expect(busy).to_contain_text("*")
    page.wait_for_function(
        """() => Number(document.querySelector('.stockwidget [role=progressbar]')
               ?.getAttribute('aria-valuenow')) > 1"""
    )
    seen = progress(page)
    page.wait_for_function(
        """seen => Number(document.querySelector('.stockwidget [role=progressbar]')
               ?.getAttribute('aria-valuenow')) > seen""",
        arg=seen,
    )
    card(page).get_by_role("button", name=re.compile("cancel", re.IGNORECASE)).click()
    expect(card(page)).to_have_attribute("data-status", "cancelled", timeout=5_000)
    expect(busy).to_contain_text("*")


def test_a_reload_restores_the_card_at_the_progress_it_had(page: Page, lab: Lab) -> None:
    name = lab.write_notebook("reload.ipynb", [LONG_SCAN])
    open_notebook(page, lab, name)
    run_all(page)
    expect(card(page).get_by_role("progressbar").first).to_be_visible(timeout=20_000)
    page.wait_for_function(
        """() => Number(document.querySelector('.stockwidget [role=progressbar]')
               ?.getAttribute('aria-valuenow')) > 2"""
    )
    seen = progress(page)
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.goto(f"{lab.url}lab/tree/{name}")
    wait_until_ready(page)
    expect(card(page)).to_have_attribute("data-status", "running", timeout=20_000)
    assert progress(page) >= seen
    card(page).get_by_role("button", name=re.compile("cancel", re.IGNORECASE)).click()
    expect(card(page)).to_have_attribute("data-status", "cancelled", timeout=5_000)


def test_an_unknown_symbol_is_explained_in_the_card(page: Page, lab: Lab) -> None:
    source = "import stockwidget as sw\nsw.analyze('APPL')"
    open_notebook(page, lab, lab.write_notebook("unknown.ipynb", [source]))
    run_all(page)
    expect(card(page)).to_have_attribute("data-status", "failed", timeout=20_000)
    expect(card(page)).to_contain_text("Unknown symbol")
    expect(card(page)).to_contain_text("AAPL")


def test_chinese_dark_and_narrow(page: Page, lab: Lab) -> None:
    source = "import stockwidget as sw\nsw.analyze('MSFT', locale='zh')"
    open_notebook(page, lab, lab.write_notebook("zh.ipynb", [source]))
    run_all(page)
    expect(card(page)).to_contain_text("最大回撤", timeout=30_000)
    light = card(page).evaluate("e => getComputedStyle(e).backgroundColor")
    set_theme(page, "JupyterLab Dark")
    page.wait_for_function(
        """light => getComputedStyle(document.querySelector('.stockwidget')).backgroundColor
               !== light""",
        arg=light,
    )
    page.set_viewport_size({"width": 760, "height": 900})
    overflow = card(page).evaluate("e => e.scrollWidth - e.clientWidth")
    assert overflow <= 0
    set_theme(page, "JupyterLab Light")


def test_all_outputs_of_a_page_share_one_connection(page: Page, lab: Lab) -> None:
    addresses: list[str] = []
    open_now: set[WebSocket] = set()
    most = 0

    def closed(socket: WebSocket) -> None:
        open_now.discard(socket)

    def opened(socket: WebSocket) -> None:
        nonlocal most
        if "/stockwidget/" in socket.url:
            addresses.append(socket.url)
            open_now.add(socket)
            most = max(most, len(open_now))
            socket.on("close", closed)

    page.on("websocket", opened)
    name = lab.write_notebook("shared.ipynb", [ANALYSIS, "sw.analyze('IBM')", "sw.analyze('NVDA')"])
    open_notebook(page, lab, name)
    run_all(page)
    for index in range(3):
        expect(card(page, index)).to_have_attribute("data-status", "completed", timeout=30_000)
    assert most == 1, "it may close and open again, but there is one at a time"
    assert not [address for address in addresses if "token" in address]


def test_keyboard_reaches_cancel(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, lab.write_notebook("keys.ipynb", [LONG_SCAN]))
    run_cell(page, 0)
    button = card(page).get_by_role("button", name=re.compile("cancel", re.IGNORECASE))
    expect(button).to_be_visible(timeout=20_000)
    button.focus()
    page.keyboard.press("Enter")
    expect(card(page)).to_have_attribute("data-status", "cancelled", timeout=5_000)


def test_password_login_below_a_base_url(browser: Browser, tmp_path: Path) -> None:
    """No token anywhere: the page uses its cookie, the kernel the connection file."""
    from jupyter_server.auth import passwd
    from lab_driver import running_lab

    options = [f"--PasswordIdentityProvider.hashed_password={passwd('open sesame')}"]
    with running_lab(tmp_path, base_url="/user/x/", token="", options=options) as lab:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{lab.url}login?next=/user/x/lab")
        page.fill("input[name=password]", "open sesame")
        page.click("button[type=submit], input[type=submit]")
        open_notebook(page, lab, lab.write_notebook("login.ipynb", [ANALYSIS]), login=False)
        run_all(page)
        expect(card(page)).to_have_attribute("data-status", "completed", timeout=30_000)
        expect(card(page).locator("canvas").first).to_be_visible(timeout=10_000)
        context.close()


def test_the_doctor_looks_from_the_page_too(page: Page, lab: Lab) -> None:
    source = "import stockwidget as sw\nsw.doctor()"
    open_notebook(page, lab, lab.write_notebook("doctor.ipynb", [source]))
    run_all(page)
    own = page.locator(".sw-checks-page")
    expect(own.locator('[data-state="ok"]')).to_have_count(4, timeout=40_000)
    expect(page.locator(".sw-doctor-head")).to_have_attribute("data-state", "ok")


def test_a_comparison_draws_with_one_chart_library_and_outlives_its_kernel(
    page: Page, lab: Lab
) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: "analysis.js" in request.url and fetched.append(request.url))
    name = lab.write_notebook(
        "compare.ipynb", ["import stockwidget as sw\nsw.compare('AAPL', 'NVDA', 'APPL')"]
    )
    open_notebook(page, lab, name)
    run_all(page)
    whole = page.locator(".sw-compare")
    expect(whole).to_have_attribute("data-state", "completed", timeout=60_000)
    expect(whole.locator(".sw-compare-why:visible")).to_contain_text("APPL")
    expect(whole.locator(".sw-compare-frame canvas").first).to_be_visible()
    whole.locator(".sw-compare-own .sw-compare-open", has_text="NVDA").press("Enter")
    opened = whole.locator(".sw-opened .stockwidget")
    expect(opened).to_have_attribute("data-status", "completed")
    expect(opened.locator(".sw-chart-frame canvas").first).to_be_visible()
    assert len(fetched) == 1
    restart_kernel(page)
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.goto(f"{lab.url}lab/tree/{name}")
    wait_until_ready(page)
    expect(whole).to_have_attribute("data-state", "completed", timeout=30_000)
    expect(whole.locator(".sw-compare-own tbody tr")).to_have_count(2)
