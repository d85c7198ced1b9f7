"""Parts of a scan or a study computed elsewhere, and told in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

P = TypeVar("P")
F = TypeVar("F")


def ahead(
    parts: Iterable[P],
    submit: Callable[[P], Future[F] | None],
    most: int,
    close: Callable[[], object],
) -> Iterator[tuple[P, F | None]]:
    """Have ``most`` parts computed while the next one is waited for; ``close`` in any case.

    ``submit`` gives None for a part of which nothing is to be done.
    """
    left = iter(parts)
    waiting: deque[tuple[P, Future[F] | None]] = deque()
    try:
        while True:
            while len(waiting) <= most and (part := next(left, None)) is not None:
                waiting.append((part, submit(part)))
            if not waiting:
                return
            first, future = waiting.popleft()
            yield first, None if future is None else future.result()
    finally:
        close()
