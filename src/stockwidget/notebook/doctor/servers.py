"""Checks of the server: which one it is and how it was found, or why there is none."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from stockwidget.errors import NotAuthorized, StockwidgetError, StoreUnavailable
from stockwidget.notebook import discovery
from stockwidget.notebook.discovery import INFO, Rung, Surroundings, Target
from stockwidget.notebook.doctor.here import enable, own_version
from stockwidget.notebook.doctor.report import Check
from stockwidget.notebook.doctor.wording import say
from stockwidget.notebook.rest import Rest

HOW: dict[Rung, str] = {
    "variable": "STOCKWIDGET_SERVER names it",
    "connection_file": "it started this kernel (by its connection file)",
    "parent": "it started this kernel (by its runtime file)",
    "hub": "JupyterHub's variables name it",
    "listing": "it runs here for this user",
}
ANSWER_S = 5.0


@dataclass(kw_only=True)
class Found:
    """The server to look at further, if there is one, and what was seen on the way."""

    checks: list[Check] = field(default_factory=list)
    target: Target | None = None
    info: Mapping[str, Any] = field(default_factory=dict)


def shown(url: str) -> str:
    """An address without what may be secret in it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query="", fragment=""))


def look(around: Surroundings, known: Target | None = None) -> Found:
    """Find the server of this process as a cell would, and say how, or why not."""
    found = Found()
    if around.environ.get("STOCKWIDGET_SERVER", "").strip().lower() == "off":
        what = say("STOCKWIDGET_SERVER=off: tasks run in a child process of the kernel.")
        found.checks.append(Check(name="server", state="skip", found=what))
        return found
    try:
        targets = [known] if known is not None else list(_targets(around))
    except StockwidgetError as error:
        found.checks.append(_failed(error.message, error.hint))
        return found
    for target in targets:
        check, info = ask(target)
        found.checks.append(check)
        if info is not None:
            found.target, found.info = target, info
            found.checks = [check]
            return found
    found.checks = _unless_named_twice([*_stale(around), *found.checks])
    if not found.checks:
        found.checks.append(
            Check(
                name="server",
                state="warn",
                found=say(
                    "No Jupyter server of this process was found: tasks run in a child process "
                    "and end with it."
                ),
                advice=say(
                    "Start the notebook from a Jupyter server with stockwidget, or set "
                    "STOCKWIDGET_SERVER and STOCKWIDGET_TOKEN."
                ),
            )
        )
    return found


def running(around: Surroundings) -> list[Target]:
    """The servers of this user on this machine, for a terminal that belongs to none of them."""
    files = sorted(around.runtime_dir.glob("jpserver-*.json"))
    found = (discovery.from_runtime_file(file, "listing") for file in files)
    return [target for target in found if target is not None]


def ask(target: Target) -> tuple[Check, Mapping[str, Any] | None]:
    """GET the server's info; what is wrong with that, or the info."""
    rest = Rest(target, timeout_s=ANSWER_S)
    where = f"{shown(target.url)}: {say(HOW[target.rung])}"
    try:
        info = rest.get(INFO)
    except StockwidgetError as error:
        return _refused(target, where, error), None
    finally:
        rest.close()
    if target.server_id is not None and info.get("server_id") != target.server_id:
        what = say("{where}, but another server answers at that address now.", where=where)
        return _failed(what, say("Restart the kernel.")), None
    return Check(name="server", state="ok", found=say("{where}.", where=where)), info


def _refused(target: Target, where: str, error: StockwidgetError) -> Check:
    if isinstance(error, NotAuthorized):
        what = say("{where}, but it refuses the login (401 or 403).", where=where)
        return _failed(what, _login_advice(target))
    if isinstance(error, StoreUnavailable):
        what = say(
            "{where}, but its journal is not open. {message}", where=where, message=error.message
        )
        return _failed(what, error.hint)
    if error.data.get("reason") == "no_extension":
        what = say("{where}, but it has no stockwidget extension.", where=where)
        install = say("Install stockwidget in the environment of the Jupyter server.")
        return _failed(what, f"{install} {enable()}")
    return _failed(f"{where}. {error.message}", error.hint)


def same_version(info: Mapping[str, Any]) -> Check:
    """Whether kernel and server have the same package."""
    here, there = own_version(), str(info.get("version"))
    if here == there:
        found = say("Kernel and server have {version}.", version=here)
        return Check(name="same version", state="ok", found=found)
    return Check(
        name="same version",
        state="warn",
        found=say("The kernel has stockwidget {here}, the server {there}.", here=here, there=there),
        advice=say("Install the same version in both environments and restart the server."),
    )


def journal(info: Mapping[str, Any], seen: str | None) -> Check:
    """Whether the server still has the journal that this process's tasks are in."""
    epoch = str(info.get("epoch"))
    if seen is None or seen == epoch:
        return Check(name="journal", state="ok", found=say("Open ({epoch}).", epoch=epoch[:8]))
    return Check(
        name="journal",
        state="warn",
        found=say(
            "The server has another journal now ({epoch}, was {seen}): it was lost or its folder "
            "changed, and earlier tasks with it.",
            epoch=epoch[:8],
            seen=seen[:8],
        ),
        advice=say("Run the cells again; check c.StockwidgetApp.data_dir."),
    )


def _targets(around: Surroundings) -> Iterator[Target]:
    explicit = discovery.explicit(around)
    if explicit is not None:
        yield explicit
        return
    yield from discovery.candidates(around, _probe)


def _probe(target: Target, path: str) -> Mapping[str, Any]:
    from stockwidget.notebook.rest import probe

    return probe(target, path)


def _stale(around: Surroundings) -> list[Check]:
    """A connection file that is named and of no use."""
    named = around.environ.get("STOCKWIDGET_CONNECTION_FILE", "")
    if not named:
        return []
    file = Path(named)
    if not file.is_file():
        what = say(
            "The server that started this kernel has gone: {file} does not exist any more.",
            file=file,
        )
        return [_failed(what, say("Restart the kernel from a running server."))]
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        what = say("{file} can be read by others, so it is not trusted.", file=file)
        return [_failed(what, say("Run `chmod 600 {file}`, and restart the server.", file=file))]
    return []


def _unless_named_twice(checks: list[Check]) -> list[Check]:
    return list({check.found: check for check in checks}.values())


def _login_advice(target: Target) -> str:
    if target.rung == "variable":
        return say("Set STOCKWIDGET_TOKEN to the token that `jupyter server list` shows.")
    return say("Restart the kernel to pick up the server's new secret.")


def _failed(found: str, advice: str = "") -> Check:
    return Check(name="server", state="fail", found=found, advice=advice)
