"""A kind of task that takes as long as it is told: what delivery is tested with, however fast scans are.

``CONFIG`` as a server's ``jupyter_server_config.py`` adds it to that server's kinds; the folder of this file must be on
the server's ``PYTHONPATH``, so that its workers find the job.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.steps import Checkpoint, Done, JobStream, Partial, Result, Step

LOOK_S = 0.05
CONFIG = "import paced\n\npaced.register()\n"


def rows(params: Mapping[str, Any], done: Sequence[Done] = ()) -> JobStream:
    """Tell ``rows`` rows of ``size`` letters, one every ``every_s`` s, once the file ``after`` exists."""
    count, every_s, after = params["rows"], params["every_s"], params["after"]
    more = ["x" * params["size"]] if params["size"] else []
    known = {each.chunk for each in done}
    yield Step(stage="waiting", progress=0.0)
    while after and not Path(after).exists():
        time.sleep(LOOK_S)
    for number in range(count):
        if str(number) not in known:
            time.sleep(every_s)
            yield Checkpoint(chunk=str(number), data={})
        counters = {"total": count, "processed": number + 1, "found": number + 1, "failed": 0}
        yield Partial(append={"rows": [[number, *more]]})
        yield Step(stage="rows", progress=(number + 1) / count, counters=counters)
    yield Result(data={"kind": "paced", "counters": counters}, summary=counters)


def _prepare(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    return {"rows": 100, "every_s": 0.05, "after": "", "size": 0, **data}, "paced"


def register() -> None:
    """Let the server of this process take tasks of kind ``paced``."""
    kind = Kind(
        name="paced",
        stages=("waiting", "rows"),
        retention_s=3600,
        entry="paced:rows",
        prepare=_prepare,
        resumable=True,
    )
    from stockwidget_server.app import StockwidgetApp

    own = StockwidgetApp.kinds
    StockwidgetApp.kinds = lambda self: {**own(self), kind.name: kind}
