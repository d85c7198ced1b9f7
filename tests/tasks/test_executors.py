"""Worker processes are warm, used again, replaced when they die, and gone when they should be."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import orjson
import pytest

from stockwidget.errors import WorkerCrashed
from stockwidget.tasks.documents import unpack
from stockwidget.tasks.executors import SPARE_AFTER_S, ProcessExecutor, cores
from stockwidget.tasks.frames import Ending, Failed, Finished, Stopped
from stockwidget.tasks.process import exit_words


@pytest.fixture
async def executor(jobs_env):
    executor = ProcessExecutor(workers=2, warm=None, env=jobs_env)
    await executor.start()
    yield executor
    await executor.stop()


async def finish(work):
    while True:
        said = await asyncio.wait_for(work.receive(), 30)
        if said and isinstance(said[-1], Ending):
            return said[-1]


async def run(executor, job, **params):
    return await finish(await executor.launch(f"jobs_for_tests:{job}", params))


def document(ending):
    assert isinstance(ending, Finished), ending
    return orjson.loads(unpack(ending.document))


async def test_one_warm_process_serves_one_job_after_another(executor):
    pids = {document(await run(executor, "whoami"))["pid"] for _ in range(5)}
    assert len(pids) == 1
    assert os.getpid() not in pids


@pytest.mark.skipif(os.name != "posix", reason="POSIX priorities")
async def test_workers_step_back_behind_pages_and_kernels(jobs_env):
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    executor = ProcessExecutor(workers=1, warm=None, niceness=3, env=jobs_env)
    await executor.start()
    pid = document(await run(executor, "whoami"))["pid"]
    assert os.getpriority(os.PRIO_PROCESS, pid) == ours + 3
    sessions = Path(f"/proc/{pid}/autogroup")
    if sessions.exists():
        assert sessions.read_text().split()[-1] == "3"
    await executor.stop()


@pytest.mark.parametrize("warm", [None, "stockwidget.jobs:get_ready"])
async def test_the_collector_leaves_what_a_worker_loaded_alone_and_works_in_jobs(jobs_env, warm):
    executor = ProcessExecutor(workers=1, warm=warm, env=jobs_env)
    await executor.start()
    found = document(await run(executor, "collector"))
    await executor.stop()
    assert found["off while loading"]
    assert found["on in a job"]
    assert found["left alone"] > 1_000


async def test_two_jobs_run_in_two_processes(executor):
    both = await asyncio.gather(run(executor, "completes", n=1), run(executor, "completes", n=2))
    assert [document(e)["echo"]["n"] for e in both] == [1, 2]
    assert len(executor.pids) in {2, 3}  # a spare one, where the two took long


async def test_prints_of_a_job_cannot_reach_the_protocol(executor, caplog):
    caplog.set_level("DEBUG", "stockwidget")
    assert document(await run(executor, "prints")) == {"stdin": ""}
    await executor.stop()
    assert "nor this" in caplog.text
    assert "nor a child" in caplog.text


async def test_a_crash_says_how_and_the_worker_is_replaced(executor):
    ending = await run(executor, "segfaults")
    assert isinstance(ending, Failed)
    assert ending.error["exit"] == "segmentation fault (SIGSEGV)"
    assert "jobs_for_tests.py" in ending.error["stderr"], "the crash report says where"
    assert document(await run(executor, "completes"))["echo"] == {}


async def test_a_polite_stop_keeps_the_process_and_a_forced_one_replaces_it(executor):
    work = await executor.launch("jobs_for_tests:whoami", {})
    pid = document(await finish(work))["pid"]
    work = await executor.launch("jobs_for_tests:steps_for_ever", {})
    await work.receive()
    await work.stop()
    assert await finish(work) == Stopped()
    assert document(await run(executor, "whoami"))["pid"] == pid

    work = await executor.launch("jobs_for_tests:never_yields", {})
    await work.receive()
    begin = time.monotonic()
    await work.stop()
    assert await finish(work) == Stopped()
    assert 0.6 < time.monotonic() - begin < 3
    assert pid not in executor.pids
    assert document(await run(executor, "whoami"))["pid"] != pid


async def test_an_entry_that_does_not_exist_fails_its_job_only(executor):
    for entry in ("no_such_module:x", "jobs_for_tests:nothing"):
        ending = await finish(await executor.launch(entry, {}))
        assert isinstance(ending, Failed)
        assert ending.error["code"] == "job_failed"
    assert document(await run(executor, "completes"))


async def test_a_warm_up_that_fails_is_not_fatal(jobs_env):
    executor = ProcessExecutor(workers=1, warm="no_such_module:warm", env=jobs_env)
    await executor.start()
    assert document(await run(executor, "completes"))
    await executor.stop()


async def test_a_loop_that_can_start_no_process_is_told_in_words(monkeypatch, caplog):
    """What Jupyter has on Windows."""

    async def refuse(*_args, **_options):
        raise NotImplementedError

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    executor = ProcessExecutor(workers=1, warm=None)
    await executor.start()
    with pytest.raises(WorkerCrashed, match="event loop cannot") as caught:
        await executor.launch("jobs_for_tests:completes", {})
    assert "STOCKWIDGET_SERVER=off" in caught.value.hint
    await executor.stop()
    assert "event loop cannot" in caplog.text


async def test_stop_leaves_no_process(executor):
    await executor.launch("jobs_for_tests:never_yields", {})
    pids = executor.pids
    assert pids
    await executor.stop()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_stop_during_the_start_leaves_no_process(jobs_env):
    executor = ProcessExecutor(workers=2, warm_workers=2, warm=None, env=jobs_env)
    await executor.start()
    launch = asyncio.create_task(executor.launch("jobs_for_tests:never_yields", {}))
    await asyncio.sleep(0)
    await executor.stop()
    with pytest.raises(WorkerCrashed, match="stopped"):
        await launch
    assert executor.pids == []


async def test_a_module_in_the_working_folder_replaces_nothing(tmp_path, monkeypatch, jobs_env):
    (tmp_path / "struct.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    executor = ProcessExecutor(workers=1, warm=None, env=jobs_env)
    assert document(await run(executor, "completes"))
    await executor.stop()


def test_slots():
    assert ProcessExecutor(workers=0).slots == 1
    assert ProcessExecutor(workers=5).slots == 5
    assert ProcessExecutor().slots == cores() >= 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "it exited with code 0"),
        (-9, "killed (SIGKILL)"),
        (-11, "segmentation fault (SIGSEGV)"),
        (-13, "ended by SIGPIPE"),
        (-120, "ended by signal 120"),
    ],
)
def test_an_exit_is_told_in_words(code, words):
    assert exit_words(code) == words


async def test_while_a_job_runs_the_next_one_finds_a_worker_that_is_ready(jobs_env):
    executor = ProcessExecutor(workers=1, reserve=1, warm=None, env=jobs_env)
    await executor.start()
    long = await executor.launch("jobs_for_tests:steps_for_ever", {})
    async with asyncio.timeout(20):
        while len(executor.pids) < 2:
            await asyncio.sleep(0.01)
    (busy, spare) = executor.pids
    assert document(await run(executor, "whoami"))["pid"] in {busy, spare}
    await asyncio.sleep(2 * SPARE_AFTER_S)
    assert sorted(executor.pids) == sorted([busy, spare]), "one spare is enough"
    await long.stop()
    await finish(long)
    await executor.stop()


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
async def test_a_worker_that_hangs_can_be_stopped_whatever_it_has_not_read_yet(executor):
    pid = document(await run(executor, "whoami"))["pid"]
    os.kill(pid, signal.SIGSTOP)
    more_than_a_pipe_holds = {"x": "y" * 500_000}
    work = await asyncio.wait_for(
        executor.launch("jobs_for_tests:completes", more_than_a_pipe_holds), 5
    )
    await asyncio.wait_for(work.stop(grace_s=0.05), 5)
    assert await finish(work) == Stopped()
    assert pid not in executor.pids


SERVER = """
import asyncio, sys
from stockwidget.tasks.executors import ProcessExecutor
async def main():
    executor = ProcessExecutor(workers=1, warm_workers=0, warm=None)
    work = await executor.launch("jobs_for_tests:keeps_the_interpreter", {})
    await work.receive()
    print(*executor.pids, flush=True)
    await asyncio.sleep(3600)
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
async def test_a_worker_that_cannot_listen_ends_with_its_server_all_the_same(jobs_env):
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVER),
        env={**os.environ, **jobs_env},
        stdout=asyncio.subprocess.PIPE,
    )
    worker = int(await asyncio.wait_for(server.stdout.readline(), 30))
    await asyncio.sleep(0.6)  # by now it is in its endless call
    server.kill()
    await server.wait()
    async with asyncio.timeout(10):
        while _runs(worker):
            await asyncio.sleep(0.02)


def _runs(pid):
    """Whether the process has not ended; in a container nobody may have buried it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
