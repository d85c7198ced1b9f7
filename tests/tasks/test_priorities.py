"""With the real jobs: an analysis starts at once while scans take every worker, and is not held up by them."""

import statistics

from stockwidget.jobs import KINDS
from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.submission import Wanted

SYMBOLS = ["AAPL", "MSFT", "IBM", "GOOG", "AMZN"]


async def test_an_analysis_never_waits_behind_scans(make_runner, follow):
    runner = await make_runner(kinds=KINDS, executor=ProcessExecutor(workers=2))
    scans = []
    for n in (500, 501, 502):
        wanted = Wanted(kind="scan", params={"universe": f"synthetic:{n}", "pace_s": 60})
        scans.append((await runner.offer(wanted)).record.id)
    for scan in scans[:2]:
        await follow(runner, scan).until(lambda e: e.kind == "progress" and e.data["progress"] > 2)
    waits = []
    for symbol in SYMBOLS:
        wanted = Wanted(kind="analysis", params={"symbol": symbol})
        task = (await runner.offer(wanted)).record
        follower = follow(runner, task.id)
        begun = await follower.until(lambda e: e.kind == "state" and e.data["status"] == "running")
        first = await follower.until(lambda e: e.kind == "progress" or e.kind == "end")
        waits.append((begun.ts - task.created_at, first.ts - task.created_at))
        assert (await follower.end())["status"] == "completed"
    assert [(await runner.get(scan)).status for scan in scans] == ["running", "running", "queued"]
    assert max(begun for begun, _ in waits) < 300, waits
    assert statistics.median(first for _, first in waits) < 1_000, waits
    for scan in scans:
        await runner.cancel(scan)
