"""What SIGKILL costs: of the server at 30, 60 and 90 % of a scan, and of the worker that runs it.

    python benchmarks/kill9.py [--repeats 60] [--seed 1] [--symbols 5000]

Each repeat runs a real scan on a journal of its own, in a server process of its own, and kills that process, or its
worker, on the way (± 5 %, drawn with the seed). After a server's death a second server on the journal must end the task
by itself; after a worker's, the task must fail with a typed error, and ``resume`` end it. Counted are results lost,
results that differ from an undisturbed scan's, tasks that ended twice, and journalled chunks that were computed again.
Prints a line a kind of death; the last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from stockwidget.jobs import KINDS
from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore

SHARES = (30, 60, 90)
PACE_S = 1.0
"""The engine alone would be through before a signal arrives where it should."""
SERVER = """
import asyncio, json, sys
from stockwidget.jobs import KINDS
from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore
async def main(journal, params):
    executor = ProcessExecutor(workers=1, warm_workers=0)
    runner = Runner(store=SqliteStore(journal), executor=executor, kinds=KINDS, server_id="first")
    await runner.start()
    task = await runner.submit("scan", json.loads(params))
    def tell(event):
        print(json.dumps([task.id, event.data.get("progress", 0), executor.pids, event.kind]), flush=True)
    runner.subscribe(task.id, tell)
    await asyncio.sleep(600)
asyncio.run(main(*sys.argv[1:]))
"""


async def started(journal: Path, name: str) -> Runner:
    executor = ProcessExecutor(workers=1, warm_workers=0)
    runner = Runner(store=SqliteStore(journal), executor=executor, kinds=KINDS, server_id=name)
    await runner.start()
    return runner


async def ended(runner: Runner, task: str) -> str:
    """Return the status that the task ended with."""
    over = asyncio.Event()
    leave = runner.subscribe(task, lambda e: over.set() if e.kind == "end" else None)
    if not (await runner.get(task)).terminal:
        await asyncio.wait_for(over.wait(), 120)
    leave()
    return (await runner.get(task)).status


def ask(journal: Path, sql: str, task: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(journal)) as db:
        return db.execute(sql, (task,)).fetchall()


def chunks(journal: Path, task: str) -> set[tuple[Any, ...]]:
    """Return each journalled chunk with its row, which changes if it is computed again."""
    return set(ask(journal, "SELECT chunk, rowid FROM chunks WHERE task_id = ?", task))


async def undisturbed(journal: Path, params: dict[str, Any]) -> bytes:
    runner = await started(journal, "whole")
    task = await runner.submit("scan", params)
    await ended(runner, task.id)
    document = await runner.result(task.id)
    await runner.stop(grace_s=0)
    return document


async def one(
    journal: Path, params: dict[str, Any], whole: bytes, victim: str, share: float
) -> Counter[str]:
    """Kill ``victim`` at ``share`` per cent, and count what that did."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVER, str(journal), json.dumps(params)),
        stdout=asyncio.subprocess.PIPE,
    )
    if server.stdout is None:
        raise RuntimeError("A pipe was asked for.")
    progress, kind, found = 0.0, "", Counter(repeats=1)
    while progress < share and kind != "end":
        task, progress, pids, kind = json.loads(await server.stdout.readline())
    if victim == "worker":
        os.kill(pids[0], signal.SIGKILL)
        while kind != "end":
            *_, kind = json.loads(await server.stdout.readline())
    server.send_signal(signal.SIGKILL)
    await server.wait()
    begin = time.monotonic()
    before = chunks(journal, task)
    runner = await started(journal, "second")
    ran = task
    if victim == "worker":
        crashed = await runner.get(task)
        found["not_typed"] += (crashed.error or {}).get("code") != "worker_crashed"
        ran = (await runner.resume(task)).id
    status = await ended(runner, ran)
    found["lost"] += status != "completed"
    found["different"] += status == "completed" and await runner.result(ran) != whole
    ends = ask(journal, "SELECT count(*) FROM events WHERE task_id = ? AND kind = 'end'", ran)
    found["ended_twice"] += ends[0][0] != 1
    after = chunks(journal, ran)
    if victim == "server":
        found["computed_again"] += len(before - after)
    found["taken_over"] += len(before)
    found["chunks"] += len(after)
    found["ms"] += round(1000 * (time.monotonic() - begin))
    await runner.stop(grace_s=0)
    return found


async def main(repeats: int, seed: int, symbols: int) -> dict[str, Any]:
    rng = random.Random(seed)
    params = {"universe": f"synthetic:{symbols}", "where": {"rsi_14": ["<", 60]}, "pace_s": PACE_S}
    deaths = [("server", share) for share in SHARES] + [("worker", 50)]
    total: dict[str, Counter[str]] = {
        f"{victim} at {share} %": Counter() for victim, share in deaths
    }
    with tempfile.TemporaryDirectory() as folder:
        whole = await undisturbed(Path(folder) / "whole.sqlite", params)
        for number in range(repeats):
            victim, share = deaths[number % len(deaths)]
            at = share + rng.uniform(-5, 5)
            journal = Path(folder) / f"{number}.sqlite"
            total[f"{victim} at {share} %"] += await one(journal, params, whole, victim, at)
    for death, counts in total.items():
        plain = ", ".join(
            f"{name} {counts[name]}" for name in ("repeats", "lost", "different", "ended_twice")
        )
        again = (
            f"computed again {counts['computed_again']} of {counts['taken_over']} finished chunks"
        )
        print(
            f"{death}: {plain}, {again}, {counts['ms'] / max(1, counts['repeats']):.0f} ms to the end"
        )
    every = sum(total.values(), Counter())
    means = [c["ms"] / c["repeats"] for c in total.values() if c["repeats"]]
    names = (
        "repeats",
        "lost",
        "different",
        "ended_twice",
        "not_typed",
        "computed_again",
        "taken_over",
        "chunks",
    )
    return {name: every[name] for name in names} | {
        "symbols": symbols,
        "seed": seed,
        "ms_to_the_end": round(statistics.fmean(means)),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--symbols", type=int, default=5000)
    options = parser.parse_args()
    figures = asyncio.run(main(options.repeats, options.seed, options.symbols))
    print(json.dumps(figures))
    bad = ("lost", "different", "ended_twice", "not_typed", "computed_again")
    sys.exit(any(figures[name] for name in bad))
