"""A worker process that nothing has used before: from its start to the answer of its first job."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Mapping
from typing import Any

from stockwidget.tasks.frames import Ending, Finished
from stockwidget.tasks.process import WorkerProcess

READY = "stockwidget.jobs:get_ready"


async def _first_answer(entry: str, params: Mapping[str, Any], warm: str | None) -> float:
    start = time.perf_counter()
    worker = await WorkerProcess.spawn(warm=warm, env={})
    request = {"op": "run", "run": 1, "entry": entry, "params": dict(params), "done": None}
    worker.send(request)
    try:
        while (frame := await worker.receive()) is not None:
            last = frame[1][-1]
            if isinstance(last, Ending):
                if not isinstance(last, Finished):
                    sys.exit(f"The worker's first job ended with {last!r}.")
                return time.perf_counter() - start
        sys.exit("The worker ended before its first job did.")
    finally:
        await worker.gone()


def first_answer(entry: str, params: Mapping[str, Any], *, warm: bool, rounds: int = 5) -> float:
    """Seconds, median; with ``warm`` as the server starts a worker that is to stand ready.

    The worker then loads everything that its jobs may need; otherwise what this job needs alone.
    """
    ready = READY if warm else None
    asyncio.run(_first_answer(entry, params, ready))  # the files are in the page cache from now on
    return statistics.median(
        asyncio.run(_first_answer(entry, params, ready)) for _ in range(rounds)
    )
