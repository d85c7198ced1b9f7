"""Every error a user of stockwidget can meet, as one tree.

::

    StockwidgetError
    ├── InvalidRequest              bad input; ``field`` names the parameter
    │   ├── UnknownParameter        a key nobody knows, with the nearest known one
    │   ├── InvalidRule             a rule of a scan that cannot be read, with the place
    │   ├── RequestTooLarge         more than the server reads at once
    │   ├── InvalidBars             a frame that breaks an OHLCV rule, with the row
    │   └── InvalidFacts            a frame of facts that breaks a rule, with the row
    ├── UnknownSymbol               no source has it, with near matches
    ├── InsufficientHistory         too few bars for what was asked
    ├── NoValue                     enough bars, but a number cannot be had of them
    ├── SourceUnavailable           a data source could not answer
    │   └── SourceTimeout           it did not answer in time
    ├── DamagedStore                a file of a bar store is not what was written
    ├── TaskError
    │   ├── UnknownTask             never existed here
    │   ├── AmbiguousTask           several tasks are called so
    │   ├── TaskExpired             existed; its result was removed
    │   ├── WrongTaskState          the task's state forbids the request
    │   ├── TaskCancelled           it was cancelled before it had a result
    │   ├── JobFailed               the job raised; carries the worker's traceback
    │   │   └── PartFailed          a function of the user raised, or gave what cannot be used
    │   ├── InterpreterUnusable     the kernel's Python cannot run the user's functions
    │   ├── WorkerCrashed           the process that ran it died
    │   ├── TimeLimitExceeded       it ran too long and was stopped
    │   └── MemoryLimitExceeded     it took too much memory and was stopped
    └── ServerError
        ├── ServerUnreachable       nothing answered at the address
        ├── NotAuthorized           token or login refused
        │   └── CodeNotAllowed      the server runs no functions of users, or not of this one
        ├── PortInUse               the address is taken
        ├── QueueFull               too many tasks wait already
        ├── RealtimeDisabled        the server is set to polling only
        └── StoreUnavailable        the journal cannot be opened or written

Each one carries ``code`` (stable, for programs), ``message`` (what is wrong), ``hint`` (what to do)
and its own data, and survives the way through JSON: ``from_dict(error.to_dict())`` has the same
type. Only HTTP handlers read ``status_hint``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from unicodedata import east_asian_width


class StockwidgetError(Exception):
    """Base of all errors; ``str()`` gives the message and the hint."""

    code: ClassVar[str] = "error"
    status_hint: ClassVar[int] = 500
    transient: ClassVar[bool] = False
    """Whether the same request may succeed a little later."""

    def __init__(self, message: str, *, hint: str = "", **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.data: dict[str, Any] = {k: v for k, v in data.items() if v is not None}

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[Any, ...]:
        return from_dict, (self.to_dict(),)

    def to_dict(self) -> dict[str, Any]:
        """``{code, message, hint, **data}``, JSON-ready."""
        return {**self.data, "code": self.code, "message": self.message, "hint": self.hint}


class InvalidRequest(StockwidgetError):
    """Bad input; ``data["field"]`` names the parameter.

    What was refused may be a megabyte long: message and field are cut to what can be read.
    """

    code = "invalid_request"
    status_hint = 400

    def __init__(self, message: str, *, hint: str = "", **data: Any) -> None:
        if isinstance(data.get("field"), str):
            data["field"] = _cut(data["field"], 200)
        super().__init__(_cut(message, 2_000), hint=hint, **data)


class UnknownParameter(InvalidRequest):
    """A key that no schema has; ``data`` has ``field`` and ``nearest``."""

    code = "unknown_parameter"

    @classmethod
    def of(cls, key: object, known: Sequence[str], *, inside: str = "") -> UnknownParameter:
        """Build the error for ``key``, none of ``known``; of a request, or its part ``inside``."""
        name = str(key)[:80]
        near = nearest(name, known)
        return cls(
            f"{inside} has an unknown field {name!r}."
            if inside
            else f"Unknown parameter {name!r}.",
            hint=f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}.",
            field=f"{inside}.{name}" if inside else name,
            nearest=near,
        )


class InvalidRule(InvalidRequest):
    """A rule that cannot be read; ``data has, ``column`` and ``end`` (from 0), ``nearest``.

    ``str()`` shows the place below the sentence.
    """

    code = "invalid_rule"

    def __str__(self) -> str:
        shown = self.pointed()
        return f"{super().__str__()}\n{shown}" if shown else super().__str__()

    def pointed(self) -> str:
        """Return the line that is meant with carets below, or "" if no place is known."""
        text, start = self.data.get("text"), self.data.get("column")
        if text is None or start is None:
            return ""
        end = max(self.data.get("end", start + 1), start + 1)
        first = text.rfind("\n", 0, start) + 1
        last = text.find("\n", first) if "\n" in text[first:] else len(text)
        before, meant = text[first:start], text[start : min(end, max(last, start + 1))] or " "
        return f"    {text[first:last]}\n    {' ' * _cells(before)}{'^' * _cells(meant)}"


class RequestTooLarge(InvalidRequest):
    """More than the server reads at once; ``data`` has ``size`` and ``allowed``, in bytes."""

    code = "request_too_large"
    status_hint = 413


class InvalidBars(InvalidRequest):
    """A bars frame that breaks an OHLCV rule; ``data`` has ``rule`` and ``row``."""

    code = "invalid_bars"


class InvalidFacts(InvalidRequest):
    """A frame of facts on companies that breaks a rule; ``data`` has ``rule`` and ``row``."""

    code = "invalid_facts"


class UnknownSymbol(StockwidgetError):
    """No source asked has the symbol; ``data`` has ``symbol``, ``nearest`` and ``sources``."""

    code = "unknown_symbol"
    status_hint = 404

    @classmethod
    def of(cls, symbol: str, *, known: Iterable[str], sources: Iterable[str]) -> UnknownSymbol:
        """Build the error for ``symbol`` with its near matches among ``known``."""
        near = nearest(symbol.upper(), known)
        asked = list(sources)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Check the spelling."
        listing = "sw.symbols() lists what the sample holds."
        if asked != ["sample"]:
            listing = "sw.symbols(source) lists what a source holds."
        return cls(
            f"Unknown symbol {symbol!r} (asked: {', '.join(asked)}).",
            hint=f"{hint} {listing}",
            symbol=symbol,
            nearest=near,
            sources=asked,
        )


class InsufficientHistory(StockwidgetError):
    """Too few bars; ``data`` has ``symbol``, ``bars`` and ``needed``."""

    code = "insufficient_history"
    status_hint = 422


class NoValue(StockwidgetError):
    """Enough bars, but a number cannot be had of them; ``data`` has ``symbol``."""

    code = "no_value"
    status_hint = 422


class SourceUnavailable(StockwidgetError):
    """A data source could not answer; ``data["source"]`` names it."""

    code = "source_unavailable"
    status_hint = 503
    transient = True


class SourceTimeout(SourceUnavailable):
    """A source did not answer in time; ``data`` has ``symbol`` and ``limit_s``."""

    code = "source_timeout"


class DamagedStore(StockwidgetError):
    """A file of a bar store is not what was written; ``data`` has ``path`` and ``symbols``."""

    code = "damaged_store"
    status_hint = 500


class TaskError(StockwidgetError):
    """Base of errors about one task; ``data["task_id"]`` names it."""

    code = "task_error"
    status_hint = 409


class UnknownTask(TaskError):
    """A task id that never existed in this journal."""

    code = "unknown_task"
    status_hint = 404


class AmbiguousTask(TaskError):
    """Several tasks are called so; ``data["candidates"]`` has their ids, newest first."""

    code = "ambiguous_task"


class TaskExpired(TaskError):
    """The task existed and its result was removed; ``data`` has ``expired_at`` (UTC ms)."""

    code = "expired"
    status_hint = 410


class WrongTaskState(TaskError):
    """The task's state forbids the request; ``data["status"]`` names the state."""

    code = "wrong_state"


