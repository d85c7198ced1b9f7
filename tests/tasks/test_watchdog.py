"""A runaway is stopped in time, says why, and hurts nobody else."""

import asyncio
import mmap
import os
import time
from dataclasses import replace

import pytest

from stockwidget.errors import MemoryLimitExceeded, TimeLimitExceeded, from_dict
from stockwidget.tasks.watchdog import Bounds, exceeded, memory_here, resident

MEBI = 1 << 20


@pytest.fixture
def bounded(kinds):
    def make(**bounds):
        return {name: replace(kind, bounds=Bounds(**bounds)) for name, kind in kinds.items()}

    return make


async def test_time_is_counted_by_the_clock_it_is_given():
    times = iter([0.0, 1.0, 5.0, 5.1])
    error = await exceeded(Bounds(time_s=5), lambda: None, monotonic=lambda: next(times), look_s=0)
    assert isinstance(error, TimeLimitExceeded)
    assert error.data == {"limit_s": 5}
    assert next(times, None) is None


async def test_memory_is_looked_at_until_it_is_too_much():
    used = iter([None, 10 * MEBI, 11 * MEBI])
    error = await exceeded(Bounds(memory=10 * MEBI), lambda: next(used), look_s=0)
    assert isinstance(error, MemoryLimitExceeded)
    assert error.data == {"limit": 10 * MEBI, "used": 11 * MEBI}


async def test_without_bounds_it_looks_at_nothing():
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(exceeded(Bounds(), lambda: 1 / 0, look_s=0.001), 0.05)


@pytest.mark.parametrize("kind", ["allocates", "allocates_in_a_child"])
async def test_a_job_that_takes_memory_without_end_is_stopped(make_runner, follow, bounded, kind):
    runner = await make_runner(kinds=bounded(memory=300 * MEBI))
    bystander = await runner.submit("steps_for_ever", {})
    task = await runner.submit(kind, {})
    end = await follow(runner, task.id).end()
    assert end["status"] == "failed"
    error = from_dict(end["error"])
    assert isinstance(error, MemoryLimitExceeded)
    assert 300 * MEBI < error.data["used"] < 2_000 * MEBI
    assert error.hint
    assert (await runner.get(bystander.id)).status == "running"
    after = await runner.submit("whoami", {})
    assert (await follow(runner, after.id).end())["status"] == "completed"


@pytest.mark.parametrize("kind", ["never_yields", "steps_for_ever"])
async def test_a_job_that_never_ends_is_stopped(make_runner, follow, bounded, kind):
    runner = await make_runner(kinds=bounded(time_s=2))
    begin = time.monotonic()
    task = await runner.submit(kind, {})
    end = await follow(runner, task.id).end()
    assert isinstance(from_dict(end["error"]), TimeLimitExceeded)
    assert 2 < time.monotonic() - begin < 10


async def test_a_cancel_wins_over_a_bound(make_runner, follow, bounded):
    runner = await make_runner(kinds=bounded(time_s=2))
    task = await runner.submit("never_yields", {})
    follower = follow(runner, task.id)
    await follower.until(lambda e: e.kind == "log")
    await runner.cancel(task.id)
    assert (await follower.end())["status"] == "cancelled"


def test_this_process_has_a_size_and_this_machine_more():
    assert 1 * MEBI < resident(os.getpid()) < memory_here()
    assert resident(2**22 + 1) is None


def test_pages_of_mapped_files_do_not_count(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(bytes(64 * MEBI))
    before = resident(os.getpid())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert sum(mapped[k] for k in range(0, len(mapped), 4096)) == 0
        assert resident(os.getpid()) < before + 16 * MEBI
    own = bytearray(64 * MEBI)
    own[::4096] = b"x" * (len(own) // 4096)
    assert resident(os.getpid()) > before + 48 * MEBI
