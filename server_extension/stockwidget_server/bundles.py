"""The browser's bundles, read once and again when a build has replaced them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

BUNDLES = (
    "analysis.js",
    "client.js",
    "compare.js",
    "demo.js",
    "details.js",
    "errors.js",
    "monitor.js",
    "scan.js",
    "study.js",
    "widget.js",
)
EXACT = ("analysis.js", "details.js", "scan.js", "study.js", "errors.js")
"""Parts of another bundle, which knows their digest: of another version they would not fit it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """One file as it is served; ``digest`` names its content."""

    content: bytes
    digest: str

    @property
    def etag(self) -> str:
        """A strong validator."""
        return f'"{self.digest}"'

    @classmethod
    def at(cls, path: Path) -> Bundle:
        """Read ``path``. Raises FileNotFoundError if the package was never built."""
        status = path.stat()
        return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=len(BUNDLES))
def _read(path: Path, _modified: int, _size: int) -> Bundle:
    content = path.read_bytes()
    return Bundle(content=content, digest=hashlib.sha256(content).hexdigest()[:20])
