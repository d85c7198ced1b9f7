"""Where no server runs tasks, a child process does; this is the kernel's end of its pipes."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import orjson

from stockwidget.delivery.meter import Meter
from stockwidget.delivery.stats import document
from stockwidget.errors import ServerUnreachable, UnknownTask, WorkerCrashed, from_dict
from stockwidget.notebook.backend import Mode, Verb
from stockwidget.notebook.followed import Followed
from stockwidget.tasks.tally import NO_TASKS

ANSWER_S = 60.0
"""A start on a cold, busy machine imports for many seconds."""
END_S = 3.0
_CODE = "import sys; sys.path.append({root!r}); from stockwidget.notebook.child import main; main()"


class ChildBackend:
    """Starts the runner on first use; it dies with this process."""

    mode: Mode = "kernel"

    def __init__(self, *, note: str | None = None) -> None:
        self.note = note
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._asked: dict[int, Future[Any]] = {}
        self._tasks: dict[str, list[Followed]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._owner = os.getpid()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child

    @property
    def pid(self) -> int | None:
        """Process id of the runner, once started."""
        return self._process.pid if self._process else None

    def submit(
        self, kind: str, params: Mapping[str, Any], wishes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Start a task in the child process."""
        wanted = {"kind": kind, "params": dict(params), **wishes}
        state: dict[str, Any] = self._ask("submit", wanted=wanted)
        return state

    def find(self, word: str) -> dict[str, Any]:
        """The task that is meant; looking starts no process."""
        if self._process is None:
            raise UnknownTask(
                f"No task is called {word!r}: this kernel's own runner has run none yet.",
                hint="Tasks outlive the kernel only where a Jupyter server with stockwidget "
                "runs them; sw.doctor() says why none does.",
            )
        state: dict[str, Any] = self._ask("find", word=word)
        return state

    def tasks(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Tasks of this process; looking starts no process."""
        found: list[dict[str, Any]] = []
        if self._process is not None:
            found = self._ask("tasks", query=dict(query))
        return found

    def ask(self, verb: Verb, task_id: str, **body: Any) -> dict[str, Any]:
        """Ask the child process for it."""
        state: dict[str, Any] = self._ask(verb, task=task_id, body=body)
        return state

    def label(self, task_id: str, labels: Mapping[str, Any]) -> dict[str, Any]:
        """Set what ``labels`` has."""
        state: dict[str, Any] = self._ask("label", task=task_id, labels=dict(labels))
        return state

    def result(self, task_id: str) -> dict[str, Any]:
        """The result document."""
        document: dict[str, Any] = self._ask("result", task=task_id)
        return document

    def stats(self) -> dict[str, Any]:
        """The child process's statistics; looking does not start one."""
        if self._process is None:
            return document(
                runner="kernel",
                server_id=None,
                epoch=None,
                uptime_s=None,
                realtime_enabled=None,
                meter=Meter(transports=["pipe"]),
                tasks=NO_TASKS,
                followed=(),
            )
        stats: dict[str, Any] = self._ask("stats")
        return stats

    def follow(self, task: Followed) -> None:
        """Keep ``task`` up to date until it has settled."""
        task_id = task.snapshot.record.id
        with self._lock:
            self._tasks.setdefault(task_id, []).append(task)
        self._subscribe(task_id)

    def close(self) -> None:
        """End the child process and what it runs."""
        process = self._process
        if process is None:
            self._errors.close()
            return
        if os.getpid() != self._owner:
            return  # after a fork the child process belongs to the other side
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._reader is not None:
            self._reader.join(END_S)
        with contextlib.suppress(OSError):
            process.stdout.close()  # type: ignore[union-attr]
        self._errors.close()
        atexit.unregister(self.close)

    # -- inside -----------------------------------------------------------------------------------

    def _ask(self, op: str, **rest: Any) -> Any:
        answer: Future[Any] = Future()
        number = next(self._ids)
        with self._lock:
            if self._process is None:
                self._start()
            self._asked[number] = answer
        self._write({"id": number, "op": op, **rest})
        try:
            return answer.result(ANSWER_S)
        except TimeoutError:
            raise ServerUnreachable(
                f"The local runner has not answered for {ANSWER_S:.0f} s.",
                hint="Restart the kernel and run the cell again.",
            ) from None

    def _start(self) -> None:
        root = str(Path(__file__).parents[2])
        # -P: a signal.py beside the notebook must not stand in for the standard library's.
        command = [sys.executable, "-P", "-c", _CODE.format(root=root)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # interrupting the kernel must not interrupt the runner
        )
        self._reader = threading.Thread(target=self._read, name="stockwidget-child", daemon=True)
        self._reader.start()
        atexit.register(self.close)

    def _write(self, message: Mapping[str, Any]) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise self._death()
        line = orjson.dumps(message) + b"\n"
        try:
            with self._lock:
                process.stdin.write(line)
                process.stdin.flush()
        except (OSError, ValueError):
            raise self._death() from None

    def _subscribe(self, task_id: str) -> None:
        with self._lock:
            tasks = self._tasks.get(task_id, [])
            cursor = tasks[0].cursor if len(tasks) == 1 else None
        with contextlib.suppress(ServerUnreachable):  # the reader has told the tasks
            self._write({"op": "subscribe", "tasks": {task_id: cursor}})

    def _read(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        for line in process.stdout:
            message = orjson.loads(line)
            if "id" in message:
                self._answered(message)
            elif "t" in message:
                self._frame(message)
        process.wait()
        self._ended(process.returncode)

    def _answered(self, message: Mapping[str, Any]) -> None:
        with self._lock:
            answer = self._asked.pop(message["id"], None)
        if answer is None:
            return
        if "error" in message:
            answer.set_exception(from_dict(message["error"]))
        else:
            answer.set_result(message["ok"])

    def _frame(self, frame: Mapping[str, Any]) -> None:
        task_id = frame["t"]
        with self._lock:
            tasks = list(self._tasks.get(task_id, ()))
        whole = [task.accept(frame) for task in tasks]
        if tasks and all(task.settled for task in tasks):
            with self._lock:
                self._tasks.pop(task_id, None)
            with contextlib.suppress(ServerUnreachable):
                self._write({"op": "unsubscribe", "tasks": [task_id]})
        elif not all(whole):
            self._subscribe(task_id)

    def _ended(self, code: int) -> None:
        from stockwidget.notebook import runners

        runners.forget(self)
        with self._lock:
            asked, self._asked = list(self._asked.values()), {}
            tasks = [task for each in self._tasks.values() for task in each]
            self._tasks.clear()
        for answer in asked:
            answer.set_exception(self._death())
        for task in tasks:
            task.fail(
                WorkerCrashed(
                    f"The local runner ended (exit {code}) before the task did.",
                    hint="Run the cell again; a new runner starts by itself.",
                    task_id=task.snapshot.record.id,
                    exit=code,
                )
            )

    def _death(self) -> ServerUnreachable:
        code = self._process.poll() if self._process else None
        return ServerUnreachable(
            f"The local runner has ended (exit {code}).{self._last_words()}",
            hint="Run the cell again; a new runner starts by itself.",
        )

    def _last_words(self) -> str:
        """The last line it wrote to standard error, where the reason of a failed start stands."""
        if self._errors.closed:
            return ""
        # pread: the offset is the child's too.
        size = os.fstat(self._errors.fileno()).st_size
        with contextlib.suppress(OSError, AttributeError):  # pread is POSIX
            tail = os.pread(self._errors.fileno(), 2000, max(0, size - 2000))
            lines = tail.decode(errors="replace").strip().splitlines()
            return f" It said: {lines[-1]}" if lines else ""
        return ""
