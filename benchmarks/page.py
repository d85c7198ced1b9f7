"""How smooth the page stays while a market of 20,000 symbols, all of them hits, is scanned in a real JupyterLab.

The bars are made before, so that the hits come as fast as they can. The browser itself reports each task of its main
thread over 50 ms (PerformanceObserver); Lab's own, from opening the notebook and drawing the cell, are measured by a cell
that shows an ipywidgets label in the same page and named apart. A task's own time, which other programs of the machine do
not lengthen, is from Chromium's trace of the thread.

- cell run -> first rows in the table; tasks over 50 ms from then until the result is shown, and the longest, by the wall
  and by their own time; how often a second the table is drawn anew;
- frames while the table of 20,000 rows is scrolled from end to end; sorting by a number and by a name, filtering;
- the peer in the same page: the same frame as pandas shows it, all rows (DataFrame.to_html in the same kernel).

The last line is the same as one JSON object. ``--symbols`` takes another size.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

from lab_driver import chromium, open_notebook, running_lab

TRACED = ["toplevel", "devtools.timeline", "blink.user_timing"]
CELLS = [
    "import stockwidget as sw\nsw.analyze('AAPL')",
    "sw.scan('synthetic:500', columns=['close', 'rsi(14)', 'ret(20)'])",
    "import ipywidgets\nipywidgets.HTML('<b class=label>ready</b>')",
    "sw.scan('synthetic:{symbols}', columns=['close']).result().counters",
    "s = sw.scan('synthetic:{symbols}', columns=['close', 'rsi(14)', 'ret(20)', 'drawdown(252)'])\ns",
    "from IPython.display import HTML\nframe = s.result()\nHTML(frame.to_html(max_rows=None))",
]

WATCH = """
() => {
  window.longTasks = [];
  new PerformanceObserver(list => {
    for (const { startTime, duration } of list.getEntries()) window.longTasks.push([startTime, duration]);
  }).observe({ entryTypes: ['longtask'] });
}
"""

RUN = """
async ([index, first, last]) => {
  const app = window.jupyterapp;
  const notebook = app.shell.currentWidget.content;
  notebook.activeCellIndex = index;
  await notebook.scrollToItem?.(index);
  const cell = notebook.widgets[index].node;
  const seen = selector => new Promise(resolve => {
    const look = () => cell.querySelector(selector) ? resolve(performance.now()) : requestAnimationFrame(look);
    look();
  });
  await new Promise(resolve => setTimeout(resolve, 500));
  const start = performance.now();
  void app.commands.execute('notebook:run-cell');
  const shown = await seen(first);
  performance.mark('rows shown');
  let drawn = 0;
  const body = cell.querySelector('.sw-table tbody');
  const watch = new MutationObserver(() => { drawn += 1; });
  if (body) watch.observe(body, { childList: true });
  const done = await seen(last);
  watch.disconnect();
  await new Promise(resolve => setTimeout(resolve, 300));
  const tasks = window.longTasks.filter(([at]) => at >= start);
  return { first: shown - start, done: done - start, perSecond: 1000 * drawn / (done - shown), all: tasks.map(([, ms]) => ms), after: tasks.filter(([at]) => at >= shown).map(([, ms]) => ms) };
}
"""

USE = """
async index => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[index].node;
  const grid = cell.querySelector('.sw-grid');
  const frame = () => new Promise(requestAnimationFrame);
  const start = performance.now();
  const frames = [];
  for (let step = 0; step < 120; step += 1) {
    const before = await frame();
    grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * step / 119;
    frames.push(await frame() - before);
  }
  const act = async doing => {
    await frame();
    const before = performance.now();
    doing();
    return performance.now() - before;
  };
  const header = key => cell.querySelector(`th[data-column="${key}"] button`);
  const filter = cell.querySelector('.sw-scan-top .sw-filter');
  const sortNumber = await act(() => header('close').click());
  const sortName = await act(() => header('name').click());
  const narrow = await act(() => { filter.value = 'rsi<30 7'; filter.dispatchEvent(new Event('input')); });
  const widen = await act(() => { filter.value = ''; filter.dispatchEvent(new Event('input')); });
  await new Promise(resolve => setTimeout(resolve, 300));
  const rows = cell.querySelectorAll('.sw-table tbody th').length;
  return { frames, sortNumber, sortName, filter: Math.max(narrow, widen), rows, long: window.longTasks.filter(([at]) => at >= start).map(([, ms]) => ms) };
}
"""


def own_times(trace: bytes) -> list[float]:
    """Milliseconds of the processor that each task of the page's main thread took since its rows were shown."""
    events = json.loads(trace)["traceEvents"]
    mark = next(event for event in events if event["name"] == "rows shown")
    return [
        event["tdur"] / 1000
        for event in events
        if event["name"].endswith("RunTask")
        and event.get("tdur")
        and event["ts"] >= mark["ts"]
        and (event["pid"], event["tid"]) == (mark["pid"], mark["tid"])
    ]


def measure(symbols: int) -> dict[str, float]:
    """All figures; milliseconds, or counts."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder)) as lab,
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        cells = [cell.replace("{symbols}", str(symbols)) for cell in CELLS]
        open_notebook(page, lab, lab.write_notebook("page.ipynb", cells))
        page.evaluate(WATCH)

        def run(index: int, first: str, last: str) -> Any:
            return page.evaluate(RUN, [index, first, last])

        done = ".stockwidget[data-status=completed] .sw-headline"
        run(0, ".stockwidget", done)
        run(1, ".sw-table tbody th", done)
        label = run(2, ".label", ".label")
        run(3, ".jp-OutputArea-output", ".jp-OutputArea-output")
        browser.start_tracing(page=page, categories=TRACED)
        scan = run(4, ".sw-table tbody th", done)
        own = own_times(browser.stop_tracing())
        use = page.evaluate(USE, 4)
        peer = run(5, "table.dataframe", "table.dataframe")
    longest = max(scan["after"], default=0.0)
    return {
        "symbols": symbols,
        "first_rows_ms": scan["first"],
        "label_ms": label["first"],
        "done_ms": scan["done"],
        "tasks_over_50_ms": len(scan["after"]),
        "longest_ms": longest,
        "tasks_over_50_ms_own_time": sum(ms > 50 for ms in own),
        "longest_own_time_ms": max(own),
        "drawn_per_second": scan["perSecond"],
        "tasks_over_50_ms_before_rows": len(scan["all"]) - len(scan["after"]),
        "tasks_over_50_ms_of_label": len(label["all"]),
        "rows_in_page": use["rows"],
        "scroll_frame_median_ms": statistics.median(use["frames"]),
        "scroll_frame_p95_ms": sorted(use["frames"])[int(0.95 * len(use["frames"]))],
        "sort_by_number_ms": use["sortNumber"],
        "sort_by_name_ms": use["sortName"],
        "filter_ms": use["filter"],
        "tasks_over_50_ms_in_use": len(use["long"]),
        "pandas_html_longest_ms": max(peer["all"], default=0.0),
        "pandas_html_done_ms": peer["done"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--symbols", type=int, default=20_000)
    figures = measure(parser.parse_args().symbols)
    for name, value in figures.items():
        print(f"{name:32}{value:12.2f}")
    print(json.dumps({"benchmark": "page", **{k: round(v, 2) for k, v in figures.items()}}))


if __name__ == "__main__":
    main()
