"""Ten thousand tasks through one runner: threads, file descriptors, memory and the journal's size on the way.

    python benchmarks/many_tasks.py [--tasks 10000] [--caps 2000]

Results are kept up to ``--caps`` tasks; what is beyond goes, the oldest first, as in a server. The last line is JSON: the first
and the last reading, which should differ in memory alone, and little in that.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore
from stockwidget.tasks.store import Caps

PEERS = Path(__file__).parent / "peers"
TRIVIAL = Kind(
    name="trivial",
    stages=("one",),
    retention_s=600,
    entry="runner_jobs:trivial",
    prepare=lambda params: (dict(params), "trivial"),
)


def reading(runner: Runner, journal: Path, done: int) -> dict[str, Any]:
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {
        "tasks": done,
        "threads": threading.active_count(),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "live": runner.active,
        "rss_mb": round(resident / 1e6, 1),
        "journal_mb": round(sum(p.stat().st_size for p in journal.parent.iterdir()) / 1e6, 1),
    }


async def run(tasks: int, caps: int, journal: Path) -> list[dict[str, Any]]:
    executor = ProcessExecutor(workers=2, reserve=0, warm=None, env={"PYTHONPATH": str(PEERS)})
    runner = Runner(
        store=SqliteStore(journal),
        executor=executor,
        kinds={"trivial": TRIVIAL},
        server_id="many",
        caps=Caps(tasks=caps),
        sweep_s=1.0,
    )
    await runner.start()
    readings, at_once = [], 200
    for done in range(0, tasks, at_once):
        for n in range(at_once):
            await runner.submit("trivial", {"n": n})
        # Nobody follows: a follower would keep its task for minutes.
        while runner.active:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        if done % (tasks // 5) == 0:
            await runner.sweep()
            readings.append(reading(runner, journal, done + at_once))
            print(readings[-1])
    await runner.sweep()
    readings.append(reading(runner, journal, tasks))
    await runner.stop(grace_s=0)
    return readings


def main(tasks: int, caps: int) -> dict[str, Any]:
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        readings = asyncio.run(run(tasks, caps, Path(folder) / "tasks.sqlite"))
    first, last = readings[0], readings[-1]
    constant = all(first[key] == last[key] for key in ("threads", "descriptors", "live"))
    return {
        "first": first,
        "last": last,
        "constant": constant,
        "took_s": round(time.perf_counter() - begin),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--caps", type=int, default=2_000)
    options = parser.parse_args()
    print(json.dumps(main(options.tasks, options.caps)))
