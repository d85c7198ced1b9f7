"""A wire transcript as it is recorded and replayed: one JSON object a line.

==========  =======================================================================================
``about``   first line: ``{"about": sentence, "epoch": …, "ts": wall clock of all notices}``, maybe with
            ``limits`` (others than the default) and ``before``: what the reader knew, as in ``view``
``message`` the client sends this (``at``: seconds of the session's clock, on every input line)
``event``   the runner publishes this: ``{task, kind, s, q, ts, data}``
``answer``  a fetch is answered: ``{ticket, snapshot: {record, partial, logs}, tail: [events] | null}``
``refuse``  a fetch fails: ``{ticket, error}``
``written`` the frames of the last ``send`` have left
``wake``    nothing came in, but the clock says so
``out``     on every input line: the commands that follow, of ``{"send": [frames]}``,
            ``{"fetch": {task, after, ticket}}``, ``{"drop": task}`` and ``{"close": [code, reason]}``
``over``    in a transcript of polls (``"transport": "poll"`` in its first line): it is time to answer. There every
            ``message`` is a new request, ``send`` has the frames of its answer, and ``{"etag": …}`` follows
``view``    last line: ``{task: {s, q, state, partial, logs}}``, what a reader of all frames then knows
==========  =======================================================================================
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from reader import EPOCH, WALL, Reader, Task, View

from stockwidget.delivery.commands import Close, Command, Drop, Fetch, Send
from stockwidget.delivery.cursors import read_cursors
from stockwidget.delivery.frames import Encoder
from stockwidget.delivery.gathering import Gathering
from stockwidget.delivery.limits import Limits
from stockwidget.delivery.session import Session
from stockwidget.errors import from_dict
from stockwidget.tasks.events import Event, Snapshot, TaskRecord


def make_session(limits: Limits | None = None) -> Session:
    return Session(
        encoder=Encoder(EPOCH), server_id="server", wall=lambda: WALL, now=0.0, limits=limits
    )


def plain_event(event: Event) -> dict[str, Any]:
    rest = asdict(event)
    return {"task": rest.pop("task_id"), **rest}


def read_event(line: dict[str, Any]) -> Event:
    return Event(task_id=line["task"], **{k: v for k, v in line.items() if k != "task"})


def plain_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    return asdict(snapshot)


def read_snapshot(line: dict[str, Any]) -> Snapshot:
    record = dict(line["record"])
    record["stages"] = tuple(record["stages"])
    return Snapshot(record=TaskRecord(**record), partial=line["partial"], logs=tuple(line["logs"]))


def plain_command(command: Command) -> dict[str, Any]:
    match command:
        case Send(frames=frames):
            return {"send": [orjson.loads(frame) for frame in frames]}
        case Fetch(task=task, after=after, ticket=ticket):
            return {"fetch": {"task": task, "after": after, "ticket": ticket}}
        case Drop(task=task):
            return {"drop": task}
        case Close(code=code, reason=reason):
            return {"close": [code, reason]}


def perform(session: Session, line: dict[str, Any]) -> list[Command]:
    """Put one input line into the session and return the commands that follow."""
    at = line["at"]
    match line:
        case {"message": message}:
            text = message if isinstance(message, str) else orjson.dumps(message)
            session.receive(text, at)
        case {"event": event}:
            session.deliver(read_event(event))
        case {"answer": {"ticket": ticket, "snapshot": snapshot, "tail": tail}}:
            events = None if tail is None else [read_event(event) for event in tail]
            session.answer(ticket, read_snapshot(snapshot), events)
        case {"refuse": {"ticket": ticket, "error": error}}:
            session.refuse(ticket, from_dict(error))
        case {"written": True}:
            session.written()
        case {"wake": True}:
            pass
        case _:
            raise ValueError(line)
    return session.drain(at)


class Polls:
    """Performs the lines of a transcript of polls: a session and an answer for each request."""

    def perform(self, line: dict[str, Any]) -> list[dict[str, Any]]:
        """Put one input line in and return what the reader gets."""
        match line:
            case {"over": True}:
                frames = [orjson.loads(frame) for frame in self.gathering.frames]
                return [{"send": frames}, {"etag": self.gathering.etag}]
            case {"message": {"op": "subscribe", "tasks": tasks}}:
                cursors = read_cursors(tasks, field="tasks")
                self.session = make_session()
                self.gathering = Gathering(cursors, encoder=Encoder(EPOCH))
                self.session.subscribe(cursors)
                self._take(self.session.drain(line["at"]), line["at"])
            case _:
                self._take(perform(self.session, line), line["at"])
        return []

    def _take(self, commands: list[Command], at: float) -> None:
        while sends := [each for each in commands if isinstance(each, Send)]:
            for frame in sends[0].frames:
                self.gathering.take(frame)
            self.session.written()
            commands = self.session.drain(at)


class Recorder:
    """Performs a scenario and keeps the lines."""

    def __init__(
        self, about: str, limits: Limits | None = None, before: dict[str, View] | None = None
    ) -> None:
        self.session = make_session(limits)
        self.reader = Reader()
        head: dict[str, Any] = {"about": about, "epoch": EPOCH, "ts": WALL}
        if limits:
            head["limits"] = {"queue_events": limits.queue_events, "opening": limits.opening}
        if before:
            self.reader.views = before
            head["before"] = {task: view_of(view) for task, view in before.items()}
        self.lines: list[dict[str, Any]] = [orjson.loads(orjson.dumps(head))]

    def step(self, at: float, **what: Any) -> None:
        line = self._plain(at, what)
        commands = perform(self.session, line)
        self.lines.append({**line, "out": [plain_command(command) for command in commands]})
        for command in commands:
            if isinstance(command, Send):
                for frame in command.frames:
                    self.reader.feed(frame)

    @staticmethod
    def _plain(at: float, what: dict[str, Any]) -> dict[str, Any]:
        return orjson.loads(orjson.dumps({"at": at, **what}))

    def event(self, at: float, event: Event) -> None:
        self.step(at, event=plain_event(event))

    def answer(self, at: float, task: Task, ticket: int = 1, after: int | None = None) -> None:
        tail = None if after is None else [plain_event(event) for event in task.tail(after)]
        answer = {"ticket": ticket, "snapshot": plain_snapshot(task.snapshot), "tail": tail}
        self.step(at, answer=answer)

    def subscribe(self, at: float, **cursors: Any) -> None:
        self.step(at, message={"op": "subscribe", "tasks": cursors})

    def text(self) -> bytes:
        views = {task: view_of(view) for task, view in self.reader.views.items()}
        lines = [*self.lines, {"view": views}]
        return b"".join(orjson.dumps(line) + b"\n" for line in lines)


class PollRecorder(Recorder):
    """The same for polls."""

    def __init__(self, about: str) -> None:
        super().__init__(about)
        self.lines[0]["transport"] = "poll"
        self.polls = Polls()

    def step(self, at: float, **what: Any) -> None:
        line = self._plain(at, what)
        out = self.polls.perform(line)
        self.lines.append({**line, "out": out})
        for frame in (frame for each in out for frame in each.get("send", ())):
            self.reader.feed(orjson.dumps(frame))

    def poll(self, at: float, *tasks: str) -> None:
        """A request with the cursors that the reader has by now."""
        views = self.reader.views
        self.subscribe(
            at, **{task: views[task].cursor if task in views else None for task in tasks}
        )


def view_of(view: View) -> dict[str, Any]:
    return {
        "s": view.s,
        "q": view.q,
        "state": view.state,
        "partial": view.partial,
        "logs": view.logs,
    }
