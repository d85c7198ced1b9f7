"""A task outlives its cell, its page and its kernel: attached again it shows the same card, and nothing is computed twice."""

from __future__ import annotations

import re

from lab_driver import Lab, open_notebook, restart_kernel, run_all, run_cell, wait_until_ready
from playwright.sync_api import Page, expect

SCAN = "import stockwidget as sw\ns = sw.scan('synthetic:1200', where={'rsi_14': ('<', 60)}, name='nightly', force=True, pace_s=10)\ns"
ATTACH = "import stockwidget as sw\ns = sw.attach('last')\ns"
LIST = "import stockwidget as sw\nsw.tasks(name='nightly')"


def card(page: Page, cell: int = 0):
    return page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".stockwidget")


def tasks(lab: Lab) -> list[dict]:
    return lab.api("stockwidget/api/v1/tasks?name=nightly")["tasks"]


def test_a_kernel_that_restarted_attaches_and_a_reload_restores_the_card(
    page: Page, lab: Lab
) -> None:
    known = {task["id"] for task in tasks(lab)}
    name = lab.write_notebook("attach.ipynb", [SCAN, ATTACH])
    open_notebook(page, lab, name)
    run_cell(page, 0)
    expect(card(page)).to_have_attribute(
        "data-status", re.compile("running|completed"), timeout=60_000
    )
    restart_kernel(page)
    run_cell(page, 1)
    expect(card(page, 1)).to_have_attribute("data-status", "completed", timeout=90_000)
    expect(card(page, 1)).to_contain_text(re.compile(r"of 1,200 symbols fit"))
    (task,) = [task for task in tasks(lab) if task["id"] not in known]
    assert (task["attempt"], task["counters"]["processed"]) == (1, 1_200), (
        "nothing was computed twice"
    )
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.goto(f"{lab.url}lab/tree/{name}")
    wait_until_ready(page)
    expect(card(page, 1)).to_have_attribute("data-status", "completed", timeout=30_000)
    expect(card(page, 1)).to_contain_text(re.compile(r"of 1,200 symbols fit"))
    expect(card(page, 1).locator(".sw-until")).to_contain_text("Kept until")
    assert [each["id"] for each in tasks(lab) if each["id"] not in known] == [task["id"]]
    # The kernel that made the first cell's card is gone: the page shows it without one.
    expect(card(page, 0)).to_have_attribute("data-status", "completed", timeout=30_000)
    expect(card(page, 0)).to_contain_text(re.compile(r"of 1,200 symbols fit"))
    expect(page.locator("body")).not_to_contain_text("Error displaying widget")


def test_without_kernel_and_server_a_notebook_shows_what_it_saved(page: Page, lab: Lab) -> None:
    name = lab.write_notebook("saved.ipynb", ["import stockwidget as sw\nsw.monitor()"])
    open_notebook(page, lab, name)
    run_cell(page, 0)
    output = page.locator(".jp-OutputArea-output")
    expect(output.locator(".sw-monitor")).to_be_visible(timeout=60_000)
    restart_kernel(page)
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.goto(f"{lab.url}lab/tree/{name}")
    wait_until_ready(page)
    expect(output.locator("table")).to_be_visible(timeout=30_000)
    expect(page.locator("body")).not_to_contain_text("Error displaying widget")


def test_a_cancelled_scan_is_pinned_and_resumed_from_its_card_by_keyboard(
    page: Page, lab: Lab
) -> None:
    source = SCAN.replace("1200", "1201")
    open_notebook(page, lab, lab.write_notebook("resume.ipynb", [source, "print(s.id, s.status)"]))
    run_cell(page, 0)
    cancel = card(page).locator(".sw-head .sw-cancel")
    expect(cancel).to_be_visible(timeout=60_000)
    cancel.focus()
    page.keyboard.press("Enter")
    expect(card(page)).to_have_attribute("data-status", "cancelled", timeout=10_000)
    card(page).locator(".sw-keeping .sw-pin").click()
    expect(card(page).locator(".sw-until")).to_have_text("Pinned")
    card(page).locator(".sw-head .sw-resume").focus()
    page.keyboard.press("Enter")
    expect(card(page)).to_have_attribute("data-status", "completed", timeout=90_000)
    newest = next(task for task in tasks(lab) if task["title"].startswith("synthetic:1201"))
    assert newest["predecessor"] is not None
    run_cell(page, 1)
    expect(page.locator(".jp-OutputArea-output pre").last).to_have_text(
        re.compile(f"{newest['id']} completed"), timeout=20_000
    )


def test_the_table_of_tasks_lives(page: Page, lab: Lab) -> None:
    source = SCAN.replace("1200", "1202")
    open_notebook(page, lab, lab.write_notebook("tasks.ipynb", [source, LIST]))
    run_all(page)
    table = page.locator(".jp-OutputArea .sw-tasks")
    row = table.locator("tbody tr").first
    expect(row).to_contain_text("nightly", timeout=60_000)
    expect(row).to_have_attribute("data-status", "completed", timeout=90_000)
    row.get_by_role("button", name="Pin").click()
    expect(row.locator(".sw-col-kept")).to_have_text("Pinned")
    rows = table.locator("tbody tr").count()
    row.get_by_role("button", name="Run again").click()
    expect(table.locator("tbody tr")).to_have_count(rows + 1, timeout=10_000)
    table.locator("tbody tr").first.locator(".sw-cancel").click()
    table.get_by_role("searchbox").fill("no such task")
    expect(table).to_contain_text("No task fits the filter")
