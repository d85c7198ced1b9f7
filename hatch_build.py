"""Build the JavaScript bundle as part of every Python build, and refuse to build without it."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLES = (
    "analysis.js",
    "client.js",
    "compare.js",
    "demo.js",
    "details.js",
    "doctor.js",
    "errors.js",
    "monitor.js",
    "scan.js",
    "study.js",
    "tasks.js",
    "widget.js",
)


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs ``npm ci && npm run build`` unless the sources are absent and the bundle is present."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle; raise if it is missing or empty afterwards."""
        root = Path(self.root)
        static = root / "src" / "stockwidget" / "static"
        lab = static.with_name("labextension") / "package.json"
        needed = [*(static / name for name in BUNDLES), lab]
        present = all(path.is_file() for path in needed)
        # An sdist carries the finished bundle, so that installing from it needs no Node.
        from_sdist = (root / "PKG-INFO").is_file() and present
        prebuilt = os.environ.get("STOCKWIDGET_PREBUILT_JS") == "1" and present
        if not (from_sdist or prebuilt):
            self._build(root)
        for bundle in needed:
            if not bundle.is_file() or bundle.stat().st_size == 0:
                raise RuntimeError(
                    f"{bundle} is missing after the JavaScript build; "
                    "run `npm ci && npm run build` and read its output."
                )

    def _build(self, root: Path) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "npm was not found: install Node.js 20 or newer to build stockwidget from a checkout, "
                "or install a released wheel, which needs no Node."
            )
        if not (root / "node_modules" / ".package-lock.json").is_file():
            subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=root, check=True)
        subprocess.run([npm, "run", "--silent", "build"], cwd=root, check=True)
