"""Small jobs that a real worker imports; each shows one way a job can behave."""

import ctypes
import gc
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from stockwidget.errors import InsufficientHistory, SourceUnavailable
from stockwidget.tasks.steps import Checkpoint, Log, Partial, Result, Step


def completes(params):
    yield Step(stage="one", progress=0.0)
    yield Step(stage="two", progress=0.5, counters={"done": 1})
    yield Result(data={"echo": params, "nan": float("nan")}, summary={"n": 1})


LOADED_UNCOLLECTED = not gc.isenabled()


def collector(params):
    yield Result(
        data={
            "off while loading": LOADED_UNCOLLECTED,
            "on in a job": gc.isenabled(),
            "left alone": gc.get_freeze_count(),
        }
    )


def talks(params):
    yield Log(message="begin")
    yield Partial(set={"columns": ["a"]})
    for i in range(3):
        yield Partial(append={"rows": [[i]]})
        yield Step(stage="one", progress=(i + 1) / 3)
    yield Log(message="done", level="warning")
    yield Result(data={"rows": 3})


def known_error(params):
    yield Step(stage="one", progress=0.1)
    raise InsufficientHistory("Only 3 bars.", hint="Ask for more.", symbol="FB", bars=3, needed=30)


def runs_code(params, *, code):
    found = {
        "code": code.decode(),
        "prefix": sys.prefix,
        "pid": os.getpid(),
        "cwd": str(Path.cwd()),
    }
    while params.get("until") and not Path(params["until"]).exists():
        yield Step(stage="one", progress=0.0)
        time.sleep(0.02)
    yield Result(data={**found, "path": sys.path})


def unknown_error(params):
    yield Step(stage="one", progress=0.1)
    yield Step(stage="one", progress=1 / 0)


def no_result(params):
    yield Step(stage="one", progress=1.0)


def segfaults(params):
    yield Step(stage="one", progress=0.1)
    ctypes.string_at(0)


def exits(params):
    yield Step(stage="one", progress=0.1)
    os._exit(3)


def prints(params):
    yield Step(stage="one", progress=0.1)
    print("\x00\x00\x00\x02 this must not reach the pipe", flush=True)  # noqa: T201 - users print
    os.write(1, b"nor this")
    subprocess.run([sys.executable, "-c", "print('nor a child')"], check=True)
    yield Result(data={"stdin": sys.stdin.read()})


def never_yields(params):
    yield Log(message=f"pid {os.getpid()}")
    while True:
        time.sleep(60)


def steps_for_ever(params):
    yield Log(message=f"pid {os.getpid()}")
    i = 0
    try:
        while True:
            i += 1
            time.sleep(0.01)
            yield Step(stage="one", progress=0.5, counters={"i": i})
    finally:
        if "mark" in params:
            Path(params["mark"]).write_text("closed")


def waits_for(params):
    """Runs until the file ``params["gate"]`` exists; appends to ``params["runs"]`` at its start."""
    with Path(params["runs"]).open("a") as file:
        file.write("x")
    yield Partial(append={"rows": [[1]]})
    yield Step(stage="one", progress=0.4)
    while not Path(params["gate"]).exists():
        time.sleep(0.01)
        yield Step(stage="one", progress=0.4)
    yield Result(data={"ok": True})


def million(params):
    for i in range(1_000_000):
        yield Step(stage="one", progress=i / 1_000_000, counters={"i": i})
    yield Result(data={"n": 1_000_000})


def unserialisable(params):
    yield Result(data={"what": object()})


def whoami(params):
    yield Result(data={"pid": os.getpid()})


def allocates(params):
    yield Step(stage="one", progress=0.1)
    hoard = []
    while True:
        hoard.append(bytearray(b"x") * (16 << 20))
        if params.get("politely"):
            yield Step(stage="one", progress=0.1)


def allocates_in_a_child(params):
    yield Step(stage="one", progress=0.1)
    code = "x = bytearray(b'x') * (400 << 20); import time; time.sleep(60)"
    subprocess.run([sys.executable, "-c", code], check=True)


def flaky(params):
    """Fails ``params["times"]`` times; each run leaves a byte in ``params["runs"]``."""
    with Path(params["runs"]).open("ab") as file:
        file.write(b"x")
    yield Step(stage="one", progress=0.5)
    if Path(params["runs"]).stat().st_size <= params["times"]:
        raise SourceUnavailable("No answer.", hint="Wait.", source="test")
    yield Result(data={"ok": True})


def chunks(params, done):
    """``params["n"]`` chunks; those computed are noted in ``params["runs"]``, those in ``fails`` fail at first."""
    kept = {each.chunk: each for each in done}
    values, failed = {}, 0
    for i in range(params["n"]):
        each = kept.get(str(i))
        if each is not None and not (each.retry and each.data["value"] is None):
            value = each.data["value"]
        else:
            with Path(params["runs"]).open("a") as file:
                file.write(f"{i} ")
            time.sleep(params.get("sleep", 0))
            if i == params.get("breaks") and Path(params["runs"]).read_text().split()[-2] != str(i):
                raise SourceUnavailable("No answer.", hint="Wait.", source="test")
            first = each is None
            value = None if first and i in params.get("fails", ()) else i * i
            yield Checkpoint(chunk=str(i), data={"value": value})
        values[i] = value
        failed += value is None
        yield Partial(append={"rows": [[i, value]]})
        yield Step(stage="one", progress=(i + 1) / params["n"], counters={"failed": failed})
        while i == params.get("hold") and not Path(params["gate"]).exists():
            time.sleep(0.01)
            yield Step(stage="one", progress=(i + 1) / params["n"], counters={"failed": failed})
    yield Result(data={"values": list(values.values())}, summary={"failed": failed})


def keeps_the_interpreter(params):
    """No other thread of its process runs any more: one call of C code that takes for ever."""
    yield Step(stage="one", progress=0.1)
    time.sleep(0.3)  # so long the thread that tells of it still runs
    re.match("(a+)+$", "a" * 100 + "b")
