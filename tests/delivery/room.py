"""Three readers of two tasks on a clock of the test's own, served through channels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import orjson
from line import Line
from reader import EPOCH, WALL, Task

from stockwidget.delivery.channel import Channels, Shared
from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.meter import Meter
from stockwidget.delivery.pump import Pump
from stockwidget.delivery.rounds import Alarm, Turning
from stockwidget.delivery.session import Session
from stockwidget.tasks.events import Event, Snapshot


class ByHand:
    """``Rounds`` on a clock of the test's own."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[Turning] = []
        self._alarms: list[Alarm] = []

    def monotonic(self) -> float:
        return self.now

    def soon(self, pump: Turning) -> None:
        if not pump.waiting:
            pump.waiting = True
            self._due.append(pump)

    def alarm(self, at: float, pump: Turning) -> Alarm:
        self._alarms.append(Alarm(at, pump))
        return self._alarms[-1]

    async def step(self) -> bool:
        """Give each one that waits a turn; whether anybody did."""
        for _ in range(4):
            await asyncio.sleep(0)
        due, self._due = self._due, []
        for pump in due:
            pump.waiting = False
            pump.turn(self.now)
        return bool(due)

    async def settle(self, seconds: float = 0.0) -> None:
        """Let time pass until nobody wants another turn."""
        end = self.now + seconds
        while True:
            if await self.step():
                continue
            alarms = [each for each in self._alarms if each.pump is not None and each.at <= end]
            if not alarms:
                self.now = end
                return
            first = min(alarms, key=lambda each: each.at)
            self._alarms.remove(first)
            self.now = max(self.now, first.at)
            self.soon(first.pump)


class Journal:
    """Two tasks and whoever listens."""

    def __init__(self) -> None:
        self.tasks = {"a": Task("a"), "b": Task("b")}
        self.readers: list[tuple[str, Callable[[Event], None]]] = []

    async def snapshot(self, task_id: str) -> Snapshot:
        return self.tasks[task_id].snapshot

    async def tail(self, task_id: str, s: int) -> list[Event] | None:
        return self.tasks[task_id].tail(s)

    def subscribe(self, task_id: str, callback: Callable[[Event], None]) -> Callable[[], None]:
        entry = (task_id, callback)
        self.readers.append(entry)
        return lambda: self.readers.remove(entry)

    def publish(self, event: Event) -> None:
        for task, reader in tuple(self.readers):
            if task == event.task_id:
                reader(event)


class Wire(Line):
    """A line that takes part in what is written to many."""

    shared = 0

    def write(self, data: bytes) -> asyncio.Future[None] | None:
        self.shared += 1
        written = self.send(data.split(b"\n"))
        return None if written.done() and not self.broken else written


class Room:
    """Three readers of one source."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.rounds = ByHand()
        self.journal = Journal()
        self.meter = Meter(wall=lambda: WALL)
        self.channels = Channels(self.journal.subscribe, rounds=self.rounds, meter=self.meter)
        self.encoder = Encoder(EPOCH)
        self.limits = limits
        self.spelled: list[int] = []
        self.lines: list[Wire] = []
        self.pumps: list[Pump] = []
        for _ in range(3):
            self.connect()

    def spell(self, frames: Sequence[bytes]) -> bytes:
        self.spelled.append(len(frames))
        return b"\n".join(frames)

    def connect(self, place: int | None = None) -> None:
        line = Wire()
        pump = Pump(
            tasks=self.journal,
            session=Session(
                encoder=self.encoder,
                server_id="s",
                wall=lambda: WALL,
                now=self.rounds.now,
                limits=self.limits,
            ),
            transport=line,
            name="ws",
            meter=self.meter,
            rounds=self.rounds,
            channels=self.channels,
            shared=Shared(self.spell, line.write),
        )
        cursors = dict.fromkeys(self.journal.tasks)
        if place is None:
            self.lines.append(line)
            self.pumps.append(pump)
        else:
            line.reader.views = self.lines[place].reader.views
            cursors |= {task: view.cursor for task, view in line.reader.views.items()}
            self.pumps[place].stop()
            self.lines[place], self.pumps[place] = line, pump
        pump.start()
        pump.receive(orjson.dumps({"op": "subscribe", "tasks": cursors}))

    def say(self, place: int, **message: object) -> None:
        self.pumps[place].receive(orjson.dumps(message))

    def hold(self, place: int) -> None:
        self.lines[place].hold = True

    def release(self, place: int) -> None:
        line = self.lines[place]
        line.hold = False
        while line.pending:
            line.pending.pop().set_result(None)

    def everybody_knows(self) -> bool:
        tasks = self.journal.tasks.values()
        return all(line.reader.knows(task) for line in self.lines for task in tasks)
