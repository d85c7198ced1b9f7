"""A Jupyter server, a real nginx in front of it, and a Chromium page that follows a task through it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab_driver import Lab, chromium, running_lab
from nginx_driver import Nginx, running_nginx
from playwright.sync_api import Browser, Page

import stockwidget

BASE_URL = "/user/x/"
CLIENT = Path(stockwidget.__file__).parent / "static/client.js"

# The page is no part of the product: it only does what the README tells any web page to do.
PAGE = """<!doctype html><meta charset=utf-8><title>follower</title>
<script type=module src="{base}stockwidget/static/client.js"></script>"""

FOLLOW = """
async ({id, token}) => {
  while (!window.subscribeTaskStatus) await new Promise(done => setTimeout(done, 20));
  window.seen = []; window.links = []; window.began = performance.now();
  if (token) stockwidget.configure({baseUrl: BASE, token});
  stockwidget.onConnection(({state, transport, reason}) =>
    links.push({at: performance.now() - began, state, transport, reason}));
  subscribeTaskStatus(id, s => seen.push({at: performance.now() - began, wall: Date.now(), status: s.status, progress: s.progress,
    attempt: s.attempt, transport: s.transport, rows: s.partial.rows ?? [], result: s.result ?? null}));
}
""".replace("BASE", json.dumps(BASE_URL))


@dataclass(kw_only=True)
class Follower:
    """A page that follows one task, and all that its callbacks were told."""

    page: Page
    task: str
    lab: Lab

    @property
    def seen(self) -> list[dict[str, Any]]:
        """What the callback was told, in order."""
        return self.page.evaluate("() => window.seen")

    @property
    def links(self) -> list[dict[str, Any]]:
        """The states of the connection, in order."""
        return self.page.evaluate("() => window.links")

    @property
    def now(self) -> float:
        """Milliseconds since the page began to follow."""
        return self.page.evaluate("() => performance.now() - window.began")

    def wait_for_link(self, *, timeout_s: float, **wanted: str) -> float:
        """Wait until the connection is as wanted; return the page's time in ms."""
        self.page.wait_for_function(
            """wanted => { const l = window.links?.at(-1);
               return l && Object.entries(wanted).every(([k, v]) => l[k] === v); }""",
            arg=wanted,
            timeout=timeout_s * 1000,
        )
        return self.links[-1]["at"]

    def wait_for_news(self, *, timeout_s: float) -> float:
        """Wait for one more callback; return after how many seconds it came."""
        start = time.monotonic()
        before = len(self.seen)
        self.page.wait_for_function(
            "before => window.seen.length > before", arg=before, timeout=timeout_s * 1000
        )
        return time.monotonic() - start

    def wait_for_progress(self, at_least: float, *, timeout_s: float = 60) -> None:
        """Wait until the page knows of so many percent."""
        self.page.wait_for_function(
            "least => (window.seen.at(-1)?.progress ?? 0) >= least",
            arg=at_least,
            timeout=timeout_s * 1000,
        )

    def wait_for_end(self, *, timeout_s: float = 100) -> dict[str, Any]:
        """Wait for the last callback and return it."""
        self.page.wait_for_function(
            "() => ['completed', 'failed', 'cancelled'].includes(window.seen.at(-1)?.status)",
            timeout=timeout_s * 1000,
        )
        return self.seen[-1]

    def check(self) -> None:
        """Each never-dropped event exactly once and in order; progress never steps back."""
        seen = self.seen
        last = seen[-1]
        assert last["status"] == "completed"
        assert sum(each["status"] == "completed" for each in seen) == 1
        found = [row for event in self._journalled_partials() for row in event.get("rows", [])]
        assert found, "the task found nothing, so nothing was proved"
        assert last["rows"] == found
        assert last["result"]["counters"]["found"] == len(found)
        for before, after in pairwise(seen):
            if before["attempt"] == after["attempt"]:
                assert after["progress"] >= before["progress"]
                assert after["rows"][: len(before["rows"])] == before["rows"]

    def late_ms(self) -> float:
        """From the end of the task, by the journal, to the callback with its result."""
        with closing(sqlite3.connect(f"file:{self.lab.journal}?mode=ro", uri=True)) as journal:
            asked = "SELECT ts FROM events WHERE task_id = ? AND kind = 'end'"
            (ended,) = journal.execute(asked, (self.task,)).fetchone()
        return float(self.seen[-1]["wall"] - ended)

    def _journalled_partials(self) -> list[dict[str, Any]]:
        """What the last attempt appended, read past all our delivery code."""
        with closing(sqlite3.connect(f"file:{self.lab.journal}?mode=ro", uri=True)) as journal:
            rows = journal.execute(
                "SELECT kind, data FROM events WHERE task_id = ? ORDER BY s", (self.task,)
            ).fetchall()
        events = [(kind, json.loads(data)) for kind, data in rows]
        starts = [i for i, (kind, d) in enumerate(events) if d.get("status") == "queued"]
        return [d.get("append", {}) for kind, d in events[starts[-1] :] if kind == "partial"]


@dataclass(kw_only=True)
class Site:
    """Server, nginx and browser; ``follow`` opens a page that goes through nginx."""

    lab: Lab
    nginx: Nginx
    browser: Browser

    @property
    def base(self) -> str:
        """The Jupyter server's base URL as a browser sees it."""
        return f"{self.nginx.origin}{BASE_URL}"

    def start(self, *, rows: int = 200, every_s: float = 0.05, after: Path | None = None) -> str:
        """Start a task straight at the server that tells ``rows``, one every ``every_s`` seconds.

        With ``after`` it tells nothing before that file exists. Returns its id.
        """
        return str(self.lab.pace(rows=rows, every_s=every_s, after=str(after or ""))["id"])

    @contextmanager
    def page(self, *, login: bool = True) -> Iterator[Page]:
        """A page of a reader of its own, logged in by cookie or not at all."""
        context = self.browser.new_context()
        page = context.new_page()
        if login:
            self.log_in(page)
        page.goto(f"{self.base}follower.html")
        yield page
        context.close()

    def log_in(self, page: Page) -> None:
        """Get the login cookie the way a browser does, through nginx."""
        page.context.request.get(f"{self.base}login?token={self.lab.token}")

    @contextmanager
    def follow(self, task: str, *, with_token: bool = False) -> Iterator[Follower]:
        """A page that follows ``task``, logged in by cookie or by a token of its own."""
        with self.page(login=not with_token) as page:
            token = self.lab.token if with_token else ""
            if with_token:  # The server's own copy is for those that are logged in.
                page.add_script_tag(path=CLIENT, type="module")
            page.evaluate(FOLLOW, {"id": task, "token": token})
            yield Follower(page=page, task=task, lab=self.lab)


@contextmanager
def running_site(folder: Path, setup: str, **launch: Any) -> Iterator[Site]:
    with running_lab(folder, app="jupyter_server", base_url=BASE_URL) as lab:
        port = urlsplit(lab.url).port
        assert port is not None
        html = PAGE.format(base=BASE_URL)
        with (
            running_nginx(
                folder / "nginx", port, page=f"{BASE_URL}follower.html", html=html
            ) as nginx,
            chromium(**launch) as browser,
        ):
            if setup != "healthy":
                nginx.use(setup)
            yield Site(lab=lab, nginx=nginx, browser=browser)
