"""From marked functions to what travels: what is said of them as data, their code as bytes."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import linecache
import os
import sys
import sysconfig
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from stockwidget.declared import Own, OwnFactor, OwnRule, OwnSignal
from stockwidget.errors import InvalidRequest, nearest
from stockwidget.parts.decorators import declared
from stockwidget.tasks.code import Code, versions

KINDS: Mapping[str, tuple[type[Own], str]] = {
    "signals": (OwnSignal, "signal"),
    "factors": (OwnFactor, "factor"),
    "rules": (OwnRule, "rule"),
}
"""Kind of functions → what they are marked as, and by which decorator.

Installed ones stand in the entry point groups ``stockwidget.signals`` and ``stockwidget.factors``.
"""
CELL_BYTES = 128 * 1024
"""Text of cells that goes along, so that tracebacks can show it."""


def pack(
    *, signals: Sequence[Any] = (), factors: Sequence[Any] = (), rule: Any = None
) -> tuple[dict[str, Any], Code]:
    """Return the parameters that say what the functions are, and their code.

    Names of installed parts are looked up. Raises InvalidRequest, RequestTooLarge.
    """
    found = {
        "signals": _listed("signals", signals),
        "factors": _listed("factors", factors),
        "rules": [] if rule is None else [_resolved("rules", rule)],
    }
    functions = [function for some in found.values() for function in some]
    cells, files = _texts(functions)
    content = {
        **{kind: {_said(f).name: f for f in some} for kind, some in found.items()},
        "cells": cells,
        "files": files,
    }
    head = {
        "executable": sys.executable or "",
        "root": str(Path(__file__).parents[2]),
        "cwd": str(Path.cwd()),
        "path": _path(),
        "versions": versions(),
    }
    code = Code.make(head, _pickled(content, functions))
    params: dict[str, Any] = {"code": code.digest}
    for kind in ("signals", "factors"):
        if some := found[kind]:
            params[kind] = [_told(f).plain() for f in some]
    if rule is not None:
        params["function"] = _told(found["rules"][0]).plain()
    return params, code


def _listed(kind: str, given: object) -> list[Any]:
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidRequest(
            f"{kind} must be a list of functions or names, not {given!r:.100}.",
            hint=f"Put them in brackets, even a single one: {kind}=[my_function].",
            field=kind,
        )
    return [_resolved(kind, each) for each in given]


def _resolved(kind: str, given: object) -> Any:
    """A marked function, or the one that an installed package offers by that name."""
    wanted, word = KINDS[kind]
    found = _installed(kind, given) if isinstance(given, str) else given
    said = declared(found)
    if isinstance(said, wanted):
        return found
    name = getattr(given, "__name__", None) or repr(given)[:100]
    other = "" if said is None else f", but as a {type(said).__name__.removeprefix('Own').lower()}"
    raise InvalidRequest(
        f"{name} is not marked as a {word}{other}.",
        hint=f"Write @sw.{word}{'(weight=0.2)' if word == 'factor' else ''} above its def.",
        field="rule" if kind == "rules" else kind,
    )


def _installed(kind: str, name: str) -> Any:
    offered = {}
    for point in entry_points(group=f"stockwidget.{kind}"):
        offered[point.name] = point
        if point.dist is not None:
            offered[f"{point.dist.name}.{point.name}"] = point
    if name not in offered:
        near = nearest(name, offered)
        known = f"Installed: {', '.join(sorted(offered))}." if offered else "None is installed."
        raise InvalidRequest(
            f"No installed package offers {name!r} among its stockwidget.{kind}.",
            hint=f"Did you mean {' or '.join(near)}?" if near else known,
            field=kind,
        )
    try:
        return offered[name].load()
    except Exception as error:
        raise InvalidRequest(
            f"{name!r} could not be loaded: {type(error).__name__}: {error}",
            hint="Repair or reinstall the package that offers it.",
            field=kind,
        ) from error


def _said(function: Any) -> Own:
    said = declared(function)
    if said is None:
        raise RuntimeError("Only marked functions are packed.")
    return said


def _told(function: Any) -> Own:
    return replace(_said(function), source=_source_digest(function))


def _source_digest(function: Any) -> str:
    """Of its text, or of what was compiled where there is no text."""
    try:
        text = textwrap.dedent(inspect.getsource(function)).encode()
    except (OSError, TypeError):
        text = repr(_compiled(function.__code__)).encode()
    return hashlib.sha256(text).hexdigest()[:16]


def _compiled(code: CodeType) -> tuple[Any, ...]:
    inner = (_compiled(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts)
    return (code.co_code, code.co_names, code.co_varnames, *inner)


def _pickled(content: Mapping[str, Any], functions: Sequence[Any]) -> bytes:
    import cloudpickle as _cloudpickle

    cloudpickle: Any = _cloudpickle  # it has no types

    with contextlib.ExitStack() as undo:
        for module in {inspect.getmodule(function) for function in functions}:
            if module is not None and not _importable(module.__name__):
                cloudpickle.register_pickle_by_value(module)
                undo.callback(cloudpickle.unregister_pickle_by_value, module)
        try:
            pickled: bytes = cloudpickle.dumps(content, protocol=5)
        except Exception as error:
            raise InvalidRequest(
                f"The functions cannot be sent to a worker: {type(error).__name__}: {error}",
                hint="They, or what they use, hold something that belongs to this process, such "
                "as an open file, a lock or a connection: make it inside the function.",
                field="code",
            ) from error
    return pickled


def _importable(module: str) -> bool:
    """Whether another process finds it; that this one has it already says nothing."""
    first = module.partition(".")[0]
    return first == "__main__" or PathFinder.find_spec(first) is not None


def _path() -> list[str]:
    """Where this process imports from."""
    places = (os.path.abspath(place) for place in sys.path)  # noqa: PTH100 - "" is the current one
    return [place for place in dict.fromkeys(places) if os.path.exists(place)]  # noqa: PTH110


def _texts(functions: Sequence[Any]) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Cells by file name, each with its label and text; digests of the other files of the user.

    A module beside a notebook is imported by the worker: its digest makes the code another one
    once the file is another one.
    """
    cells: dict[str, tuple[str, str]] = {}
    files: dict[str, str] = {}
    room = CELL_BYTES
    for name in sorted({code.co_filename for code in _reached(functions)}):
        if os.path.exists(name):  # noqa: PTH110 - a name of a cell is no path
            if not _installed_file(name):
                files[name] = hashlib.sha256(Path(name).read_bytes()).hexdigest()[:16]
            continue
        text = "".join(linecache.getlines(name))
        if text and len(text) <= room:
            room -= len(text)
            cells[name] = (_label(name), text)
    return cells, files


def _reached(functions: Sequence[Any]) -> Iterator[CodeType]:
    """Code of the functions, and of those of the user that they call."""
    waiting, seen = list(functions), set[int]()
    while waiting:
        function = inspect.unwrap(waiting.pop())
        if not isinstance(function, FunctionType) or id(function) in seen:
            continue
        seen.add(id(function))
        yield function.__code__
        if not _installed_file(function.__code__.co_filename):
            names = (n for code in _nested(function.__code__) for n in code.co_names)
            waiting += [function.__globals__[n] for n in names if n in function.__globals__]
            for cell in function.__closure__ or ():
                with contextlib.suppress(ValueError):  # an empty one
                    waiting.append(cell.cell_contents)


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _nested(each)


def _installed_file(name: str) -> bool:
    places = {sysconfig.get_path(key) for key in ("stdlib", "purelib", "platlib")}
    return any(name.startswith(place + os.sep) for place in places if place)


def _label(name: str) -> str:
    """How IPython calls a cell: ``Cell In[3]``."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    said = getattr(getattr(shell, "compile", None), "format_code_name", lambda _: None)(name)
    return " ".join(said) if said else name
