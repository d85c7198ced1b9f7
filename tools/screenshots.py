"""Redraw docs/images from a real JupyterLab: every state, light and dark, both languages.

``python tools/screenshots.py [finished result compare monitor demo]``, all of them if none is named.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab_driver import Lab, chromium, open_notebook, run_all, running_lab, set_theme
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
AROUND = 400
"""Pixels of a window that Lab's bars and the cell itself take."""
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

FINISHED = {
    "en": "import stockwidget as sw\nt = sw.analyze('AAPL')\nt",
    "zh": "import stockwidget as sw\nt = sw.analyze('AAPL', locale='zh')\nt",
}
SCAN = (
    "import stockwidget as sw\n"
    "s = sw.scan('synthetic:{n}', where={{'rsi_14': ('<', 70), 'ret_20': ('>', 0)}})\ns"
)
STUDY = (
    "import stockwidget as sw\n"
    "t = sw.study('synthetic:500', 'ret(20) < -0.1 and volume_ratio(20) > 1.2', start='2018-01-01')\nt"
)
FAILED = "import stockwidget as sw\nsw.analyze('APPL')"


@contextmanager
def notebook(
    browser: Browser, lab: Lab, name: str, source: str, *, width: int, height: int = 1000
) -> Iterator[Page]:
    """A page with the notebook of one cell run, side bar folded away."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=2 if width < 1300 else 1.5
    )
    page = context.new_page()
    open_notebook(page, lab, lab.write_notebook(f"{name}.ipynb", [source]))
    if page.locator("#jp-left-stack").is_visible():
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    run_all(page)
    yield page
    context.close()


def picture(page: Page, name: str) -> None:
    """Save the card, and say so."""
    card = page.locator(".jp-OutputArea .stockwidget").first
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)  # Lab fades between themes
    hold(page, card)
    card.screenshot(path=IMAGES / f"{name}.png")
    shrink(name)


def hold(page: Page, card: Locator) -> None:
    """Make the window as high as the card needs: Lab cuts off what is below its own edge."""
    box, size = card.bounding_box(), page.viewport_size
    if box and size and box["height"] + AROUND > size["height"]:
        page.set_viewport_size({**size, "height": round(box["height"]) + AROUND})
        page.wait_for_timeout(500)  # the notebook lays its cells out again


def shrink(name: str) -> None:
    """A palette of 256 colours: less than half the bytes, and rare colours keep their place in it."""
    path = IMAGES / f"{name}.png"
    with Image.open(path) as drawn:
        small = drawn.convert("RGB").quantize(
            256, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
        )
    small.save(path, optimize=True)
    print(f"docs/images/{name}.png {path.stat().st_size / 1000:.0f} kB")


def settle(page: Page, status: str) -> None:
    """Wait until the first card has reached ``status``."""
    card = page.locator(".jp-OutputArea .stockwidget").first
    expect(card).to_have_attribute("data-status", status, timeout=60_000)


def draw(browser: Browser, lab: Lab) -> None:
    """Take every picture."""
    for language, source in FINISHED.items():
        with notebook(
            browser, lab, f"finished-{language}", source, width=1360, height=1450
        ) as page:
            analysed(page)
            for shade, theme in THEMES.items():
                set_theme(page, theme)
                picture(page, f"finished-{language}-{shade}")
                if (language, shade) == ("en", "light"):
                    quickstart(page)
            set_theme(page, THEMES["light"])
    for shade, theme in THEMES.items():
        with notebook(browser, lab, f"running-{shade}", SCAN.format(n=20000), width=1200) as page:
            set_theme(page, theme)
            settle(page, "running")
            expect(page.locator(".stockwidget tbody tr").nth(8)).to_be_visible(timeout=30_000)
            picture(page, f"running-{shade}")
            page.locator(".stockwidget button", has_text="Cancel").first.click()
            settle(page, "cancelled")
            set_theme(page, THEMES["light"])
    with notebook(browser, lab, "scan", SCAN.format(n=200), width=1200) as page:
        settle(page, "completed")
        picture(page, "scan-light")
    draw_study(browser, lab)
    with notebook(browser, lab, "failed", FAILED, width=1200) as page:
        settle(page, "failed")
        picture(page, "failed-light")


def quickstart(page: Page) -> None:
    """Take the window with the cell from its first line on: running it has scrolled to its end."""
    before = page.viewport_size
    page.set_viewport_size({"width": 1360, "height": 1180})
    page.evaluate(
        "() => document.querySelectorAll('.jp-WindowedPanel-outer').forEach(e => e.scrollTo(0, 0))"
    )
    page.wait_for_timeout(500)  # the notebook lays its cells out again
    expect(page.locator(".jp-Cell .cm-line").first).to_be_in_viewport(ratio=1)
    page.screenshot(path=IMAGES / "quickstart.png")
    shrink("quickstart")
    if before:
        page.set_viewport_size(before)


def draw_study(browser: Browser, lab: Lab) -> None:
    """A study with a day chosen, light and dark."""
    with notebook(browser, lab, "study", STUDY, width=1200, height=1300) as page:
        settle(page, "completed")
        days = page.locator(".stockwidget .sw-days-plot").first
        expect(days).to_be_visible(timeout=30_000)
        page.wait_for_timeout(2_000)  # the kernel replaces the output of a finished task once
        days.click(position={"x": 500, "y": 100})
        for shade, theme in THEMES.items():
            set_theme(page, theme)
            picture(page, f"study-{shade}")
        set_theme(page, THEMES["light"])


def analysed(page: Page) -> None:
    """Wait for the result page of an analysis."""
    settle(page, "completed")
    expect(page.locator(".stockwidget canvas").first).to_be_visible()
    page.wait_for_timeout(2_000)  # the kernel replaces the output of a finished task once


YOUNG = "import stockwidget as sw\nsw.analyze('NVDA', start='2023-07-20')"


def draw_result(browser: Browser, lab: Lab) -> None:
    """Take an analysis' result in narrow cells, with parts unfolded, and with too little history."""
    for language, source in FINISHED.items():
        with notebook(browser, lab, f"narrow-{language}", source, width=592, height=1800) as page:
            analysed(page)
            for shade, theme in THEMES.items():
                set_theme(page, theme)
                picture(page, f"finished-narrow-{language}-{shade}")
            set_theme(page, THEMES["light"])
    with notebook(browser, lab, "parts", FINISHED["en"], width=1360, height=2900) as page:
        analysed(page)
        for label in ("RSI 14", "KDJ 9 3 3", "BOLL"):
            page.locator(".sw-menu > summary").click()
            page.locator(".sw-menu label", has_text=label).click()
            page.keyboard.press("Escape")
        page.evaluate("document.querySelectorAll('.sw-fold').forEach(part => (part.open = true))")
        picture(page, "finished-parts-light")
    with notebook(browser, lab, "young", YOUNG, width=1360, height=1500) as page:
        analysed(page)
        picture(page, "finished-few-bars-light")


