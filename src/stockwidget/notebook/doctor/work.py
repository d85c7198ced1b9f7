"""Checks of the work itself: a task runs from end to end; what has become of a given one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stockwidget.errors import StockwidgetError, TaskExpired, UnknownTask
from stockwidget.notebook.discovery import Target
from stockwidget.notebook.doctor.report import Check
from stockwidget.notebook.doctor.wording import language, say
from stockwidget.notebook.rest import API, Rest
from stockwidget.notebook.words import say as status_word
from stockwidget.tasks.events import TERMINAL

PATIENCE_S = 45.0
"""A first worker on a cold, busy machine imports for many seconds."""
SAMPLE = {"symbol": "AAPL"}
_LOOK_S = 0.2


def on_server(target: Target) -> tuple[Check, str | None]:
    """Run one small analysis in the server; its id, if there is one."""
    rest = Rest(target)
    began = time.monotonic()
    try:
        record = rest.post(
            f"{API}tasks", {"kind": "analysis", "params": SAMPLE, "name": "doctor", "force": True}
        )
        while record["status"] not in TERMINAL:
            if time.monotonic() - began > PATIENCE_S:
                return _stuck(record), str(record["id"])
            time.sleep(_LOOK_S)
            record = rest.get(f"{API}tasks/{record['id']}")
    except StockwidgetError as error:
        return Check(name="worker", state="fail", found=error.message, advice=error.hint), None
    finally:
        rest.close()
    where = say("in a worker of the server")
    return _ended(record, time.monotonic() - began, where), str(record["id"])


def in_child() -> Check:
    """Run one small analysis in a child process, as cells without a server do."""
    from stockwidget.notebook.local import ChildBackend

    backend = ChildBackend()
    began = time.monotonic()
    try:
        from stockwidget.notebook.handle import Analysis
        from stockwidget.notebook.settings import CardSettings

        state = backend.submit("analysis", SAMPLE, {"name": "doctor"})
        task = Analysis(backend, state, CardSettings())
        task.result(PATIENCE_S)
        took = time.monotonic() - began
        return _ended({"status": task.status}, took, say("in a child process"))
    except TimeoutError as error:
        return Check(name="worker", state="fail", found=str(error))
    except StockwidgetError as error:
        return Check(name="worker", state="fail", found=error.message, advice=error.hint)
    finally:
        backend.close()


def task(target: Target, task_id: str, epoch: str | None) -> Check:
    """What has become of one task."""
    rest = Rest(target)
    try:
        record = rest.get(f"{API}tasks/{task_id}")
    except TaskExpired as error:
        at = error.data.get("expired_at")
        when = say(" at {time}", time=_utc(at)) if isinstance(at, int) else ""
        found = say("It has expired: its result was removed{when}.", when=when)
        advice = say(
            "Run the cell again; retention is c.StockwidgetApp.analysis_retention_s and …scan…"
        )
        return Check(name="task", state="warn", found=found, advice=advice)
    except UnknownTask:
        found = say("This server has never had a task {task}.", task=task_id)
        advice = say(
            "It ran in another server or journal, or in a kernel that has ended. Run it again."
        )
        return Check(name="task", state="fail", found=found, advice=advice)
    except StockwidgetError as error:
        return Check(name="task", state="fail", found=error.message, advice=error.hint)
    finally:
        rest.close()
    if epoch is not None and record.get("epoch") != epoch:
        found = say("The server has it, but from another journal than this handle knows.")
        return Check(name="task", state="warn", found=found, advice=say("Run the cell again."))
    return _as_it_stands(record)


def _as_it_stands(record: Mapping[str, Any]) -> Check:
    status = str(record["status"])
    named = status_word(language(), status)
    error = record.get("error") or {}
    if status == "failed":
        found = say("It failed: {message}", message=error.get("message") or "–")
        return Check(name="task", state="warn", found=found, advice=str(error.get("hint", "")))
    if status in TERMINAL:
        until = record.get("retain_until")
        kept = (
            say(" Its result is kept until {time}.", time=_utc(until))
            if isinstance(until, int)
            else ""
        )
        found = say("It is {status}.", status=named) + kept
        return Check(name="task", state="ok", found=found)
    percent = f"{float(record.get('progress', 0)):.0f} %"
    more = ", ".join(str(record[key]) for key in ("stage", "reason") if record.get(key))
    found = say("It is {status}, {percent}.", status=named, percent=percent)
    return Check(name="task", state="ok", found=f"{found} {more}".strip())


def _ended(record: Mapping[str, Any], took: float, where: str) -> Check:
    if record["status"] == "completed":
        found = say(
            "A small analysis ran {where}: {seconds} s with all waiting.",
            where=where,
            seconds=f"{took:.1f}",
        )
        return Check(name="worker", state="ok", found=found)
    error = record.get("error") or {}
    found = say(
        "A small analysis {where} is {status}: {message}",
        where=where,
        status=status_word(language(), record["status"]),
        message=error.get("message", ""),
    )
    return Check(name="worker", state="fail", found=found, advice=str(error.get("hint", "")))


def _stuck(record: Mapping[str, Any]) -> Check:
    return Check(
        name="worker",
        state="fail",
        found=say(
            "A small analysis is still {status} after {seconds} s.",
            status=status_word(language(), record["status"]),
            seconds=f"{PATIENCE_S:.0f}",
        ),
        advice=say(
            "Other tasks may keep all workers busy (c.StockwidgetApp.workers); else the server's "
            "log says why no worker starts."
        ),
    )


def _utc(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M} UTC"
