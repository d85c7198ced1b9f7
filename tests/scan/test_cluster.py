"""On a real Dask cluster of several processes a scan and a study have the bytes they have here."""

import asyncio
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import distributed
import pandas as pd
import pytest
from made_up_market import DAYS, market

from stockwidget.errors import InvalidRequest, ServerUnreachable, WorkerCrashed
from stockwidget.jobs import KINDS
from stockwidget.notebook.universes import cluster_of
from stockwidget.params import ScanParams, StudyParams
from stockwidget.scan import cluster as module
from stockwidget.scan.engine import Scan
from stockwidget.scan.supply import StoreSupply
from stockwidget.scan.universe import resolve
from stockwidget.store.barstore import BarStore
from stockwidget.study.engine import Study
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
    day = [str(each.date()) for each in DAYS]
    rows = [(symbol, day[10 * k % 200], day[10 * k % 200 + 55]) for k, symbol in enumerate(SYMBOLS)]
    made.put_members(pd.DataFrame(rows, columns=["symbol", "from", "to"]), index="Few")
    return made


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(StoreSupply, "chunk", 7)


def scanned(universe, *, study=False, each=None, done=None, **more):
    """The document of a scan or study, as its bytes, and what its chunks left behind."""
    if isinstance(universe, BarStore):
        universe = f"store:{universe.path}"
    data = {"universe": universe, "rule": "rsi(14) < 60", "rank": "ret(20)", **more}
    if study:
        params = StudyParams.from_dict({**data, "start": str(DAYS[40].date())})
        work = Study(params=params, done=done)
    else:
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
@pytest.mark.parametrize("study", [False, True], ids=["scan", "study"])
def test_the_same_bytes(store, dask, rule, study):
    here, kept = scanned(store, rule=rule, study=study)
    there, also = scanned(store, rule=rule, study=study, cluster=dask.scheduler_address)
    assert there == here
    assert also == kept, "one may go on where the other stopped"
    assert json.loads(here)["counters"]["found"] > 5


def test_members_of_the_day_and_filters_go_along(store, dask):
    asked = {"source": f"store:{store.path}", "top": 2, "study": True}
    asked |= {"min_bars": 80, "min_turnover": 1.0}
    here, _ = scanned("index:Few", **asked)
    assert scanned("index:Few", **asked, cluster=dask.scheduler_address)[0] == here
    assert 0 < max(json.loads(here)["days"]["members"]) < len(SYMBOLS)
    assert json.loads(here)["excluded"]["filters"] > 0


def test_the_version_that_was_opened_is_the_one_that_is_read(tmp_path, dask):
    store = BarStore(tmp_path / "bars")
    store.append(market(SYMBOLS, 0, 100))
    here, _ = scanned(store)

    def append(number):
        if number == 0:
            BarStore(store.path).append(market(SYMBOLS, 100, 120))

    there, _ = scanned(store, each=append, cluster=dask.scheduler_address)
    assert there == here


def test_workers_lost_over_the_same_chunk_are_named():
    class Lost:
        def result(self, timeout):
            worker = SimpleNamespace(address="tcp://10.0.0.7:4000")
            raise distributed.scheduler.KilledWorker("observe-1", worker, 3)

    with pytest.raises(WorkerCrashed, match=r"lost 4 .*the last one at tcp://10\.0\.0\.7.*memory"):
        module._Answer(Lost(), dict).result()


@pytest.mark.parametrize("study", [False, True], ids=["scan", "study"])
def test_it_goes_on_from_its_last_chunk(store, dask, study):
    here, _ = scanned(store, study=study)
    _, kept = scanned(
        store,
        study=study,
        each=lambda n: "stop" if n == 3 else None,
        cluster=dask.scheduler_address,
    )
    assert len(kept) == 4
    again, fresh = scanned(store, study=study, done=kept, cluster=dask.scheduler_address)
    assert again == here
    assert sum(value is None for value in fresh.values()) == 4, "four were not computed again"


def test_a_folder_is_read_as_it_was_opened(tmp_path, dask):
    """Workers keep what they opened, and the folder has changed between two scans."""
    folder = tmp_path / "bars"
    folder.mkdir()
    universe = f"folder:{folder}"
    for last in (100, 120):
        market(SYMBOLS[:9], 0, last).to_csv(folder / "bars.csv")
        here, _ = scanned(universe)
        assert scanned(universe, cluster=dask.scheduler_address)[0] == here
        assert json.loads(here)["provenance"]["last"] == str(DAYS[last - 1].date())
    with pytest.raises(InvalidRequest, match="has changed since"):
        module.supply_at(ScanParams.from_dict({"universe": universe}), "as it was", SYMBOLS[:9])


