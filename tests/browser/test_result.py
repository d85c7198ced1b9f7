"""The result page of an analysis in a real JupyterLab: panes, ranges, score, keyboard, narrow cells, and where its code comes from."""

from __future__ import annotations

import re
from pathlib import Path

from lab_driver import Lab, open_notebook, run_all, run_cell, running_lab
from playwright.sync_api import Browser, Locator, Page, expect

ANALYSIS = "import stockwidget as sw\nt = sw.analyze('AAPL')\nt"
HEIGHTS = """
() => {
  window.heights = [];
  const watch = card => new ResizeObserver(() => {
    const has = card.querySelector('.sw-result') ? 'result' : 'room';
    window.heights.push([has, card.offsetHeight]);
  }).observe(card);
  const seen = new Set();
  new MutationObserver(() => {
    for (const card of document.querySelectorAll('.jp-OutputArea .stockwidget')) {
      if (!seen.has(card)) { seen.add(card); watch(card); }
    }
  }).observe(document.body, {childList: true, subtree: true});
}
"""


def card(page: Page, index: int = 0) -> Locator:
    return page.locator(".jp-OutputArea .stockwidget").nth(index)


def fold_side_bar(page: Page) -> None:
    if page.locator("#jp-left-stack").is_visible():
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")


def analysed(page: Page, lab: Lab, name: str, *more: str) -> Locator:
    """The card of a finished analysis in a fresh notebook."""
    open_notebook(page, lab, lab.write_notebook(f"{name}.ipynb", [ANALYSIS, *more]))
    run_cell(page, 0)
    expect(card(page).locator("canvas").first).to_be_visible(timeout=30_000)
    return card(page)


def pick(shown: Locator, label: str) -> None:
    shown.locator(".sw-menu > summary").click()
    shown.locator(".sw-menu label", has_text=label).click()
    shown.page.keyboard.press("Escape")


def pressed(shown: Locator) -> Locator:
    return shown.locator(".sw-range-button[aria-pressed=true]")


def test_the_score_stands_with_the_points_and_the_record_behind_it(
    page: Page, lab: Lab, console_errors: list[str]
) -> None:
    shown = analysed(page, lab, "score")
    dial = shown.locator(".sw-dial")
    expect(dial).to_have_attribute("aria-label", re.compile(r"Score \d+ of 100: \w+"))
    expect(shown.locator(".sw-before")).to_contain_text("any day")
    shown.get_by_text("Why this score").click()
    rows = shown.locator(".sw-fold-factors tbody tr:not(.sw-group)")
    expect(rows).to_have_count(18)
    families = [float(t.split("/")[0]) for t in shown.locator(".sw-families b").all_inner_texts()]
    number = re.search(r"Score (\d+)", dial.get_attribute("aria-label") or "")
    assert number
    assert abs(sum(families) - int(number[1])) <= 3, "each family is rounded"
    shown.get_by_text("Track record").click()
    expect(shown.locator(".sw-facts-record tbody tr").first).to_be_visible()
    assert console_errors == []


def test_panes_are_picked_stand_in_order_and_are_remembered(page: Page, lab: Lab) -> None:
    shown = analysed(page, lab, "panes", "sw.analyze('IBM')")
    panes = shown.locator(".sw-pane-legend")
    expect(panes).to_have_count(2)
    before = shown.locator(".sw-chart-frame").bounding_box()
    pick(shown, "KDJ")
    pick(shown, "RSI")
    expect(panes).to_have_count(4)
    after = shown.locator(".sw-chart-frame").bounding_box()
    assert before
    assert after
    assert after["height"] > before["height"] + 100
    names = panes.evaluate_all("all => all.map(each => each.dataset.pane)")
    assert names == ["volume", "macd", "rsi", "kdj"]
    page.wait_for_timeout(300)
    tops = panes.evaluate_all("all => all.map(each => each.getBoundingClientRect().top)")
    assert tops == sorted(set(tops)), "each legend lies over its own pane"
    run_cell(page, 1)
    other = card(page, 1)
    expect(other.locator(".sw-pane-legend")).to_have_count(4, timeout=30_000)
    other.locator("[data-pane=kdj] .sw-pane-close").focus()
    page.keyboard.press("Enter")
    expect(other.locator(".sw-pane-legend")).to_have_count(3)
    expect(panes).to_have_count(4)


def test_a_view_built_again_keeps_range_and_scale(page: Page, lab: Lab) -> None:
    shown = analysed(page, lab, "again", "t")
    shown.get_by_role("button", name="6M", exact=True).click()
    expect(pressed(shown)).to_have_text("6M")
    shown.locator(".sw-log-button").click()
    run_cell(page, 1)
    again = card(page, 1)
    expect(pressed(again)).to_have_text("6M", timeout=20_000)
    expect(again.locator(".sw-log-button")).to_have_attribute("aria-pressed", "true")
    again.get_by_role("button", name="Reset").click()
    expect(pressed(again)).to_have_text("1Y")


