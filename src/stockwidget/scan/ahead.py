"""Parts of a scan or a study computed elsewhere, and told in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

from stockwidget.scan.cluster import Cluster
from stockwidget.scan.supply import Supply

THREADS = 2


class Part(Protocol):
    """Symbols of a chunk."""

    @property
    def todo(self) -> Sequence[str]:
        """Those of which nothing is known yet."""


P = TypeVar("P", bound=Part)
F = TypeVar("F")


def computed(
    parts: Iterable[P],
    find: Callable[[Sequence[str]], F],
    remote: Callable[[Cluster, P], Future[F]],
    *,
    supply: Supply,
    cluster: str | None,
    threads: int = THREADS,
) -> Generator[tuple[P, F | None]]:
    """Parts in order, each with what was found of its symbols that were to be done, if any.

    By the cluster at an address, which ``remote`` asks; else by threads where ``supply`` bears
    them: the kernels do not hold the GIL.
    """
    if cluster is not None:
        there = Cluster(cluster)
        yield from _ahead(parts, partial(remote, there), 2 * there.slots, there.close)
    elif supply.ahead and threads > 1:
        pool = ThreadPoolExecutor(threads, thread_name_prefix="stockwidget-scan")

        def submit(part: P) -> Future[F]:
            supply.prepare(part.todo)
            return pool.submit(find, part.todo)

        yield from _ahead(parts, submit, threads, partial(pool.shutdown, cancel_futures=True))
    else:
        for part in parts:
            supply.prepare(part.todo)
            yield part, find(part.todo) if part.todo else None


def _ahead(
    parts: Iterable[P],
    submit: Callable[[P], Future[F]],
    most: int,
    close: Callable[[], object],
) -> Iterator[tuple[P, F | None]]:
    """Have ``most`` parts computed while the next one is waited for; ``close`` in any case."""
    left = iter(parts)
    waiting: deque[tuple[P, Future[F] | None]] = deque()
    try:
        while True:
            while len(waiting) <= most and (part := next(left, None)) is not None:
                waiting.append((part, submit(part) if part.todo else None))
            if not waiting:
                return
            first, future = waiting.popleft()
            yield first, None if future is None else future.result()
    finally:
        close()
