"""The checks in their order: here, the server, the work, the ways, the page, the task."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from stockwidget.errors import StockwidgetError
from stockwidget.notebook import runners
from stockwidget.notebook.connection import connection
from stockwidget.notebook.discovery import Surroundings, Target
from stockwidget.notebook.doctor import here, servers, ways, work
from stockwidget.notebook.doctor.report import Check, Report
from stockwidget.notebook.doctor.wording import language, say, speaking
from stockwidget.notebook.rest import Rest
from stockwidget.notebook.words import say as status_word

if TYPE_CHECKING:
    from stockwidget.notebook.handle import Task

UNKNOWN = "doctor"
"""An id that no task has: to be told so is news as well."""


def examine(
    task: Task[Any] | str | None = None,
    *,
    target: Target | None = None,
    locale: str | None = None,
) -> Report:
    """Look at everything from here; with ``target`` at that server instead of our own."""
    with speaking(locale):
        return _examine(task, target)


def _examine(task: Task[Any] | str | None, target: Target | None) -> Report:
    from stockwidget.notebook.client import ServerBackend

    backend = runners.known()
    if target is None and isinstance(backend, ServerBackend):
        target = backend.target
    found = servers.look(Surroundings.here(), target)
    checks = [here.versions(), *_set_up(found), *found.checks]
    if found.target is None:
        checks += _without_server(task)
    else:
        checks += _with_server(found.target, found, task)
    checks += _now()
    return Report(checks, secrets=_secrets(found.target or target), locale=language())


def _set_up(found: servers.Found) -> Iterator[Check]:
    """How a server of this environment is set up matters only while none answers."""
    if found.target is None:
        yield here.extension()
        yield here.data_folder()


def _with_server(
    target: Target, found: servers.Found, task: Task[Any] | str | None
) -> Iterator[Check]:
    handle_epoch = None if task is None or isinstance(task, str) else task.epoch
    yield servers.same_version(found.info)
    yield servers.journal(found.info, handle_epoch)
    check, task_id = work.on_server(target)
    yield check
    yield from ways.transports(target, found.info, task_id or UNKNOWN)
    yield _pages(target)
    if task is not None:
        yield work.task(target, task if isinstance(task, str) else task.id, handle_epoch)


def _without_server(task: Task[Any] | str | None) -> Iterator[Check]:
    yield work.in_child()
    if task is None:
        return
    if isinstance(task, str):
        what = say("Without a server nobody can be asked about {task}.", task=task)
        yield Check(name="task", state="fail", found=what)
        return
    error = task.error
    if error is not None:
        yield Check(name="task", state="warn", found=error.message, advice=error.hint)
    else:
        named = status_word(language(), task.status)
        yield Check(name="task", state="ok", found=say("It is {status}.", status=named))


def _pages(target: Target) -> Check:
    """How readers are connected as the server sees it, and what pages reported of themselves."""
    rest = Rest(target)
    try:
        stats = rest.get("stockwidget/api/realtime/stats")
        opened = stats["connections"]["open"]
        changes = [
            f"{each['kind']} {each['from']} → {each['to']} ({each['reason']}) × {each['count']}"
            for each in stats["changes"]["by_reason"]
        ]
    except (StockwidgetError, KeyError, TypeError):
        what = say("The server tells nothing of its pages.")
        return Check(name="pages", state="skip", found=what)
    finally:
        rest.close()
    now = ", ".join(f"{name} {count}" for name, count in opened.items() if count)
    found = say(
        "Connected to the server now, kernels included: {now}. Reported changes of transport: "
        "{told}.",
        now=now or say("none"),
        told="; ".join(changes[:5]) or say("none"),
    )
    return Check(name="pages", state="ok", found=found)


def _now() -> Iterator[Check]:
    now = connection()
    if now.state == "idle" and now.server is None:
        return
    state = "ok" if now.state in {"live", "idle"} else "warn"
    found = say(
        "This process: {state}.",
        state=" · ".join(filter(None, (say(now.state), now.transport, now.words))),
    )
    yield Check(name="connection", state="ok" if state == "ok" else "warn", found=found)


def _secrets(target: Target | None) -> list[str]:
    """Everything that must not be shown, whoever put it into a message."""
    found = [os.environ.get("STOCKWIDGET_TOKEN", ""), os.environ.get("JUPYTERHUB_API_TOKEN", "")]
    urls = [os.environ.get("STOCKWIDGET_SERVER", "")]
    if target is not None:
        found.append(target.authorization.partition(" ")[2])
        urls.append(target.url)
    for url in urls:
        parts = urlsplit(url)
        found += [parts.password or "", *parse_qs(parts.query).get("token", ())]
    return found
