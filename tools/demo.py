"""Open JupyterLab on the quickstart notebook, or print its URL where no browser can be opened.

The notebook is opened in place, so that what the reader tries stays where the README says it is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import sys
import webbrowser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = "quickstart.ipynb"


def port_is_free(port: int) -> bool:
    """Whether this machine would let a server listen on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def browser_can_open() -> bool:
    """Whether a graphical browser is likely to appear in front of the user."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def main() -> int:
    """Start JupyterLab in place of this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8888)
    known, passed_on = parser.parse_known_args()
    if not port_is_free(known.port):
        sys.exit(
            f"Port {known.port} is in use. Choose another one: make demo PORT={known.port + 1}"
        )
    jupyter = shutil.which("jupyter", path=str(Path(sys.executable).parent)) or "jupyter"
    command = [
        jupyter,
        "lab",
        f"--port={known.port}",
        "--ServerApp.port_retries=0",
        f"--notebook-dir={ROOT / 'notebooks'}",
        f"--LabApp.default_url=/lab/tree/{NOTEBOOK}",
    ]
    if not browser_can_open():
        command.append("--no-browser")
        print("No browser can be opened here: open the URL that JupyterLab prints below.")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.execv(jupyter, [*command, *passed_on])


if __name__ == "__main__":
    main()
