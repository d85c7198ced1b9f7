"""The REST routes; ``openapi.yaml`` beside this file is their specification."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from jupyter_server.utils import ensure_async, url_path_join

from stockwidget.errors import CodeNotAllowed
from stockwidget.params.universes import is_remote
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.runner import Runner
from stockwidget_server.base import StockwidgetHandler, guarded
from stockwidget_server.files import to_file, wanted
from stockwidget_server.requests import (
    read_labels,
    read_listing,
    read_nothing,
    read_pin,
    read_submission,
    read_word,
)

GZIP_FROM = 64 * 1024
"""Larger results are compressed in a thread; Tornado does the smaller ones itself."""


class InfoHandler(StockwidgetHandler):
    """``info``."""

    @guarded
    async def get(self) -> None:
        """Say who this server is and what it offers."""
        self.answer(await self.service.info())


class TakingHandler(StockwidgetHandler):
    """A handler whose answer may be a new task."""

    async def check_code(self, params: Mapping[str, Any], code: object = None) -> None:
        """Raise CodeNotAllowed if others' code would run for a user who may not start kernels.

        That is code of the user, or of a Dask scheduler that the user names.
        """
        if code is not None or params.get("code") is not None:
            what = "run functions of your own"
        elif is_remote(params.get("cluster")):
            what = "name a cluster"
        else:
            return
        for action in ("write", "execute"):
            allowed = self.authorizer.is_authorized(self, self.current_user, action, "kernels")
            if not await ensure_async(allowed):
                raise CodeNotAllowed(
                    f"You may not {what} on this server.",
                    hint=f"It takes the right to {action} kernels, since it can do as much. "
                    "Ask whoever runs this server for it.",
                )

    def answer_task(self, task: TaskRecord, runner: Runner, *, new: bool = True) -> None:
        """Finish with the task and where it is."""
        self.service.touch()
        self.set_header(
            "Location", url_path_join(self.base_url, "stockwidget/api/v1/tasks", task.id)
        )
        self.answer(task.public(runner.epoch), HTTPStatus.ACCEPTED if new else HTTPStatus.OK)


class TasksHandler(TakingHandler):
    """``tasks``."""

    @guarded
    async def get(self) -> None:
        """List tasks, newest first."""
        wanted = read_listing(self.query)
        runner = await self.service.runner()
        tasks = await runner.tasks(wanted)
        self.answer({"tasks": [task.public(runner.epoch) for task in tasks]})

    @guarded
    async def post(self) -> None:
        """Submit a task; 200 if one that is there already will do."""
        wanted = read_submission(self.request.body)
        await self.check_code(wanted.params, wanted.code)
        runner = await self.service.runner()
        taken = await runner.offer(wanted)
        self.answer_task(taken.record, runner, new=taken.new)


class TaskHandler(StockwidgetHandler):
    """``tasks/{id}``."""

    @guarded
    async def get(self, task_id: str) -> None:
        """Give the task's record."""
        runner = await self.service.runner()
        self.answer((await runner.get(task_id)).public(runner.epoch))

    @guarded
    async def patch(self, task_id: str) -> None:
        """Name, tag or annotate it."""
        labels = read_labels(self.request.body)
        runner = await self.service.runner()
        self.answer((await runner.label(task_id, labels)).public(runner.epoch))


class FindHandler(StockwidgetHandler):
    """``find``."""

    @guarded
    async def get(self) -> None:
        """Give the task that an id, the beginning of one, a name or ``last`` means."""
        word = read_word(self.query)
        runner = await self.service.runner()
        self.answer((await runner.find(word)).public(runner.epoch))


class CancelHandler(StockwidgetHandler):
    """``tasks/{id}/cancel``."""

    @guarded
    async def post(self, task_id: str) -> None:
        """Ask the task to stop."""
        read_nothing(self.request.body)
        runner = await self.service.runner()
        task = await runner.cancel(task_id)
        self.answer(task.public(runner.epoch), HTTPStatus.ACCEPTED)


class ResumeHandler(TakingHandler):
    """``tasks/{id}/resume``."""

    @guarded
    async def post(self, task_id: str) -> None:
        """Go on with an interrupted task, or with a successor of one that ended unfinished."""
        read_nothing(self.request.body)
        runner = await self.service.runner()
        await self.check_code((await runner.get(task_id)).params)
        self.answer_task(await runner.resume(task_id), runner)


class RetryFailedHandler(TakingHandler):
    """``tasks/{id}/retry_failed``."""

    @guarded
    async def post(self, task_id: str) -> None:
        """Try again what failed in a completed task, in a successor."""
        read_nothing(self.request.body)
        runner = await self.service.runner()
        await self.check_code((await runner.get(task_id)).params)
        self.answer_task(await runner.retry_failed(task_id), runner)


class PinHandler(StockwidgetHandler):
    """``tasks/{id}/pin``."""

    @guarded
    async def post(self, task_id: str) -> None:
        """Keep the task, for a time or until it is unpinned."""
        keep_for_s = read_pin(self.request.body)
        runner = await self.service.runner()
        task = await runner.pin(task_id, keep_s=keep_for_s)
        self.answer(task.public(runner.epoch))

    @guarded
    async def delete(self, task_id: str) -> None:
        """Let retention decide again."""
        runner = await self.service.runner()
        self.answer((await runner.unpin(task_id)).public(runner.epoch))


class DocumentHandler(StockwidgetHandler):
    """A handler whose answer may be large."""

    async def answer_document(self, document: bytes) -> None:
        """Finish with JSON, compressed if that is accepted and worth it."""
        accepted = self.request.headers.get("Accept-Encoding", "")
        if len(document) >= GZIP_FROM and "gzip" in accepted:
            # Off the loop: half a megabyte takes ten milliseconds that all readers would wait.
            document = await asyncio.to_thread(gzip.compress, document, 1, mtime=0)
            self.set_header("Content-Encoding", "gzip")
            self.add_header("Vary", "Accept-Encoding")
        self.finish(document)


class ResultHandler(DocumentHandler):
    """``tasks/{id}/result``."""

    @guarded
    async def get(self, task_id: str) -> None:
        """Give the result document as the job made it, or as a file of another kind."""
        runner = await self.service.runner()
        document = await runner.result(task_id)
        self.set_header("Vary", "Accept")
        kind = wanted(self.request.headers.get("Accept", ""))
        if kind is not None:
            self.finish(await to_file(document, kind), set_content_type=kind)
        else:
            await self.answer_document(document)
