"""The servers compared: how each is started, pinned to a core, measured and subscribed to."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from dialects import Dialect, EventStream, RefusedError, SocketIO, Stockwidget, WebSocket

HERE = Path(__file__).resolve().parent
PEERS = HERE / "peers"
INSTALLED = HERE.parent / ".benchmark"
START_S = 30.0
PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")


class NotOfferedError(Exception):
    """The server has no such transport."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that answers."""

    pid: int
    core: int | None
    port: int
    go: Path
    environment: Mapping[str, str]
    workers: bool = False
    """Whether its children only compute: what they hold is no connection's."""

    def cpu_s(self) -> tuple[float, float]:
        """CPU seconds of the process and its children so far, and those its core was busy."""
        own = sum(sum(map(int, fields[11:13])) for fields in self._stats())
        busy = own
        if self.core is not None:
            every = Path("/proc/stat").read_text().splitlines()
            line = next(x for x in every if x.startswith(f"cpu{self.core} "))
            user, nice, system, _, _, irq, softirq, steal, *_ = map(int, line.split()[1:])
            busy = user + nice + system + irq + softirq + steal
        return own / TICK, busy / TICK

    def rss_kb(self) -> float:
        """Resident memory of the process and its children, but for workers."""
        every = list(self._stats())
        return (
            sum(int(fields[21]) for fields in (every[:1] if self.workers else every)) * PAGE / 1024
        )

    def calm(self, *, within_s: float = 15.0) -> None:
        """Return when it has nothing more to load: workers warm up for seconds."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            before = self.cpu_s()[0]
            time.sleep(0.5)
            if self.cpu_s()[0] - before <= 0.05:
                return

    def _stats(self) -> Iterator[list[str]]:
        """The fields of /proc/<pid>/stat after the command, of the whole family."""
        every: dict[int, list[str]] = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with contextlib.suppress(OSError):
                    line = (folder / "stat").read_text()
                    every[int(folder.name)] = line.rpartition(")")[2].split()
        family = {self.pid: None}
        while more := {p for p, f in every.items() if int(f[1]) in family} - family.keys():
            family |= dict.fromkeys(more)
        return (every[pid] for pid in family if pid in every)


Subscribe = Callable[[Running], Dialect]


@dataclass(frozen=True, kw_only=True)
class Server:
    """One entry of the comparison."""

    key: str
    name: str
    command: tuple[str, ...]
    needs: tuple[Path | str, ...] = ()
    """Files, or programs to be found on the path."""
    subscribe: Subscribe = field(default=lambda _: SocketIO())
    environment: Mapping[str, str] = field(default_factory=dict)
    ours: bool = False

    def missing(self) -> str | None:
        """Why it cannot run, in a few words."""
        for need in self.needs:
            there = need.exists() if isinstance(need, Path) else shutil.which(need)
            if not there:
                return f"not installed: {need}; benchmarks/peers/setup.sh installs it"
        return None

    @contextlib.contextmanager
    def running(self, *, core: int | None, rate: float) -> Iterator[Running]:
        """Start it on one core. Raises RefusedError with its last words if it does not come up."""
        with tempfile.TemporaryDirectory(prefix="delivery-") as folder, socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            probe.close()
            go, log = Path(folder, "go"), Path(folder, "log")
            environment = os.environ | self.environment | _jupyter(Path(folder))
            with log.open("wb") as out:
                process = subprocess.Popen(
                    [*self.command, "--port", str(port), "--rate", str(rate), "--go", str(go)],
                    env=environment,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                    # No thread runs here that could be in the way of it.
                    preexec_fn=None if core is None else partial(os.sched_setaffinity, 0, {core}),  # noqa: PLW1509
                )
            try:
                _await_port(process, port)
                yield Running(
                    pid=process.pid,
                    core=core,
                    port=port,
                    go=go,
                    environment=environment,
                    workers=self.ours,
                )
            except (RefusedError, OSError) as error:
                raise RefusedError(f"{error}{_last_words(log)}") from error
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RefusedError("it did not come up")


def _last_words(log: Path) -> str:
    """The last line of the log that tells of an error, or the last of all."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if re.match(r"\w*(Error|Exception)\b", line)] or lines
    return f"; its log: {telling[-1][:160]}" if telling else ""


