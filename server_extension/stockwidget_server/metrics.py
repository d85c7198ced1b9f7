"""The statistics as Prometheus metrics, on the Jupyter server's own ``/metrics``.

Labels take their values from fixed lists only: transports, states, kinds and reasons.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from stockwidget.delivery.meter import ENDINGS, Meter
from stockwidget.tasks.tally import Tally

BOUNDS_MS = tuple(2**power for power in range(15))
"""Of the histogram's buckets: 1 ms to 16 s."""
log = logging.getLogger("stockwidget.server.metrics")


class Metrics(Collector):
    """Reads the meter when it is scraped; ``tasks`` gives the counts that are known already.

    A scrape cannot wait for the journal.
    """

    def __init__(self, meter: Meter, tasks: Callable[[], Tally | None]) -> None:
        self._meter = meter
        self._tasks = tasks
        self._registry: CollectorRegistry | None = None

    def register(self, registry: CollectorRegistry = REGISTRY) -> None:
        """Show the metrics; of several servers in one process only the first one does."""
        try:
            registry.register(self)
        except ValueError:
            log.debug("Another server of this process shows its metrics.")
        else:
            self._registry = registry

    def unregister(self) -> None:
        """Show them no longer."""
        if self._registry is not None:
            self._registry.unregister(self)
            self._registry = None

    def collect(self) -> Iterable[Metric]:
        """Yield every metric as of now."""
        meter = self._meter
        yield from self._traffic()
        yield self._counter("progress_conflated", "Progress events skipped for newer ones.",
                            {(): meter.progress_conflated})  # fmt: skip
        yield self._counter("resyncs", "Queues replaced by a snapshot.", {(): meter.resyncs})
        yield self._counter("polls", "Polls answered.", {(): meter.polls})
        yield self._counter("useless_polls", "Polls answered by nothing new.",
                            {(): meter.useless_polls})  # fmt: skip
        yield self._counter(
            "transport_changes",
            "Changes of transport that clients reported.",
            dict(meter.changes),
            labels=("kind", "from", "to", "reason"),
        )
        yield self._delays()
        tasks = self._tasks()
        if tasks is not None:
            yield self._gauge("tasks", "In the journal.", tasks.by_state, label="state")
            for name, words, count in (
                ("protected", "That stay even if their retention is over.", tasks.protected),
                ("leased", "Whose followers count as present.", tasks.leased),
                ("pinned", "That are pinned.", tasks.pinned),
            ):
                yield GaugeMetricFamily(f"stockwidget_tasks_{name}", words, value=count)

    def _traffic(self) -> Iterable[Metric]:
        by = self._meter.traffic
        transport = ("transport",)
        for name, words, values in (
            ("connections_open", "Connections now.", {k: v.open for k, v in by.items()}),
            ("subscriptions_open", "Followed tasks, once a connection.",
             {k: v.following for k, v in by.items()}),
        ):  # fmt: skip
            yield self._gauge(name, words, values, label="transport")
        counts: tuple[tuple[str, str, Mapping[str, int]], ...] = (
            ("connections", "Connections opened.", {k: v.opened for k, v in by.items()}),
            ("subscriptions", "Tasks subscribed to.", {k: v.subscribed for k, v in by.items()}),
            ("frames_sent", "Envelopes sent.", {k: v.frames for k, v in by.items()}),
            ("writes", "Writes that carried them.", {k: v.writes for k, v in by.items()}),
            ("sent_bytes", "Bytes of envelopes sent.", {k: v.bytes for k, v in by.items()}),
        )
        for name, words, counted in counts:
            yield self._counter(
                name, words, {(k,): v for k, v in counted.items()}, labels=transport
            )
        yield self._counter(
            "connections_ended",
            "Connections ended.",
            {(name, why): each.ended[why] for name, each in by.items() for why in ENDINGS},
            labels=("transport", "reason"),
        )

    def _delays(self) -> Metric:
        latency = self._meter.latency
        counts = latency.below(BOUNDS_MS)
        buckets = [(str(ms / 1000), n) for ms, n in zip(BOUNDS_MS, counts, strict=True)]
        histogram = HistogramMetricFamily(
            "stockwidget_delivery_latency_seconds",
            "From an event to the end of the write that delivered it.",
        )
        histogram.add_metric((), [*buckets, ("+Inf", latency.n)], latency.sum_ms / 1000)
        return histogram

    @staticmethod
    def _gauge(name: str, words: str, values: Mapping[Any, int], *, label: str) -> Metric:
        gauge = GaugeMetricFamily(f"stockwidget_{name}", words, labels=(label,))
        for value, count in values.items():
            gauge.add_metric((value,), count)
        return gauge

    @staticmethod
    def _counter(
        name: str,
        words: str,
        values: Mapping[tuple[Any, ...], int],
        *,
        labels: tuple[str, ...] = (),
    ) -> Metric:
        counter = CounterMetricFamily(f"stockwidget_{name}", words, labels=labels)
        for label, value in values.items():
            counter.add_metric(label, value)
        return counter
