"""What an output says of itself, for a page whose kernel is gone (``js/lab/output.ts``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MIME = "application/vnd.stockwidget.v1+json"
SAVED = {MIME: {"view": "saved"}}
"""The part of a bundle that says: without the kernel's widget, show what was saved."""


def of_task(task_id: str, *, locale: str, colors: str) -> dict[str, Any]:
    """Return the part from which a page shows the task without a kernel, fed by its server."""
    return {MIME: {"view": "task", "task_id": task_id, "locale": locale, "colors": colors}}


def of_comparison(tasks: Mapping[str, str], *, locale: str, colors: str) -> dict[str, Any]:
    """Return the same for a comparison; ``tasks`` are ids by symbol."""
    slots = [{"symbol": symbol, "task_id": task_id} for symbol, task_id in tasks.items()]
    return {MIME: {"view": "compare", "slots": slots, "locale": locale, "colors": colors}}
