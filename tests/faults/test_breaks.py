"""Whatever breaks in the middle of a task, the page goes on where it was: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page
from site_driver import Follower, Site

Behaving = Callable[[str], Site]


def test_a_killed_connection_is_back_within_five_seconds(site: Behaving) -> None:
    it = site("healthy")
    with it.follow(it.start()) as follower:
        follower.wait_for_progress(10)
        for _ in range(3):
            it.nginx.cut()
            assert follower.wait_for_news(timeout_s=5) <= 5
        follower.wait_for_end()
        follower.check()


def test_a_half_open_connection_is_noticed(site: Behaving) -> None:
    """nginx stands still: connections stay up, and nothing comes through."""
    it = site("healthy")
    with it.follow(it.start()) as follower:
        follower.wait_for_progress(10)
        it.nginx.freeze()
        frozen_at = follower.now
        noticed_at = follower.wait_for_link(timeout_s=40, state="stale")
        assert noticed_at - frozen_at <= 30_000
        it.nginx.thaw()
        follower.wait_for_end()
        follower.check()


def test_the_server_restarts_in_the_middle(site: Behaving) -> None:
    it = site("healthy")
    with it.follow(it.start()) as follower:
        follower.wait_for_progress(20)
        it.lab.stop()
        it.lab.start()
        follower.wait_for_end()
        follower.check()


def test_everything_is_down_for_half_a_minute(site: Behaving) -> None:
    it = site("healthy")
    with it.follow(it.start(rows=1200)) as follower:
        follower.wait_for_progress(5)
        it.nginx.use("down")
        follower.page.wait_for_timeout(30_000)
        it.nginx.use("healthy")
        # The longest wait between two tries is 20 s.
        follower.wait_for_link(timeout_s=25, state="live")
        follower.wait_for_end()
        follower.check()


def test_a_healed_socket_is_used_again_within_a_minute(site: Behaving, tmp_path: Path) -> None:
    it = site("no-socket")
    go = tmp_path / "go"
    with it.follow(it.start(rows=20, after=go)) as follower:
        follower.wait_for_link(timeout_s=10, state="live", transport="sse")
        it.nginx.use("healthy")
        healed_at = follower.now
        at = follower.wait_for_link(timeout_s=70, state="live", transport="ws")
        assert at - healed_at <= 60_000
        go.touch()
        follower.wait_for_end()
        follower.check()


def test_an_expired_login_is_said_and_healed(site: Behaving, tmp_path: Path) -> None:
    it = site("healthy")
    go = tmp_path / "go"
    with it.follow(it.start(rows=20, after=go)) as follower:
        follower.wait_for_link(timeout_s=10, state="live")
        follower.page.context.clear_cookies()
        it.nginx.cut()
        follower.wait_for_link(timeout_s=20, state="auth")
        asked = len(it.nginx.requests())
        follower.page.wait_for_timeout(5_000)
        assert len(it.nginx.requests()) - asked <= 1, "a page without a login goes on asking"
        it.log_in(follower.page)
        follower.page.evaluate("() => window.dispatchEvent(new Event('focus'))")
        follower.wait_for_link(timeout_s=10, state="live")
        go.touch()
        follower.wait_for_end()
        follower.check()


def test_a_laptop_sleeps(site: Behaving) -> None:
    """The whole browser stands still, while server and proxy go on: clocks jump when it wakes."""
    it = site("healthy")
    with it.follow(it.start()) as follower:
        follower.wait_for_progress(5)
        asleep = processes_of(follower.page)
        for pid in asleep:
            os.kill(pid, signal.SIGSTOP)
        try:
            it.lab.api("stockwidget/api/v1/info")
            signal.sigtimedwait([], 35)
        finally:
            for pid in asleep:
                os.kill(pid, signal.SIGCONT)
        assert follower.wait_for_end(timeout_s=40)["status"] == "completed"
        follower.check()


def test_a_frozen_page_catches_up(site: Behaving) -> None:
    it = site("healthy")
    with it.follow(it.start()) as follower:
        follower.wait_for_progress(5)
        page = follower.page
        session = page.context.new_cdp_session(page)
        session.send("Page.setWebLifecycleState", {"state": "frozen"})
        signal.sigtimedwait([], 15)
        session.send("Page.setWebLifecycleState", {"state": "active"})
        follower.wait_for_end()
        follower.check()


def test_a_hidden_page_is_told_less_often_and_misses_nothing(site: Behaving) -> None:
    it = site("healthy")
    with it.follow(it.start(rows=240)) as follower:
        follower.wait_for_progress(5)
        look(follower.page, "hidden")
        follower.page.wait_for_timeout(1_000)
        hidden = progress_within(follower, 4_000)
        assert 2 <= hidden <= 8, "once a second"
        look(follower.page, "visible")
        assert progress_within(follower, 2_000) > hidden
        follower.wait_for_end()
        follower.check()


def test_a_page_comes_back_out_of_the_cache(site: Behaving) -> None:
    it = site("healthy")
    with it.follow(it.start()) as follower:
        follower.wait_for_progress(5)
        page = follower.page
        page.evaluate("() => addEventListener('pageshow', e => { window.kept = e.persisted; })")
        page.goto(f"{it.base}api")
        page.wait_for_timeout(2_000)
        page.go_back(wait_until="commit")  # a page out of the cache is not loaded again
        page.wait_for_function("() => window.kept === true", timeout=10_000)
        follower.wait_for_end()
        follower.check()


def look(page: Page, state: str) -> None:
    """Tell the page that it is hidden or visible, as its browser does when another tab is chosen."""
    page.evaluate(
        """state => {
          Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
          Object.defineProperty(document, 'hidden', {value: state === 'hidden', configurable: true});
          document.dispatchEvent(new Event('visibilitychange'));
        }""",
        state,
    )


def progress_within(follower: Follower, ms: int) -> int:
    """How many times the progress changes within so long; pieces of the result are never held back for it."""
    before = len(follower.seen)
    follower.page.wait_for_timeout(ms)
    return len({each["progress"] for each in follower.seen[before:]})


def processes_of(page: Page) -> list[int]:
    """The pids of the browser that shows ``page``."""
    browser = page.context.browser
    assert browser is not None
    session = browser.new_browser_cdp_session()
    listed = session.send("SystemInfo.getProcessInfo")["processInfo"]
    return [int(each["id"]) for each in listed]
