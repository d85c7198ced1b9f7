"""Emit → callback: our server beside its peers, each on one core, one load generator on another.

One task emits 10 events of about 220 bytes a second to each of 1 000 subscribers, then of 5 000.
Every server is started anew for each of three rounds, the rounds go through all servers in turn,
and medians are printed. A delivery is a distinct event read by a subscriber; events that had not
come 2 s after the stretch are lost. ``first ms`` is the way to the first subscriber, ``gen %`` the
load generator's own CPU, ``others %`` what other processes took of the server's core: if that is
much, run it again. Memory is what the server process grew by while the subscribers came, before any
event: that of 5 000 idle ones.
Progress is conflated per reader, so what counts as lost there may be superseded.

Then our server alone, with ten readers: the frames that 1 000 identical updates cause, and the
requests that the browser's own client makes over WebSocket and event stream once it is connected.

The peers emit inside their server process. Our event is yielded by a job in a worker process on
the same core, and is in the journal on disk before any subscriber hears of it: that time is in our
figures.

    python benchmarks/delivery.py            everything, about seven minutes
    python benchmarks/delivery.py --quick    200 subscribers for 3 s: does it work?

Peers are installed below .benchmark/ the first time. The last line is the result as one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from dialects import RefusedError
from loadgen import Swarm, Window, raise_file_limit
from quiet import FOLLOWED_S, READERS, identical_updates, requests_after_connect
from servers import PEERS, NotOfferedError, Server, servers

RATE = 10.0
WARM_S = 1.0
FIRST = 10
"""Subscribers that come before memory is first read: they load what a server loads lazily."""
OPTIONAL = {"flask-threading"}
ONLY_SMALL = {"progress"}
OURS = {"ws", "sse", "progress"}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One load."""

    subscribers: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One server under one load, once."""

    window: Window
    kb_a_connection: float


def measure(server: Server, scenario: Scenario, core: int | None) -> Seen:
    """Start the server, bring the subscribers, let the events flow, look.

    Raises RefusedError, NotOfferedError.
    """
    with server.running(core=core, rate=RATE) as running:
        swarm = Swarm(server.subscribe(running), running.port)
        try:
            swarm.connect(FIRST, timeout_s=10)
            running.calm()
            swarm.settle(0.3)
            before = running.rss_kb()
            count = scenario.subscribers - FIRST
            swarm.connect(count, timeout_s=10 + scenario.subscribers / 250)
            swarm.settle(0.3)
            grown = running.rss_kb() - before
            running.go.touch()
            swarm.settle(WARM_S)
            window = swarm.measure(scenario.seconds, cpu_s=running.cpu_s)
        finally:
            swarm.close()
    if window.emitted == 0:
        raise RefusedError(
            f"overloaded: no event of the stretch came within 2 s of its end, "
            f"while {window.per_second:.0f} older ones arrived a second"
        )
    return Seen(window=window, kb_a_connection=grown / count)


def figures(seen: Sequence[Seen]) -> dict[str, float]:
    """Medians over the rounds."""
    rows = [
        {**asdict(s.window), "lost": s.window.lost, "kb_a_connection": s.kb_a_connection}
        for s in seen
    ]
    return {name: round(statistics.median(row[name] for row in rows), 3) for name in rows[0]}


def run(
    chosen: Sequence[Server], scenario: Scenario, *, rounds: int, core: int | None
) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """All servers in turn, ``rounds`` times: medians by key, and why some have none."""
    seen: dict[str, list[Seen]] = {}
    absent: dict[str, str] = {}
    for number in range(rounds):
        for server in chosen:
            if server.key in absent or (server.key == "nchan-sse" and "sse" in absent):
                continue  # a peer's event stream says something only beside ours
            print(f"  round {number + 1}: {server.name} …", file=sys.stderr, end="", flush=True)
            try:
                one = measure(server, scenario, core)
            except (RefusedError, NotOfferedError, OSError) as error:
                absent[server.key] = str(error)
                print(f" {error}", file=sys.stderr)
                continue
            print(f" p99 {one.window.p99_ms:.0f} ms", file=sys.stderr)
            seen.setdefault(server.key, []).append(one)
    return {key: figures(each) for key, each in seen.items()}, absent


def table(
    chosen: Sequence[Server],
    scenario: Scenario,
    found: dict[str, dict[str, float]],
    absent: dict[str, str],
) -> None:
    """Print a scenario; ``x ours``: the row's p99 over our first row's, above 1 we are faster."""
    offered = scenario.subscribers * RATE
    print(f"\n{scenario.subscribers} subscribers, {RATE:.0f} events/s each, {offered:.0f}/s in all")
    heads = ("first ms", "p50 ms", "p99 ms", "x ours", "/s", "lost", "CPU %", "kB/conn", "bytes")
    print(f"{'':34}{''.join(f'{head:>9}' for head in heads)}{'gen %':>9}{'others %':>9}")
    base = next((found[s.key]["p99_ms"] for s in chosen if s.ours and s.key in found), math.nan)
    for server in chosen:
        row = found.get(server.key)
        if row is None:
            print(f"{server.name:34}{absent.get(server.key, 'not run')}")
            continue
        cells = (
            f"{row['first_ms']:.1f}",
            f"{row['p50_ms']:.1f}",
            f"{row['p99_ms']:.1f}",
            f"{row['p99_ms'] / base:.2f}",
            f"{row['per_second']:.0f}",
            f"{row['lost']:.0f}",
            f"{100 * row['server_cpu']:.0f}",
            f"{row['kb_a_connection']:.1f}",
            f"{row['wire_bytes']:.0f}",
            f"{100 * row['generator_cpu']:.0f}",
            f"{100 * row['foreign_cpu']:.0f}",
        )
        print(f"{server.name:34}{''.join(f'{cell:>9}' for cell in cells)}")


def ratios(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """Our p99 over each peer's on the same transport: below 1 we are faster."""
    pairs = {key: "sse" if key.endswith("-sse") else "ws" for key in found if key not in OURS}
    return {
        key: round(found[own]["p99_ms"] / found[key]["p99_ms"], 2)
        for key, own in pairs.items()
        if own in found
    }


