"""Where this process shows things: a terminal, a notebook somebody looks at, or one nobody does."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

Frontend = Literal["plain", "ipython", "headless", "live", "vscode", "colab"]


def current_shell() -> Any:
    """IPython's shell, or None; never imports IPython."""
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()  # type: ignore[no-untyped-call,unused-ignore]


def frontend(shell: Any = None, environ: Mapping[str, str] = os.environ) -> Frontend:
    """What shows the outputs of this process.

    nbclient (so nbconvert and papermill too) executes cells with ``allow_stdin=False``: nobody is
    there to answer. Every frontend for people allows it. Voila runs cells through nbclient and
    shows them live afterwards, hence its own rule.
    """
    shell = current_shell() if shell is None else shell
    if shell is None:
        return "plain"
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return "ipython"
    if "google.colab" in sys.modules:
        return "colab"
    if "__vsc_ipynb_file__" in shell.user_ns:
        return "vscode"
    if environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return "live"
    return "live" if getattr(kernel, "_allow_stdin", True) else "headless"


def kernel_id() -> str | None:
    """The id by which a Jupyter server lists this kernel, or None outside a kernel."""
    kernel = getattr(current_shell(), "kernel", None)
    if kernel is None:
        return None
    file = Path(str(getattr(kernel.parent, "connection_file", "") or ""))
    return file.stem.removeprefix("kernel-") or None


def ancestors(pid: int | None = None) -> list[int]:
    """The process ids above ``pid`` (this process), nearest first; as far as the system tells."""
    found: list[int] = []
    current = os.getpid() if pid is None else pid
    while (above := _parent(current)) > 1 and above not in found:
        found.append(above)
        current = above
    return found


def _parent(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat")
    try:
        # The command name may hold spaces and brackets; what follows the last bracket may not.
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        pass
    try:
        psutil = import_module("psutil")  # ipykernel has it, so it is there where it matters
        return int(psutil.Process(pid).ppid())
    except Exception:  # noqa: BLE001 - psutil is absent or the process is gone: no ancestor to be known
        return os.getppid() if pid == os.getpid() else 0
