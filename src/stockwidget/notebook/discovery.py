"""Which Jupyter server runs this process's tasks: the ladder of docs/protocol.md, rung by rung.

1. ``STOCKWIDGET_SERVER`` (a URL, or ``off``), with ``STOCKWIDGET_TOKEN``: what the user says.
2. The connection file that the server extension names in ``STOCKWIDGET_CONNECTION_FILE``.
3. ``jpserver-<JPY_PARENT_PID>.json``: the server that started this kernel.
4. JupyterHub's variables.
5. A running server of this user that lists this very kernel.

Candidates come in that order; ``find`` asks each whether it has the extension. A file may be stale
and an environment inherited from another server's terminal, so each rung says what it trusts.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from stockwidget.errors import NotAuthorized, ServerUnreachable, StockwidgetError
from stockwidget.notebook import environment

Rung = Literal["variable", "connection_file", "parent", "hub", "listing"]
_ANY_ADDRESS = {"", "*", "0.0.0.0", "::", "[::]"}  # noqa: S104 - recognised, never bound


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A server to talk to. ``url`` ends with the base_url and a slash."""

    url: str
    authorization: str = field(repr=False)
    """Value of the Authorization header; never part of a URL."""
    rung: Rung
    server_id: str | None = None
    """Whom the connection file speaks of; another one at the address is not ours."""

    @property
    def headers(self) -> dict[str, str]:
        """What a request carries; a server may be open to all, and HTTP knows no empty token."""
        _scheme, _, secret = self.authorization.partition(" ")
        return {"Authorization": self.authorization} if secret else {}

    @property
    def loopback(self) -> bool:
        """Whether the address is this machine, so that no proxy may stand between."""
        host = urlsplit(self.url).hostname or ""
        return host in {"localhost", "::1"} or host.startswith("127.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the ladder looks at; ``here()`` is this process."""

    environ: Mapping[str, str]
    runtime_dir: Path
    kernel_id: str | None = None
    ancestors: Callable[[], Sequence[int]] = environment.ancestors

    @classmethod
    def here(cls) -> Surroundings:
        """What is around this process now."""
        from jupyter_core.paths import jupyter_runtime_dir

        return cls(
            environ=os.environ,
            runtime_dir=Path(jupyter_runtime_dir()),
            kernel_id=environment.kernel_id(),
        )

    @property
    def parent_pid(self) -> int | None:
        """Who started this kernel, as jupyter_client noted it."""
        text = self.environ.get("JPY_PARENT_PID", "")
        return int(text) if text.isdigit() else None

    @property
    def parent_file(self) -> Path | None:
        """The runtime file of the Jupyter server that started this kernel, if one did."""
        file = self.runtime_dir / f"jpserver-{self.parent_pid}.json"
        return file if self.parent_pid and file.is_file() else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """The server to use with its ``info``, or why there is none (``note``, for the reader)."""

    target: Target | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None


Probe = Callable[[Target, str], Mapping[str, Any]]
"""``probe(target, path)`` GETs JSON under the target; raises ServerUnreachable (with
``data["reason"] == "no_extension"`` on a 404) or NotAuthorized."""
INFO = "stockwidget/api/v1/info"


def find(around: Surroundings, probe: Probe) -> Finding:
    """Climb the ladder. Raises ServerUnreachable or NotAuthorized only for an explicit server."""
    if around.environ.get("STOCKWIDGET_SERVER", "").strip().lower() == "off":
        return Finding(note="STOCKWIDGET_SERVER=off: this run ends with the kernel.")
    named = explicit(around)
    if named is not None:
        return Finding(target=named, info=probe(named, INFO))
    note = None
    for target in candidates(around, probe):
        try:
            info = probe(target, INFO)
        except (ServerUnreachable, NotAuthorized) as error:
            note = note or _why_not(target, error)
            continue
        if target.server_id is None or info.get("server_id") == target.server_id:
            return Finding(target=target, info=info)
    return Finding(note=note)


def candidates(around: Surroundings, probe: Probe) -> Iterator[Target]:
    """The servers that may be this process's own, best first."""
    for rung in (_connection_file, _parent, _hub):
        target = rung(around)
        if target is not None:
            yield target
    yield from _listing(around, probe)


def explicit(around: Surroundings) -> Target | None:
    """The server that the user names. Raises ServerUnreachable if that is no address."""
    url = around.environ.get("STOCKWIDGET_SERVER", "").strip()
    if not url:
        return None
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ServerUnreachable(
            f"STOCKWIDGET_SERVER is {url!r}, which is no address.",
            hint="Write it as http://host:8888/ (with the server's base_url), or 'off'.",
        )
    token = around.environ.get("STOCKWIDGET_TOKEN", "")
    return Target(url=_slash(url), authorization=f"token {token}", rung="variable")


def _connection_file(around: Surroundings) -> Target | None:
    named = around.environ.get("STOCKWIDGET_CONNECTION_FILE", "")
    content = _private_json(Path(named)) if named else None
    if content is None or not {"url", "secret", "pid"} <= content.keys():
        return None
    pid = content["pid"]
    if around.parent_pid != pid:
        if around.kernel_id is not None and around.parent_file is not None:
            return None  # the variable came down from another server; this kernel has its own
        if pid not in around.ancestors():
            return None
    return Target(
        url=_join(content["url"], content.get("base_url", "/")),
        authorization=f"stockwidget {content['secret']}",
        rung="connection_file",
        server_id=content.get("server_id"),
    )


def _parent(around: Surroundings) -> Target | None:
    file = around.parent_file
    return from_runtime_file(file, "parent") if file else None


def _hub(around: Surroundings) -> Target | None:
    url = around.environ.get("JUPYTERHUB_SERVICE_URL", "")
    token = around.environ.get("JUPYTERHUB_API_TOKEN", "")
    if not url or not token:
        return None
    prefix = around.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")
    return Target(url=_join(_reachable(url), prefix), authorization=f"token {token}", rung="hub")


def _listing(around: Surroundings, probe: Probe) -> Iterator[Target]:
    if around.kernel_id is None:
        return
    for file in sorted(around.runtime_dir.glob("jpserver-*.json")):
        target = None if file == around.parent_file else from_runtime_file(file, "listing")
        if target is None:
            continue
        try:
            probe(target, f"api/kernels/{around.kernel_id}")
        except StockwidgetError:
            continue
        yield target


def from_runtime_file(file: Path, rung: Rung) -> Target | None:
    """The server of a ``jpserver-<pid>.json``, if only this user can write that."""
    content = _private_json(file)
    if content is None or urlsplit(str(content.get("url"))).scheme not in {"http", "https"}:
        return None
    url = str(content["url"])
    if content.get("hostname") in _ANY_ADDRESS:
        url = _with_host(url, "127.0.0.1")
    return Target(url=_slash(url), authorization=f"token {content.get('token', '')}", rung=rung)


def _private_json(file: Path) -> dict[str, Any] | None:
    """The object in ``file`` if it is this user's and nobody else's to write, else None."""
    try:
        about = file.stat()
        if hasattr(os, "getuid") and (
            about.st_uid != os.getuid() or about.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        ):
            return None
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _why_not(target: Target, error: StockwidgetError) -> str | None:
    if error.data.get("reason") == "no_extension":
        return (
            f"The Jupyter server at {target.url} has no stockwidget extension, so this run ends "
            "with the kernel. Install stockwidget in the server's environment and restart it."
        )
    if isinstance(error, NotAuthorized):
        return (
            f"The Jupyter server at {target.url} refused this kernel, so this run ends with the "
            "kernel. Set STOCKWIDGET_SERVER and STOCKWIDGET_TOKEN to use it."
        )
    return None


def _reachable(url: str) -> str:
    return _with_host(url, "127.0.0.1") if urlsplit(url).hostname in _ANY_ADDRESS else url


def _with_host(url: str, host: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host))


def _join(url: str, base_url: str) -> str:
    """``url`` may or may not hold the base_url already."""
    parts = urlsplit(url)
    base = _slash("/" + base_url.strip("/")) if base_url.strip("/") else "/"
    path = base if _slash(parts.path) in {"/", base} else _slash(parts.path) + base.lstrip("/")
    return urlunsplit(parts._replace(path=path, query="", fragment=""))


def _slash(text: str) -> str:
    return text if text.endswith("/") else text + "/"
