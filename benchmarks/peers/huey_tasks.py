"""The same tasks through huey with its SQLite storage; prints ``{rate, waits}``. Run by ``runner.py``.

The consumer is huey's own, with worker processes, told to look every 10 ms: with its default of 100 ms it would be waiting
most of the time, with 1 ms it would compete with itself for the file. ``fsync`` is on, as in our journal.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from huey import SqliteHuey

queue = SqliteHuey(
    "benchmark",
    filename=os.environ["HUEY_FILE"],
    fsync=True,
    journal_mode="wal",
    results=True,
)


@queue.task()
def trivial(n: int) -> float:  # noqa: ARG001 - tasks differ, as ours do
    return time.time()


def main(tasks: int, workers: int, waits: int) -> None:
    consumer = subprocess.Popen(
        [sys.executable, "-m", "huey.bin.huey_consumer", "huey_tasks.queue", "-k", "process",
         "-w", str(workers), "-d", "0.01", "-m", "0.01", "-n"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        start_new_session=True,
    )  # fmt: skip
    try:
        for n in range(workers * 2):
            trivial(n)(blocking=True, backoff=1, max_delay=0.002, timeout=30)
        begin = time.perf_counter()
        for result in [trivial(n) for n in range(tasks)]:
            result(blocking=True, backoff=1, max_delay=0.002, timeout=30)
        rate = tasks / (time.perf_counter() - begin)
        waited = []
        for n in range(waits):
            at = time.time()
            waited.append(trivial(n)(blocking=True, backoff=1, max_delay=0.002, timeout=30) - at)
    finally:
        consumer.send_signal(signal.SIGINT)
        consumer.wait(10)
    print(json.dumps({"rate": rate, "waits": waited}))


if __name__ == "__main__":
    # By its name: the consumer must find the same task.
    __import__("huey_tasks").main(*map(int, sys.argv[1:]))
