"""A real Prometheus, killed and started again, over processes that stop, restart and lie."""

from __future__ import annotations

import asyncio
import time

import pytest
from prometheus_client.core import CounterMetricFamily

from include.errors import MetricsUnavailable
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.phases import Arm, Phase
from include.serving.prometheus.preflight import Needs, preflight
from tests.support.fake_prometheus import Phased
from tests.support.real_prometheus import ModelProcess, RealPrometheus, until

INTERVAL, LAG = 0.5, 1.0
SECONDS = 60.0


class Scene:
    """One variant of two processes, which a Prometheus scrapes."""

    def __init__(self, folder):
        self.processes = [ModelProcess("loans", "1.0.0") for _ in range(2)]
        ports = tuple(process.port for process in self.processes)
        self.prometheus = RealPrometheus(folder, ports, INTERVAL).start()
        self.phases = Phased("loans")
        self.source = self.another()
        self.phase = Phase("loans", 1, time.time(), (Arm("v1", "1.0.0", 100),))
        self.phases.phases[1] = self.phase

    def options(self, **more):
        return configured({
            "kind": "prometheus",
            "url": self.prometheus.url,
            "scrape_seconds": INTERVAL,
            "lag_seconds": LAG,
            **more,
        })

    def another(self, **more):
        return source(self.options(**more), self.phases)

    def begin(self):
        """Begin a phase, and wait until every process was scraped in it."""
        self.phase = Phase("loans", 1, time.time(), (Arm("v1", "1.0.0", 100),))
        self.phases.phases[1] = self.phase
        self.source = self.another()
        until(self._is_seen, "each process was scraped in the phase", SECONDS)

    def _is_seen(self):
        """Counting begins with a process's first scrape in the phase; one may fail or come late."""
        scraped = self.prometheus.scraped()
        return len(scraped) == len(self.processes) and min(scraped) > self.phase.since

    def evidence(self):
        """Look; a pause of the machine is waited out, it makes samples old for a moment."""
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                return asyncio.run(self.source.evidence("loans", 1))
            except MetricsUnavailable:
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def condition(self):
        try:
            asyncio.run(self.source.evidence("loans", 1))
        except MetricsUnavailable as error:
            return error.condition
        return ""

    def counts(self):
        tallies = self.evidence().tallies
        return (tallies[0].requests, tallies[0].errors) if tallies else (0, 0)

    def close(self):
        self.prometheus.kill()
        for process in self.processes:
            process.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    scene = Scene(tmp_path_factory.mktemp("prometheus"))
    yield scene
    scene.close()


@pytest.fixture
def scene(running):
    running.begin()
    return running


def test_requests_are_counted_exactly(scene):
    one, other = scene.processes
    one.answer(37)
    other.answer(5)
    other.answer(3, 503)
    other.answer(2, 404)
    until(lambda: scene.counts() == (45, 3), "all are counted", SECONDS)
    (tally,) = scene.evidence().tallies
    assert tally.refused == 2
    assert sum(count for _, count in tally.outputs) == 42


def test_a_restart_of_a_target_loses_nothing_that_was_scraped(scene):
    one = scene.processes[0]
    one.answer(40)
    until(lambda: scene.counts() == (40, 0), "counted before", SECONDS)
    one.stop()
    one.start().answer(7)
    until(lambda: scene.counts() == (47, 0), "counted after", SECONDS)
    assert scene.evidence().interruptions == 1
    scene.source = scene.another()
    assert scene.counts() == (47, 0)


def test_a_killed_prometheus_is_an_outage_and_no_harm(scene):
    one = scene.processes[0]
    one.answer(11)
    until(lambda: scene.counts() == (11, 0), "counted before", SECONDS)
    scene.prometheus.kill()
    one.answer(4)
    assert scene.condition() == "down"
    scene.prometheus.start()
    until(lambda: scene.condition() == "", "it is back", SECONDS)
    until(lambda: scene.counts() == (15, 0), "counted after", SECONDS)


def test_a_stopped_target_is_stale(scene):
    for process in scene.processes:
        process.stop()
    try:
        until(lambda: scene.condition() == "stale", "stale", SECONDS)
    finally:
        for process in scene.processes:
            process.start()
    until(lambda: scene.condition() == "", "fresh", SECONDS)


def test_a_version_that_nobody_has_is_empty(scene):
    arms = (Arm("v9", "9.0.0", 100),)
    scene.phases.phases[1] = Phase("loans", 1, time.time(), arms)
    until(lambda: scene.condition() == "empty", "empty", SECONDS)


class NoNumber:
    """A counter of the same name that went wrong."""

    def collect(self):
        labels = ("model", "version", "code")
        wrong = CounterMetricFamily("airworthy_model_requests", "Wrong.", labels=labels)
        wrong.add_metric(("loans", "1.0.0", "418"), float("nan"))
        yield wrong

    def describe(self):
        return []


def test_a_counter_that_is_no_number_is_told(scene):
    registry, wrong = scene.processes[0].registry, NoNumber()
    registry.register(wrong)
    try:
        until(lambda: scene.condition() == "nan", "nan", SECONDS)
    finally:
        registry.unregister(wrong)
    until(lambda: scene.condition() == "", "sound again", SECONDS)


class TestPreflight:
    def ask(self, scene, needs=None, **more):
        needs = needs or Needs(limit_ms=20.024)
        return [
            str(one) for one in asyncio.run(preflight(scene.options(**more), scene.phase, needs))
        ]

    def test_our_metrics_are_fit(self, scene):
        # What a test before did wrong is out of sight two scrapes later.
        until(lambda: not self.ask(scene), "our metrics are fit", 4 * INTERVAL)

    def test_a_gauge_and_a_histogram_without_buckets_are_told(self, scene):
        own = '{model="$model",version="$version"}'
        told = self.ask(
            scene,
            templates={
                "presence": f"airworthy_model_start_time_seconds{own}",
                "requests": f"airworthy_model_start_time_seconds{own}",
                "latency": f"airworthy_model_request_seconds_count{own}",
                "predictions": f"airworthy_model_prediction_bucket{own}",
            },
        )
        for words in ("is a gauge", "label 'code' is no HTTP status", 'no bucket has le="+Inf"'):
            assert any(words in line for line in told), told

    def test_wrong_units_are_told(self, scene):
        own = '{model="$model",version="$version"}'
        told = self.ask(
            scene,
            templates={
                "presence": f"airworthy_model_start_time_seconds{own}",
                "requests": f"airworthy_model_requests_total{own}",
                "latency": f"airworthy_model_request_seconds_bucket{own}",
                "predictions": f"airworthy_model_prediction_bucket{own}",
                "latency_unit": "milliseconds",
            },
        )
        assert any("not in milliseconds" in line for line in told), told

    def test_another_interval_is_told(self, scene):
        # Between two scrapes lies an interval: there are two some time after the start.
        def is_told() -> bool:
            told = self.ask(scene, scrape_seconds=0.1, lag_seconds=60)
            return any("is scraped each" in line for line in told)

        until(is_told, "the interval is told", SECONDS)
