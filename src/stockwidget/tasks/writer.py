"""One thread that writes, so that the event loop never waits for a disk.

Whatever piles up while one transaction is on its way to the disk goes into the next one together:
with a disk that syncs in 5 ms, 200 single writes a second become thousands. If one of a group is
refused, the group is done again with a savepoint each, so that it does not take its neighbours
with it; to have them always would cost a third more.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Operation = Callable[[sqlite3.Connection], Any]
Explain = Callable[[BaseException], Exception]
GROUP = 256


@dataclass(frozen=True, slots=True)
class _Job:
    operation: Operation
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class Writer:
    """Runs operations in order on one connection; ``explain`` puts SQLite's errors in words."""

    def __init__(self, connection: sqlite3.Connection, explain: Explain) -> None:
        self._connection = connection
        self._explain = explain
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="stockwidget-journal", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation) -> asyncio.Future[Any]:
        """Queue an operation; its future resolves once the transaction is on disk."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._jobs.put(_Job(operation, future, loop))
        return future

    def close(self) -> None:
        """Write what is queued, end the thread and close the connection. Blocks."""
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            last = False
            while len(group) < GROUP and not last:
                try:
                    more = self._jobs.get_nowait()
                except queue.Empty:
                    break
                last = more is None
                if more is not None:
                    group.append(more)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[_Job]) -> None:
        try:
            outcomes = self._at_once(group) or self._one_by_one(group)
        except Exception as error:  # noqa: BLE001 - the thread must outlive any failing transaction
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            outcomes = [(None, self._explained(error))] * len(group)
        for job, (value, problem) in zip(group, outcomes, strict=True):
            # The loop may be gone when a process is on its way out; what was written is written.
            with contextlib.suppress(RuntimeError):
                job.loop.call_soon_threadsafe(_resolve, job.future, value, problem)

    def _at_once(self, group: list[_Job]) -> list[tuple[Any, Exception | None]] | None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            outcomes = [(job.operation(self._connection), None) for job in group]
        except sqlite3.OperationalError:
            raise  # the medium failed: the whole group shares it
        except Exception:  # noqa: BLE001 - found again, and handed to its caller, one by one
            self._connection.execute("ROLLBACK")
            return None
        self._connection.execute("COMMIT")
        return list(outcomes)

    def _one_by_one(self, group: list[_Job]) -> list[tuple[Any, Exception | None]]:
        self._connection.execute("BEGIN IMMEDIATE")
        outcomes = [self._one(job) for job in group]
        self._connection.execute("COMMIT")
        return outcomes

    def _one(self, job: _Job) -> tuple[Any, Exception | None]:
        self._connection.execute("SAVEPOINT one")
        try:
            value = job.operation(self._connection)
        except sqlite3.OperationalError:
            raise  # the medium failed: the whole group shares it
        except Exception as error:  # noqa: BLE001 - handed to the caller through its future
            self._connection.execute("ROLLBACK TO one")
            self._connection.execute("RELEASE one")
            return None, self._explained(error)
        self._connection.execute("RELEASE one")
        return value, None

    def _explained(self, error: Exception) -> Exception:
        return self._explain(error) if isinstance(error, sqlite3.Error) else error


def _resolve(future: asyncio.Future[Any], value: Any, problem: Exception | None) -> None:
    if future.done():
        return
    if problem is None:
        future.set_result(value)
    else:
        future.set_exception(problem)