COMPARED = {
    "en": "import stockwidget as sw\nsw.compare('AAPL', 'NVDA', 'AMZN', 'APPL', benchmark='AAPL')",
    "zh": "import stockwidget as sw\nsw.compare('AAPL', 'NVDA', 'AMZN', locale='zh')",
}


def draw_compare(browser: Browser, lab: Lab) -> None:
    """Take a comparison: wide with one that failed, narrow and dark in Chinese."""
    shots = (("en", "light", 1360, 1500), ("zh", "dark", 592, 1900))
    for language, shade, width, height in shots:
        source = COMPARED[language]
        with notebook(
            browser, lab, f"compare-{language}", source, width=width, height=height
        ) as page:
            expect(page.locator(".sw-compare")).to_have_attribute(
                "data-state", "completed", timeout=90_000
            )
            expect(page.locator(".sw-compare canvas").first).to_be_visible()
            page.wait_for_timeout(2_000)  # the kernel replaces the output of what has ended once
            set_theme(page, THEMES[shade])
            picture(page, f"compare-{language}-{shade}")
            set_theme(page, THEMES["light"])


MONITOR = "import stockwidget as sw\nsw.monitor()"


def draw_monitor(browser: Browser, lab: Lab) -> None:
    """Take the monitor while two demo pages follow scans, one of them without WebSocket."""
    with (
        following(browser, lab, "light"),
        following(browser, lab, "light", refuse=True),
        notebook(browser, lab, "monitor", MONITOR, width=1200) as page,
    ):
        number = page.locator(".sw-monitor .sw-value").first
        expect(number).to_have_text(re.compile(r"\d"), timeout=120_000)
        page.wait_for_timeout(20_000)  # the line of delays needs something to show
        picture(page, "monitor")


@contextmanager
def following(browser: Browser, lab: Lab, shade: str, *, refuse: bool = False) -> Iterator[Page]:
    """A demo page that follows a long scan, over the event stream if WebSocket is refused."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000}, device_scale_factor=2)
    page = context.new_page()
    page.goto(f"{lab.url}stockwidget/realtime_demo.html?token={lab.token}&lang=en&theme={shade}")
    if refuse:
        page.get_by_role("switch", name="WebSocket: Refuse").click()
    page.select_option("select[name=universe]", "synthetic:20000")
    page.fill("input[name=value]", "40" if refuse else "30")  # the same scan would be one task
    page.locator("form[data-kind=scan] button[type=submit]").click()
    rung = page.locator(f".dp-rung[data-rung={'sse' if refuse else 'ws'}]")
    expect(rung).to_have_attribute("data-state", "carrying", timeout=30_000)
    yield page
    page.locator(".dp-tasks .sw-cancel").first.click()
    context.close()


def draw_demo_page(browser: Browser, app: Lab) -> None:
    """Take the demo page with WebSocket refused, so that the ladder shows what it is for."""
    for shade in THEMES:
        with following(browser, app, shade, refuse=True) as page:
            expect(page.locator(".stockwidget tbody tr").nth(8)).to_be_visible(timeout=30_000)
            page.wait_for_timeout(4_000)
            page.screenshot(path=IMAGES / f"demo-page-{shade}.png")
            shrink(f"demo-page-{shade}")


PARTS = {
    "finished": draw,
    "result": draw_result,
    "compare": draw_compare,
    "monitor": draw_monitor,
}


def main(asked: list[str]) -> None:
    """Draw into docs/images."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    asked = asked or [*PARTS, "demo"]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder)) as lab,
        chromium() as browser,
    ):
        for name, part in PARTS.items():
            if name in asked:
                part(browser, lab)
        if "demo" in asked:
            with running_lab(Path(folder) / "app", app="stockwidget_server") as app:
                draw_demo_page(browser, app)


if __name__ == "__main__":
    main(sys.argv[1:])
