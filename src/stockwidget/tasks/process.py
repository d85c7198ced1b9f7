"""One worker process as the server sees it: its pipes, its stderr and how it died."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stockwidget.errors import WorkerCrashed
from stockwidget.tasks.code import Code
from stockwidget.tasks.frames import LENGTHS, Said, decode, encode

log = logging.getLogger(__name__)
STDERR_LINES = 1_000
STDERR_TAIL = 2_000
_OUR_PACKAGES = frozenset({"PYTHONPATH", "PYTHONHOME"})
_ELSEWHERE = (
    "import sys; sys.path.append({root!r}); from stockwidget.tasks.worker import main; main(None)"
)
"""Appended: where that environment has stockwidget itself, it is the one."""

_WORDS = {
    "SIGSEGV": "segmentation fault (SIGSEGV)",
    "SIGBUS": "bus error (SIGBUS)",
    "SIGABRT": "aborted (SIGABRT)",
    "SIGFPE": "arithmetic fault (SIGFPE)",
    "SIGILL": "illegal instruction (SIGILL)",
    "SIGKILL": "killed (SIGKILL)",
    "SIGTERM": "terminated (SIGTERM)",
}


class WorkerProcess:
    """A running worker. Make it with ``spawn``."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self.once = False
        """It ran code of a user, which may have left anything behind: no other job may have it."""
        self._process = process
        self._tail = b""
        self._lines = 0
        self._errors = asyncio.create_task(self._read_stderr())
        self._watch = asyncio.create_task(self._bury())

    @classmethod
    async def spawn(
        cls,
        *,
        warm: str | None,
        env: Mapping[str, str],
        code: Code | None = None,
        niceness: int = 0,
    ) -> WorkerProcess:
        """Start a worker, with the interpreter of ``code`` if it is for that alone.

        ``niceness``: 0 to 19, how far it steps back where the machine is busy.

        Raises OSError if the system cannot start one more process.
        """
        pipe = asyncio.subprocess.PIPE
        executable, run = sys.executable, ("-m", "stockwidget.tasks.worker")
        inherited = dict(os.environ)
        if code is not None:
            executable, run = code.executable, ("-c", _ELSEWHERE.format(root=code.about["root"]))
            # They lead to the packages of this environment.
            inherited = {k: v for k, v in inherited.items() if k not in _OUR_PACKAGES}
        process = await asyncio.create_subprocess_exec(
            executable,
            # -P: a file called random.py in the notebook's folder must not replace the real one.
            *("-P", "-X", "faulthandler", *run),
            *([warm] if warm else []),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            limit=1 << 20,
            # A group of its own: Ctrl+C is the server's, and a kill takes children along.
            start_new_session=True,
            env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **inherited, **env},
        )
        _step_back(process.pid, niceness)
        return cls(process)

    @property
    def alive(self) -> bool:
        """Whether the process has not ended yet."""
        return self._process.returncode is None

    def send(self, header: Mapping[str, Any], body: bytes = b"") -> None:
        """Send a frame; a worker that is dead already shows that to the next ``receive``.

        Nobody waits until it is taken: a worker that hangs must not keep whoever would stop it.
        """
        if self._process.stdin is None:
            raise RuntimeError("A worker has a pipe for its input.")
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(encode(header, body))

    async def receive(self) -> tuple[int, list[Said]] | None:
        """The next frame; None once the worker has closed its pipe."""
        if self._process.stdout is None:
            raise RuntimeError("A worker has a pipe for its output.")
        try:
            lengths = await self._process.stdout.readexactly(LENGTHS.size)
            head, body = LENGTHS.unpack(lengths)
            return decode(
                await self._process.stdout.readexactly(head),
                await self._process.stdout.readexactly(body),
            )
        except (asyncio.IncompleteReadError, ConnectionError, struct.error):
            return None

    def kill(self) -> None:
        """SIGKILL the worker and its children."""
        if not self.alive:
            return
        if os.name == "posix":
            # Not Popen.kill(): it polls, which takes the exit code from asyncio's watcher.
            _kill_group(self.pid)
        else:
            self._process.kill()

    async def gone(self, *, within_s: float = 0) -> None:
        """Return once the process has ended and its stderr is read; kill it if it takes longer."""
        try:
            await asyncio.wait_for(self._process.wait(), within_s)
        except TimeoutError:
            self.kill()
        await self._process.wait()
        await self._watch
        await self._errors

    def crash(self) -> WorkerCrashed:
        """The error for the task that the process took with it; after ``gone``."""
        words = exit_words(self._process.returncode)
        hint = "Other tasks are not affected. Run it again; if it dies again, report it."
        if "SIGKILL" in words:
            hint = "Most often memory ran out: ask for fewer symbols, or run fewer workers."
        return WorkerCrashed(
            f"The worker process died while it ran this task: {words}.",
            hint=hint,
            exit=words,
            stderr=self._tail.decode(errors="replace") or None,
        )

    def last_words(self) -> str:
        """The last line of its stderr, where Python says why it ended; after ``gone``."""
        lines = self._tail.decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else exit_words(self._process.returncode)

    async def _bury(self) -> None:
        await self._process.wait()
        # Children of the dead worker may hold its pipe open, and its reader waits for an end.
        _kill_group(self.pid)
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def _read_stderr(self) -> None:
        stream = self._process.stderr
        while stream is not None and (chunk := await stream.read(1 << 16)):
            self._tail = (self._tail + chunk)[-STDERR_TAIL:]
            for line in chunk.splitlines():
                self._lines += 1
                if self._lines <= STDERR_LINES:
                    log.debug("worker %d: %s", self.pid, line[:500].decode(errors="replace"))
                elif self._lines == STDERR_LINES + 1:
                    log.debug("worker %d: more than %d lines, muted", self.pid, STDERR_LINES)


def _step_back(pid: int, niceness: int) -> None:
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # it has ended already
        ours = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, pid, min(ours + niceness, 19))
    # Linux shares its time among sessions first, and a worker is a session of its own.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness))


def exit_words(code: int | None) -> str:
    """How a process ended, in words: ``-11`` → ``"segmentation fault (SIGSEGV)"``."""
    if code is None or code >= 0:
        return f"it exited with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return _WORDS.get(name, f"ended by {name}")


def _kill_group(pid: int) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