def test_the_keyboard_walks_over_bars_and_signals(page: Page, lab: Lab) -> None:
    shown = analysed(page, lab, "keys")
    chart = shown.locator(".sw-chart-frame")
    date = shown.locator(".sw-legend-date")
    chart.focus()
    page.keyboard.press("End")
    expect(date).to_have_text("2023-09-21")
    page.keyboard.press("ArrowLeft")
    expect(date).to_have_text("2023-09-20")
    page.keyboard.press("p")
    expect(shown.locator(".sw-tip")).to_be_visible()
    expect(shown.locator(".sw-chart > [aria-live]")).to_contain_text("2023-")
    page.keyboard.press("3")
    expect(pressed(shown)).to_have_text("6M")
    page.keyboard.press("ArrowUp")
    expect(pressed(shown)).to_have_count(0)
    page.keyboard.press("?")
    expect(shown.locator(".sw-help dl")).to_be_visible()
    page.keyboard.press("Escape")
    expect(shown.locator(".sw-help dl")).not_to_be_visible()


def test_a_mark_explains_itself_under_the_pointer(page: Page, lab: Lab) -> None:
    shown = analysed(page, lab, "marks")
    chart = shown.locator(".sw-chart-frame")
    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("p")
    expected = shown.locator(".sw-tip").inner_text()
    page.keyboard.press("Escape")
    expect(shown.locator(".sw-tip")).not_to_be_visible()
    box = chart.bounding_box()
    assert box
    date = expected.splitlines()[0]
    found = False
    for x in range(int(box["width"]) - 80, 60, -3):
        page.mouse.move(box["x"] + x, box["y"] + 20)
        if shown.locator(".sw-legend-date").inner_text() != date:
            continue
        for y in range(40, 300, 4):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if shown.locator(".sw-tip").is_visible():
                found = shown.locator(".sw-tip").inner_text() == expected
                break
        break
    assert found


def test_the_result_takes_its_room_without_a_jump(page: Page, lab: Lab) -> None:
    for width in (1200, 700, 480):
        page.set_viewport_size({"width": width, "height": 1000})
        name = lab.write_notebook(f"room-{width}.ipynb", [ANALYSIS])
        open_notebook(page, lab, name)
        fold_side_bar(page)
        page.evaluate(HEIGHTS)
        run_all(page)
        expect(card(page).locator("canvas").first).to_be_visible(timeout=30_000)
        page.wait_for_timeout(500)
        heights = page.evaluate("window.heights")
        rooms = {height for has, height in heights if has == "room"}
        results = {height for has, height in heights if has == "result"}
        assert rooms, "the room was never seen"
        assert max(rooms | results) - min(rooms | results) <= 2, (width, heights)


def test_narrow_cells_hold_everything(page: Page, lab: Lab) -> None:
    shown = analysed(page, lab, "narrow")
    fold_side_bar(page)
    for window, most in ((1400, 1200), (940, 780), (600, 490), (480, 370)):
        page.set_viewport_size({"width": window, "height": 900})
        page.wait_for_timeout(300)
        assert most - 100 <= shown.evaluate("e => e.offsetWidth") <= most
        assert shown.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        expect(shown.locator(".sw-dial")).to_be_visible()
        shown.evaluate("e => e.querySelectorAll('.sw-fold').forEach(part => (part.open = true))")
        wide = shown.evaluate(
            """e => [...e.querySelectorAll('.sw-fold-body > *')].filter(each =>
                   !each.matches('.sw-facts-box') && each.scrollWidth > each.clientWidth + 1)
                   .map(each => each.className)"""
        )
        assert wide == []


def test_a_page_whose_server_lacks_the_part_has_it_from_the_kernel(page: Page, lab: Lab) -> None:
    page.route(re.compile(r"/static/analysis\.js"), lambda route: route.fulfill(status=404))
    analysed(page, lab, "parts")


def test_without_a_server_extension_the_kernel_gives_everything(
    browser: Browser, tmp_path: Path
) -> None:
    off = "--ServerApp.jpserver_extensions={'stockwidget_server': False}"
    with running_lab(tmp_path, options=[off]) as lab:
        page = browser.new_context().new_page()
        scan = "s = sw.scan('sample', where={'close': ('>', 0)})\ns"
        analysed(page, lab, "alone", scan)
        run_cell(page, 1)
        expect(card(page, 1).locator("tbody tr").nth(2)).to_be_visible(timeout=30_000)
        page.context.close()
