"""The file by which kernels find and enter the server that started them.

A kernel of a server with a password or a Hub login has no token to show. So the server writes a
file that only its user can read, names it in its environment (which kernels inherit), and takes the
secret in it for a login to our routes, and to nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.paths import secure_write

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

VARIABLE = "STOCKWIDGET_CONNECTION_FILE"
_LOCAL = {**dict.fromkeys(("", "*", "0.0.0.0"), "127.0.0.1"), "::": "::1", "[::]": "::1"}  # noqa: S104 - recognised, never bound
"""Where a server that listens everywhere is found; at ``::`` it takes no IPv4."""


def local_url(serverapp: ServerApp) -> str:
    """Return the address, with base_url, at which a kernel on this host reaches the server.

    Empty if the server listens on a unix socket, where HTTP clients need more than an address.
    """
    if serverapp.sock:
        return ""
    host = _LOCAL.get(serverapp.ip, serverapp.ip)
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    scheme = "https" if serverapp.certfile else "http"
    return f"{scheme}://{host}:{serverapp.port}{serverapp.base_url}"


class ConnectionFile:
    """``stockwidget-<pid>.json`` in the runtime folder, 0600, gone when the server stops."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"stockwidget-{os.getpid()}.json"

    def write(self, content: Mapping[str, Any]) -> None:
        """Write or replace the file at once and name it in the environment. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_suffix(".new")
        with secure_write(str(fresh)) as file:
            json.dump(content, file)
        fresh.replace(self.path)
        os.environ[VARIABLE] = str(self.path)

    def remove(self) -> None:
        """Take it back."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        if os.environ.get(VARIABLE) == str(self.path):
            del os.environ[VARIABLE]
