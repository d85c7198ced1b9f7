"""A reader written from docs/protocol.md alone, and a task that produces numbered events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from stockwidget.delivery.commands import Close, Drop, Fetch, Send
from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.session import Session
from stockwidget.errors import UnknownTask
from stockwidget.tasks.events import Event, Snapshot, TaskRecord

EPOCH = "e1"
WALL = 1_700_000_000_000


def record(task: str = "t1", **changes: Any) -> TaskRecord:
    base = {
        "id": task,
        "kind": "analysis",
        "title": "AAPL",
        "params": {"symbol": "AAPL"},
        "key": "k",
        "status": "running",
        "created_at": WALL,
        "started_at": WALL,
        "attempt": 1,
        "stages": ("bars", "indicators"),
    }
    return TaskRecord(**{**base, **changes})


@dataclass
class Task:
    """The truth: what a journal and a hub hold of one task."""

    id: str = "t1"
    snapshot: Snapshot = field(init=False)
    journal: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.snapshot = Snapshot(record=record(self.id))

    def emit(self, kind: str, **data: Any) -> Event:
        last = self.snapshot.record
        event = Event(
            task_id=self.id,
            kind=kind,  # type: ignore[arg-type]
            s=last.s + 1,
            q=last.q + (kind != "progress"),
            ts=WALL + last.s,
            data=data,
        )
        if kind != "progress":
            self.journal.append(event)
        self.snapshot = self.snapshot.apply(event)
        return event

    def progress(self, value: float) -> Event:
        return self.emit("progress", progress=value, stage="bars", counters={}, eta_s=None)

    def log(self, message: str) -> Event:
        return self.emit("log", level="info", message=message)

    def rows(self, *values: int) -> Event:
        return self.emit("partial", set={}, append={"rows": [list(values)]})

    def end(self) -> Event:
        return self.emit(
            "end",
            status="completed",
            progress=100.0,
            ended_at=WALL,
            retain_until=WALL,
            error=None,
            summary={"last_close": 1.0},
        )

    def tail(self, s: int) -> list[Event]:
        return [event for event in self.journal if event.s > s]


@dataclass
class View:
    """What a reader knows of one task."""

    state: dict[str, Any]
    partial: dict[str, Any]
    logs: list[dict[str, Any]]
    s: int
    q: int
    resyncs: int = 0

    @property
    def cursor(self) -> dict[str, Any]:
        return {"e": EPOCH, "s": self.s, "q": self.q}


class Reader:
    """Applies frames as the protocol says; ``AssertionError`` where the server broke it."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}
        self.frames: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []

    def feed(self, raw: bytes) -> None:
        frame = orjson.loads(raw)
        self.frames.append(frame)
        kind, task, body = frame["k"], frame.get("t"), frame["d"]
        if kind == "error":
            self.errors.append(frame)
        elif kind == "hb":
            for followed, (s, q) in body["tasks"].items():
                view = self.views[followed]
                assert (s, q) == (view.s, view.q), "a heartbeat shows a loss that was none"
        elif kind == "snapshot":
            self._snapshot(frame)
        elif kind != "hello":
            view = self.views[task]
            assert frame["s"] > view.s, "a frame that every reader drops"
            assert frame["q"] == view.q + (kind != "progress"), "a gap in q"
            view.s, view.q = frame["s"], frame["q"]
            self._apply(view, frame)

    def _snapshot(self, frame: dict[str, Any]) -> None:
        task, body = frame["t"], frame["d"]
        if body["recovered"]:
            view = self.views[task]
            assert (frame["s"], frame["q"]) == (view.s, view.q), "recovered from elsewhere"
        else:
            assert frame["s"] == body["state"]["seq"]
            before = self.views.get(task)
            self.views[task] = View(
                state=dict(body["state"]),
                partial=body["partial"],
                logs=body["logs"],
                s=frame["s"],
                q=frame["q"],
                resyncs=before.resyncs + 1 if before else 0,
            )

    def _apply(self, view: View, frame: dict[str, Any]) -> None:
        body = frame["d"]
        match frame["k"]:
            case "log":
                view.logs = [*view.logs, {**body, "ts": frame["ts"]}]
            case "partial":
                view.partial = {**view.partial, **body["set"]}
                for key, rows in body["append"].items():
                    view.partial[key] = [*view.partial.get(key, []), *rows]
            case "progress" | "state" | "end":
                view.state = {**view.state, **body}

    def knows(self, task: Task) -> bool:
        """Whether the view of ``task`` equals the truth, number fields apart."""
        view = self.views[task.id]
        truth = task.snapshot.record.public(EPOCH)
        return (
            all(view.state[k] == v for k, v in truth.items() if k not in {"seq", "q"})
            and view.partial == dict(task.snapshot.partial)
            and view.logs == [dict(line) for line in task.snapshot.logs]
        )


class Wire:
    """A session, the tasks behind it and a reader in front; every command is performed at once or on demand."""

    def __init__(self, session: Session, *tasks: Task) -> None:
        self.session = session
        self.tasks = {task.id: task for task in tasks}
        self.reader = Reader()
        self.fetches: list[Fetch] = []
        self.followed: set[str] = set()
        self.closed: Close | None = None
        self.blocked = False
        self.stuck = False

    def publish(self, event: Event) -> None:
        if event.task_id in self.followed:
            self.session.deliver(event)

    def drain(self, now: float) -> list[Any]:
        commands = self.session.drain(now)
        for command in commands:
            match command:
                case Send(frames=frames):
                    assert not self.blocked, "sent to a reader that has not taken the last batch"
                    for frame in frames:
                        self.reader.feed(frame)
                    self.blocked = True
                case Fetch(task=task):
                    self.followed.add(task)
                    self.fetches.append(command)
                case Drop(task=task):
                    self.followed.discard(task)
                case Close():
                    self.closed = command
        if self.blocked and not self.stuck:
            self.blocked = False
            self.session.written()
        return commands

    def answer(self) -> None:
        """Answer the oldest fetch, in the order the pump uses: snapshot, then tail."""
        fetch = self.fetches.pop(0)
        task = self.tasks.get(fetch.task)
        if task is None:
            self.session.refuse(fetch.ticket, UnknownTask("No such task.", task_id=fetch.task))
            return
        tail = None if fetch.after is None else task.tail(fetch.after)
        self.session.answer(fetch.ticket, task.snapshot, tail)

    def unblock(self) -> None:
        self.stuck = False
        if self.blocked:
            self.blocked = False
            self.session.written()

    def settle(self, now: float) -> float:
        """Let everything due happen without a limit in time; return when it is quiet."""
        self.unblock()
        for _ in range(1000):
            self.drain(now)
            if self.fetches:
                self.answer()
                continue
            wake = self.session.next_wake()
            if wake is None or wake > now + 5:
                return now
            now = max(now, wake)
        raise AssertionError("the session never comes to rest")


def wire(*tasks: Task, limits: Limits | None = None) -> Wire:
    session = Session(
        encoder=Encoder(EPOCH), server_id="server", wall=lambda: WALL, now=0.0, limits=limits
    )
    return Wire(session, *tasks)


def say(link: Wire, now: float = 0.0, **message: object) -> None:
    link.session.receive(orjson.dumps(message), now)


def kinds(link: Wire) -> list[str]:
    return [frame["k"] for frame in link.reader.frames]
