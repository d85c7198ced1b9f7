"""One daemon thread that follows all tasks of a server over one WebSocket.

It subscribes with cursors, so that a lost connection loses nothing; while a socket cannot be had it
polls the records over plain HTTP and keeps trying. It ends when nothing is left to follow.
"""

from __future__ import annotations

import contextlib
import random
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import orjson
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from stockwidget.errors import (
    NotAuthorized,
    ServerUnreachable,
    StockwidgetError,
    TaskExpired,
    UnknownTask,
)
from stockwidget.notebook.discovery import Target
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.rest import API

OPEN_S = 4.0
SILENCE_S = 25.0
LINGER_S = 10.0
"""How long an idle socket is kept: the next cell often submits again."""
POLL_S = 1.0
FRAME_BYTES = 64 * 1024 * 1024
"""A snapshot of a large scan is one frame."""


def backoff(attempt: int, draw: Callable[[], float] = random.random) -> float:
    """Seconds to wait before attempt ``attempt`` (from 0): half to all of min(20, 0.5·2ⁿ)."""
    ceiling = min(20.0, 0.5 * 2.0 ** min(attempt, 10))
    return ceiling * (0.5 + 0.5 * draw())


class Follower:
    """Follows tasks of ``target``; ``fetch(task_id)`` GETs one public record."""

    def __init__(self, target: Target, *, fetch: Callable[[str], dict[str, Any]]) -> None:
        self._target = target
        self._fetch = fetch
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._tasks: dict[str, list[Followed]] = {}
        """Several handles may follow one task, each from its own cursor."""
        self._socket: ClientConnection | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def follow(self, task: Followed) -> None:
        """Keep ``task`` up to date until it has settled. Returns at once."""
        task_id = task.snapshot.record.id
        with self._lock:
            self._tasks.setdefault(task_id, []).append(task)
            socket = self._socket
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="stockwidget-follower", daemon=True
                )
                self._thread.start()
        self._wake.set()
        if socket is not None:
            self._subscribe(socket, [task_id])

    def close(self) -> None:
        """End the thread; tasks stay where they are."""
        with self._lock:
            self._closed = True
            socket, thread = self._socket, self._thread
        self._wake.set()
        if socket is not None:
            socket.close()
        if thread is not None and thread is not threading.current_thread():
            thread.join(OPEN_S)

    # -- the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        attempt = 0
        while not self._nothing_left():
            started = time.monotonic()
            try:
                self._over_socket()
                continue
            except (OSError, WebSocketException, TimeoutError, ValueError):
                pass
            attempt = 0 if time.monotonic() - started > SILENCE_S else attempt + 1
            self._between(backoff(attempt - 1 if attempt else 0))

    def _nothing_left(self) -> bool:
        with self._lock:
            if self._tasks and not self._closed:
                return False
            self._thread = None
            return True

    def _between(self, seconds: float) -> None:
        """Wait for the next attempt at a socket; poll meanwhile, as far as HTTP answers."""
        until = time.monotonic() + seconds
        while not self._closed and self._poll():
            left = until - time.monotonic()
            if left <= 0:
                return
            self._wake.clear()
            self._wake.wait(min(left, POLL_S))

    def _poll(self) -> bool:
        """GET every followed record once. False if nothing is left to follow."""
        for task_id, tasks in self._following():
            try:
                state = self._fetch(task_id)
            except (UnknownTask, TaskExpired) as error:
                for task in tasks:
                    task.fail(error)
            except StockwidgetError as error:
                for task in tasks:
                    task.trouble_is(error)
            else:
                for task in tasks:
                    task.refresh(state)
        self._prune()
        with self._lock:
            return bool(self._tasks)

    def _over_socket(self) -> None:
        """Follow until the socket ends (raises), or nothing is left to follow (returns)."""
        with self._open() as socket:
            with self._lock:
                self._socket = socket
                ids = list(self._tasks)
            try:
                self._subscribe(socket, ids)
                pinged = False
                while not self._closed:
                    self._unsubscribe(socket, self._prune())
                    idle = not self._tasks
                    try:
                        text = socket.recv(LINGER_S if idle else SILENCE_S)
                    except TimeoutError:
                        if idle and not self._tasks:
                            return
                        if pinged:
                            raise
                        pinged = True
                        socket.send('{"op":"ping"}')
                        continue
                    pinged = False
                    self._take(socket, orjson.loads(text))
            finally:
                with self._lock:
                    self._socket = None

    def _open(self) -> ClientConnection:
        target = self._target
        url = "ws" + target.url.removeprefix("http") + f"{API}ws"
        context = None
        if url.startswith("wss:"):
            context = ssl.create_default_context()
            if target.loopback:  # see Rest: certificates of the machine's own making
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
        try:
            return connect(
                url,
                additional_headers={"Authorization": target.authorization},
                ssl=context,
                proxy=None if target.loopback else True,
                compression=None,
                open_timeout=OPEN_S,
                close_timeout=1,
                max_size=FRAME_BYTES,
            )
        except InvalidStatus as error:
            if error.response.status_code in {401, 403}:
                self._trouble(
                    NotAuthorized(
                        f"The Jupyter server at {target.url} refuses this kernel now.",
                        hint="Restart the kernel to pick up the server's new secret.",
                    )
                )
            raise
        except OSError as error:
            self._trouble(
                ServerUnreachable(
                    f"The Jupyter server at {target.url} does not answer ({error}).",
                    hint="Is it running? The task is followed again once it answers.",
                )
            )
            raise

    def _take(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        kind = frame.get("k")
        if kind == "hb":
            tops = frame["d"].get("tasks", {})
            behind = [
                task_id
                for task_id, tasks in self._following()
                if task_id in tops and any(task.behind(tops[task_id][1]) for task in tasks)
            ]
            if behind:
                self._subscribe(socket, behind)
            return
        task_id = frame.get("t")
        if task_id is None:
            return
        tasks = dict(self._following()).get(task_id, [])
        whole = [task.accept(frame) for task in tasks]
        if not all(whole):
            self._subscribe(socket, [task_id])

    def _subscribe(self, socket: ClientConnection, ids: list[str]) -> None:
        cursors = {task_id: self._cursor(task_id) for task_id in ids}
        if not cursors:
            return
        with contextlib.suppress(ConnectionClosed):  # the thread sees it too and subscribes anew
            socket.send(orjson.dumps({"op": "subscribe", "tasks": cursors}).decode())

    def _unsubscribe(self, socket: ClientConnection, ids: list[str]) -> None:
        if ids:  # a connection may follow a limited number of tasks
            socket.send(orjson.dumps({"op": "unsubscribe", "tasks": ids}).decode())

    def _cursor(self, task_id: str) -> dict[str, Any] | None:
        """One handle: where it stands. Several: a whole snapshot serves them all."""
        with self._lock:
            tasks = self._tasks.get(task_id, [])
            return tasks[0].cursor if len(tasks) == 1 else None

    def _following(self) -> list[tuple[str, list[Followed]]]:
        with self._lock:
            return [(task_id, list(tasks)) for task_id, tasks in self._tasks.items()]

    def _prune(self) -> list[str]:
        """Let go of what has settled; the ids that nobody follows any more."""
        with self._lock:
            for tasks in self._tasks.values():
                tasks[:] = [task for task in tasks if not task.settled]
            done = [task_id for task_id, tasks in self._tasks.items() if not tasks]
            for task_id in done:
                del self._tasks[task_id]
        return done

    def _trouble(self, error: StockwidgetError) -> None:
        for _task_id, tasks in self._following():
            for task in tasks:
                task.trouble_is(error)
