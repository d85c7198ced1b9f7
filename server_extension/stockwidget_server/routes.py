"""Every route below ``<base_url>stockwidget/``; the table of REST ones is ``openapi.yaml``'s."""

from __future__ import annotations

import re

from tornado.web import RequestHandler

from stockwidget_server.base import NotFoundHandler
from stockwidget_server.compatibility import AnalysisStatusHandler
from stockwidget_server.pages import PAGE, BundleHandler, DemoPageHandler
from stockwidget_server.polling import PollHandler
from stockwidget_server.rest import (
    CancelHandler,
    FindHandler,
    InfoHandler,
    PinHandler,
    ResultHandler,
    ResumeHandler,
    RetryFailedHandler,
    TaskHandler,
    TasksHandler,
)
from stockwidget_server.sse import EventsHandler
from stockwidget_server.stats import ReportHandler, StatsHandler
from stockwidget_server.websocket import FollowHandler

ROUTES: dict[str, type[RequestHandler]] = {
    "/stockwidget/api/v1/info": InfoHandler,
    "/stockwidget/api/v1/tasks": TasksHandler,
    "/stockwidget/api/v1/find": FindHandler,
    "/stockwidget/api/v1/tasks/{id}": TaskHandler,
    "/stockwidget/api/v1/tasks/{id}/cancel": CancelHandler,
    "/stockwidget/api/v1/tasks/{id}/resume": ResumeHandler,
    "/stockwidget/api/v1/tasks/{id}/retry_failed": RetryFailedHandler,
    "/stockwidget/api/v1/tasks/{id}/pin": PinHandler,
    "/stockwidget/api/v1/tasks/{id}/result": ResultHandler,
    "/stockwidget/api/v1/ws": FollowHandler,
    "/stockwidget/api/v1/events": EventsHandler,
    "/stockwidget/api/v1/poll": PollHandler,
    "/stockwidget/api/v1/report": ReportHandler,
    "/stockwidget/api/realtime/stats": StatsHandler,
    "/stockwidget/api/analysis_status/{id}": AnalysisStatusHandler,
}

PAGES: dict[str, type[RequestHandler]] = {
    PAGE: DemoPageHandler,
    "/stockwidget/static/{name}": BundleHandler,
}
"""For browsers, not for programs: outside the specification."""


def handlers() -> list[tuple[str, type[RequestHandler]]]:
    """Return the table as Tornado patterns, the JSON 404 last."""
    known = [
        (re.sub(r"\{\w+\}", "([^/]+)", path), handler)
        for path, handler in {**ROUTES, **PAGES}.items()
    ]
    return [*known, ("/stockwidget/.*", NotFoundHandler)]
