"""Servers that start, stop and die, jobs that end in every way, readers who come and go: searched for a
history after which a task is lost, run twice at once, changed after its end, or forgotten too early.

The model is a dictionary of what was asked and what each job did; it knows neither states nor the journal.
"""

import asyncio
import contextlib
import itertools
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
)

from stockwidget.errors import TaskExpired, WrongTaskState
from stockwidget.tasks.documents import pack
from stockwidget.tasks.events import TERMINAL
from stockwidget.tasks.frames import Failed, Finished, Stopped
from stockwidget.tasks.kinds import Kind
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore
from stockwidget.tasks.steps import Checkpoint, Partial, Step
from stockwidget.tasks.submission import Wanted

MINUTE = 60_000
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Thousands of commits: a disk that syncs each would make this last minutes."""
KIND = Kind(
    name="job",
    stages=("one",),
    retention_s=3600,
    entry="-",
    prepare=lambda params: (dict(params), "job"),
    resumable=True,
)


class Job:
    """A job that does what the test tells it."""

    def __init__(self, stage, task, done):
        self.stage = stage
        self.task = task
        self.known = {chunk.chunk for chunk in done}
        self.stopped = False
        self.over = False
        self._said = asyncio.Queue()

    def say(self, *items):
        self._said.put_nowait(items)

    def end(self, *items):
        if not self.over:
            self.over = True
            self.stage.jobs.pop(self, None)
            self.say(*items)

    async def receive(self):
        return await self._said.get()

    def memory(self):
        return None

    async def stop(self, *, grace_s=None):
        self.stopped = True
        self.end(Stopped())


class Stage:
    """An executor whose jobs the test holds in its hand."""

    slots = 2
    reserve = 0

    def __init__(self):
        self.jobs = {}

    async def start(self):
        pass

    async def stop(self):
        for job in list(self.jobs):
            await job.stop()

    async def launch(self, entry, params, done=None):
        job = Job(self, params["n"], done or ())
        self.jobs[job] = None
        return job


class Servers(RuleBasedStateMachine):
    tasks = Bundle("tasks")

    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.now = 1_700_000_000_000
        self.numbers = itertools.count()
        self.servers = {}
        self.ids = {}
        self.ended = {}
        """What each ended task was when it ended, for ever."""
        self.asked = set()
        self.finished = set()
        self.chunks = {}
        self.start()

    def run(self, work):
        return self.loop.run_until_complete(asyncio.wait_for(work, 20))

    def settle(self):
        """Let everything that is under way be journalled."""

        async def quiet():
            for _ in range(3):
                await asyncio.sleep(0)
                for runner, _stage in self.servers.values():
                    await runner._store._write(lambda db: None)
                    await runner._store.version()

        self.run(quiet())

    def any_runner(self):
        return next(iter(self.servers.values()))[0]

    def jobs(self):
        return [job for _, stage in self.servers.values() for job in stage.jobs]

    def relieve(self):
        """Time enough for the living to take over from those who are gone."""
        for _ in range(8):
            self.now += 5_000
            for runner, _ in self.servers.values():
                self.run(runner.sweep())
        self.settle()

    # -- what happens ------------------------------------------------------------------------------

    @precondition(lambda self: len(self.servers) < 3)
    @rule()
    def start(self):
        name, stage = f"s{next(self.numbers)}", Stage()
        runner = Runner(
            store=SqliteStore(Path(self.folder.name) / "tasks.sqlite"),
            executor=stage,
            kinds={"job": KIND},
            server_id=name,
            clock=lambda: self.now,
            sweep_s=3600,
        )
        self.run(runner.start())
        self.servers[name] = (runner, stage)
        self.settle()

    @precondition(lambda self: len(self.servers) > 1)
    @rule(data=st.data())
    def stop(self, data):
        name = data.draw(st.sampled_from(sorted(self.servers)))
        runner, _ = self.servers.pop(name)
        self.run(runner.stop(grace_s=0))
        self.settle()

    @precondition(lambda self: len(self.servers) > 1)
    @rule(data=st.data())
    def die(self, data):
        """As by SIGKILL: nothing more is written, its workers go, nobody says goodbye."""
        name = data.draw(st.sampled_from(sorted(self.servers)))
        runner, _ = self.servers.pop(name)

        async def kill():
            tasks = [runner._housekeeping, runner._elsewhere._looking]
            tasks += runner._performer._performing.values()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await runner._store.close()

        self.run(kill())
        self.relieve()

    @rule(target=tasks, data=st.data())
    def submit(self, data):
        runner, _ = self.servers[data.draw(st.sampled_from(sorted(self.servers)))]
        n = next(self.numbers)
        wanted = Wanted(kind="job", params={"n": n}, idempotency_key=f"k{n}")
        record = self.run(runner.offer(wanted)).record
        self.ids[n] = record.id
        self.settle()
        return multiple(n)

    @precondition(lambda self: self.jobs())
    @rule(data=st.data(), what=st.sampled_from(["chunk", "finish", "fail", "talk"]))
    def job(self, data, what):
        job = data.draw(st.sampled_from(sorted(self.jobs(), key=lambda j: j.task)))
        match what:
            case "chunk":
                chunk = str(len(self.chunks.setdefault(job.task, set())))
                job.known.add(chunk)
                self.chunks[job.task].add(chunk)
                job.say(Checkpoint(chunk=chunk, data={}), Step(stage="one", progress=0.5))
            case "talk":
                job.say(Partial(append={"rows": [[1]]}))
            case "finish":
                self.finished.add(job.task)
                job.end(Finished(document=pack(b"{}")))
            case "fail":
                job.end(Failed(error={"code": "job_failed", "message": "m", "hint": "h"}))
        self.settle()

    @rule(n=tasks, data=st.data())
    def cancel(self, n, data):
        runner, _ = self.servers[data.draw(st.sampled_from(sorted(self.servers)))]
        record = self.run(self.look(runner, n))
        with contextlib.suppress(WrongTaskState, TaskExpired):
            self.run(runner.cancel(self.ids[n]))
            assert record.status not in TERMINAL
            self.asked.add(n)
        for each, _ in self.servers.values():
            self.run(each._elsewhere.look())
        self.settle()

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes):
        self.now += minutes * MINUTE
        for runner, _ in self.servers.values():
            self.run(runner.sweep())
        self.settle()

    # -- what must hold ----------------------------------------------------------------------------

    async def look(self, runner, n):
        try:
            return await runner.get(self.ids[n])
        except TaskExpired as error:
            ended = self.ended[n]
            assert error.data["expired_at"] > ended.ended_at + 3_600_000, "gone too early"
            return ended

    @invariant()
    def every_task_is_known_to_every_server_and_ended_ones_never_change(self):
        for n in self.ids:
            if n in self.ended and self.now > self.ended[n].ended_at + 25 * 3_600_000:
                continue
            records = [self.run(self.look(runner, n)) for runner, _ in self.servers.values()]
            statuses = {record.status for record in records}
            assert len(statuses) == 1, statuses
            record = records[0]
            if n in self.ended:
                assert record == self.ended[n]
            elif record.status in TERMINAL:
                self.ended[n] = record

    @invariant()
    def no_task_runs_twice_at_once_and_none_after_its_end(self):
        running = [job.task for job in self.jobs()]
        assert len(running) == len(set(running)), running
        assert not set(running) & set(self.ended)

    @invariant()
    def what_ended_ended_for_a_reason(self):
        for n, record in self.ended.items():
            match record.status:
                case "completed":
                    assert n in self.finished
                    assert n not in self.asked
                case "cancelled":
                    assert n in self.asked

    @invariant()
    def no_worker_is_idle_while_a_task_waits_at_its_server(self):
        for runner, stage in self.servers.values():
            waiting = [x for x in runner._ledger.live.values() if x.record.status == "queued"]
            assert not waiting or len(stage.jobs) >= stage.slots

    @invariant()
    def what_was_finished_is_handed_on(self):
        for job in self.jobs():
            assert job.known == self.chunks.get(job.task, set())

    def teardown(self):
        """Whatever happened: in the end every task ends."""
        self.relieve()
        for _ in range(200):
            for job in self.jobs():
                self.finished.add(job.task)
                job.end(Finished(document=pack(b"{}")))
            self.settle()
            if not any(runner.active for runner, _ in self.servers.values()):
                break
        self.every_task_is_known_to_every_server_and_ended_ones_never_change()
        self.what_ended_ended_for_a_reason()
        assert set(self.ended) == set(self.ids)
        for runner, _ in self.servers.values():
            self.run(runner.stop(grace_s=0))
        self.loop.close()
        self.folder.cleanup()


TestServers = Servers.TestCase
TestServers.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
