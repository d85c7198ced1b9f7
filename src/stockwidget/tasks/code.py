"""Functions of a user on their way to a worker: bytes that only the worker reads.

``payload`` is a pickle. The server keeps and forwards it and never looks into it. ``head`` says
which interpreter made it: the worker is started with that one, so that it has the same packages.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orjson

from stockwidget.errors import (
    CodeNotAllowed,
    InterpreterUnusable,
    InvalidRequest,
    RequestTooLarge,
)

MOST_BYTES = 512 * 1024
"""Functions are small; what is larger carries data, which belongs into a file or a store."""
HEAD_BYTES = 64 * 1024
_HEAD = {"executable": str, "root": str, "cwd": str, "path": list, "versions": dict}


@dataclass(frozen=True, kw_only=True)
class Code:
    """Code and where it comes from; equal code has an equal ``digest``."""

    head: bytes
    """Canonical JSON: ``executable``, ``root`` (where stockwidget lies), ``path`` (of imports),
    ``cwd`` and ``versions`` of python, stockwidget and cloudpickle, by name."""
    payload: bytes

    @classmethod
    def make(cls, head: Mapping[str, Any], payload: bytes) -> Code:
        """Join them. Raises RequestTooLarge, or InvalidRequest with ``field``."""
        for name, kind in _HEAD.items():
            if not isinstance(head.get(name), kind):
                raise _malformed(f"code.{name} is missing, or of the wrong type.")
        if unknown := set(head) - set(_HEAD):
            raise _malformed(f"code has an unknown field {min(unknown)[:80]!r}.")
        if not all(isinstance(place, str) for place in head["path"]):
            raise _malformed("code.path is not a list of folders.")
        if not Path(head["executable"]).is_absolute():
            raise _malformed("code.executable is not the full path of an interpreter.")
        written = orjson.dumps(head, option=orjson.OPT_SORT_KEYS)
        for size, most in ((len(payload), MOST_BYTES), (len(written), HEAD_BYTES)):
            if size > most:
                raise RequestTooLarge(
                    f"The functions and what they carry take {size:,} bytes; {most:,} are "
                    "the most.",
                    hint="A function that uses a large object takes it along: read data from a "
                    "file inside the function, or scan it as a store.",
                    field="code",
                    size=size,
                    allowed=most,
                )
        return cls(head=written, payload=payload)

    @classmethod
    def read(cls, data: object) -> Code:
        """Read what ``plain`` wrote; nothing is unpickled. Raises as ``make``."""
        if not isinstance(data, Mapping) or not isinstance(data.get("payload"), str):
            raise _malformed("code is not an object with a payload.")
        try:
            payload = base64.b64decode(data["payload"], validate=True)
        except (binascii.Error, ValueError):
            raise _malformed("code.payload is not base64.") from None
        return cls.make({k: v for k, v in data.items() if k != "payload"}, payload)

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**self.about, "payload": base64.b64encode(self.payload).decode()}

    @cached_property
    def about(self) -> dict[str, Any]:
        """The head, read."""
        found: dict[str, Any] = orjson.loads(self.head)
        return found

    @cached_property
    def digest(self) -> str:
        """Names this code, and no other."""
        return hashlib.sha256(self.head + b"\0" + self.payload).hexdigest()[:32]

    @property
    def executable(self) -> str:
        """The interpreter to run it with."""
        return str(self.about["executable"])

    @property
    def foreign(self) -> bool:
        """Whether that is another one than this process's."""
        theirs, ours = Path(self.executable), Path(sys.executable)
        if theirs == ours:
            return False
        # python and python3 of one environment; links of two environments may end at one file.
        return theirs.parent != ours.parent or theirs.resolve() != ours.resolve()


def code_refused() -> CodeNotAllowed:
    """What a server that runs no functions of users says."""
    return CodeNotAllowed(
        "This server runs no functions of users.",
        hint="StockwidgetApp.allow_code in its configuration says so. Say it as rules "
        "(docs/rules.md), or set STOCKWIDGET_SERVER=off: the kernel then runs its tasks itself.",
    )


def digest_of(params: Mapping[str, Any]) -> str | None:
    """Digest of the code that canonical parameters name, if they need any."""
    found = params.get("code")
    return found if isinstance(found, str) else None


def enter(head: Mapping[str, Any], *, server: str | None) -> None:
    """Make this process one in which the code can be read. Raises InterpreterUnusable.

    ``server`` is the version of stockwidget that asks.
    """
    wanted = head["versions"]
    here = versions()
    ours = {"python": wanted.get("python"), "stockwidget": server}
    for name, expected in ours.items():
        if expected and here.get(name) and here[name] != expected:
            raise InterpreterUnusable(
                f"{sys.executable} has {name} {here[name]}; {expected} is needed.",
                hint="Install the server's version of stockwidget in the kernel's environment, "
                "and restart kernel and server.",
                executable=sys.executable,
            )
    for place in head["path"]:
        if place not in sys.path:
            sys.path.append(place)  # at the end: a random.py beside a notebook hides nothing
    if Path(head["cwd"]).is_dir():
        os.chdir(head["cwd"])


def versions() -> dict[str, str]:
    """Versions of what must agree, as far as they are known here."""
    found = {"python": ".".join(map(str, sys.version_info[:2]))}
    for name in ("stockwidget", "cloudpickle"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _malformed(what: str) -> InvalidRequest:
    return InvalidRequest(what, hint="sw.analyze and sw.scan make it.", field="code")
