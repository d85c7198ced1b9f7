"""A real runner on a real file with real worker processes, and tiny kinds of tasks."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from stockwidget.errors import InvalidRequest
from stockwidget.tasks.events import TaskRecord
from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore

JOBS = (
    "completes", "talks", "known_error", "unknown_error", "no_result", "segfaults", "exits", "prints",
    "never_yields", "steps_for_ever", "waits_for", "million", "unserialisable", "whoami", "allocates", "allocates_in_a_child", "flaky", "chunks", "runs_code", "keeps_the_interpreter",
)  # fmt: skip
ENV = {"PYTHONPATH": str(Path(__file__).parent)}


def prepare(params):
    if "bad" in params:
        raise InvalidRequest("bad is bad.", hint="Leave it away.", field="bad")
    return dict(params), "title"


KINDS = {
    name: Kind(
        name=name,
        stages=("one", "two"),
        retention_s=60,
        entry=f"jobs_for_tests:{name}",
        prepare=prepare,
        resumable=name == "chunks",
    )
    for name in JOBS
}


class ManualClock:
    """UTC milliseconds that move when told."""

    def __init__(self, now=1_700_000_000_000):
        self.now = now

    def __call__(self):
        return self.now


def record_of(task_id="t1", **changes):
    fields = {
        "id": task_id,
        "kind": "completes",
        "title": "title",
        "params": {"a": 1},
        "key": "k",
        "status": "queued",
        "created_at": 1,
        "owner": "a",
        "stages": ("one", "two"),
    }
    return TaskRecord(**{**fields, **changes})


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def make_record():
    return record_of


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "data" / "tasks.sqlite"


@pytest.fixture
async def make_runner(journal):
    """Start runners on one journal; all are stopped at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(server_id="a", *, workers=2, **options):
            runner = Runner(
                store=options.pop("store", None) or SqliteStore(journal),
                executor=options.pop("executor", None)
                or ProcessExecutor(
                    workers=workers, reserve=options.pop("reserve", 0), warm=None, env=ENV
                ),
                kinds=options.pop("kinds", KINDS),
                server_id=server_id,
                sweep_s=options.pop("sweep_s", 3600),
                **options,
            )
            await runner.start()
            stack.push_async_callback(runner.stop, grace_s=0)
            return runner

        yield make


@pytest.fixture
async def runner(make_runner):
    return await make_runner()


class Follower:
    """All events of one task, and a way to wait for one of them."""

    def __init__(self, runner, task_id):
        self.events = []
        self._news = asyncio.Event()
        self.leave = runner.subscribe(task_id, self._take)

    def _take(self, event):
        self.events.append(event)
        self._news.set()

    async def until(self, wanted, *, timeout=30):
        """The first event, past or to come, that ``wanted`` accepts."""
        async with asyncio.timeout(timeout):
            while True:
                self._news.clear()
                found = next((e for e in self.events if wanted(e)), None)
                if found is not None:
                    return found
                await self._news.wait()

    async def end(self):
        return (await self.until(lambda e: e.kind == "end")).data


@pytest.fixture
def follow():
    return Follower


@pytest.fixture
def kinds():
    return KINDS


@pytest.fixture
def jobs_env():
    return ENV
