"""What a look before a release finds of a variant's metrics, and who takes that look."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from include.errors import MetricsUnavailable
from include.serving.prometheus.client import PrometheusClient
from include.serving.prometheus.configuration import PodsConfiguration
from include.serving.prometheus.reading import opened, read_server
from include.serving.prometheus.together import together

if TYPE_CHECKING:
    from include.serving.prometheus.answers import Described
    from include.serving.prometheus.configuration import PrometheusConfiguration
    from include.serving.prometheus.phases import Arm, Phase
    from include.serving.prometheus.selectors import Selector
    from include.serving.prometheus.series import Series
    from include.serving.prometheus.templates import Templates

LOOK_BACK = 300.0
"""Seconds that a look before a release sees."""


@dataclass(frozen=True)
class Found:
    """What is known of one signal.

    Attributes:
        signal: ``presence``, ``requests``, ``errors``, ``latency`` or ``predictions``.
        selector: What was asked for; None where the installation names none.
        series: What was found.
        described: What the servers say of the metric; empty where nobody knows.
    """

    signal: str
    selector: Selector | None
    series: tuple[Series, ...] = ()
    described: tuple[Described, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known of one variant.

    Attributes:
        where: Whose metrics, for messages.
        now: What time it is where the metrics are.
        clock: What time it is here.
        templates: What was asked for.
        found: One for each signal.
        outage: Why nothing could be found; empty where something could.
        condition: Its name, as in `Condition`.
        remedy: What to do about it.
    """

    where: str
    now: float
    clock: float
    templates: Templates
    found: tuple[Found, ...] = ()
    outage: str = ""
    condition: str = ""
    remedy: str = ""

    def of(self, signal: str) -> Found:
        """Return what is known of a signal."""
        return next((one for one in self.found if one.signal == signal), Found(signal, None))


async def facts(
    options: PrometheusConfiguration | PodsConfiguration, phase: Phase, arm: Arm
) -> Facts:
    """Look at a variant that is live. An outage is a fact too."""
    templates = options.selectors().filled(phase, arm)
    where, clock = f"{arm.variant} of {phase.endpoint}", time.time()
    empty = Facts(where, clock, clock, templates)
    try:
        if isinstance(options, PodsConfiguration):
            return await _of_pods(options, arm, empty)
        async with PrometheusClient(options) as client:
            return await _of_prometheus(client, empty, 2 * options.scrape_seconds)
    except MetricsUnavailable as error:
        return replace(empty, outage=error.what, condition=error.condition, remedy=error.remedy)


async def reached(options: PrometheusConfiguration, phase: Phase) -> Facts:
    """Look whether a Prometheus is there at all, where nothing is live to look at."""
    clock = time.time()
    empty = Facts(phase.endpoint, clock, clock, options.selectors())
    try:
        async with PrometheusClient(options) as client:
            return replace(empty, now=await client.now(), clock=time.time())
    except MetricsUnavailable as error:
        return replace(empty, outage=error.what, condition=error.condition, remedy=error.remedy)


async def _of_prometheus(client: PrometheusClient, empty: Facts, living: float) -> Facts:
    now = await client.now()

    async def of(signal: str, selector: Selector | None) -> Found:
        if selector is None:
            return Found(signal, None)
        series = await client.samples(selector, LOOK_BACK, now)
        described = await client.described(selector.metric)
        # A histogram is described under its own name, without the ending of its buckets.
        described = described or await client.described(selector.metric.removesuffix("_bucket"))
        return Found(signal, selector, series, described)

    found = await together(of(*one) for one in _selectors(empty.templates))
    newest = max((one.samples[-1][0] for one in found[0].series if one.samples), default=now)
    kept = tuple(_living(one, newest - living) for one in found)
    return replace(empty, now=now, clock=time.time(), found=kept)


def _living(found: Found, after: float) -> Found:
    """Leave out what has ended: what a server said before it was put right does not count."""
    series = tuple(one for one in found.series if one.samples and one.samples[-1][0] >= after)
    return replace(found, series=series)


async def _of_pods(options: PodsConfiguration, arm: Arm, empty: Facts) -> Facts:
    async with opened(options) as client:
        reads = (
            read_server(client, options, address, empty.templates, empty.now)
            for address in arm.addresses
        )
        seen = await together(reads)
    found = tuple(
        Found(signal, selector, tuple(s for one in seen for s in getattr(one, signal)))
        for signal, selector in _selectors(empty.templates)
    )
    return replace(empty, found=found)


def _selectors(templates: Templates) -> tuple[tuple[str, Selector | None], ...]:
    signals = ("presence", "requests", "errors", "latency", "predictions")
    return tuple((signal, getattr(templates, signal)) for signal in signals)
