"""Chunks of a scan computed by a Dask cluster, which reads the bars where it lies.

``distributed`` is an extra (``pip install stockwidget[dask]``). What comes back is what a chunk
found, as a checkpoint has it: the result has the same bytes as the local one. A worker that is lost
is Dask's to replace; its chunks are computed again elsewhere.
"""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import lru_cache
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from stockwidget.errors import InvalidRequest, ServerUnreachable, WorkerCrashed
from stockwidget.params import ScanParams
from stockwidget.scan.findings import Findings

CONNECT_S = 10
_PARTS = ("stockwidget", "numpy", "numba")
"""What decides the bytes of a result, besides Python."""


class Cluster:
    """A connection to the scheduler at ``tcp://host:port``, or ``local:N`` for N processes here."""

    def __init__(self, address: str) -> None:
        self._open = contextlib.ExitStack()
        distributed = _distributed()
        kind, _, count = address.partition(":")
        try:
            if kind == "local":
                cluster = distributed.LocalCluster(
                    n_workers=int(count),
                    threads_per_worker=1,
                    dashboard_address=None,
                    silence_logs=50,
                )
                address = self._open.enter_context(cluster).scheduler_address
            client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
            self._client = self._open.enter_context(client)
        except (OSError, TimeoutError) as error:
            self._open.close()
            raise ServerUnreachable(
                f"No Dask scheduler answers at {address}.",
                hint="Start one with `dask scheduler`, or use cluster='local:2'.",
            ) from error
        self._check()

    @property
    def slots(self) -> int:
        """Threads of all workers."""
        return max(1, sum(map(int, self._client.nthreads().values())))

    def submit(
        self, params: ScanParams, symbols: Sequence[str], version: int | None
    ) -> Future[Findings]:
        """Have a chunk computed."""
        found = self._client.submit(
            compute, params.to_dict(), list(symbols), version, pure=False, retries=2
        )
        return _Answer(found)

    def close(self) -> None:
        """Give up what is still to be done, and the connection."""
        self._open.close()

    def _check(self) -> None:
        """Raise InvalidRequest if a worker would compute by other versions than this process."""
        ours = versions()
        if not self._client.nthreads():
            self._client.wait_for_workers(1, timeout=CONNECT_S)
        for worker, theirs in self._client.run(versions).items():
            apart = [
                f"{n} {theirs.get(n)} instead of {v}" for n, v in ours.items() if theirs.get(n) != v
            ]
            if apart:
                self.close()
                raise InvalidRequest(
                    f"The Dask worker {worker} has {', '.join(apart)}.",
                    hint="Install the same versions everywhere, or results would differ.",
                    field="cluster",
                )


class _Answer(Future[Findings]):
    """A Dask future, read as the engine reads those of its threads."""

    def __init__(self, found: Any) -> None:
        super().__init__()
        self._found = found

    def result(self, timeout: float | None = None) -> Findings:
        killed = _distributed().scheduler.KilledWorker
        try:
            return Findings.read(self._found.result(timeout))
        except killed as error:
            raise WorkerCrashed(
                f"Dask lost one worker after the other over the same chunk: {error}"[:500],
                hint="Look at the workers' logs: most often memory ran out.",
                exit="lost",
            ) from None


def versions() -> dict[str, str]:
    """Versions of what decides the bytes of a result."""
    return {"python": platform.python_version(), **{name: installed(name) for name in _PARTS}}


def compute(
    params: Mapping[str, Any], symbols: Sequence[str], version: int | None
) -> dict[str, Any]:
    """Compute a chunk, in a worker of the cluster."""
    from stockwidget.scan.engine import Scan
    from stockwidget.scan.universe import Universe, label, source_name

    asked = ScanParams.from_dict({**params, "cluster": None})
    supply = _supply(source_name(asked), version)
    universe = Universe(label=label(asked), symbols=tuple(symbols), supply=supply)
    supply.prepare(symbols)
    return Scan(params=asked, universe=universe).findings(symbols).plain()


@lru_cache(maxsize=4)
def _supply(name: str, version: int | None) -> Any:
    from stockwidget.scan.supply import StoreSupply, supply_of
    from stockwidget.store.manifest import Manifest, path_of
    from stockwidget.store.snapshot import Snapshot

    if version is None:
        return supply_of(name)
    folder = Path(name.partition(":")[2])
    return StoreSupply(Snapshot(folder, Manifest.read(path_of(folder, version))))


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise InvalidRequest(
            "cluster needs the package distributed, which is not installed here.",
            hint="pip install 'stockwidget[dask]' where tasks run, or leave cluster out.",
            field="cluster",
        ) from None
    return distributed