class TaskCancelled(TaskError):
    """The task was cancelled before it had a result."""

    code = "cancelled"


class JobFailed(TaskError):
    """The job raised something unexpected; ``data["traceback"]`` is the worker's."""

    code = "job_failed"
    status_hint = 500


class PartFailed(JobFailed):
    """A function of the user raised, or gave what cannot be used.

    ``data`` has ``part`` (its name), ``said`` and ``exception`` (what it raised, and its type),
    ``symbol`` and ``traceback``: the user's own lines, which ``str()`` shows.
    """

    code = "part_failed"
    status_hint = 422

    def __str__(self) -> str:
        trace = self.data.get("traceback")
        return f"{super().__str__()}\n\n{trace}" if trace else super().__str__()


class InterpreterUnusable(TaskError):
    """The kernel's Python cannot run the user's functions; ``data["executable"]`` names it."""

    code = "interpreter_unusable"
    status_hint = 500


class WorkerCrashed(TaskError):
    """The worker process died while it ran the task; ``data["exit"]`` says how."""

    code = "worker_crashed"
    status_hint = 500


class TimeLimitExceeded(TaskError):
    """The task ran longer than it may; ``data["limit_s"]``."""

    code = "time_limit"
    status_hint = 500


class MemoryLimitExceeded(TaskError):
    """The task took more memory than it may; ``data`` has ``limit`` and ``used``, in bytes."""

    code = "memory_limit"
    status_hint = 500


