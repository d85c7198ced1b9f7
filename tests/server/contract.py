"""``openapi.yaml`` as a judge of answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

import stockwidget_server

FILE = Path(stockwidget_server.__file__).with_name("openapi.yaml")
SPEC: dict[str, Any] = yaml.safe_load(FILE.read_text())
PREFIX = "/stockwidget/api/v1/"


def conforms(path: str, method: str, status: int, body: Any) -> None:
    """Fail unless the specification knows this status there and its schema accepts ``body``."""
    responses = SPEC["paths"][path if path.startswith("/") else PREFIX + path][method.lower()][
        "responses"
    ]
    assert str(status) in responses, f"{method} {path} answered {status}, which is not specified"
    response = responses[str(status)]
    if "$ref" in response:
        response = SPEC["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    schema = response["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": SPEC["components"]}).validate(body)