def summary(chosen: Sequence[Server], results: dict[str, dict[str, dict[str, float]]]) -> None:
    """Print what the aims speak of."""
    names = {server.key: server.name for server in chosen}
    print("\nOur p99 as a multiple of the peer's (aims: Python peers and Node 1, Nchan 1.5)")
    for count, found in results.items():
        for key, ratio in ratios(found).items():
            print(f"  {count:>5} subscribers  {names[key]:32}{ratio:>6.2f}")
    print("Memory of an idle connection (aim: 20 kB)")
    for count, found in results.items():
        for key in sorted(found.keys() & OURS - {"progress"}, reverse=True):
            print(
                f"  {count:>5} subscribers  {names[key]:32}{found[key]['kb_a_connection']:>6.1f} kB"
            )


def silence(ours: Server, core: int | None) -> dict[str, object]:
    """What is promised not to happen, counted and printed."""
    found: dict[str, object] = {}
    try:
        found["identical_updates_frames"] = frames = identical_updates(ours, core=core, rate=RATE)
        print(f"Frames of 1000 identical updates at {READERS} readers (aim: 0): {frames}")
        for transport, told in requests_after_connect(ours, core=core, rate=RATE).items():
            asked = told["requests"]
            found[f"requests_after_connect_{transport}"] = len(asked)
            print(
                f"Requests over {transport} once connected, {FOLLOWED_S:.0f} s and "
                f"{told['changes']} changes (aim: 0): {len(asked)} {', '.join(asked)}"
            )
    except RefusedError as error:
        found["not_counted"] = str(error)
        print(f"Not counted: {error}")
    return found


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="200 subscribers, 3 s, one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", metavar="KEY", help="these servers only")
    parser.add_argument("--subscribers", type=int, nargs="+", default=[1_000, 5_000])
    parser.add_argument("--no-setup", action="store_true", help="do not install missing peers")
    return parser.parse_args()


def cores() -> tuple[int | None, int | None]:
    """One core for the server and another for the generator, if there are two."""
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[-1]) if len(allowed) > 1 else (None, None)


def main() -> None:
    """Measure and print."""
    asked = options()
    every = servers(RATE)
    keys = asked.only or [s.key for s in every if s.key not in OPTIONAL]
    if unknown := set(keys) - {s.key for s in every}:
        sys.exit(
            f"Unknown server {', '.join(unknown)}; there are {', '.join(s.key for s in every)}."
        )
    chosen = [s for s in every if s.key in keys]
    if not asked.no_setup and any(s.missing() for s in chosen):
        subprocess.run([str(PEERS / "setup.sh")], check=False)
    limit = raise_file_limit()
    scenarios = [Scenario(subscribers=n, seconds=3) for n in asked.subscribers if n + 100 < limit]
    if asked.quick:
        scenarios, asked.rounds = [Scenario(subscribers=200, seconds=3)], 1
    server_core, own_core = cores()
    if own_core is None:
        print("There is one core only: servers and generator share it.")
    else:
        os.sched_setaffinity(0, {own_core})
    load = os.getloadavg()[0]
    began = time.monotonic()
    results: dict[str, dict[str, dict[str, float]]] = {}
    skipped = {s.key: why for s in chosen if (why := s.missing())}
    for scenario in scenarios:
        here = [s for s in chosen if scenario.subscribers <= 1_000 or s.key not in ONLY_SMALL]
        found, absent = run(
            [s for s in here if s.key not in skipped],
            scenario,
            rounds=asked.rounds,
            core=server_core,
        )
        table(here, scenario, found, skipped | absent)
        results[str(scenario.subscribers)] = found
    summary(chosen, results)
    silent = silence(every[0], server_core) if {"ws", "sse"} & set(keys) else {}
    print(
        f"\nLoad of the machine at the start: {load:.2f}. {time.monotonic() - began:.0f} s in all."
    )
    print(
        json.dumps(
            {
                "benchmark": "delivery",
                "python": platform.python_version(),
                "load_before": round(load, 2),
                "rounds": asked.rounds,
                "subscribers": results,
                "p99_ratios": {count: ratios(found) for count, found in results.items()},
                **silent,
            }
        )
    )


if __name__ == "__main__":
    main()
