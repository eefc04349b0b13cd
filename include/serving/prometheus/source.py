"""Evidence from a Prometheus: the samples as scraped, counted here."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from include.evidence.tally import Evidence
from include.serving.prometheus.client import PrometheusClient
from include.serving.prometheus.conditions import Condition, unmeasured
from include.serving.prometheus.growth import Growth
from include.serving.prometheus.series import Scraped
from include.serving.prometheus.tallies import evidence
from include.serving.prometheus.together import together

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.serving.endpoint import EvidenceSource
    from include.serving.prometheus.configuration import PrometheusConfiguration
    from include.serving.prometheus.phases import Arm, Phase, Phases
    from include.serving.prometheus.selectors import Selector
    from include.serving.prometheus.series import Series
    from include.serving.prometheus.templates import Templates

KEPT = 32
"""Variants whose growth is kept between two looks; of others all samples are asked for again."""
CHUNK = 600.0
"""Most seconds of samples that one question asks for."""
_OVERLAP = 60.0


class PrometheusSource:
    """Counts what the variants of an endpoint do, by what a Prometheus scraped.

    Args:
        options: Which Prometheus, which series.
        phases: Who knows what is live, and since when.
        clock: Seconds since 1970, to find that the clocks differ.
    """

    def __init__(
        self,
        options: PrometheusConfiguration,
        phases: Phases,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._options, self._phases, self._clock = options, phases, clock
        self._templates = options.selectors()
        self._grown: OrderedDict[tuple[str, int, float, str], Growth] = OrderedDict()

    async def evidence(self, name: str, revision: int) -> Evidence:
        """Return what was counted under a revision; zero counts where nothing was yet.

        Raises:
            BadInput: no such endpoint.
            MetricsUnavailable: the counts are not known; its condition names why.
        """
        phase = await self._phases.phase(name, revision)
        if phase is None:
            return Evidence(name, revision, 0.0)
        async with PrometheusClient(self._options) as client:
            now = await client.now()
            self._check_clock(now)
            end = now if phase.until is None else min(now, phase.until)
            growths = await together(self._arm(client, phase, arm, end) for arm in phase.arms)
        for arm, growth in zip(phase.arms, growths, strict=True):
            self._check_fresh(phase, arm, growth, end)
        # Each process is scraped at a moment of its own.
        return evidence(phase, growths, self._templates, apart=self._options.scrape_seconds)

    async def _arm(self, client: PrometheusClient, phase: Phase, arm: Arm, end: float) -> Growth:
        """Grow a variant's counts up to a time, in steps where much has to be asked for."""
        growth, templates = self._growth(phase, arm), self._templates.filled(phase, arm)
        begin = max(phase.since, growth.newest - _OVERLAP) - self._patience
        while begin < end:
            upto = min(begin + CHUNK, end)
            await _take_up(client, templates, growth, (upto - begin, upto))
            begin = upto
        growth.check()
        return growth

    def _growth(self, phase: Phase, arm: Arm) -> Growth:
        key = (phase.endpoint, phase.revision, phase.since, arm.variant)
        growth = self._grown.get(key)
        if growth is None:
            where = f"{arm.variant} of {phase.endpoint}"
            growth = self._grown[key] = Growth(phase.since, self._templates.target, where)
        self._grown.move_to_end(key)
        while len(self._grown) > KEPT:
            self._grown.popitem(last=False)
        return growth

    @property
    def _patience(self) -> float:
        """Return for how long nothing new is nothing strange: one scrape may fail."""
        return 2 * self._options.scrape_seconds + self._options.lag_seconds

    def _check_clock(self, now: float) -> None:
        skew = now - self._clock()
        if abs(skew) > self._options.skew_seconds:
            raise unmeasured(
                Condition.SKEWED,
                f"Prometheus's clock is {skew:+.0f} s off ours",
                where=self._options.url,
                remedy="Let both keep time by NTP",
            )

    def _check_fresh(self, phase: Phase, arm: Arm, growth: Growth, end: float) -> None:
        """Refuse old samples as news. Right after the beginning there need not be any yet."""
        where = f"{arm.variant} of {phase.endpoint}"
        age = end - max(growth.newest, phase.since)
        if age <= self._patience or not arm.weight:
            return
        if not growth.newest:
            raise unmeasured(
                Condition.EMPTY,
                "no series of this variant",
                where=where,
                value=str(self._templates.filled(phase, arm).presence),
                remedy="Is it scraped? Are its labels these?",
            )
        raise unmeasured(
            Condition.STALE,
            f"the newest sample is {end - growth.newest:.0f} s old",
            where=where,
            remedy="Is its server up, and does Prometheus reach it? Its page /targets tells",
        )


async def _take_up(
    client: PrometheusClient, templates: Templates, growth: Growth, window: tuple[float, float]
) -> None:
    """Ask for presence first: a scrape that is seen there is whole in every later answer.

    Most looks fall between two scrapes, and end with that.
    """
    seconds, at = window

    async def of(selector: Selector | None) -> tuple[Series, ...]:
        return await client.samples(selector, seconds, at) if selector is not None else ()

    presence = await of(templates.presence)
    if growth.has_news(presence):
        signals = (templates.requests, templates.errors, templates.latency, templates.predictions)
        growth.fold(Scraped(presence, *await together(of(one) for one in signals)))
    elif not growth.targets:
        growth.fold(Scraped(presence))


if TYPE_CHECKING:
    from typing import cast

    _proof: EvidenceSource = cast("PrometheusSource", None)
