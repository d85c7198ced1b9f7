"""Where this machine keeps stores that nobody named: made-up markets, frames, folders.

Light: the server asks for it too. Everything there but watchlists can be removed; it is made again.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

VARIABLE = "STOCKWIDGET_DATA_DIR"


def data_dir() -> Path:
    """``STOCKWIDGET_DATA_DIR``, else ``stockwidget`` in Jupyter's data folder."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser()
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "stockwidget"


def newest(folder: Path) -> str | None:
    """Identity of the newest version of the store in ``folder``, unread; None if there is none."""
    found = sorted((folder / "versions").glob("????????.json"))
    if not found:
        return None
    return f"{found[-1]}:{found[-1].stat().st_mtime_ns}"


def state(folder: Path) -> str:
    """Digest of the names, sizes and times of all files; changes when one of them does.

    Raises OSError if there is no such folder.
    """
    folder.stat()  # a walk of what cannot be reached is empty, from Python 3.13 on without a word
    digest = hashlib.blake2b(digest_size=12)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found = path.stat()
            digest.update(f"{path}|{found.st_size}|{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
