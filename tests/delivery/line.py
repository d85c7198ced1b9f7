"""What a pump needs around it: a runner-shaped source of one task, and a transport into a reader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from reader import Reader, Task

from stockwidget.tasks.events import Event, Snapshot

SUBSCRIBE = '{"op": "subscribe", "tasks": {"t1": null}}'


class Source:
    """One task, whose snapshot is handed out when the test says so."""

    def __init__(self) -> None:
        self.task = Task()
        self.readers: list[Callable[[Event], None]] = []
        self.open = asyncio.Event()
        self.failure: Exception | None = None

    async def snapshot(self, task_id: str) -> Snapshot:
        await self.open.wait()
        if self.failure:
            raise self.failure
        return self.task.snapshot

    async def tail(self, task_id: str, s: int) -> list[Event] | None:
        return self.task.tail(s)

    def subscribe(self, task_id: str, callback: Callable[[Event], None]) -> Callable[[], None]:
        self.readers.append(callback)
        return lambda: self.readers.remove(callback)

    def publish(self, event: Event) -> None:
        for reader in tuple(self.readers):
            reader(event)


class Line:
    """A transport into a reader; ``hold`` keeps the writes unfinished."""

    def __init__(self) -> None:
        self.reader = Reader()
        self.bytes = 0
        self.hold = False
        self.broken = False
        self.batches = 0
        self.pending: list[asyncio.Future[None]] = []
        self.closed: tuple[int, str] | None = None

    def send(self, frames) -> asyncio.Future[None]:
        done = asyncio.get_running_loop().create_future()
        self.batches += 1
        if self.broken:
            done.set_exception(ConnectionError())
            return done
        for frame in frames:
            self.bytes += len(frame)
            self.reader.feed(frame)
        self.pending.append(done) if self.hold else done.set_result(None)
        return done

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


async def turns(n: int = 10) -> None:
    for _ in range(n):
        await asyncio.sleep(0)
