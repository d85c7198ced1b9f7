"""Jobs that no scheduler should trust, and one that is decent; ``isolation.py`` runs them side by side."""

import ctypes
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from stockwidget.tasks.steps import Result, Step

Job = Iterator[Step | Result]


def segfaults(_params: dict[str, Any]) -> Job:
    yield Step(stage="one", progress=0.1)
    ctypes.string_at(0)


def allocates(_params: dict[str, Any]) -> Job:
    yield Step(stage="one", progress=0.1)
    hoard = []
    while True:
        hoard.append(bytearray(b"x") * (8 << 20))
        time.sleep(0.01)


def never_yields(_params: dict[str, Any]) -> Job:
    yield Step(stage="one", progress=0.1)
    while True:
        sum(range(10_000))


def floods_stdout(_params: dict[str, Any]) -> Job:
    for i in range(200):
        print("\x00\x00\x00\x02 not a message " * 200)
        os.write(1, b"\xff" * 4096)
        sys.stderr.write("nor is this\n")
        yield Step(stage="one", progress=i / 200)
    yield Result(data={"ok": True})


def floods_steps(_params: dict[str, Any]) -> Job:
    for i in range(300_000):
        yield Step(stage="one", progress=i / 300_000, counters={"i": i})
    yield Result(data={"ok": True})


def forks(_params: dict[str, Any]) -> Job:
    for _ in range(5):
        if os.fork() == 0:
            time.sleep(1)  # it holds copies of everything its parent had open
            os._exit(0)
    yield Step(stage="one", progress=0.5)
    yield Result(data={"ok": True})


def decent(params: dict[str, Any]) -> Job:
    for i in range(20):
        time.sleep(0.01)
        yield Step(stage="one", progress=i / 20)
    yield Result(data={"n": params["n"]})
