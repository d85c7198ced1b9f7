"""A real Jupyter server, JupyterLab by default, and a Chromium page on it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import paced
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)

# What a shell may hold that would change the server under test.
OURS = ("JPY_", "STOCKWIDGET_", "REALTIME_", "PORT")

WAIT_UNTIL_READY = """
async () => {
  const app = window.jupyterapp;
  await app.restored;
  const panel = app.shell.currentWidget;
  await panel.context.ready;
  await panel.revealed;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
}
"""


@dataclass(kw_only=True)
class Lab:
    """A Jupyter server of our own; ``url`` ends with a slash, ``folder`` is what it serves."""

    url: str
    token: str
    folder: Path
    environment: dict[str, str]
    command: list[str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.folder / ".jupyter-state" / "server.log"

    @property
    def journal(self) -> Path:
        """The task journal."""
        return self.folder / ".jupyter-state/data/stockwidget/tasks.sqlite"

    def start(self) -> None:
        """Start the server and wait until it answers; the port is the same every time."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        _wait_until_up(f"{self.url}api", self.process, self.log)

    def stop(self) -> None:
        """Stop the server, by force if it does not go."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def write_notebook(self, name: str, sources: Sequence[str]) -> str:
        """Write a notebook of code cells into the folder; return its name."""
        cells = [new_code_cell(source) for source in sources]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, self.folder / name)
        return name

    def api(self, path: str, body: Any = None) -> Any:
        """GET, or POST ``body`` to, a JSON route below the server's base URL with its token."""
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def pace(self, **params: Any) -> dict[str, Any]:
        """Start a task of kind ``paced`` with ``params``; return its record."""
        return self.api("stockwidget/api/v1/tasks", {"kind": "paced", "params": params})


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running_lab(
    folder: Path,
    *,
    app: str = "jupyterlab",
    base_url: str = "/",
    token: str | None = None,
    options: Sequence[str] = (),
    more: Mapping[str, str] | None = None,
) -> Iterator[Lab]:
    """Run ``app`` on ``folder`` with settings, data and runtime folders of its own below it.

    It also takes tasks of kind ``paced``. ``more`` goes into its environment.
    """
    token = secrets.token_hex(16) if token is None else token
    state = folder / ".jupyter-state"
    (state / "config").mkdir(parents=True, exist_ok=True)
    (state / "config/jupyter_server_config.py").write_text(paced.CONFIG)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    environment = {
        **inherited,
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
        "IPYTHONDIR": str(state / "ipython"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(paced.__file__).parent),
        **(more or {}),
    }
    port = free_port()
    command = [
        *(sys.executable, "-m", app, "--allow-root", "--no-browser", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.base_url={base_url}"),
        *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"),
        *(["--LabApp.expose_app_in_browser=True"] if app == "jupyterlab" else []),
        *options,
    ]
    lab = Lab(
        url=f"http://127.0.0.1:{port}{base_url}",
        token=token,
        folder=folder,
        environment=environment,
        command=command,
    )
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-4000:]}")
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(url, timeout=2).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not answer within 90 s:\n{log.read_text()[-4000:]}")


@contextlib.contextmanager
def chromium(**launch: Any) -> Iterator[Browser]:
    """Run the machine's headless Chromium; ``launch`` goes to Playwright."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        raise RuntimeError(
            "Chromium was not found: run `make test-browser` once, which installs it."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=list(CHROMIUM_FLAGS), **launch
        )
        yield browser
        browser.close()


def open_notebook(page: Page, lab: Lab, name: str, *, login: bool = True) -> None:
    """Open a notebook and wait until its kernel is ready to run cells."""
    query = f"?token={lab.token}&reset" if login and lab.token else "?reset"
    page.goto(f"{lab.url}lab/tree/{name}{query}")
    wait_until_ready(page)


def wait_until_ready(page: Page) -> None:
    """Wait for the shown notebook and its kernel; running a cell earlier opens "Select Kernel"."""
    page.wait_for_function(
        "() => window.jupyterapp?.shell?.currentWidget?.sessionContext", timeout=60_000
    )
    page.evaluate(WAIT_UNTIL_READY)


def run_all(page: Page) -> None:
    """Start all cells; do not wait for them."""
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")


def run_cell(page: Page, index: int) -> None:
    """Start one cell; do not wait for it."""
    page.evaluate(
        """index => {
          const app = window.jupyterapp;
          app.shell.currentWidget.content.activeCellIndex = index;
          void app.commands.execute('notebook:run-cell');
        }""",
        index,
    )


def restart_kernel(page: Page) -> None:
    """Restart the kernel of the notebook in view; return when the new one answers."""
    page.evaluate(
        """async () => {
          const { sessionContext } = window.jupyterapp.shell.currentWidget;
          await sessionContext.session.kernel.restart();
          await sessionContext.session.kernel.info;
        }"""
    )


def set_theme(page: Page, theme: str) -> None:
    """Switch Lab's theme, for instance to ``JupyterLab Dark``."""
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
    )
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
