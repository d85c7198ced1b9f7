"""Handles: what ``sw.analyze`` and ``sw.scan`` return. They watch; the work is elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from abc import abstractmethod
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from stockwidget.errors import (
    StockwidgetError,
    TaskCancelled,
    TaskExpired,
    from_dict,
)
from stockwidget.notebook.backend import Backend
from stockwidget.notebook.durations import check_timeout
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.settings import CardSettings
from stockwidget.notebook.steering import Steering
from stockwidget.notebook.task_events import Events

if TYPE_CHECKING:
    import pandas as pd

    from stockwidget.notebook.display import Display
    from stockwidget.notebook.results import AnalysisResult
    from stockwidget.notebook.scan_result import ScanResult
    from stockwidget.notebook.study_result import StudyResult

R = TypeVar("R")

PATIENCE_S = 60.0
"""How long ``result()`` bears a runner that does not answer."""
_STEP_S = 0.2


class Task(Steering, Generic[R]):
    """One task. Display it to watch it; ``result()`` or ``await`` gives what it found."""

    kind: ClassVar[str]

    def __init__(self, backend: Backend, state: Mapping[str, Any], settings: CardSettings) -> None:
        self._backend = backend
        self._followed = Followed(state)
        self._settings = settings
        self._result: R | None = None
        self._display: Display | None = None
        backend.follow(self._followed)

    @property
    def epoch(self) -> str:
        """The journal it is in; a task of another one is another task."""
        return self._followed.epoch

    @property
    def title(self) -> str:
        """The name it was given, else what it is about."""
        record = self._followed.snapshot.record
        return record.name or record.title

    @property
    def status(self) -> str:
        """``queued running cancelling completed failed cancelled interrupted`` or ``expired``."""
        return self._followed.snapshot.record.status

    @property
    def progress(self) -> float:
        """Percent done, 0 to 100; never falls."""
        return self._followed.snapshot.record.progress

    @property
    def stage(self) -> str | None:
        """The stage it is in."""
        return self._followed.snapshot.record.stage

    @property
    def eta(self) -> float | None:
        """Seconds left, as estimated by the runner; None if it cannot tell."""
        return self._followed.snapshot.record.eta_s

    @property
    def counters(self) -> dict[str, int]:
        """Counts of a scan (total, processed, found, failed)."""
        return dict(self._followed.snapshot.record.counters)

    @property
    def logs(self) -> list[str]:
        """The last log lines, oldest first."""
        return [str(line.get("message", "")) for line in self._followed.snapshot.logs]

    @property
    def error(self) -> StockwidgetError | None:
        """What ended it, typed, if it failed."""
        data = self._followed.snapshot.record.error
        return from_dict(data) if data else None

    @property
    def note(self) -> str | None:
        """What the reader should know about where it runs, else None."""
        trouble = self._followed.trouble
        return str(trouble) if trouble else self._backend.note

    def result(self, timeout: float | None = None) -> R:
        """Wait for the end, at most ``timeout`` seconds, and return what was found.

        Raises the task's own error (UnknownSymbol, InsufficientHistory, JobFailed, …),
        TaskCancelled, TaskExpired, or ServerUnreachable if nothing has answered for a minute.
        TimeoutError and Ctrl-C leave the task running; call again to go on waiting.
        """
        check_timeout(timeout)
        if self._result is None:
            self._wait(timeout)
            self._raise_unless_completed()
            self._result = self._build(self._backend.result(self.id))
        return self._result

    def __await__(self) -> Generator[Any, None, R]:
        """``await task`` is ``task.result()`` without blocking the loop."""
        return self._wait_async().__await__()

    def events(self) -> Events:
        """Iterate over what happens to it, ``for`` or ``async for``, until it has ended.

        First comes a ``snapshot`` of how it stands, then every event once and in order, whatever
        the connection does meanwhile; of ``progress`` only the newest if the loop is slower. Each
        has ``kind``, ``data`` (as docs/protocol.md has it), ``s``, ``q`` and ``ts`` (UTC ms).
        Raises what ``result()`` raises if nobody can be asked about the task any more; how the
        task itself ended is in the last event.
        """
        return Events(self._followed, check=self._raise_if_abandoned)

    if not TYPE_CHECKING:  # To a checker, any name would be an attribute then.

        def __getattr__(self, name: str) -> Any:
            hint = ""
            if not name.startswith("_"):
                found = hasattr(self._kind_of_result(), name)
                hint = f" Write .result().{name}" if found else " What it found is in .result()."
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}.{hint}")

    def __repr__(self) -> str:
        percent = f" {self.progress:.0f} %" if self.status == "running" else ""
        return f"<{type(self).__name__} {self.title} {self.status}{percent}>"

    def _ipython_display_(self) -> None:
        self._shown().show()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._shown().bundle()

    def _amend(self, state: Mapping[str, Any]) -> None:
        super()._amend(state)
        if self._display is not None:
            self._display.amended(state)

    def _go_on_as(self, state: Mapping[str, Any]) -> None:
        """The card went on with another task, and so does the handle it belongs to."""
        self._followed = Followed(state)
        self._result = None
        self._backend.follow(self._followed)

    def _shown(self) -> Display:
        from stockwidget.notebook.display import Display

        if self._display is None:
            self._display = Display(self, self._backend, self._followed, self._settings)
        return self._display

    @staticmethod
    @abstractmethod
    def _kind_of_result() -> type[R]:
        """Return the class of the result; its module is heavy, and imported when it is needed."""

    def _build(self, document: Mapping[str, Any]) -> R:
        """Return the result that ``document``, the whole JSON of a completed task, holds."""
        made: Callable[[Mapping[str, Any]], R] = self._kind_of_result()
        return made(document)

    def _wait(self, timeout: float | None) -> None:
        from stockwidget.notebook.progress import progress_line

        followed = self._followed
        if followed.settled:
            return
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            with progress_line(followed) as draw:
                while not followed.settled:
                    left = _STEP_S if deadline is None else deadline - time.monotonic()
                    if left <= 0:
                        raise TimeoutError(
                            f"{self.title} is {self.status} ({self.progress:.0f} %) after "
                            f"{timeout:g} s. It goes on: call result() again, or cancel()."
                        )
                    self._raise_if_abandoned()
                    draw()
                    followed.wait(min(left, _STEP_S), until=lambda: followed.settled)
        except KeyboardInterrupt:
            sys.stderr.write(f"{self.title} goes on in the background; .cancel() stops it.\n")
            raise

    def _raise_if_abandoned(self) -> None:
        followed = self._followed
        since = followed.trouble_since
        if followed.trouble is None or since is None:
            return
        if time.monotonic() - since > PATIENCE_S:
            raise followed.trouble

    def _raise_unless_completed(self) -> None:
        if self.status == "completed":
            return
        error = self.error
        if error is not None:
            raise error
        if self.status == "cancelled":
            raise TaskCancelled(
                f"{self.title} was cancelled.", hint="Run the cell again.", task_id=self.id
            )
        raise TaskExpired(
            f"The result of {self.title} is no longer kept.",
            hint="Run the cell again.",
            task_id=self.id,
        )

    async def _wait_async(self) -> R:
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(changed.set)

        undo = self._followed.on_change(wake)
        try:
            while not self._followed.settled:
                self._raise_if_abandoned()
                changed.clear()
                try:
                    await asyncio.wait_for(changed.wait(), 1.0)
                except TimeoutError:
                    continue  # trouble is no change of the snapshot: look at it now and then
        finally:
            undo()
        return await asyncio.to_thread(self.result)


class Analysis(Task["AnalysisResult"]):
    """An analysis of one symbol; ``result()`` is an AnalysisResult."""

    kind = "analysis"

    @staticmethod
    def _kind_of_result() -> type[AnalysisResult]:
        from stockwidget.notebook.results import AnalysisResult

        return AnalysisResult

    def _build(self, document: Mapping[str, Any]) -> AnalysisResult:
        return self._kind_of_result()(document, task=self.id)

    def partial(self) -> dict[str, Any]:
        """Parts of the document that are told already, and ``commentary_pieces`` as they come."""
        return dict(self._followed.snapshot.partial)


class Scan(Task["ScanResult"]):
    """A scan of many symbols; ``result()`` is a ScanResult, ``partial()`` what is found so far."""

    kind = "scan"

    @staticmethod
    def _kind_of_result() -> type[ScanResult]:
        from stockwidget.notebook.scan_result import ScanResult

        return ScanResult

    def partial(self) -> pd.DataFrame:
        """The rows found until now, ranked as the result will be; indexed by symbol."""
        from stockwidget.notebook.scan_result import ranked_frame

        return ranked_frame(self._followed.snapshot.partial)

    @property
    def failures(self) -> pd.DataFrame:
        """Symbols that could not be judged until now: ``code``, ``message``, indexed by symbol."""
        from stockwidget.notebook.many_symbols import failures_frame

        return failures_frame(self._followed.snapshot.partial.get("failures", ()))


class Study(Task["StudyResult"]):
    """A rule on many days; ``result()`` is a StudyResult, ``partial()`` the counts so far."""

    kind = "study"

    @staticmethod
    def _kind_of_result() -> type[StudyResult]:
        from stockwidget.notebook.study_result import StudyResult

        return StudyResult

    def partial(self) -> pd.DataFrame:
        """``judged`` and ``hits`` of each day until now, indexed by date."""
        from stockwidget.notebook.study_result import days_frame

        partial = self._followed.snapshot.partial
        return days_frame(partial.get("dates", ()), partial.get("days", {}))

    @property
    def failures(self) -> pd.DataFrame:
        """Symbols that were judged on no day: ``code``, ``message``, indexed by symbol."""
        from stockwidget.notebook.many_symbols import failures_frame

        return failures_frame(self._followed.snapshot.partial.get("failures", ()))
