"""Behind each proxy that breaks realtime delivery a page finds a way, and loses and doubles nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from site_driver import Site

Behaving = Callable[[str], Site]


@pytest.mark.parametrize(
    ("setup", "transport", "within_s"),
    [
        ("healthy", "ws", 5),
        ("no-socket", "sse", 5),
        ("no-upgrade", "sse", 5),
        ("polls-only", "poll", 10),
    ],
)
def test_the_best_way_that_works_is_found(
    site: Behaving, setup: str, transport: str, within_s: float
) -> None:
    it = site(setup)
    with it.follow(it.start()) as follower:
        at = follower.wait_for_link(timeout_s=25, state="live", transport=transport)
        assert at <= within_s * 1000
        follower.wait_for_end()
        follower.check()


@pytest.mark.parametrize("setup", ["held-back", "gzip"])
def test_a_stream_that_is_collected_on_its_way_is_given_up(
    site: Behaving, setup: str, tmp_path: Path
) -> None:
    """A waiting task: a busy one would soon fill the proxy's buffer, and its stream would pass."""
    it, go = site(setup), tmp_path / "go"
    with it.follow(it.start(rows=20, after=go)) as follower:
        at = follower.wait_for_link(timeout_s=25, state="live", transport="poll")
        assert at <= 10_000
        go.touch()
        follower.wait_for_end()
        follower.check()


def test_a_token_instead_of_a_cookie(site: Behaving) -> None:
    it = site("healthy")
    with it.follow(it.start(rows=20), with_token=True) as follower:
        follower.wait_for_end()
        follower.check()
    assert not [
        line for line in it.nginx.requests() if it.lab.token in line and "login" not in line
    ]


def test_idle_connections_are_cut_every_ten_seconds(site: Behaving, tmp_path: Path) -> None:
    it = site("idle-timeout")
    go = tmp_path / "go"
    with it.follow(it.start(rows=40, after=go)) as follower:
        follower.page.wait_for_timeout(25_000)
        go.touch()
        follower.wait_for_end(timeout_s=30)
        follower.check()
