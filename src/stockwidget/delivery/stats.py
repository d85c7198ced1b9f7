"""The statistics document: what ``GET api/realtime/stats`` answers and ``sw.stats()`` returns.

Counts are since the start of the process, times are in the unit that the name ends with, shares are
0 to 1. What has not been measured is ``None``, never 0.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from stockwidget.delivery.latency import Latency
from stockwidget.delivery.meter import CHANGE_KINDS, ENDINGS, Meter, TransportName
from stockwidget.tasks.tally import Tally


def document(
    *,
    runner: Literal["server", "kernel"],
    server_id: str | None,
    epoch: str | None,
    uptime_s: float | None,
    realtime_enabled: bool | None,
    meter: Meter,
    tasks: Tally,
    followed: Collection[str],
) -> dict[str, Any]:
    """Return the document; ``tasks`` are those of the journal, the rest is of this process.

    What the runner of a process has not got before it starts is ``None``, and so is
    ``realtime_enabled`` where no page is served. ``followed`` are the ids of the tasks
    that some connection follows now.
    """
    return {
        "runner": runner,
        "server_id": server_id,
        "epoch": epoch,
        "uptime_s": None if uptime_s is None else round(uptime_s, 1),
        "realtime_enabled": realtime_enabled,
        **traffic(meter),
        "tasks": {
            "by_state": dict(tasks.by_state),
            "protected": tasks.protected,
            "leased": tasks.leased,
            "pinned": tasks.pinned,
            "followed": len(set(followed)),
        },
        "changes": _changes(meter),
        "latency": delays(meter.latency),
    }


def traffic(meter: Meter) -> dict[str, Any]:
    """The part of the document that counts connections and what they carried."""
    by = meter.traffic
    frames = {name: each.frames for name, each in by.items()}
    opened = {name: each.open for name, each in by.items()}
    ended = {why: sum(each.ended[why] for each in by.values()) for why in ENDINGS}
    return {
        "connections": {
            "open": opened,
            "total": {name: each.opened for name, each in by.items()},
            "ended": ended,
        },
        "subscriptions": {
            "open": {name: each.following for name, each in by.items()},
            "total": {name: each.subscribed for name, each in by.items()},
        },
        "mix": {"connections": _shares(opened), "frames": _shares(frames)},
        "frames": frames,
        "bytes": {name: each.bytes for name, each in by.items()},
        "conflated": meter.progress_conflated,
        "resyncs": meter.resyncs,
        "slow_readers": ended["slow_reader"],
        "polls": meter.polls,
        "useless_polls": meter.useless_polls,
        "useless_share": round(meter.useless_polls / meter.polls, 4) if meter.polls else None,
    }


def _changes(meter: Meter) -> dict[str, Any]:
    """Totals by kind, each with its reasons, the most frequent first."""
    return {
        "downgrades": _total(meter, "downgrade"),
        "upgrades": _total(meter, "upgrade"),
        "recoveries": _total(meter, "recovery"),
        "by_reason": [
            {"kind": kind, "from": source, "to": target, "reason": reason, "count": count}
            for (kind, source, target, reason), count in meter.changes.most_common()
        ],
        "took": {kind: delays(meter.changing[kind]) for kind in CHANGE_KINDS},
    }


def _total(meter: Meter, wanted: str) -> int:
    return sum(count for (kind, *_), count in meter.changes.items() if kind == wanted)


def delays(latency: Latency) -> dict[str, Any]:
    """Percentiles of the window, and of how many measurements."""
    found = latency.percentiles()
    return {
        "n": found.n,
        "window_s": latency.window_s,
        "p50_ms": found.p50,
        "p95_ms": found.p95,
        "p99_ms": found.p99,
    }


def _shares(counts: Mapping[TransportName, int]) -> dict[str, float] | None:
    total = sum(counts.values())
    return {name: round(n / total, 4) for name, n in counts.items()} if total else None
