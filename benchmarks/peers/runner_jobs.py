"""The smallest job: it says when it ran."""

import time
from collections.abc import Iterator

from stockwidget.tasks.steps import Result


def trivial(params: dict[str, int]) -> Iterator[Result]:
    yield Result(data={"at": time.time(), "n": params["n"]})
