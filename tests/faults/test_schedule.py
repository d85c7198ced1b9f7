"""Hundreds of short tasks through a proxy that breaks connections at random: a page and a kernel miss nothing.

Another seed, or ``random``, is another run: ``FAULT_SEED=7 pytest -m faults tests/faults/test_schedule.py``.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fault_proxy import running_fault_proxy
from lab_driver import Lab, chromium, running_lab
from playwright.sync_api import Page

import stockwidget
from stockwidget.notebook.discovery import Target
from stockwidget.notebook.followed import Followed
from stockwidget.notebook.follower import Follower
from stockwidget.notebook.task_events import TaskEvent
from stockwidget.tasks.events import TERMINAL

CLIENT = Path(stockwidget.__file__).parent / "static/client.js"
TASKS, AT_ONCE, ROWS = 500, 100, 8
WAVE_S = 200

FOLLOW = """
ids => {
  window.seen ??= {};
  for (const id of ids) {
    seen[id] = [];
    subscribeTaskStatus(id, s => seen[id].push({at: Date.now(), status: s.status, progress: s.progress,
      attempt: s.attempt, rows: s.partial.rows ?? []}));
  }
}
"""
OVER = "ids => ids.every(id => ['completed', 'failed'].includes(seen[id].at(-1)?.status))"


@dataclass
class Listener:
    """A task as the kernel's follower tells it."""

    followed: Followed
    told: list[TaskEvent] = field(default_factory=list)
    ended_at: float = 0.0

    def __post_init__(self) -> None:
        self.followed.listen(self._hear)

    def _hear(self, event: TaskEvent) -> None:
        self.told.append(event)
        if event.last:
            self.ended_at = 1000 * time.time()


@pytest.fixture
def seed() -> int:
    asked = os.environ.get("FAULT_SEED", "1")
    return random.SystemRandom().randrange(1_000_000) if asked == "random" else int(asked)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path, app="jupyter_server") as running:
        yield running


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_context(bypass_csp=True).new_page()


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled(
    lab: Lab, page: Page, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\nFAULT_SEED={seed}")
    port = int(lab.url.split(":")[2].split("/")[0])
    late: dict[str, list[float]] = {"page": [], "kernel": []}
    with running_fault_proxy(port, seed) as proxy:
        through = f"http://127.0.0.1:{proxy.port}/"
        page.goto(f"{through}api")
        page.add_script_tag(path=CLIENT, type="module")
        page.wait_for_function("() => window.subscribeTaskStatus")
        page.evaluate(
            "asked => stockwidget.configure(asked)", {"baseUrl": through, "token": lab.token}
        )
        target = Target(url=through, authorization=f"token {lab.token}", rung="environment")
        kernel = Follower(target)
        proxy.begin()
        for _ in range(TASKS // AT_ONCE):
            records = [lab.pace(rows=ROWS, every_s=0.02) for _ in range(AT_ONCE)]
            wave = [record["id"] for record in records]
            page.evaluate(FOLLOW, wave)
            listeners = {record["id"]: Listener(Followed(record)) for record in records}
            for listener in listeners.values():
                kernel.follow(listener.followed)
            page.wait_for_function(OVER, arg=wave, timeout=WAVE_S * 1000)
            seen = page.evaluate("ids => ids.map(id => seen[id])", wave)
            for task, by_page in zip(wave, seen, strict=True):
                listener = listeners[task]
                assert listener.followed.wait(WAVE_S, until=lambda f=listener.followed: f.settled)
                journal = journalled(lab, task)
                check_page(by_page, journal)
                check_kernel(listener, journal)
                ended = journal[-1]["ts"]
                late["page"].append(by_page[-1]["at"] - ended)
                late["kernel"].append(listener.ended_at - ended)
        links = page.evaluate("() => stockwidget.connection()")
        kernel.close()
    assert sum(proxy.broken.values()) >= 50, proxy.broken
    with capsys.disabled():
        for who, waits in late.items():
            p50, most = statistics.median(waits), max(waits)
            print(f"{who}: from end to callback p50 {p50:.0f} ms, max {most:.0f} ms")
        print(f"{TASKS} tasks; connections: {dict(proxy.broken)}; page: {links}; {kernel.counts}")


def journalled(lab: Lab, task: str) -> list[dict[str, Any]]:
    """All events that may not be lost, read past all our delivery code."""
    with closing(sqlite3.connect(f"file:{lab.journal}?mode=ro", uri=True)) as journal:
        rows = journal.execute(
            "SELECT kind, q, ts, data FROM events WHERE task_id = ? AND kind != 'progress' ORDER BY s",
            (task,),
        ).fetchall()
    return [{"kind": k, "q": q, "ts": ts, "data": json.loads(data)} for k, q, ts, data in rows]


def rows_of(journal: list[dict[str, Any]]) -> list[list[int]]:
    partials = [each["data"] for each in journal if each["kind"] == "partial"]
    return [row for data in partials for row in data["append"]["rows"]]


def check_page(seen: list[dict[str, Any]], journal: list[dict[str, Any]]) -> None:
    assert seen[-1]["status"] == "completed"
    assert sum(each["status"] == "completed" for each in seen) == 1
    assert seen[-1]["rows"] == rows_of(journal) == [[n] for n in range(ROWS)]
    for before, after in pairwise(seen):
        assert after["progress"] >= before["progress"]
        assert after["rows"][: len(before["rows"])] == before["rows"]


def check_kernel(listener: Listener, journal: list[dict[str, Any]]) -> None:
    """From each snapshot on, every event that may not be lost comes once and in order."""
    events = [event for event in listener.told if event.kind != "progress"]
    assert events[0].kind == "snapshot"
    for before, after in pairwise(events):
        if after.kind == "snapshot":
            assert after.q >= before.q
        else:
            assert after.q == before.q + 1
    assert events[-1].q == journal[-1]["q"]
    snapshot = listener.followed.snapshot
    assert snapshot.record.status in TERMINAL
    assert [list(row) for row in snapshot.partial["rows"]] == rows_of(journal)
