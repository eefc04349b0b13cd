"""A cluster in memory, a driver for it, and two versions to serve."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from include.serving.endpoint import Endpoint, Health, Observation, Variant
from include.serving.kserve.driver import KServeDriver
from include.serving.kserve.installation import Installation
from tests.support.memory_cluster import Killed, MemoryCluster

if TYPE_CHECKING:
    from collections.abc import Callable

INSTALLATION = Installation("models", store="s3://models", patience_seconds=3, poll_seconds=0.01)


def variant(version: str, weight: int) -> Variant:
    name, digest = "v" + version.replace(".", "_"), f"{version.replace('.', '')}{'0' * 61}"
    return Variant(name, version, f"s3://models/packages/{version}", digest, weight)


@dataclass
class Scene:
    """One endpoint, whose wishes are told as versions with their weights."""

    cluster: MemoryCluster
    driver: KServeDriver
    wanted: Endpoint

    def want(self, revision: int = 0, token: int = 0, **weights: int) -> Observation:
        """Want versions (``v1=95, v2=5``) under the next revision, or the one given."""
        self.wanted = replace(
            self.wanted,
            revision=revision or self.wanted.revision + 1,
            fencing_token=token or self.wanted.fencing_token,
            variants=tuple(variant(f"{name[1:]}.0.0", share) for name, share in weights.items()),
        )
        return self.driver.apply(self.wanted)

    def until(self, true: Callable[[Observation], bool]) -> Observation:
        deadline = time.monotonic() + 5
        while not true(seen := self.driver.observe("loans")):
            assert time.monotonic() < deadline, seen
            time.sleep(0.01)
        return seen

    def until_ready(self) -> Observation:
        return self.until(lambda seen: all(one.health is Health.READY for one in seen.variants))

    def survive(self, revision: int = 0, **weights: int) -> int:
        """Want it with a process that dies after each of its writes; return how often it died."""
        deaths, revision = 0, revision or self.wanted.revision + 1
        while True:
            self.cluster.conduct.dies_after = 0
            with contextlib.suppress(Killed):
                self.want(revision, **weights)
                self.cluster.conduct.dies_after = -1
                return deaths
            deaths += 1
            assert deaths < 10

    def weights(self) -> dict[str, int]:
        return {one.version[0]: one.weight for one in self.driver.observe("loans").variants}

    def percents(self) -> dict[str, int]:
        spec = self.cluster.service("loans")["spec"]
        return {one["predictor"]["name"]: one["trafficPercent"] for one in spec["canary"]}

    @property
    def stable(self) -> str:
        return str(self.cluster.service("loans")["spec"]["predictor"]["name"])


@pytest.fixture
def cluster() -> MemoryCluster:
    """Return an empty cluster."""
    return MemoryCluster()


@pytest.fixture
def scene(cluster: MemoryCluster) -> Scene:
    """Return an endpoint that nobody has wanted anything of."""
    empty = Endpoint("loans", "loans", 0, "rollout-1", 1, ())
    return Scene(cluster, KServeDriver(cluster, INSTALLATION), empty)


@pytest.fixture
def live(scene: Scene) -> Scene:
    """Return an endpoint whose first version answers everything."""
    scene.want(v1=100)
    scene.until_ready()
    return scene
