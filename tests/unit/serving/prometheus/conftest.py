"""A fake Prometheus with one endpoint of two variants, which tests move and look at."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from include.rollout.judging import Versions, judge
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.phases import Arm, Phase
from tests.support import plans
from tests.support.fake_prometheus import Counters, FakePrometheus, Phased

SCRAPE, LAG = 5.0, 1.0
PATIENCE = 2 * SCRAPE + LAG


class Scene:
    """Time is the Prometheus's: the source's clock follows it."""

    def __init__(self, prometheus: FakePrometheus) -> None:
        self.prometheus = prometheus
        began = time.time() - 600
        self.stable = Counters("loans", "1.0.0", "10.0.0.1:8080", began)
        self.canary = Counters("loans", "2.0.0", "10.0.0.2:8080", began)
        prometheus.targets = [self.stable, self.canary]
        arms = (Arm("v1", "1.0.0", 50), Arm("v2", "2.0.0", 50))
        self.phases = Phased("loans", {3: Phase("loans", 3, time.time(), arms)})
        self.source = self.another()

    def another(self, **options: object):
        """Return a source that has seen nothing yet."""
        told = {"kind": "prometheus", "url": self.prometheus.url, "scrape_seconds": SCRAPE}
        found = source(configured({**told, "lag_seconds": LAG, **options}), self.phases)
        found._clock = self.prometheus.now  # type: ignore[attr-defined]
        return found

    def begun(self) -> Scene:
        """Let the first scrape of the phase come."""
        self.later(1)
        self.prometheus.scrape()
        return self

    def later(self, seconds: float) -> None:
        self.prometheus.ahead += seconds

    def scraped(self, seconds: float = SCRAPE) -> None:
        self.later(seconds)
        self.prometheus.scrape()

    def serve(self, count: int, errors: int = 0) -> None:
        """Both answer, errors being the canary's; then comes the scrape."""
        self.stable.answer(count)
        self.canary.answer(count - errors)
        if errors:
            self.canary.answer(errors, "500")
        self.scraped()

    def until(self, seconds: float) -> None:
        self.phases.phases[3] = replace(self.phases.phases[3], until=seconds)

    def evidence(self):
        return asyncio.run(self.source.evidence("loans", 3))

    def seen(self):
        plan = plans.plan("canary", 50)
        return judge(plan, 0, Versions("1.0.0", "2.0.0"), self.evidence())


@pytest.fixture
def scene():
    prometheus = FakePrometheus()
    yield Scene(prometheus)
    prometheus.close()
