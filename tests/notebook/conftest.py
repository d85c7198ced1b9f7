"""Real Jupyter servers in folders of their own, and a proxy that misbehaves."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from stockwidget.notebook import runners
from stockwidget.notebook.local import ChildBackend

sys.path.insert(0, str(Path(__file__).parent))
from misbehaving import Relay


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running ``jupyter server``."""

    folder: Path
    base_url: str = "/"
    port: int = field(default_factory=free_port)
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    variables: dict[str, str] = field(default_factory=dict)
    ready: int = 200
    """What it answers once it is up."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.base_url}"

    @property
    def runtime(self) -> Path:
        return self.folder / "runtime"

    @property
    def environ(self) -> dict[str, str]:
        mine = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("STOCKWIDGET_", "JPY_", "JUPYTER"))
        }
        places = {
            f"JUPYTER_{k.upper()}_DIR": str(self.folder / k) for k in ("config", "data", "runtime")
        }
        return {**mine, **places, "IPYTHONDIR": str(self.folder / "ipython"), **self.variables}

    def start(self) -> None:
        (self.folder / "config").mkdir(parents=True)
        others = dict.fromkeys(("jupyterlab", "jupyter_lsp", "notebook_shim"), False)
        config = {"ServerApp": {"jpserver_extensions": {"stockwidget_server": True, **others}}}
        (self.folder / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
        self.process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "jupyter_server",
                    "--allow-root",
                    "--no-browser",
                    "--ip=127.0.0.1",
                ),
                *(
                    f"--port={self.port}",
                    "--ServerApp.port_retries=0",
                    f"--IdentityProvider.token={self.token}",
                ),
                f"--ServerApp.base_url={self.base_url}",
            ],
            env=self.environ,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get("stockwidget/api/v1/info").status_code == self.ready:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        self.stop()
        raise AssertionError(f"jupyter server did not start in {self.folder}")

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, headers={"Authorization": f"token {self.token}"})

    def connection_file(self) -> dict[str, object]:
        assert self.process is not None
        return json.loads((self.runtime / f"stockwidget-{self.process.pid}.json").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@pytest.fixture(scope="session")
def servers(tmp_path_factory) -> Iterator[tuple[Server, Server]]:
    """Two servers of one user, one below a base_url."""
    root = tmp_path_factory.mktemp("servers")
    both = (Server(root / "a"), Server(root / "b", base_url="/user/x/"))
    with ThreadPoolExecutor() as at_once:
        list(at_once.map(Server.start, both))
        yield both
        list(at_once.map(Server.stop, both))


@pytest.fixture
def forget_runner(monkeypatch) -> Iterator[None]:
    """Each test finds its runner anew, and leaves none behind."""
    monkeypatch.setattr(runners, "_current", None)
    yield
    if runners._current is not None:
        runners._current.close()  # type: ignore[attr-defined]


@pytest.fixture
def on_server(servers, monkeypatch, forget_runner) -> Server:
    """The second server, named by the environment."""
    monkeypatch.setenv("STOCKWIDGET_SERVER", servers[1].url)
    monkeypatch.setenv("STOCKWIDGET_TOKEN", servers[1].token)
    return servers[1]


@pytest.fixture(scope="session")
def shared_runner() -> Iterator[ChildBackend]:
    """A child-process runner whose worker is warm after the first test that uses it."""
    runner = ChildBackend()
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def local_runner(shared_runner) -> Iterator[None]:
    """No server: a child process runs the tasks of the module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STOCKWIDGET_SERVER", "off")
        dead = shared_runner.pid is not None and not Path(f"/proc/{shared_runner.pid}").exists()
        patch.setattr(runners, "_current", None if dead else shared_runner)
        yield
        if runners._current not in {None, shared_runner}:
            runners._current.close()  # type: ignore[union-attr]


@pytest.fixture
def make_server(tmp_path) -> Iterator[Callable[..., Server]]:
    """Start a server of the test's own, with variables of its own."""
    started: list[Server] = []

    def make(*, ready: int = 200, **environ: str) -> Server:
        folder = tmp_path / f"server{len(started)}"
        server = Server(folder, variables=environ, ready=ready)
        started.append(server)
        server.start()
        return server

    yield make
    for server in started:
        server.stop()


@pytest.fixture
def relay(servers) -> Iterator[Relay]:
    relay = Relay(servers[0].port)
    yield relay
    relay.close()


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Wait until a condition holds, for tests of real processes."""

    def wait(condition: Callable[[], object], timeout: float = 15) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.02)

    return wait
