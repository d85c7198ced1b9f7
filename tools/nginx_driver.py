"""A real nginx in front of a Jupyter server, with the set-ups that break realtime delivery in practice."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab_driver import free_port

UPGRADE = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;"
HTTP11 = 'proxy_http_version 1.1; proxy_set_header Connection "";'
HELD_BACK = "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;"

# What stands in `location /` and, more specifically, in that of our socket, stream and polls.
SETUPS: dict[str, dict[str, str]] = {
    "healthy": {"/": f"proxy_http_version 1.1; {UPGRADE}"},
    # The upgrade headers were forgotten: the commonest mistake.
    "no-upgrade": {"/": f"{HTTP11} proxy_buffering off;"},
    # nginx's defaults towards the upstream: HTTP/1.0, and answers are collected before they go on.
    "held-back": {"/": HELD_BACK},
    # Compression at the proxy collects a stream even where buffering would let it pass.
    "gzip": {
        "/": f"{HTTP11} {HELD_BACK} gzip on; gzip_proxied any; gzip_min_length 0;"
        " gzip_types text/event-stream application/json;"
    },
    "idle-timeout": {"/": f"proxy_http_version 1.1; {UPGRADE} proxy_read_timeout 10s;"},
    # Only the socket is refused: refusing all would kill the kernels' as well.
    "no-socket": {
        "/": f"proxy_http_version 1.1; {UPGRADE}",
        "~ /stockwidget/api/v1/ws$": "return 403;",
    },
    "polls-only": {
        "/": f"{HTTP11}",
        "~ /stockwidget/api/v1/(ws|events)$": "return 403;",
    },
    "down": {"/": "return 502;"},
}

TEMPLATE = """
{user}
# Old workers must not linger with the old rules.
worker_shutdown_timeout 100ms;
daemon off; master_process on; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    proxy_connect_timeout 2s;
    location = /{page} {{ types {{ }} default_type "text/html; charset=utf-8"; alias {folder}/page.html; }}
{locations}
  }}
}}
"""


@dataclass(kw_only=True)
class Nginx:
    """A running nginx; ``use`` changes how it behaves, ``cut`` kills what is connected."""

    port: int
    upstream: int
    folder: Path
    page: str = ""
    """Path of an HTML page that nginx itself serves, from ``page.html`` in its folder."""
    process: subprocess.Popen[bytes] | None = None
    setup: str = "healthy"

    @property
    def origin(self) -> str:
        """What a browser is given instead of the server's own address."""
        return f"http://127.0.0.1:{self.port}"

    def use(self, setup: str) -> None:
        """Behave as ``setup`` says from now on; what is connected under the old one is cut."""
        self.setup = setup
        self._write()
        assert self.process is not None
        old = self._children()
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while self._children() & old or not self._children():
            if time.monotonic() > deadline:
                raise RuntimeError(f"nginx did not reload: {self.log()}")
            time.sleep(0.02)

    def cut(self) -> None:
        """Break every connection at once, without a goodbye, and go on serving new ones."""
        for worker in self._children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)

    def freeze(self) -> None:
        """Keep connections open but move nothing: what a half-open connection looks like."""
        for worker in self._children():
            os.kill(worker, signal.SIGSTOP)

    def thaw(self) -> None:
        """Move again."""
        for worker in self._children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGCONT)

    def log(self) -> str:
        """What nginx complained about."""
        path = self.folder / "error.log"
        return path.read_text()[-2000:] if path.exists() else ""

    def requests(self) -> list[str]:
        """The access log: one line a request that has ended."""
        path = self.folder / "access.log"
        return path.read_text().splitlines() if path.exists() else []

    def start(self) -> None:
        """Start listening."""
        self._write()
        self.process = subprocess.Popen(
            [
                "/usr/sbin/nginx",
                "-e",
                str(self.folder / "error.log"),
                "-c",
                str(self.folder / "nginx.conf"),
            ],
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while True:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), 1),
            ):
                return
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"nginx did not start: {self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop listening and break what is connected."""
        if self.process is None:
            return
        self.thaw()
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _write(self) -> None:
        # In each location: nginx inherits no header from above where a location sets one of its own.
        target = f"proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:{self.upstream};"
        locations = "\n".join(
            f"    location {where} {{ {rules} {'' if 'return' in rules else target} }}"
            for where, rules in SETUPS[self.setup].items()
        )
        # As root, nginx would give its workers a user that cannot read our folders.
        user = "user root;" if os.geteuid() == 0 else ""
        text = TEMPLATE.format(
            user=user,
            folder=self.folder,
            port=self.port,
            page=self.page.strip("/"),
            locations=locations,
        )
        (self.folder / "nginx.conf").write_text(text)

    def _children(self) -> set[int]:
        assert self.process is not None
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(pid) for pid in listed.split()}


@contextlib.contextmanager
def running_nginx(folder: Path, upstream: int, *, page: str, html: str) -> Iterator[Nginx]:
    """Run nginx in front of the server at port ``upstream``; it serves ``html`` at ``page``."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # nginx's workers are another user
    (folder / "page.html").write_text(html)
    nginx = Nginx(port=free_port(), upstream=upstream, folder=folder, page=page)
    nginx.start()
    try:
        yield nginx
    finally:
        nginx.stop()
