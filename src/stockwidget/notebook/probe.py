"""Does plain HTTP work? Then the transport is to blame, else the network or the login."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import httpx

from stockwidget.delivery.ladder import Failure
from stockwidget.errors import NotAuthorized, ServerUnreachable, StockwidgetError
from stockwidget.notebook.discovery import Target
from stockwidget.notebook.transports.base import refusal

CHECK_S = 3.0


async def probe(
    http: httpx.AsyncClient, offered: Callable[[Sequence[str]], None]
) -> Failure | None:
    """Ask for the server's info; return what is wrong. Else the transports go to ``offered``."""
    try:
        answer = await http.get("info", timeout=CHECK_S)
    except httpx.TransportError as error:
        words = str(error) or type(error).__name__
        return Failure(code="offline", words=words)
    if not answer.is_success:
        return refusal(answer.status_code, answer.headers, answer.content)
    try:
        offered(answer.json()["transports"])
    except (ValueError, KeyError, TypeError):
        return Failure(code="not_authorized", words="a page came instead of an answer")
    return None


def error_of(failure: Failure, target: Target) -> StockwidgetError:
    """Return the same as an error that a handle can raise."""
    if failure.code == "not_authorized":
        return NotAuthorized(
            f"The Jupyter server at {target.url} refuses this kernel now.",
            hint="Restart the kernel to pick up the server's new secret; sw.doctor() says more.",
        )
    return ServerUnreachable(
        f"The Jupyter server at {target.url} does not answer ({failure.words}).",
        hint="Is it running? The task is followed again once it answers.",
    )
