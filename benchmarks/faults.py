"""From the end of a task to the page's callback with its result, while the way between them is broken.

    python benchmarks/faults.py [--repeats 5]

A real Jupyter server, a real nginx that breaks things, a real Chromium page. Each fault is there, or happens, while the task
runs, and the task ends in the middle of it or right after; each repeat follows a task of its own. Prints p50 and max by fault
in ms, where `healthy` is the peer of all others; the last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from site_driver import Follower, Site, running_site

Break = Callable[[Site, Follower], None]
DOWN_S = 30


def nothing(_site: Site, _follower: Follower) -> None:
    """The way is broken from the beginning, or not at all."""


def cut(site: Site, _follower: Follower) -> None:
    site.nginx.cut()


def freeze(site: Site, _follower: Follower) -> None:
    """The old connection stays half open; what is new goes through another worker of nginx."""
    site.nginx.freeze()
    time.sleep(DOWN_S)
    site.nginx.thaw()


def restart(site: Site, _follower: Follower) -> None:
    site.lab.stop()
    site.lab.start()


def down(site: Site, _follower: Follower) -> None:
    site.nginx.use("down")
    time.sleep(DOWN_S)
    site.nginx.use("healthy")


def heal(site: Site, _follower: Follower) -> None:
    site.nginx.use("healthy")


FAULTS: dict[str, tuple[str, Break]] = {
    "healthy": ("healthy", nothing),
    "upgrade refused": ("no-upgrade", nothing),
    "socket forbidden": ("no-socket", nothing),
    "stream collected": ("held-back", nothing),
    "stream compressed": ("gzip", nothing),
    "polls only": ("polls-only", nothing),
    "idle timeout of 10 s": ("idle-timeout", nothing),
    "connection killed": ("healthy", cut),
    "nothing moves for 30 s": ("healthy", freeze),
    "server restarted": ("healthy", restart),
    "all down for 30 s": ("healthy", down),
    "healed": ("no-socket", heal),
}


def once(site: Site, setup: str, happens: Break) -> float:
    if site.nginx.setup != setup:
        site.nginx.use(setup)
    with site.follow(site.start(rows=40, every_s=0.05)) as follower:
        follower.wait_for_progress(50)
        happens(site, follower)
        follower.wait_for_end()
        follower.check()
        return follower.late_ms()


def main(repeats: int) -> dict[str, dict[str, float]]:
    found = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_site(Path(folder), "healthy") as site,
    ):
        for fault, (setup, happens) in FAULTS.items():
            waits = [once(site, setup, happens) for _ in range(repeats)]
            found[fault] = {"p50_ms": statistics.median(waits), "max_ms": max(waits)}
            print(
                f"{fault:24} p50 {found[fault]['p50_ms']:8.0f} ms   max {max(waits):8.0f} ms",
                flush=True,
            )
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5)
    print(json.dumps(main(parser.parse_args().repeats)))
