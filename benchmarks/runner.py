"""Tasks a second, and the wait from submit to start, of trivial tasks: our runner and its peers in the same run.

    python benchmarks/runner.py [--tasks 2000] [--workers 2]

- ours: submitted to a ``Runner``, every event journalled in SQLite before it is told, run in a worker process,
  result journalled; end to end, until the last ``end`` is published.
- huey (SQLite): the same number of tasks through a consumer with as many worker processes, result store on.
- ProcessPoolExecutor: no journal at all; what a bare pool of processes can do.

Throughput is with many tasks at once, the wait with one after another. huey is installed into a scratch environment by
``uv`` on first use, from a package index; where that cannot be, its row says so. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore

PEERS = Path(__file__).parent / "peers"
WAITS = 200
TRIVIAL = Kind(
    name="trivial",
    stages=("one",),
    retention_s=600,
    entry="runner_jobs:trivial",
    prepare=lambda params: (dict(params), "trivial"),
)


def percentiles(waits: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(waits, n=100)
    return {"p50_ms": round(1e3 * cuts[49], 2), "p99_ms": round(1e3 * cuts[98], 2)}


async def ours(tasks: int, workers: int, folder: Path) -> dict[str, Any]:
    executor = ProcessExecutor(
        workers=workers, warm_workers=workers, reserve=0, warm=None, env={"PYTHONPATH": str(PEERS)}
    )
    runner = Runner(
        store=SqliteStore(folder / "tasks.sqlite"),
        executor=executor,
        kinds={"trivial": TRIVIAL},
        server_id="benchmark",
        max_queued=tasks,
    )
    await runner.start()
    ends = asyncio.Semaphore(0)

    async def submit(n: int) -> None:
        task = await runner.submit("trivial", {"n": n})
        runner.subscribe(task.id, lambda e: ends.release() if e.kind == "end" else None)

    for n in range(workers * 2):
        await submit(n)
        await ends.acquire()
    begin = time.perf_counter()
    await asyncio.gather(*(submit(n) for n in range(tasks)))
    for _ in range(tasks):
        await ends.acquire()
    rate = tasks / (time.perf_counter() - begin)
    waits = []
    for n in range(WAITS):
        at = time.time()
        task = await runner.submit("trivial", {"n": n})
        runner.subscribe(task.id, lambda e: ends.release() if e.kind == "end" else None)
        await ends.acquire()
        waits.append(json.loads(await runner.result(task.id))["at"] - at)
    await runner.stop(grace_s=0)
    return {"tasks_per_s": round(rate), **percentiles(waits)}


def touch(_n: int) -> float:
    return time.time()


def pool(tasks: int, workers: int) -> dict[str, Any]:
    with ProcessPoolExecutor(workers) as executor:
        list(executor.map(touch, range(workers * 2)))
        begin = time.perf_counter()
        for future in [executor.submit(touch, n) for n in range(tasks)]:
            future.result()
        rate = tasks / (time.perf_counter() - begin)
        waits = []
        for n in range(WAITS):
            at = time.time()
            waits.append(executor.submit(touch, n).result() - at)
    return {"tasks_per_s": round(rate), **percentiles(waits)}


def huey(tasks: int, workers: int, folder: Path) -> dict[str, Any]:
    """Run ``peers/huey_tasks.py`` in an environment of its own."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        return {"error": "not measured: it needs uv (pip install uv), which fetches huey"}
    command = [uv, "run", "--no-project", "--quiet", "--with", "huey==3.5.4", "python"]
    script = [str(PEERS / "huey_tasks.py"), str(tasks), str(workers), str(WAITS)]
    env = {**os.environ, "HUEY_FILE": str(folder / "huey.db")}
    for _ in range(3):
        # Now and then its consumer loses a task to a locked file, and the run ends with an error.
        done = subprocess.run(
            [*command, *script], capture_output=True, text=True, check=False, env=env
        )
        if not done.returncode:
            break
    else:
        return {"error": (done.stderr.strip().splitlines() or ["it failed"])[-1]}
    figures = json.loads(done.stdout.splitlines()[-1])
    return {"tasks_per_s": round(figures["rate"]), **percentiles(figures["waits"])}


def main(tasks: int, workers: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = {
            "ours": asyncio.run(ours(tasks, workers, folder)),
            "huey_sqlite": huey(tasks, workers, folder),
            "process_pool": pool(tasks, workers),
        }
    for who, row in figures.items():
        print(f"{who:14}", *(f"{name} {value}" for name, value in row.items()))
    return {"tasks": tasks, "workers": workers, **figures}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(json.dumps(main(options.tasks, options.workers)))
