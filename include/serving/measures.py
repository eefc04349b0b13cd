"""What the router counts, as Prometheus metrics in a registry of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from include.serving import faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.errors import AirworthyError
    from include.serving.endpoint import Observation
    from include.serving.fleet import Fleet
    from include.serving.joining import Joined
    from include.serving.journal import Journal
    from include.serving.witness import Asked, Predicted

_BUCKETS = (
    0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075,
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
_LABELS = ("endpoint", "variant", "version")


class Measures:
    """Counters and histograms; children are kept, looking them up costs more than counting."""

    media_type = b"text/plain; version=0.0.4; charset=utf-8"

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._new(
            "router_requests",
            "Requests by endpoint, variant, version and status; tries that a server left "
            "unanswered have the status the caller would have got.",
            *_LABELS,
            "code",
        )
        self._seconds = Histogram(
            "airworthy_router_request_seconds",
            "Seconds from sending a request to a model server to its whole answer.",
            _LABELS,
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._refused = self._new(
            "router_refused", "Requests that the router itself answered, by status.", "code"
        )
        told = "Requests that were to be mirrored, by shadow variant and what became of them."
        self._mirrored = self._new("router_mirrored", told, *_LABELS, "result")
        told = "Labels that arrived, by whose prediction they are about and what became of them."
        self._outcomes = self._new("outcomes", told, *_LABELS, "result")
        self._up = Gauge("airworthy_router_up", "1 while it runs.", registry=self.registry)
        self._up.set(1)
        self._variants: _Variants | None = None
        self._counters: dict[tuple[str, str, str, int], Counter] = {}
        self._histograms: dict[tuple[str, str, str], Histogram] = {}

    def answered(self, predicted: Predicted) -> None:
        """Count an answer, unless it was asked for past the router."""
        if predicted.asked.variant:
            return
        name, status = predicted.asked.endpoint, predicted.answer.status
        self._counter(name, predicted.variant, predicted.version, status).inc()
        key = (name, predicted.variant, predicted.version)
        histogram = self._histograms.get(key)
        if histogram is None:
            histogram = self._histograms[key] = self._seconds.labels(*key)
        histogram.observe(predicted.seconds)

    def failed(self, asked: Asked, variant: str, version: str, error: AirworthyError) -> None:
        """Count a try that got no answer, unless it was made past the router."""
        if asked.variant:
            return
        self._counter(asked.endpoint, variant, version, faults.status_of(error)).inc()

    def mirrored(
        self,
        asked: Asked,
        visible: Predicted | None,
        shadow: Predicted | None,
        variant: str,
        version: str,
    ) -> None:
        """Count a mirrored request by whether its shadow answered."""
        del visible
        result = "answered" if shadow is not None else "failed"
        self._mirrored.labels(asked.endpoint, variant, version, result).inc()

    def dropped(self, asked: Asked, variant: str, version: str) -> None:
        """Count a request that was not mirrored, though it should have been."""
        self._mirrored.labels(asked.endpoint, variant, version, "dropped").inc()

    def labelled(self, joined: Joined) -> None:
        """Count a label."""
        origin = joined.origin
        labels = (origin.endpoint, origin.variant, origin.version) if origin else ("", "", "")
        self._outcomes.labels(*labels, joined.result.value).inc()

    def refused(self, status: int) -> None:
        """Count an answer of the router itself."""
        self._refused.labels(str(status)).inc()

    def watch(self, fleet: Fleet) -> None:
        """Report the variants of a fleet at each scrape."""
        self._variants = _Variants(fleet)
        self.registry.register(self._variants)

    def watch_journals(self, journals: tuple[Journal[Any], ...]) -> None:
        """Report what logs have lost at each scrape."""
        self.registry.register(_Losses(journals))

    async def exposition(self) -> bytes:
        """Return everything in the text format, rendered beside the event loop."""
        if self._variants is not None:
            self._variants.look()
        return await asyncio.to_thread(generate_latest, self.registry)

    def _new(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"airworthy_{name}", help_text, labels, registry=self.registry)

    def _counter(self, endpoint: str, variant: str, version: str, status: int) -> Counter:
        key = (endpoint, variant, version, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._requests.labels(endpoint, variant, version, str(status))
            self._counters[key] = counter
        return counter


class _Variants:
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._seen: tuple[Observation, ...] = ()

    def look(self) -> None:
        self._seen = tuple(self._fleet.observe(name) for name in self._fleet.names)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield from _families()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        weight, ready, restarts = _families()
        for observation in self._seen:
            for state in observation.variants:
                labels = [observation.name, state.name, state.version]
                weight.add_metric(labels, state.weight)
                ready.add_metric(labels, float(state.health == "ready"))
                restarts.add_metric(labels, state.restarts)
        yield from (weight, ready, restarts)


class _Losses:
    def __init__(self, journals: tuple[Journal[Any], ...]) -> None:
        self._journals = journals

    def collect(self) -> Iterator[CounterMetricFamily]:
        lost = CounterMetricFamily(
            "airworthy_log_entries_lost",
            "Entries of a log that were dropped (queue) or that could not be written (disk).",
            labels=("log", "reason"),
        )
        for journal in self._journals:
            lost.add_metric([journal.folder.name, "queue"], journal.dropped)
            lost.add_metric([journal.folder.name, "disk"], journal.unwritten)
        yield lost


def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
    return (
        GaugeMetricFamily(
            "airworthy_variant_weight", "Percent of requests in effect.", labels=_LABELS
        ),
        GaugeMetricFamily(
            "airworthy_variant_ready", "1 while the wanted version answers.", labels=_LABELS
        ),
        GaugeMetricFamily(
            "airworthy_variant_restarts", "Starts after the first, of all replicas.", labels=_LABELS
        ),
    )