def _jupyter(folder: Path) -> dict[str, str]:
    names = ("CONFIG", "DATA", "RUNTIME")
    for name in names:
        (folder / name).mkdir()
    return {
        **{f"JUPYTER_{name}_DIR": str(folder / name) for name in names},
        "PULSE_TOKEN": secrets.token_hex(16),
        "PYTHONPATH": os.pathsep.join([str(PEERS), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }


# -- ours --------------------------------------------------------------------------------


def call(server: Running, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/stockwidget/api/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"token {server.environment['PULSE_TOKEN']}",
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=START_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise RefusedError(f"{path}: {error.code} {_message(error.read())}") from None


def _message(body: bytes) -> str:
    """Our own errors are JSON with a message; a page of the server's own tells nothing."""
    try:
        return str(json.loads(body)["message"])[:160]
    except (ValueError, KeyError, TypeError):
        return "not from our extension"


def start_task(server: Running, event: str) -> str:
    """Submit the task that emits, and wait until its worker is warm and runs it."""
    params = {
        "event": event,
        "go": str(server.go),
        "rate": float(server.environment["PULSE_RATE"]),
    }
    task = call(server, "v1/tasks", {"kind": "pulse", "params": params})
    end = time.monotonic() + START_S
    while task["stage"] != "pulse":
        if time.monotonic() > end or task["error"]:
            raise RefusedError(f"the task is {task['status']}: {task['error']}")
        time.sleep(0.05)
        task = call(server, f"v1/tasks/{task['id']}")
    return str(task["id"])


def following(server: Running, event: str, transport: str) -> Dialect:
    offered = call(server, "v1/info")["transports"]
    if transport not in offered:
        raise NotOfferedError(f"the server offers {', '.join(offered)} only")
    task, token = start_task(server, event), server.environment["PULSE_TOKEN"]
    if transport == "ws":
        return Stockwidget(path="/stockwidget/api/v1/ws", token=token, task=task)
    cursor = urllib.parse.quote(json.dumps({task: None}, separators=(",", ":")))
    path = f"/stockwidget/api/v1/events?cursor={cursor}"
    return EventStream(path=path, token=token, proof=b'"k":"snapshot"')


# -- all ---------------------------------------------------------------------------------


def servers(rate: float) -> list[Server]:
    """Every entry, ours first."""
    python = INSTALLED / "venv" / "bin" / "python"
    nginx = INSTALLED / "nchan" / "usr" / "sbin" / "nginx"
    module = INSTALLED / "nchan" / "usr" / "lib" / "nginx" / "modules" / "ngx_nchan_module.so"
    modules = INSTALLED / "node" / "node_modules"
    ours = Server(
        key="ws",
        name="stockwidget WebSocket",
        command=(sys.executable, str(PEERS / "stockwidget_pulse.py")),
        environment={"PULSE_RATE": str(rate)},
        subscribe=lambda server: following(server, "partial", "ws"),
        ours=True,
    )
    flask = Server(
        key="flask-gevent",
        name="Flask-SocketIO, gevent",
        command=(str(python), str(PEERS / "flask_socketio_server.py")),
        environment={"PULSE_MODE": "gevent"},
        needs=(python,),
    )
    nchan = Server(
        key="nchan",
        name="Nchan WebSocket",
        command=(sys.executable, str(PEERS / "nchan_server.py")),
        environment={"PULSE_NGINX": str(nginx), "PULSE_NCHAN_MODULE": str(module)},
        needs=(nginx, module),
        subscribe=lambda _: WebSocket(path="/sub?id=pulse"),
    )
    return [
        ours,
        replace(
            ours,
            key="progress",
            name="stockwidget WebSocket, progress",
            subscribe=lambda server: following(server, "progress", "ws"),
        ),
        replace(
            ours,
            key="sse",
            name="stockwidget SSE",
            subscribe=lambda server: following(server, "partial", "sse"),
        ),
        Server(
            key="python-socketio",
            name="python-socketio on uvicorn",
            command=(str(python), str(PEERS / "python_socketio_server.py")),
            needs=(python,),
        ),
        flask,
        replace(
            flask,
            key="flask-threading",
            name="Flask-SocketIO, threading",
            environment={"PULSE_MODE": "threading"},
        ),
        Server(
            key="node",
            name="Socket.IO on Node",
            command=("node", str(PEERS / "socketio_server.cjs")),
            environment={"NODE_PATH": str(modules)},
            needs=("node", modules / "socket.io"),
        ),
        nchan,
        replace(
            nchan,
            key="nchan-sse",
            name="Nchan SSE",
            subscribe=lambda _: EventStream(path="/sub?id=pulse"),
        ),
    ]
