"""Chunks of a scan or a study computed by a Dask cluster, which reads the bars where it lies.

``distributed`` is an extra (``pip install stockwidget[dask]``). What comes back is what a chunk
found, as a checkpoint has it: the result has the same bytes as the local one. A worker that is lost
is Dask's to replace; its chunks are computed again elsewhere.
"""

from __future__ import annotations

import contextlib
import platform
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from stockwidget.errors import InvalidRequest, ServerUnreachable, WorkerCrashed
from stockwidget.params import ScanParams
from stockwidget.scan.universe import label, source_name
from stockwidget.store.places import state

if TYPE_CHECKING:
    from stockwidget.scan.supply import Supply

F = TypeVar("F")
Plain = Mapping[str, Any]
"""What a chunk found, as JSON can hold it."""
Opened = int | str | None
"""See ``Supply.opened``."""
CONNECT_S = 10
KEPT = 4
"""Supplies that a thread of a worker keeps open for the next chunks."""
_mine = threading.local()
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
        except (
            TypeError,
            ValueError,
        ) as error:  # as Dask tells of certificates or packages it lacks
            self._open.close()
            raise InvalidRequest(
                f"Dask cannot connect to {address}: {error}"[:300],
                hint="tls needs certificates in Dask's configuration there, ucx a package.",
                field="cluster",
            ) from error
        self._check()

    @property
    def slots(self) -> int:
        """Threads of all workers."""
        return max(1, sum(map(int, self._client.nthreads().values())))

    def submit(
        self, job: Callable[..., Plain], *arguments: object, read: Callable[[Plain], F]
    ) -> Future[F]:
        """Have ``job`` done by a worker; what it gives is ``read`` here."""
        key = f"{job.__name__}-{uuid4()}"
        found = self._client.submit(done, versions(), job, *arguments, key=key, retries=2)
        return _Answer(found, read)

    def close(self) -> None:
        """Give up what is still to be done, and the connection."""
        self._open.close()

    def _check(self) -> None:
        """Raise InvalidRequest if a worker would compute by other versions than this process."""
        if not self._client.nthreads():
            try:
                self._client.wait_for_workers(1, timeout=CONNECT_S)
            except TimeoutError:
                address = self._client.scheduler.address
                self.close()
                raise ServerUnreachable(
                    f"The Dask scheduler {address} has no worker.",
                    hint="Start some with `dask worker`, with the scheduler's address.",
                ) from None
        for worker, theirs in self._client.run(versions, on_error="return").items():
            if isinstance(theirs, OSError):
                continue  # it is lost; Dask replaces it
            try:
                _compare(worker, versions(), theirs)
            except InvalidRequest:
                self.close()
                raise


class _Answer(Future[F]):
    """A Dask future, read as an engine reads those of its threads."""

    def __init__(self, found: Any, read: Callable[[Plain], F]) -> None:
        super().__init__()
        self._found = found
        self._read = read

    def result(self, timeout: float | None = None) -> F:
        killed = _distributed().scheduler.KilledWorker
        try:
            return self._read(self._found.result(timeout))
        except killed as error:
            raise WorkerCrashed(
                f"Dask lost {error.allowed_failures + 1} workers over the same chunk, the last one "
                f"at {error.last_worker.address}.",
                hint="Look at the workers' logs: most often memory ran out.",
                exit="lost",
            ) from None


def versions() -> dict[str, str]:
    """Versions of what decides the bytes of a result."""
    return {"python": platform.python_version(), **{name: installed(name) for name in _PARTS}}


def asked_for(params: Plain, symbols: Sequence[str]) -> Plain:
    """What a worker is asked for: a listed universe, as others have names, is that of the chunk."""
    return params if isinstance(params.get("universe"), str) else {**params, "universe": symbols}


def done(ours: Mapping[str, str], job: Callable[..., Plain], *arguments: object) -> Plain:
    """Do a job in a worker, which may have joined the cluster after it was looked at."""
    _compare(_distributed().get_worker().address, ours, versions())
    return job(*arguments)


def compute(params: Plain, symbols: Sequence[str], opened: Opened) -> Plain:
    """Compute a chunk of a scan, in a worker of the cluster."""
    from stockwidget.scan.engine import Scan
    from stockwidget.scan.universe import Universe

    asked = ScanParams.from_dict({**params, "cluster": None})
    supply = supply_at(asked, opened, symbols)
    universe = Universe(label=label(asked), symbols=tuple(symbols), supply=supply)
    return Scan(params=asked, universe=universe).findings(symbols).plain()


def supply_at(params: ScanParams, opened: Opened, symbols: Sequence[str]) -> Supply:
    """In a worker: the bars that were ``opened``, ready to give ``symbols``.

    Each thread has its own, since not every source bears threads. Raises InvalidRequest if a folder
    has changed since.
    """
    key = (source_name(params), opened)
    held: dict[Any, Supply] = _mine.__dict__.setdefault("supplies", {})
    if key not in held:
        while len(held) >= KEPT:
            held.pop(next(iter(held))).close()
        held[key] = _opened(*key)
    held[key].prepare(symbols)
    return held[key]


def _compare(worker: str, ours: Mapping[str, str], theirs: Mapping[str, str] | Exception) -> None:
    if isinstance(theirs, Exception):
        apart = [f"no stockwidget that can be used ({theirs!r})"[:300]]
    else:
        apart = [
            f"{n} {theirs.get(n)} instead of {v}" for n, v in ours.items() if theirs.get(n) != v
        ]
    if apart:
        raise InvalidRequest(
            f"The Dask worker {worker} has {', '.join(apart)}.",
            hint="Install the same versions everywhere, or results would differ.",
            field="cluster",
        )


def _opened(name: str, opened: Opened) -> Supply:
    from stockwidget.scan.supply import StoreSupply, supply_of
    from stockwidget.store.manifest import Manifest, path_of
    from stockwidget.store.snapshot import Snapshot

    kind, _, rest = name.partition(":")
    if kind == "store" and isinstance(opened, int):
        folder = Path(rest)
        return StoreSupply(Snapshot(folder, Manifest.read(path_of(folder, opened))))
    if kind == "folder" and opened != state(Path(rest)):
        raise InvalidRequest(
            f"The folder {rest} is another one where the Dask worker runs, or has changed since.",
            hint="Let all workers reach the same folder, and start again.",
            field="cluster",
        )
    return supply_of(name)


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
