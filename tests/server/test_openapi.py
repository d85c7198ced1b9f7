"""``openapi.yaml`` is valid, ships beside the handlers, and names exactly their routes and verbs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract import FILE, SPEC
from openapi_spec_validator import validate
from tornado.routing import PathMatches

from stockwidget.delivery.limits import Limits
from stockwidget.tasks.events import TaskRecord
from stockwidget_server.base import verbs
from stockwidget_server.requests import LIST_LIMIT
from stockwidget_server.routes import ROUTES, handlers


def test_the_specification_is_valid():
    validate(SPEC)


def test_it_lies_inside_the_package_so_that_the_wheel_has_it():
    assert FILE.parent.name == "stockwidget_server"


def test_routes_and_verbs_are_those_of_the_handlers():
    specified = {
        path: {
            verb.upper() for verb in operations if verb in {"get", "post", "put", "patch", "delete"}
        }
        for path, operations in SPEC["paths"].items()
    }
    assert {path: set(verbs(handler)) for path, handler in ROUTES.items()} == specified


def routes_of(router: Any) -> Iterator[tuple[str, type]]:
    for rule in router.rules:
        if isinstance(rule.matcher, PathMatches):
            yield rule.matcher.regex.pattern, rule.target
        elif hasattr(rule.target, "rules"):
            yield from routes_of(rule.target)


def test_what_a_server_registers_is_this_table_and_the_404(jp_serverapp, jp_base_url):
    app = jp_serverapp.web_app
    registered = dict.fromkeys([*routes_of(app.default_router), *routes_of(app.wildcard_router)])
    ours = [each for each in registered if "/stockwidget/" in each[0]]
    assert ours == [
        (jp_base_url.rstrip("/") + pattern + "$", handler) for pattern, handler in handlers()
    ]


def test_the_task_schema_has_the_fields_of_the_record():
    record = TaskRecord(
        id="t", kind="k", title="t", params={}, key="", status="queued", created_at=0
    )
    task = SPEC["components"]["schemas"]["Task"]
    assert set(task["properties"]) == set(task["required"]) == set(record.public("e"))


def test_limits_are_those_of_the_code():
    (*_, limit) = SPEC["paths"]["/stockwidget/api/v1/tasks"]["get"]["parameters"]
    assert limit["schema"]["maximum"] == LIST_LIMIT
    required = SPEC["components"]["schemas"]["Info"]["properties"]["limits"]["required"]
    assert set(required) == {"body_bytes", *Limits().public()}
