"""A source asked in a process of its own, which can be killed: a symbol that hangs hangs alone.

A call into a vendor's library may never return, hold the interpreter or crash it; no thread can be
stopped then. The process is started when it is first needed and anew after it had to be killed.
"""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from stockwidget.errors import SourceTimeout, SourceUnavailable, StockwidgetError, from_dict
from stockwidget.sources.base import Bars, Source

LIMIT_S = 30.0
"""What one symbol may take."""
START_S = 60.0
"""What the process may take to import a vendor's library."""
_READY = "ready"


class PatientSource:
    """The source made by calling ``entry`` (``module:attribute``), each symbol within a limit."""

    def __init__(self, name: str, entry: str, *, limit_s: float = LIMIT_S) -> None:
        self.name = name
        self._entry = entry
        self._limit_s = limit_s
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def symbols(self) -> Sequence[str]:
        """See ``Source.symbols``."""
        found: Sequence[str] = self._ask("symbols")
        return found

    def bars(self, symbol: str, start: str | None = None, end: str | None = None) -> Bars:
        """See ``Source.bars``. Raises SourceTimeout if it takes longer than the limit."""
        found: Bars = self._ask("bars", symbol, start, end)
        return found

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.join()
            process.close()
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def _ask(self, method: str, *arguments: Any) -> Any:
        pipe = self._pipe or self._start()
        subject = str(arguments[0]) if arguments else "its list of symbols"
        try:
            pipe.send((method, arguments))
            if not pipe.poll(self._limit_s):
                self.close()
                raise SourceTimeout(
                    f"{self.name} did not answer for {subject} within {self._limit_s:g} s.",
                    hint="Try the failed symbols again later.",
                    symbol=subject,
                    limit_s=self._limit_s,
                )
            answer = pipe.recv()
        except (EOFError, OSError):
            code = self._process.exitcode if self._process is not None else None
            self.close()
            raise SourceUnavailable(
                f"{self.name} crashed while it was asked for {subject} (exit {code}).",
                hint="Try the failed symbols again; leave this one out if it crashes again.",
                source=self.name,
            ) from None
        if isinstance(answer, dict):
            raise from_dict(answer)
        return answer

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._entry), daemon=True)
        process.start()
        self._process = process
        theirs.close()
        try:
            ready = self._pipe.poll(START_S) and self._pipe.recv()
        except EOFError:
            ready = "its process crashed"
        if ready != _READY:
            self.close()
            raise SourceUnavailable(
                f"{self.name} could not be started: {ready or 'it took too long'}.",
                hint="Check that its library is installed in the server's environment.",
                source=self.name,
            )
        return self._pipe


def _serve(pipe: Connection, entry: str) -> None:
    module, _, attribute = entry.partition(":")
    try:
        source: Source = getattr(importlib.import_module(module), attribute)()
    except Exception as error:  # noqa: BLE001 - whatever a vendor's library raises is told
        pipe.send(repr(error))
        return
    pipe.send(_READY)
    while True:
        try:
            method, arguments = pipe.recv()
        except EOFError:
            return
        try:
            answer: Any = getattr(source, method)(*arguments)
        except StockwidgetError as error:
            answer = error.to_dict()
        except Exception as error:  # noqa: BLE001 - one symbol's trouble, whatever it is
            answer = SourceUnavailable(
                f"{source.name} failed: {error!r}"[:500],
                hint="Try the failed symbols again later.",
                source=source.name,
            ).to_dict()
        pipe.send(answer)
