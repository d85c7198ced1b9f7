"""Counts what this kernel itself delivers to pages that cannot reach the runner."""

from __future__ import annotations

from functools import cache
from typing import Any

from stockwidget.delivery.meter import Meter
from stockwidget.delivery.stats import delays, traffic


@cache
def comm_meter() -> Meter:
    """One for all cards of the process."""
    return Meter(transports=["comm"])


def comm_stats() -> dict[str, Any] | None:
    """The statistics document's parts that a kernel has; ``None`` if no page ever needed them."""
    meter = comm_meter()
    if not meter.traffic["comm"].opened:
        return None
    return {**traffic(meter), "latency": delays(meter.latency)}
