"""A stage that is judged by metrics: what it passes and fails by, and what an outage leads to."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from include.client.messages.plans import StageState
from include.rollout.stages import variant_name
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.phases import Arm, Phase
from include.spec.release import Patience
from operators.hooks.serving import ServingHook
from tests.support.fake_prometheus import Counters, FakePrometheus
from tests.support.release_run import FIRST, MODEL
from tests.support.release_stories import endpoint, rollout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from include.client.messages.registry import Version
    from include.evidence.tally import Evidence
    from include.serving.endpoint import Observation, ServingDriver

STABLE, CANDIDATE = "1.0.0", "1.0.1"
# A pause of the machine makes samples old, which is waited out.
LONG = Patience(min_requests=20, min_seconds=0, deadline_minutes=1)


class Measured:
    """A driver whose stage of 25 % is counted by a Prometheus, and by the daemon every other."""

    def __init__(self, driver: ServingDriver, zone: Zone) -> None:
        self._driver, self._zone = driver, zone

    async def observe_async(self, name: str) -> Observation:
        return await self._driver.observe_async(name)

    async def evidence(self, name: str, revision: int) -> Evidence:
        if self._zone.since is None:
            return await self._driver.evidence(name, revision)
        return await self._zone.source.evidence(name, revision)


class Zone:
    """The Prometheus, the servers that it scrapes, and since when it is asked.

    Attributes:
        since: When the stage of 25 % began; None before and after it.
    """

    def __init__(self) -> None:
        self.prometheus = FakePrometheus()
        began = time.time() - 60
        self.stable = Counters(MODEL, STABLE, "a:8080", began)
        self.candidate = Counters(MODEL, CANDIDATE, "b:8080", began)
        self.prometheus.targets = [self.stable, self.candidate]
        self.since: float | None = None
        told = {"scrape_seconds": 0.2, "lag_seconds": 1.0, "skew_seconds": 10}
        url = {"kind": "prometheus", "url": self.prometheus.url}
        self.source = source(configured({**url, **told}), self)
        self._ended = threading.Event()

    async def phase(self, name: str, revision: int) -> Phase | None:
        arms = (
            Arm(variant_name(STABLE), STABLE, 75),
            Arm(variant_name(CANDIDATE), CANDIDATE, 25),
        )
        return Phase(name, revision, self.since or 0.0, arms)

    def begin(self, errors: int = 0) -> None:
        """Begin the stage: requests come between two scrapes, more scrapes follow."""
        self.since = time.time()
        time.sleep(0.01)
        self.prometheus.scrape()
        self.stable.answer(300)
        self.candidate.answer(100 - errors)
        self.candidate.answer(errors, "500")
        self._ended.clear()
        threading.Thread(target=self._scrape, daemon=True).start()

    def _scrape(self) -> None:
        while not self._ended.wait(0.1):
            self.prometheus.scrape()

    def end(self) -> None:
        """Ask the daemon again."""
        self.quiet()
        self.since = None

    def quiet(self) -> None:
        """Scrape no more."""
        self._ended.set()
        time.sleep(0.15)


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zone]:
    zone, plain = Zone(), ServingHook.async_driver

    async def driver(hook: ServingHook) -> Any:
        return Measured(await plain(hook), zone)

    monkeypatch.setattr(ServingHook, "async_driver", driver)
    yield zone
    zone.quiet()
    zone.prometheus.close()


@pytest.fixture
def live(run: Any, register: Any, zone: Zone) -> Version:
    register("a")
    run().through(*FIRST)
    version: Version = register("b")
    return version


def states(plane: Any) -> list[StageState]:
    return [record.state for record in rollout(plane).stages]


def test_a_good_candidate_is_promoted(run: Any, live: Version, plane: Any, zone: Zone) -> None:
    release = run("release_2", patience=LONG)
    release.play({"stage_25.health": zone.begin, "stage_25.verdict": zone.end})
    assert states(plane) == [StageState.PASSED] * 3
    assert endpoint(plane).live_version == CANDIDATE


def test_a_candidate_with_errors_is_rolled_back(
    run: Any, live: Version, plane: Any, zone: Zone
) -> None:
    def begin() -> None:
        zone.begin(errors=20)

    release = run("release_2", patience=LONG)
    release.play({"stage_25.health": begin, "stage_25.verdict": zone.end})
    assert states(plane)[1] is StageState.FAILED
    assert "20 of 100 requests failed" in rollout(plane).stages[1].seen.words
    assert endpoint(plane).live_version == STABLE


def down(zone: Zone) -> None:
    zone.prometheus.status = 503


def empty(zone: Zone) -> None:
    zone.quiet()
    zone.prometheus.samples.clear()
    time.sleep(1.6)


def stale(zone: Zone) -> None:
    zone.quiet()
    time.sleep(1.6)


def nan(zone: Zone) -> None:
    zone.candidate.codes["200"] = float("nan")
    time.sleep(0.3)


@pytest.mark.parametrize("wrong", [down, empty, stale, nan])
def test_an_outage_of_the_metrics_rolls_no_candidate_back(
    run: Any, live: Version, plane: Any, zone: Zone, wrong: Callable[[Zone], None]
) -> None:
    release = run("release_2")
    words = []

    def begin() -> None:
        zone.begin()
        wrong(zone)

    def answer() -> None:
        assert states(plane)[1] is StageState.UNDECIDED
        words.append(rollout(plane).stages[1].seen.words)
        zone.end()
        release.answer("continue")

    release.play({"stage_25.health": begin, "stage_25.answer": answer})
    assert f"metrics {wrong.__name__}" in words[0]
    assert states(plane) == [StageState.PASSED, StageState.ACCEPTED, StageState.PASSED]
    assert endpoint(plane).live_version == CANDIDATE
