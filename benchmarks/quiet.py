"""What our server does not send and our client does not ask: a real server and the real client."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from dialects import RefusedError
from loadgen import Swarm
from servers import Server, call, following, start_task

HERE = Path(__file__).resolve().parent
READERS = 10
FOLLOWED_S = 5.0
TIMEOUT_S = 60.0


def identical_updates(ours: Server, *, core: int | None, rate: float) -> int:
    """Frames that 1 000 identical updates caused at READERS WebSockets until the event after them.

    Raises RefusedError.
    """
    same = replace(ours, subscribe=lambda server: following(server, "same", "ws"))
    with same.running(core=core, rate=rate) as running:
        swarm = Swarm(same.subscribe(running), running.port)
        try:
            swarm.connect(READERS, timeout_s=TIMEOUT_S)
            swarm.settle(0.5)
            before = call(running, "realtime/stats")["frames"]["ws"]
            running.go.touch()
            end = time.monotonic() + TIMEOUT_S
            while swarm.reached(0) < READERS:
                if time.monotonic() > end:
                    raise RefusedError("the event after the updates never came")
                swarm.settle(0.2)
            return int(call(running, "realtime/stats")["frames"]["ws"]) - before - READERS
        finally:
            swarm.close()


def requests_after_connect(ours: Server, *, core: int | None, rate: float) -> dict[str, Any]:
    """What the browser's client asked while it followed a task for FOLLOWED_S, by transport.

    Raises RefusedError.
    """
    node = shutil.which("node")
    if node is None:
        raise RefusedError("node was not found: install Node.js 20 or newer")
    found = {}
    with ours.running(core=core, rate=rate) as running:
        task = start_task(running, "progress")
        running.go.touch()
        for transport in ("ws", "sse"):
            wanted = {
                "apiUrl": f"http://127.0.0.1:{running.port}/stockwidget/api/v1/",
                "token": running.environment["PULSE_TOKEN"],
                "task": task,
                "transport": transport,
                "seconds": FOLLOWED_S,
            }
            # Node 20 has a browser's WebSocket behind this flag; later ones know it, too.
            done = subprocess.run(
                [
                    node,
                    "--experimental-websocket",
                    str(HERE / "quiet_client.mjs"),
                    json.dumps(wanted),
                ],
                cwd=HERE.parent,
                capture_output=True,
                text=True,
                check=False,
                timeout=TIMEOUT_S,
            )
            if done.returncode:
                raise RefusedError(f"the client failed: {done.stderr.strip()[-200:]}")
            told = json.loads(done.stdout)
            if told["transport"] != transport or not told["changes"]:
                raise RefusedError(f"the client did not follow over {transport}: {told}")
            found[transport] = told
    return found
