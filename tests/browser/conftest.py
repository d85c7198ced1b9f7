"""One JupyterLab and one Chromium for all browser tests of a process, a fresh page for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_driver import Lab, chromium, running_lab
from playwright.sync_api import Browser, ConsoleMessage, Page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    # A machine that draws in software has better things to do than to draw what pulses.
    context = browser.new_context(viewport={"width": 1200, "height": 1000}, reduced_motion="reduce")
    fresh = context.new_page()
    yield fresh
    context.close()


@pytest.fixture
def console_errors(page: Page) -> list[str]:
    """What our own code printed as an error; Lab's own noise names its own files."""
    seen: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "stockwidget" in f"{message.text} {message.location}":
            seen.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: seen.append(str(error)))
    return seen
