"""``api/analysis_status/<id>``: a task at a glance, as the web app before this one put it."""

from __future__ import annotations

from typing import Any

import orjson

from stockwidget.tasks.events import TaskRecord
from stockwidget_server.base import guarded
from stockwidget_server.rest import DocumentHandler


class AnalysisStatusHandler(DocumentHandler):
    """``api/analysis_status/{id}``, for tasks of all kinds."""

    @guarded
    async def get(self, task_id: str) -> None:
        """Give the task's state, and its whole result once it is completed."""
        runner = await self.service.runner()
        task = await runner.get(task_id)
        status = glance(task)
        if task.status == "completed":
            status["result"] = orjson.Fragment(await runner.result(task_id))
        await self.answer_document(orjson.dumps(status))


def glance(task: TaskRecord) -> dict[str, Any]:
    """Return the answer but for the result. ``estimated_remaining`` is in seconds."""
    status: dict[str, Any] = {
        "task_id": task.id,
        "kind": task.kind,
        "name": task.name,
        "title": task.title,
        "status": task.status,
        "progress": round(task.progress, 2),
        "stage": task.stage,
        "created_at": task.created_at,
        "started_at": task.started_at,
        "ended_at": task.ended_at,
        "estimated_remaining": task.eta_s,
        "result": None,
        "error": dict(task.error) if task.error else None,
    }
    if task.kind in {"scan", "study"}:
        # A number that the task has not counted (yet) is null: 0 would be a claim.
        names = ("total", "processed", "found", "failed")
        status |= {name: task.counters.get(name) for name in names}
        status["timeout"] = task.counters.get("timed_out")
    return status