class ServerError(StockwidgetError):
    """Base of errors about the server that runs tasks."""

    code = "server_error"
    status_hint = 502


class ServerUnreachable(ServerError):
    """Nothing answered at the address."""

    code = "server_unreachable"
    status_hint = 503


class NotAuthorized(ServerError):
    """The server refused the token or the login."""

    code = "not_authorized"
    status_hint = 403


class CodeNotAllowed(NotAuthorized):
    """The server runs no functions of users, or the user may not start kernels either."""

    code = "code_not_allowed"


class PortInUse(ServerError):
    """The port to listen on is taken; ``data["port"]``."""

    code = "port_in_use"
    status_hint = 500


class RealtimeDisabled(ServerError):
    """The server is set to offer polling only; ``data["transports"]`` lists what it offers."""

    code = "realtime_disabled"
    status_hint = 409


class QueueFull(ServerError):
    """Too many tasks wait already; ``data`` has ``waiting`` and ``retry_after_s``."""

    code = "queue_full"
    status_hint = 429


class StoreUnavailable(ServerError):
    """The task journal cannot be opened or written; ``data["path"]``."""

    code = "store_unavailable"
    status_hint = 503


def _cells(text: str) -> int:
    """Width of ``text`` in a terminal, where Chinese letters take two places."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def nearest(word: str, known: Iterable[str], *, n: int = 3) -> list[str]:
    """Return up to ``n`` of ``known`` that resemble ``word``, best first.

    Of a long word the beginning is compared: the rest could resemble nothing and takes its time.
    """
    return difflib.get_close_matches(word[:200], list(known), n=n, cutoff=0.5)


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _tree(base: type[StockwidgetError]) -> dict[str, type[StockwidgetError]]:
    found = {base.code: base}
    for child in base.__subclasses__():
        found.update(_tree(child))
    return found


def from_dict(data: Mapping[str, Any]) -> StockwidgetError:
    """Rebuild an error from ``to_dict()``; an unknown code gives the base class."""
    rest = {k: v for k, v in data.items() if k not in {"code", "message", "hint"}}
    kind = _tree(StockwidgetError).get(str(data.get("code")), StockwidgetError)
    return kind(str(data.get("message", "")), hint=str(data.get("hint", "")), **rest)
