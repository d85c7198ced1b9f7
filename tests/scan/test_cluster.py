"""A scan on a real Dask cluster of several processes ends with the same bytes as one done here."""

import asyncio
import json
import os
import signal
import time

import distributed
import pytest
from made_up_market import market

from stockwidget.errors import InvalidRequest, ServerUnreachable
from stockwidget.jobs import KINDS
from stockwidget.notebook.universes import cluster_of
from stockwidget.params import ScanParams
from stockwidget.scan import cluster as module
from stockwidget.scan.engine import Scan
from stockwidget.scan.supply import StoreSupply
from stockwidget.scan.universe import resolve
from stockwidget.store.barstore import BarStore
from stockwidget.tasks.executors import ProcessExecutor
from stockwidget.tasks.runner import Runner
from stockwidget.tasks.sqlite import SqliteStore

pytestmark = pytest.mark.filterwarnings("ignore")  # a cluster's own, when workers are lost
SYMBOLS = [f"S{k}" for k in range(60)]


@pytest.fixture(scope="module")
def dask():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as made:
        yield made


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = BarStore(tmp_path_factory.mktemp("cluster") / "bars")
    made.append(market(SYMBOLS, 0, 260))
    return made


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(StoreSupply, "chunk", 7)


def scanned(store, *, each=None, done=None, **more):
    data = {"universe": f"store:{store.path}", "rule": "rsi(14) < 60", "rank": "ret(20)", **more}
    params = ScanParams.from_dict(data)
    work = Scan(params=params, universe=resolve(params), done=done)
    kept = {}
    for number, chunk in enumerate(work.run()):
        kept[chunk.key] = json.loads(json.dumps(chunk.data)) if chunk.fresh else None
        if each is not None and each(number) == "stop":
            break
    document = work.document()
    document["params"].pop("cluster", None)
    return json.dumps(document), kept


@pytest.mark.parametrize("rule", ["rsi(14) < 60", "rank(rsi(14)) < 40"])
def test_the_same_bytes(store, dask, rule):
    here, _ = scanned(store, rule=rule)
    there, _ = scanned(store, rule=rule, cluster=dask.scheduler_address)
    assert there == here
    assert json.loads(here)["counters"]["found"] > 5


def test_the_version_that_was_opened_is_the_one_that_is_read(tmp_path, dask):
    store = BarStore(tmp_path / "bars")
    store.append(market(SYMBOLS, 0, 100))
    here, _ = scanned(store)

    def append(number):
        if number == 0:
            BarStore(store.path).append(market(SYMBOLS, 100, 120))

    there, _ = scanned(store, each=append, cluster=dask.scheduler_address)
    assert there == here


def test_a_lost_worker_costs_nothing_but_time(store, dask):
    here, _ = scanned(store)
    pids = []

    def kill(number):
        if number == 1:
            with distributed.Client(dask, set_as_default=False) as client:
                pids.extend(client.run(os.getpid).values())
            os.kill(pids[0], signal.SIGKILL)

    there, _ = scanned(store, each=kill, cluster=dask.scheduler_address)
    assert there == here
    assert len(pids) == 2


def test_it_goes_on_from_its_last_chunk(store, dask):
    here, _ = scanned(store)
    _, kept = scanned(
        store, each=lambda n: "stop" if n == 3 else None, cluster=dask.scheduler_address
    )
    assert len(kept) == 4
    again, fresh = scanned(store, done=kept, cluster=dask.scheduler_address)
    assert again == here
    assert sum(value is None for value in fresh.values()) == 4, "four were not computed again"


def test_other_versions_are_named(store, dask, monkeypatch):
    monkeypatch.setattr(module, "installed", lambda name: "0.1")
    with pytest.raises(InvalidRequest, match=r"Dask worker tcp.* numpy \d.* instead of 0\.1"):
        scanned(store, cluster=dask.scheduler_address)


def test_nobody_at_the_address(store, monkeypatch):
    monkeypatch.setattr(module, "CONNECT_S", 1)
    with pytest.raises(
        ServerUnreachable, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:1"
    ):
        scanned(store, cluster="tcp://127.0.0.1:1")


def test_addresses(dask):
    with distributed.Client(dask, set_as_default=False) as client:
        assert cluster_of(client) == cluster_of(dask) == dask.scheduler_address
    assert cluster_of("local:2") == "local:2"
    for wrong in ("local:0", "somewhere", 5):
        with pytest.raises(InvalidRequest, match="local:N"):
            ScanParams.from_dict({"cluster": wrong})


async def until(true, seconds=20.0):
    """Wait until ``true()``; what it last gave, if that never happens."""
    for _ in range(round(seconds / 0.05)):
        if true():
            return True
        await asyncio.sleep(0.05)
    return true()


async def cancelled(runner, params, ready):
    """Cancel a scan once ``ready()``; seconds until its end, and how it ended."""
    task = await runner.submit("scan", params)
    assert await until(ready, 60), (await runner.get(task.id)).error
    over = asyncio.Event()
    runner.subscribe(task.id, lambda event: event.kind == "end" and over.set())
    start = time.monotonic()
    await runner.cancel(task.id)
    await asyncio.wait_for(over.wait(), 60)
    return time.monotonic() - start, (await runner.get(task.id)).status


async def test_a_task_that_is_cancelled_gives_the_cluster_back(store, dask, tmp_path):
    """Also while it waits for workers that are busy with the work of somebody else."""
    address = dask.scheduler_address
    params = {"universe": f"store:{store.path}", "rank": "ret(20)", "cluster": address}
    runner = Runner(
        store=SqliteStore(tmp_path / "tasks.sqlite"),
        kinds=KINDS,
        executor=ProcessExecutor(workers=1, warm=None),
        server_id="a",
    )
    await runner.start()
    with distributed.Client(address, set_as_default=False) as other:
        theirs = distributed.Event("busy", client=other)

        def ours():
            return other.run_on_scheduler(
                lambda dask_scheduler: [k for k in dask_scheduler.tasks if k.startswith("compute")]
            )

        busy = other.map(lambda _: distributed.Event("busy").wait(60), range(2), pure=False)
        waited, status = await cancelled(runner, params, ours)
        assert status == "cancelled"
        assert waited < 30, "it waited for the work"
        assert await until(lambda: not ours()), "their tasks are still with the scheduler"
        theirs.set()
        assert other.gather(busy) == [True, True], "the work of others went on"

        waited, status = await cancelled(runner, {**params, "pace_s": 60}, ours)
        assert status == "cancelled"
        assert waited < 30, "it waited for the work"
        assert await until(lambda: not ours())
    await runner.stop(grace_s=0)
    assert scanned(store, cluster=address)[0] == scanned(store)[0]
