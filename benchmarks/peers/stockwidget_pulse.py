"""Ours: a real Jupyter server with the extension, and a kind of task whose job emits the events.

Nothing is shortened: the job runs in a worker process, and each event passes the pipe, the runner,
the journal on disk and the hub before a delivery session sees it. Peers emit in the server itself.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pulse import Metronome, message

from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.steps import Partial, Step

PAD = 28
"""Short: our envelope is longer, and the event on the wire is to be as long as the peers'."""
MANY = 10_000_000


def pulse(params: Mapping[str, Any]) -> Iterator[Partial | Step]:
    """Emit for ever: pieces of a result (never dropped) or progress (conflated per reader)."""
    beat = Metronome(params["rate"], Path(params["go"]))
    yield Step(stage="pulse", progress=0)
    if params["event"] == "same":
        yield from repeated(beat)
    n = 0
    while True:
        time.sleep(beat.pause())
        if not beat.running():
            continue
        event = message(n, pad=PAD)
        if params["event"] == "partial":
            yield Partial(set={"pulse": event})
        else:
            yield Step(
                stage="pulse", progress=n / MANY, counters={k: event[k] for k in ("n", "at")}
            )
        n += 1


def repeated(beat: Metronome) -> Iterator[Partial | Step]:
    """A thousand updates that change nothing, then one event that says that they are over."""
    while not beat.running():
        time.sleep(beat.pause())
    for _ in range(1000):
        yield Step(stage="pulse", progress=0)
    yield Partial(set={"pulse": message(0, pad=PAD)})
    time.sleep(3600)


def prepare(params: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Parameters as they are."""
    return dict(params), "pulse"


KIND = Kind(
    name="pulse",
    stages=("pulse",),
    retention_s=60,
    entry="stockwidget_pulse:pulse",
    prepare=prepare,
)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from stockwidget_server.app import StockwidgetApp

    class PulseApp(StockwidgetApp):
        """The extension with one more kind of task."""

        def kinds(self) -> dict[str, Kind]:
            return {**super().kinds(), KIND.name: KIND}

    return [{"module": "stockwidget_pulse", "app": PulseApp}]


def main() -> None:
    """Serve; ``PULSE_TOKEN`` is the token, the folders come by Jupyter's own variables."""
    from jupyter_server.serverapp import ServerApp
    from pulse import arguments

    options = arguments()
    flags = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": options.port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.log_level": "WARN",
        "IdentityProvider.token": os.environ["PULSE_TOKEN"],
        "ServerApp.root_dir": os.environ["JUPYTER_DATA_DIR"],
    }
    extensions = [
        f"--ServerApp.jpserver_extensions={name}"
        for name in ("stockwidget_pulse=True", "stockwidget_server=False")
    ]
    ServerApp.launch_instance([*(f"--{k}={v}" for k, v in flags.items()), *extensions])


if __name__ == "__main__":
    sys.modules["stockwidget_pulse"] = sys.modules["__main__"]
    main()
