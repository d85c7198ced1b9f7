"""Checks of the ways that news can take: each transport is tried for real, with a task."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx

from stockwidget.delivery.ladder import ORDER, Failure, Transport
from stockwidget.notebook import background
from stockwidget.notebook.discovery import Target
from stockwidget.notebook.doctor.report import Check
from stockwidget.notebook.doctor.wording import reason, say
from stockwidget.notebook.reader import Cursors
from stockwidget.notebook.transports.base import Carrier, Counts, Wire
from stockwidget.notebook.transports.poll import PollCarrier
from stockwidget.notebook.transports.sse import EventStreamCarrier
from stockwidget.notebook.transports.ws import WebSocketCarrier

ENOUGH_S = 12.0
NAMES: dict[Transport, str] = {"ws": "WebSocket", "sse": "event stream", "poll": "polling"}
_MADE: dict[Transport, type[Carrier]] = {
    "ws": WebSocketCarrier,
    "sse": EventStreamCarrier,
    "poll": PollCarrier,
}
_UPGRADE = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    'proxy_set_header Connection "upgrade"; proxy_set_header Host $http_host;'
)
_BUFFERING = "proxy_http_version 1.1; proxy_buffering off; gzip off;"


class Trial:
    """A sink that waits for the first news of a task."""

    def __init__(self, task_id: str) -> None:
        self.counts = Counts()
        self.outcome: asyncio.Future[Failure | None] = asyncio.get_running_loop().create_future()
        self._task_id = task_id

    def cursors(self) -> Cursors:
        """The whole of one task."""
        return {self._task_id: None}

    def frame(self, carrier: Carrier, frame: dict[str, Any]) -> None:  # noqa: ARG002
        """Greetings alone prove nothing."""
        if frame.get("t") == self._task_id and not self.outcome.done():
            self.outcome.set_result(None)

    def ended(self, carrier: Carrier, failure: Failure) -> None:  # noqa: ARG002
        """It did not come to that."""
        if not self.outcome.done():
            self.outcome.set_result(failure)


def transports(target: Target, info: Mapping[str, Any], task_id: str) -> list[Check]:
    """Try all of them at once, with ``task_id`` (any id the server knows)."""
    offered = [name for name in ORDER if name in info.get("transports", ())]
    outcomes, proxy = background.run(_try_all(target, offered, task_id), ENOUGH_S * 2)
    works = any(failure is None for failure, _took in outcomes.values())
    checks = []
    for name in ORDER:
        if name in outcomes:
            checks.append(_check(name, *outcomes[name], proxy=proxy, others=works))
        else:
            what = say(
                "The server does not offer it (REALTIME_ENABLED=false, or an older version)."
            )
            checks.append(Check(name=NAMES[name], state="skip", found=what))
    return checks


async def _try_all(
    target: Target, names: list[Transport], task_id: str
) -> tuple[dict[Transport, tuple[Failure | None, float]], str]:
    wire = Wire(target, encoding="gzip")  # as a browser asks: what a proxy compresses, it collects
    try:
        outcomes = await asyncio.gather(*(_try(wire, name, task_id) for name in names))
        return dict(zip(names, outcomes, strict=True)), await _who_answers(wire)
    finally:
        await wire.http.aclose()


async def _try(wire: Wire, name: Transport, task_id: str) -> tuple[Failure | None, float]:
    trial = Trial(task_id)
    began = time.monotonic()
    carrier = _MADE[name](wire, trial)
    try:
        failure = await asyncio.wait_for(trial.outcome, ENOUGH_S)
    except TimeoutError:
        failure = Failure(code="timeout", words="it opened and told nothing of the task")
    finally:
        carrier.close()
        await carrier.closed()
    return failure, time.monotonic() - began


async def _who_answers(wire: Wire) -> str:
    """The proxy in between, if it gives its name."""
    try:
        answer = await wire.http.get("info", timeout=3.0)
    except httpx.TransportError:
        return ""
    name = answer.headers.get("server", "")
    return "" if name.startswith("Tornado") else name


def _check(
    name: Transport, failure: Failure | None, took: float, *, proxy: str, others: bool
) -> Check:
    if failure is None:
        found = say("Works; first news after {ms} ms.", ms=round(took * 1000))
        return Check(name=NAMES[name], state="ok", found=found)
    between = say(" {proxy} stands between.", proxy=proxy) if proxy else ""
    return Check(
        name=NAMES[name],
        state="warn" if others else "fail",
        found=f"{_why(name, failure)}{between}",
        advice=_advice(name, failure),
    )


def _why(name: Transport, failure: Failure) -> str:
    match name, failure.code:
        case "ws", "refused" | "server_error":
            return say("Something on the way refuses the upgrade: {why}.", why=reason(failure))
        case "sse", "buffered":
            return say("A proxy holds the stream back: it opened, and its first event never came.")
        case _, "timeout" | "buffered":
            return say("Something on the way holds it back: {why}.", why=reason(failure))
        case _, "not_authorized":
            return say("The login is refused on this route.")
        case _:
            return say("It does not work: {why}.", why=reason(failure))


def _advice(name: Transport, failure: Failure) -> str:
    if failure.code == "offline":
        return say("Is the server still running?")
    if failure.code == "limited":
        return say("Something on the way limits requests; it works again by itself.")
    match name:
        case "ws":
            return say("Let the proxy pass the upgrade; nginx: `{settings}`.", settings=_UPGRADE)
        case "sse":
            return say(
                "Switch buffering and compression off for {route}; nginx: `{settings}`.",
                route="…/stockwidget/api/v1/events",
                settings=_BUFFERING,
            )
        case _:
            return say(
                "Let the proxy pass requests that last 30 s (nginx: proxy_read_timeout 60s)."
            )
