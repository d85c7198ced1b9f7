"""What may be asked of a task besides its result: keep it, stop it, go on with it, name it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from stockwidget.errors import InvalidRequest
from stockwidget.notebook.backend import Backend
from stockwidget.notebook.durations import Duration, seconds
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.settings import CardSettings
from stockwidget.tasks.labels import check_labels


class Steering(ABC):
    """The part of a handle that steers; every method asks the runner and raises what it answers."""

    _backend: Backend
    _followed: Followed
    _settings: CardSettings

    @abstractmethod
    def __init__(self, backend: Backend, state: Mapping[str, Any], settings: CardSettings) -> None:
        """Handle the task that ``state``, its public record, describes."""

    @property
    def id(self) -> str:
        """The task's id, by which any page or process can follow it."""
        return self._followed.snapshot.record.id

    @property
    def record(self) -> dict[str, Any]:
        """The task's public record (docs/protocol.md), as last heard."""
        return self._followed.snapshot.record.public(self._followed.epoch)

    @property
    def name(self) -> str | None:
        """What it is called; ``sw.attach(name)`` finds it. May be set, also after its end."""
        return self._followed.snapshot.record.name

    @name.setter
    def name(self, name: str | None) -> None:
        self._amend(self._backend.label(self.id, {"name": name or ""}))

    @property
    def tags(self) -> tuple[str, ...]:
        """Words to filter ``sw.tasks(tag=…)`` by. May be set, also after its end."""
        return self._followed.snapshot.record.tags

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        wanted = check_labels(tags=tags).tags
        self._amend(self._backend.label(self.id, {"tags": list(wanted or ())}))

    @property
    def notes(self) -> str | None:
        """Whatever is worth remembering of it. May be set, also after its end."""
        return self._followed.snapshot.record.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._amend(self._backend.label(self.id, {"notes": notes or ""}))

    @property
    def pinned(self) -> bool:
        """Whether it is kept until ``unpin()``."""
        return self._followed.snapshot.record.pinned

    @property
    def expires(self) -> datetime | None:
        """When its result may be removed at the earliest (UTC); None while it lives or is pinned.

        As this process last heard: whoever follows or pins it meanwhile keeps it longer.
        """
        until = self._followed.snapshot.record.kept_until
        return None if until is None else datetime.fromtimestamp(until / 1_000, UTC)

    def pin(self) -> None:
        """Keep it until ``unpin()``. Raises TaskExpired if it is too late."""
        self._amend(self._backend.ask("pin", self.id))

    def unpin(self) -> None:
        """Let retention decide again, ten minutes from now at the earliest."""
        self._amend(self._backend.ask("unpin", self.id))

    def keep_for(self, duration: Duration) -> None:
        """Keep it for ``"3d"``, ``"12h"``, a timedelta or a number of seconds from now.

        The longest time that was asked for counts. Raises InvalidRequest, TaskExpired.
        """
        self._amend(self._backend.ask("pin", self.id, keep_for_s=seconds(duration)))

    def cancel(self) -> None:
        """Ask for its end. Raises WrongTaskState if it has ended already."""
        before = self._followed.snapshot.record.status
        self._backend.ask("cancel", self.id)
        followed = self._followed
        followed.wait(1.0, until=lambda: followed.snapshot.record.status != before)

    def resume(self) -> Self:
        """Go on with a scan that was interrupted, cancelled or failed: what is done is not redone.

        Returns this handle if the task was interrupted, else that of a successor, which takes over
        the finished chunks. Raises WrongTaskState.
        """
        return self._handle_of(self._backend.ask("resume", self.id))

    def retry_failed(self) -> Self:
        """Try again the symbols that failed in a completed scan; returns the successor's handle.

        Raises WrongTaskState if nothing failed.
        """
        return self._handle_of(self._backend.ask("retry_failed", self.id))

    def rerun(self) -> Self:
        """Compute it anew with the same parameters, whatever is kept; returns the new handle."""
        record = self._followed.snapshot.record
        wishes = {"name": record.name, "tags": list(record.tags), "notes": record.notes}
        state = self._backend.submit(record.kind, record.params, {**wishes, "force": True})
        return self._handle_of(state)

    def _handle_of(self, state: Mapping[str, Any]) -> Self:
        if state["id"] == self.id:
            return self
        return type(self)(self._backend, state, self._settings)

    def _amend(self, state: Mapping[str, Any]) -> None:
        self._followed.amend(state)


def steer(task: Steering, verb: str) -> Steering:
    """Do what a card asks for; the handle that goes on, which may be another one.

    Raises InvalidRequest for an unknown verb, else what the verb raises.
    """
    match verb:
        case "pin":
            task.pin()
        case "unpin":
            task.unpin()
        case "keep":
            task.keep_for("1d")
        case "cancel":
            task.cancel()
        case "resume":
            return task.resume()
        case "retry_failed":
            return task.retry_failed()
        case "rerun":
            return task.rerun()
        case _:
            raise InvalidRequest(
                f"A card cannot {verb[:40]!r}.", hint="Reload the page.", field="verb"
            )
    return task
