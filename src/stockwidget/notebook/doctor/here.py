"""Checks of this very environment: versions, the extension's set-up, the folder of the journal."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from stockwidget.notebook.doctor.report import Check
from stockwidget.notebook.doctor.wording import say

EXTENSION = "stockwidget_server"


def own_version() -> str:
    """The version of the package in this process."""
    return version("stockwidget")


def versions() -> Check:
    """What runs here."""
    others = ", ".join(
        f"{name} {found}" for name in ("jupyter-server", "ipykernel") if (found := _version(name))
    )
    found = f"stockwidget {own_version()}, Python {platform.python_version()}"
    return Check(name="versions", state="ok", found=f"{found}, {others}" if others else found)


def extension(folders: Iterable[str] | None = None) -> Check:
    """Whether a server started from this environment would load the extension."""
    if folders is None:
        from jupyter_core.paths import jupyter_config_path

        folders = jupyter_config_path()
    if find_spec(EXTENSION) is None:
        return Check(
            name="extension",
            state="warn",
            found=say("{name} is not installed in this environment.", name=EXTENSION),
            advice=say("Install stockwidget in the environment of the Jupyter server."),
        )
    # The first folder has the last word, as in Jupyter.
    for file, enabled in _settings(list(folders)):
        if enabled:
            return Check(name="extension", state="ok", found=say("Enabled by {file}.", file=file))
        found = say("Disabled by {file}.", file=file)
        return Check(name="extension", state="warn", found=found, advice=enable())
    found = say("Installed, but no Jupyter configuration enables it.")
    return Check(name="extension", state="warn", found=found, advice=enable())


def enable() -> str:
    """What to do where the extension is off."""
    return say(
        "Run `jupyter server extension enable {name}` and restart the Jupyter server.",
        name=EXTENSION,
    )


def _settings(folders: list[str]) -> Iterator[tuple[Path, bool]]:
    for folder in folders:
        named = Path(folder) / "jupyter_server_config.json"
        parts = sorted((Path(folder) / "jupyter_server_config.d").glob("*.json"))
        for file in (named, *reversed(parts)):
            try:
                content = json.loads(file.read_text(encoding="utf-8"))
                enabled = content["ServerApp"]["jpserver_extensions"][EXTENSION]
            except (OSError, ValueError, KeyError, TypeError):
                continue
            yield file, bool(enabled)


def data_folder(folder: Path | None = None) -> Check:
    """Whether the journal could be written, as far as this process can tell."""
    if folder is None:
        from jupyter_core.paths import jupyter_data_dir

        folder = Path(jupyter_data_dir()) / "stockwidget"
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return Check(
            name="data folder",
            state="fail",
            found=say(
                "{place} cannot be written: {why}.",
                place=folder,
                why=(error.strerror or str(error)).lower(),
            ),
            advice=say(
                "Give this user write access, or set c.StockwidgetApp.data_dir to another one."
            ),
        )
    journal = folder / "tasks.sqlite"
    if journal.exists() and not os.access(journal, os.W_OK):
        return Check(
            name="data folder",
            state="fail",
            found=say("{place} cannot be written.", place=journal),
            advice=say("Give this user write access to it."),
        )
    found = say("{place} can be written.", place=folder)
    return Check(name="data folder", state="ok", found=found)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
