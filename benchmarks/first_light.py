"""From running a cell to seeing the result: import, first paint, result on screen.

Prints each figure and its ratio to a peer measured in the same run; the last line is the same as one JSON object.

- ``import stockwidget`` beside bare Python.
- cell run -> first paint of the card, and -> result on screen, with warm workers, in a real JupyterLab in Chromium;
  the peer is an ipywidgets label shown by the same kernel in the same page.
- submit -> result in the kernel, beside calling the same computation in-process.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

from lab_driver import chromium, open_notebook, running_lab
from playwright.sync_api import Page

ROUNDS = 7
REST_MS = 1_000
"""A person runs the next cell when the last one is there: what it still draws is not measured twice."""
CELL = "import stockwidget as sw\nsw.analyze('{symbol}')"
PEER = "import ipywidgets\nipywidgets.HTML('<b class=peer-{n}>ready</b>')"
KERNEL = """
import time, statistics
import stockwidget as sw
from stockwidget import jobs
jobs.warm()
there, here = [], []
for _ in range(9):
    t0 = time.perf_counter(); sw.analyze('AAPL').result(); there.append(time.perf_counter() - t0)
    t0 = time.perf_counter(); list(jobs.analysis({'symbol': 'AAPL'})); here.append(time.perf_counter() - t0)
print(statistics.median(there[2:]) * 1e3, statistics.median(here[2:]) * 1e3)
"""

# Waits in the page, so that no round trip of the test driver is counted.
TIMED_RUN = """
async ([index, selector]) => {
  const app = window.jupyterapp;
  const notebook = app.shell.currentWidget.content;
  notebook.activeCellIndex = index;
  await notebook.scrollToItem?.(index);
  const cell = notebook.widgets[index].node;
  const seen = found => new Promise(resolve => {
    const look = () => found() ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look);
    look();
  });
  const start = performance.now();
  void app.commands.execute('notebook:run-cell');
  const paint = await seen(() => cell.querySelector(selector));
  const result = await seen(() => cell.querySelector('.stockwidget[data-status=completed] canvas') ||
    !selector.startsWith('.stockwidget'));
  return [paint - start, result - start];
}
"""


def import_cost() -> tuple[float, float]:
    """Milliseconds of ``import stockwidget`` and of bare Python, medians."""

    def run(program: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        return (time.perf_counter() - start) * 1e3

    pairs = [(run("import stockwidget"), run("pass")) for _ in range(15)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def paint_times(page: Page, cells: range, selector: str) -> tuple[float, float]:
    """Median milliseconds from running a cell to its first paint and to its result."""
    times = []
    for i in cells:
        page.wait_for_timeout(REST_MS)
        times.append(page.evaluate(TIMED_RUN, [i, selector.format(n=i)]))
    warm = times[2:]
    return statistics.median(t[0] for t in warm), statistics.median(t[1] for t in warm)


def kernel_times(environment: dict[str, str]) -> tuple[float, float]:
    """Median milliseconds of submit -> result and of the same computation called directly."""
    done = subprocess.run(
        [sys.executable, "-c", KERNEL],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    there, here = done.stdout.split()[-2:]
    return float(there), float(here)


def main() -> None:
    """Measure and print."""
    with_package, bare = import_cost()
    figures: dict[str, float] = {
        "import_ms": with_package - bare,
        "bare_python_ms": bare,
        "import_ratio_to_bare": with_package / bare,
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder)) as lab,
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        symbols = ["AAPL", "IBM", "MSFT", "NVDA", "META", "AMZN", "NFLX", "GOOG", "AAPL"]
        ours = [CELL.format(symbol=s) for s in symbols[: ROUNDS + 2]]
        peers = [PEER.format(n=len(ours) + i) for i in range(ROUNDS + 2)]
        open_notebook(page, lab, lab.write_notebook("timing.ipynb", [*ours, *peers]))
        paint, result = paint_times(page, range(len(ours)), ".stockwidget")
        peer, _ = paint_times(page, range(len(ours), len(ours) + len(peers)), ".peer-{n}")
        kernel = {
            **lab.environment,
            "STOCKWIDGET_SERVER": lab.url,
            "STOCKWIDGET_TOKEN": lab.token,
        }
        there, here = kernel_times(kernel)
    figures |= {
        "first_paint_ms": paint,
        "ipywidgets_label_ms": peer,
        "first_paint_ratio_to_label": paint / peer,
        "result_on_screen_ms": result,
        "submit_to_result_ms": there,
        "in_process_ms": here,
        "submit_ratio_to_in_process": there / here,
    }
    for name, value in figures.items():
        print(f"{name:32}{value:10.2f}")
    print(json.dumps({"benchmark": "first_light", **{k: round(v, 3) for k, v in figures.items()}}))


if __name__ == "__main__":
    main()
