"""What is built is whole: bundle, data, configuration and types are in the wheel and the sdist."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
IN_THE_WHEEL = (
    "stockwidget/__init__.py",
    "stockwidget/py.typed",
    "stockwidget/static/analysis.js",
    "stockwidget/static/details.js",
    "stockwidget/static/scan.js",
    "stockwidget/static/study.js",
    "stockwidget/static/errors.js",
    "stockwidget/static/widget.js",
    "stockwidget/static/monitor.js",
    "stockwidget/static/tasks.js",
    "stockwidget/static/doctor.js",
    "stockwidget/static/compare.js",
    "stockwidget/static/client.js",
    "stockwidget/static/demo.js",
    "stockwidget/sources/data/sample.parquet",
    "stockwidget/sources/data/sample.json",
    "stockwidget/sources/data/NOTICE.md",
    "stockwidget_server/app.py",
    "stockwidget_server/openapi.yaml",
    "stockwidget_server/realtime_demo.html",
    "stockwidget_server/py.typed",
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked and untracked sources, as a clean clone would hold them, and the built bundle."""
    copy = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    built = [ROOT / "src/stockwidget" / name for name in ("static", "labextension")]
    bundles = [p.relative_to(ROOT) for folder in built for p in folder.rglob("*.js*")]
    for name in [*filter(None, listed.split("\0")), *map(str, bundles)]:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


def build(folder: Path, *what: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [UV, "build", *what, "--out-dir", str(folder / "dist")],
        cwd=folder,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def sdist(checkout: Path) -> Path:
    code, output = build(checkout, "--sdist", env={"STOCKWIDGET_PREBUILT_JS": "1"})
    assert code == 0, output
    return next((checkout / "dist").glob("*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sdist, without Node: what an installer without a released wheel does."""
    folder = tmp_path_factory.mktemp("from-sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    unpacked = next(folder.iterdir())
    without_node = {"PATH": str(Path(sys.executable).parent)}
    code, output = build(unpacked, "--wheel", env=without_node)
    assert code == 0, output
    return next((unpacked / "dist").glob("*.whl"))


def test_the_wheel_is_whole(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [n for n in IN_THE_WHEEL if n not in names] == []
    config = "data/etc/jupyter/jupyter_server_config.d/stockwidget_server.json"
    assert any(name.endswith(config) for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    lab = "data/share/jupyter/labextensions/stockwidget/"
    (about,) = [name for name in names if name.endswith(lab + "package.json")]
    described = json.loads(zipfile.ZipFile(wheel).read(about))
    assert described["version"] == version("stockwidget")
    assert any(n.endswith(lab + described["jupyterlab"]["_build"]["load"]) for n in names)
    assert not [n for n in names if n.endswith((".ts", ".css")) or "/js/" in n]
    sizes = [
        len(zipfile.ZipFile(wheel).read(f"stockwidget/static/{name}.js"))
        for name in ("widget", "analysis")
    ]
    assert min(sizes) > 10_000
    assert sum(sizes) <= 320_000


def test_the_sdist_is_whole(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert "src/stockwidget/static/widget.js" in names
    assert "src/stockwidget/static/analysis.js" in names
    assert "src/stockwidget/static/client.js" in names
    assert "src/stockwidget/js/widget.ts" in names
    assert "server_extension/jupyter_server_config.d/stockwidget_server.json" in names


def test_a_build_without_the_bundle_fails_loudly(checkout: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    ignore = shutil.ignore_patterns("static", "dist", "node_modules")
    shutil.copytree(checkout, bare, ignore=ignore)
    code, output = build(bare, "--wheel", env={"PATH": str(Path(sys.executable).parent)})
    assert code != 0
    assert "npm was not found" in output


def test_the_extension_is_enabled_by_installing() -> None:
    jupyter = Path(sys.executable).parent / "jupyter"
    done = subprocess.run(
        [jupyter, "server", "extension", "list"], capture_output=True, text=True, check=True
    )
    lines = (done.stdout + done.stderr).splitlines()
    at = next(i for i, line in enumerate(lines) if "stockwidget_server" in line)
    assert "enabled" in lines[at]
    assert any("OK" in line for line in lines[at : at + 4])
