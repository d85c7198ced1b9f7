"""Small jobs: one says when it ran, two have no end."""

import time
from collections.abc import Iterator

from stockwidget.tasks.steps import Log, Result


def trivial(params: dict[str, int]) -> Iterator[Result]:
    yield Result(data={"at": time.time(), "n": params["n"]})


def endless(_params: dict[str, int]) -> Iterator[Log]:
    n = 0
    while True:
        n += 1
        yield Log(message=f"line {n}")
        time.sleep(0.3)


def never_yields(_params: dict[str, int]) -> Iterator[Log]:
    yield Log(message="line 1")
    while True:
        time.sleep(60)
