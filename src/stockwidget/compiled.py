"""Whether the kernels have been compiled on this machine: a note beside the stores, by version.

Light. After numba's own cache was removed a note is wrong; then only the explanation is missing.
"""

from __future__ import annotations

import contextlib
import sys
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from stockwidget.store.places import data_dir

PACKAGES = (
    "stockwidget.indicators",
    "stockwidget.analysis",
    "stockwidget.scan.vm",
    "stockwidget.store.gather",
    "stockwidget.vectors",
)


def stamp(*modules: str) -> str:
    """Return a digest of the source of modules and packages.

    Numba compiles a kernel anew when the kernel's own file changes, but not when a function it
    calls does. As the default of an argument, the digest makes it do so.
    """
    digest = blake2b(digest_size=8)
    for name in modules:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(name)
        home = Path(spec.origin)
        files = sorted(home.parent.glob("*.py")) if home.name == "__init__.py" else [home]
        for file in files:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def before() -> bool:
    """Whether ``note`` was called for these sources, this Python and this numba."""
    return _note().exists()


def note() -> None:
    """Remember that everything is compiled; nothing is said where that cannot be written."""
    with contextlib.suppress(OSError):
        _note().parent.mkdir(parents=True, exist_ok=True)
        _note().touch()


def _note() -> Path:
    return data_dir() / _name()


@cache
def _name() -> str:
    python = ".".join(map(str, sys.version_info[:2]))
    return f"compiled-{stamp(*PACKAGES)}-{python}-{version('numba')}"
