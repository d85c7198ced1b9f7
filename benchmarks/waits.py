"""What a person waits for: a start beside a large scan, news from another server, a stop.

    python benchmarks/waits.py [--rounds 20] [--workers 2]

- start: from submit until an analysis runs, while scans of 5,000 symbols hold every worker and more wait in the queue.
- elsewhere: from an event on the server that runs a task until a follower on another server of the same journal has it.
- stop: from the request until `cancelled` is in the journal, of a job that yields, and of one that never does and is killed.

Real worker processes and a real journal. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stockwidget.jobs import KINDS
from stockwidget.tasks.events import Event
from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore

PEERS = Path(__file__).parent / "peers"
AIMS_MS = {"start": 300, "elsewhere": 500, "stop_polite": 1000, "stop_killed": 1000}
SYMBOLS = ("AAPL", "MSFT", "IBM", "GOOG", "AMZN")
PATIENCE_S = 60


def _own(name: str) -> Kind:
    return Kind(
        name=name,
        stages=("one",),
        retention_s=600,
        entry=f"runner_jobs:{name}",
        prepare=lambda params: (dict(params), name),
    )


OWN = {name: _own(name) for name in ("endless", "never_yields")}


class Ear:
    """Hears one task on one server; each event with the time it came."""

    def __init__(self, runner: Runner, task: str) -> None:
        self.heard: list[tuple[Event, float]] = []
        self._news = asyncio.Event()
        self.leave = runner.subscribe(task, self._hear)

    def _hear(self, event: Event) -> None:
        self.heard.append((event, time.monotonic()))
        self._news.set()

    async def first(self, wanted: Callable[[Event], bool]) -> float:
        """When the first such event came, past or to come."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                self._news.clear()
                for event, at in self.heard:
                    if wanted(event):
                        return at
                await self._news.wait()


async def started(
    journal: Path, name: str, workers: int, *, kinds: dict[str, Kind] | None = None
) -> Runner:
    own = {} if kinds is None else {"warm": None, "env": {"PYTHONPATH": str(PEERS)}}
    executor = ProcessExecutor(workers=workers, **own)
    runner = Runner(
        store=SqliteStore(journal), executor=executor, kinds=kinds or KINDS, server_id=name
    )
    await runner.start()
    return runner


async def starts(journal: Path, rounds: int, workers: int) -> list[float]:
    """Milliseconds from submit until an analysis runs, as the journal has them."""
    runner = await started(journal, "one", workers)
    scans = []
    for n in range(workers + 1):
        # Paced: each holds its worker for as long as this takes, whatever the machine.
        params = {"universe": f"synthetic:{5000 + n}", "where": {"rsi_14": ["<", 60]}}
        scans.append((await runner.submit("scan", {**params, "pace_s": 300.0})).id)
    for scan in scans[:workers]:
        await Ear(runner, scan).first(lambda e: e.kind == "progress" and e.data["progress"] > 2)
    waits = []
    for n in range(rounds):
        params = {"symbol": SYMBOLS[n % len(SYMBOLS)], "risk_free": n / 1000}
        task = await runner.submit("analysis", params)
        ear = Ear(runner, task.id)
        await ear.first(lambda e: e.kind == "state" and e.data["status"] == "running")
        begun = next(e for e, _ in ear.heard if e.data.get("status") == "running")
        waits.append(float(begun.ts - task.created_at))
        await ear.first(lambda e: e.kind == "end")
    states = [(await runner.get(scan)).status for scan in scans]
    if states != ["running"] * workers + ["queued"]:
        raise RuntimeError(f"The scans were to hold every worker, and are {states}.")
    await runner.stop(grace_s=0)
    return waits


async def elsewhere(journal: Path, rounds: int) -> list[float]:
    """Milliseconds between hearing the same event on the task's server and on another one."""
    one = await started(journal, "one", 1, kinds=OWN)
    two = await started(journal, "two", 1, kinds=OWN)
    task = await one.submit("endless", {})
    here, there = Ear(one, task.id), Ear(two, task.id)
    delays = []
    for n in range(1, rounds + 1):

        def log(event: Event, line: str = f"line {n}") -> bool:
            return event.kind == "log" and event.data["message"] == line

        told = await here.first(log)
        delays.append(1e3 * (await there.first(log) - told))
    await one.cancel(task.id)
    await two.stop(grace_s=0)
    await one.stop(grace_s=0)
    return delays


async def stops(journal: Path, job: str, rounds: int) -> list[float]:
    """Milliseconds from the request until the end is told, which is after it was journalled."""
    runner = await started(journal, "one", 1, kinds=OWN)
    waits = []
    for n in range(rounds):
        task = await runner.submit(job, {"n": n})
        ear = Ear(runner, task.id)
        await ear.first(lambda e: e.kind == "log")
        begin = time.monotonic()
        await runner.cancel(task.id)
        waits.append(1e3 * (await ear.first(lambda e: e.kind == "end") - begin))
        status = (await runner.get(task.id)).status
        if status != "cancelled":
            raise RuntimeError(f"The task was to be cancelled, and is {status}.")
    await runner.stop(grace_s=0)
    return waits


async def main(rounds: int, workers: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {
            "start": await starts(folder / "start.sqlite", rounds, workers),
            "elsewhere": await elsewhere(folder / "elsewhere.sqlite", rounds),
            "stop_polite": await stops(folder / "polite.sqlite", "endless", rounds),
            "stop_killed": await stops(folder / "killed.sqlite", "never_yields", rounds),
        }
    figures: dict[str, Any] = {"rounds": rounds, "workers": workers}
    for what, waits in found.items():
        p50, most = round(statistics.median(waits)), round(max(waits))
        print(f"{what:12} p50 {p50} ms, longest {most} ms (aim {AIMS_MS[what]} ms)")
        figures[what] = {"p50_ms": p50, "max_ms": most, "aim_ms": AIMS_MS[what]}
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(json.dumps({"benchmark": "waits", **asyncio.run(main(options.rounds, options.workers))}))
