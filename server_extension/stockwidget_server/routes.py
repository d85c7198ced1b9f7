"""Every route below ``<base_url>stockwidget/``, in one table that ``openapi.yaml`` must equal."""

from __future__ import annotations

import re

from tornado.web import RequestHandler

from stockwidget_server.base import NotFoundHandler
from stockwidget_server.rest import (
    CancelHandler,
    InfoHandler,
    ResultHandler,
    TaskHandler,
    TasksHandler,
)
from stockwidget_server.websocket import FollowHandler

ROUTES: dict[str, type[RequestHandler]] = {
    "/stockwidget/api/v1/info": InfoHandler,
    "/stockwidget/api/v1/tasks": TasksHandler,
    "/stockwidget/api/v1/tasks/{id}": TaskHandler,
    "/stockwidget/api/v1/tasks/{id}/cancel": CancelHandler,
    "/stockwidget/api/v1/tasks/{id}/result": ResultHandler,
    "/stockwidget/api/v1/ws": FollowHandler,
}


def handlers() -> list[tuple[str, type[RequestHandler]]]:
    """Return the table as Tornado patterns, the JSON 404 last."""
    known = [(re.sub(r"\{\w+\}", "([^/]+)", path), handler) for path, handler in ROUTES.items()]
    return [*known, ("/stockwidget/.*", NotFoundHandler)]
