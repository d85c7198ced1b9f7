"""What jobs that misbehave cost the server: its loop's lag, and whether the decent ones finish.

    python benchmarks/isolation.py [--rounds 3] [--decent 60]

Each round runs, at the same time and beside decent tasks: a job that segfaults, one that allocates without end, one that
never yields, one that floods standard output, one that floods steps, one that forks. The runner lives on this process's loop, as
in a Jupyter server; a timer of 5 ms measures how late the loop is. The same decent tasks alone give the lag to compare
with. The last line is JSON; the aim is a lag below 50 ms at p99 and every decent task completed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.kinds import Bounds, Kind
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore

PEERS = Path(__file__).parent / "peers"
TICK_S = 0.005
ENDED = {"completed", "failed"}
BAD = ("segfaults", "allocates", "never_yields", "floods_stdout", "floods_steps", "forks")
EXPECTED = {
    "segfaults": "worker_crashed",
    "allocates": "memory_limit",
    "never_yields": "time_limit",
    "floods_stdout": "completed",
    "floods_steps": "completed",
    "forks": "completed",
}
KINDS = {
    name: Kind(
        name=name,
        stages=("one",),
        retention_s=600,
        entry=f"bad_jobs:{name}",
        prepare=lambda params: (dict(params), "job"),
        bounds=Bounds(time_s=20 if name != "never_yields" else 3, memory=400 << 20),
    )
    for name in (*BAD, "decent")
}


async def lag(into: list[float]) -> None:
    while True:
        due = time.perf_counter() + TICK_S
        await asyncio.sleep(TICK_S)
        into.append(1e3 * (time.perf_counter() - due))


async def run(kinds: list[str], decent: int, folder: Path) -> dict[str, Any]:
    """All at once; how late the loop was meanwhile, and what became of each task."""
    executor = ProcessExecutor(workers=3, reserve=0, warm=None, env={"PYTHONPATH": str(PEERS)})
    runner = Runner(
        store=SqliteStore(folder / "tasks.sqlite"),
        executor=executor,
        kinds=KINDS,
        server_id="isolation",
    )
    await runner.start()
    late: list[float] = []
    ticking = asyncio.create_task(lag(late))
    names = [*kinds, *["decent"] * decent]
    tasks = [(name, (await runner.submit(name, {"n": i})).id) for i, name in enumerate(names)]
    begin = time.perf_counter()
    outcomes: Counter[str] = Counter()
    for name, task_id in tasks:
        while (record := await runner.get(task_id)).status not in ENDED:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        end = str(record.error["code"]) if record.error else record.status
        outcomes[f"{name}: {end}"] += 1
    took = time.perf_counter() - begin
    ticking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ticking
    await runner.stop(grace_s=0)
    cuts = statistics.quantiles(late, n=100)
    return {
        "lag_p50_ms": round(cuts[49], 2),
        "lag_p99_ms": round(cuts[98], 2),
        "lag_max_ms": round(max(late), 1),
        "ticks": len(late),
        "took_s": round(took, 1),
        "outcomes": dict(sorted(outcomes.items())),
    }


def main(rounds: int, decent: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone = asyncio.run(run([], decent, folder / "alone"))
        beside = asyncio.run(run([*BAD] * rounds, decent, folder / "beside"))
    for who, row in (("decent alone", alone), ("beside misbehaviour", beside)):
        print(f"{who:20}", *(f"{key} {value}" for key, value in row.items() if key != "outcomes"))
    wanted = {f"{bad}: {end}": rounds for bad, end in EXPECTED.items()} | {
        "decent: completed": decent
    }
    figures = {"alone": alone, "beside": beside, "as_expected": beside["outcomes"] == wanted}
    for outcome, count in beside["outcomes"].items():
        print(f"  {count:4} {outcome}")
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--decent", type=int, default=60)
    options = parser.parse_args()
    print(json.dumps(main(options.rounds, options.decent)))