def test_each_thread_of_a_worker_has_its_own_source(store, tmp_path):
    def opened(universe=f"store:{store.path}", version=store.snapshot.version):
        return module.supply_at(ScanParams.from_dict({"universe": universe}), version, SYMBOLS[:1])

    with ThreadPoolExecutor(1) as other:
        mine, theirs = opened(), other.submit(opened).result()
        assert opened() is mine
        assert other.submit(opened).result() is theirs is not mine
    for number in range(module.KEPT):
        more = BarStore(tmp_path / str(number))
        more.append(market(SYMBOLS[:1], 0, 20))
        opened(f"store:{more.path}", more.snapshot.version)
    assert opened() is not mine, "no more than a few are kept open"


def test_a_worker_that_joins_later_is_looked_at_too():
    with pytest.raises(InvalidRequest, match=r"Dask worker tcp.* has numpy \d.* instead of 0\.1"):
        module._compare("tcp://b:1", {"numpy": "0.1"}, module.versions())
    with pytest.raises(InvalidRequest, match=r"no stockwidget that can be used .*No module"):
        module._compare("tcp://b:1", {}, ModuleNotFoundError("No module named 'stockwidget'"))


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


def test_certificates_that_are_missing_are_told(store):
    with pytest.raises(InvalidRequest, match=r"cannot connect to tls://.*TLS.*certificates"):
        scanned(store, cluster="tls://127.0.0.1:9")


def test_a_cluster_without_workers_says_so(store, monkeypatch):
    monkeypatch.setattr(module, "CONNECT_S", 1)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50) as empty,
        pytest.raises(ServerUnreachable, match=r"scheduler tcp://.* has no worker\..*dask worker"),
    ):
        scanned(store, cluster=empty.scheduler_address)


def test_a_list_of_symbols_is_cut_to_the_chunk(store, dask):
    asked = {"source": f"store:{store.path}", "cluster": dask.scheduler_address, "study": True}
    sent = module.asked_for({"universe": SYMBOLS, "rule": "close > 1"}, SYMBOLS[:2])
    assert sent == {"universe": SYMBOLS[:2], "rule": "close > 1"}
    assert module.asked_for({"universe": "sample"}, SYMBOLS) == {"universe": "sample"}
    here, _ = scanned(SYMBOLS, source=asked["source"], study=True)
    assert scanned(SYMBOLS, **asked)[0] == here


def test_addresses(dask):
    with distributed.Client(dask, set_as_default=False) as client:
        assert cluster_of(client) == cluster_of(dask) == dask.scheduler_address
    assert cluster_of("local:2") == "local:2"
    for wrong in ("local:0", "somewhere", "tcp://10.0.0.5", "tcp://", 5):
        with pytest.raises(InvalidRequest, match="local:N"):
            ScanParams.from_dict({"cluster": wrong})


async def until(true, seconds=20.0):
    """Wait until ``true()``; what it last gave, if that never happens."""
    for _ in range(round(seconds / 0.05)):
        if true():
            return True
        await asyncio.sleep(0.05)
    return true()


async def cancelled(runner, kind, params, ready):
    """Cancel a task once ``ready()``; seconds until its end, and how it ended."""
    task = await runner.submit(kind, params)
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
                lambda dask_scheduler: [
                    k for k in dask_scheduler.tasks if k.startswith(("compute", "observe"))
                ]
            )

        busy = other.map(lambda _: distributed.Event("busy").wait(60), range(2), pure=False)
        for kind in ("scan", "study"):
            waited, status = await cancelled(runner, kind, {**params, "top": 9}, ours)
            assert status == "cancelled"
            assert waited < 30, "it waited for the work"
            assert await until(lambda: not ours()), "their tasks are still with the scheduler"
        theirs.set()
        assert other.gather(busy) == [True, True], "the work of others went on"

        waited, status = await cancelled(runner, "scan", {**params, "pace_s": 60}, ours)
        assert status == "cancelled"
        assert waited < 30, "it waited for the work"
        assert await until(lambda: not ours())
    await runner.stop(grace_s=0)
    assert scanned(store, cluster=address)[0] == scanned(store)[0]


def test_a_lost_worker_costs_nothing_but_time(store, dask):
    here, _ = scanned(store, study=True)
    pids = []

    def kill(number):
        if number == 1:
            with distributed.Client(dask, set_as_default=False) as client:
                pids.extend(client.run(os.getpid).values())
            os.kill(pids[0], signal.SIGKILL)

    there, _ = scanned(store, study=True, each=kill, cluster=dask.scheduler_address)
    assert there == here
    assert len(pids) == 2
