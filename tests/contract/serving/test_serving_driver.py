"""What every serving driver has to keep, whatever it drives."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include.errors import BadInput, Conflict, FencedOut, Forbidden, ServingUnavailable
from include.serving.endpoint import Endpoint, Health, Observation, ServingDriver, Variant
from include.serving.kserve.driver import KServeDriver
from include.serving.kserve.installation import Installation
from include.serving.local_driver import LocalDriver
from tests.support.memory_cluster import MemoryCluster
from tests.support.serving_daemon import Daemon, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INSTALLATION = Installation("models", store="s3://models", patience_seconds=5, poll_seconds=0.02)


class DriverContract:
    """The contract; a subclass gives the driver and two model versions that it can serve."""

    patience = 30.0

    @pytest.fixture
    def driver(self) -> ServingDriver:
        raise NotImplementedError

    @pytest.fixture
    def unreachable(self) -> ServingDriver:
        raise NotImplementedError

    @pytest.fixture
    def variants(self) -> tuple[Variant, Variant]:
        """A stable variant with all traffic, and a candidate without."""
        raise NotImplementedError

    @pytest.fixture
    def name(self, driver: ServingDriver) -> Iterator[str]:
        """An endpoint of this test's own, empty again afterwards."""
        name = f"contract-{uuid.uuid4().hex[:8]}"
        yield name
        with contextlib.suppress(BadInput):
            seen = driver.observe(name)
            driver.apply(Endpoint(name, "contract", 1, "over", seen.fencing_token + 1, ()))

    @pytest.fixture
    def live(self, driver: ServingDriver, name: str, variants: tuple[Variant, Variant]) -> Endpoint:
        wanted = Endpoint(name, "contract", 5, "rollout-5", 3, (variants[0],))
        driver.apply(wanted)
        self.until(driver, name, lambda seen: seen.variants[0].health is Health.READY)
        return wanted

    def until(
        self, driver: ServingDriver, name: str, true: Callable[[Observation], bool]
    ) -> Observation:
        deadline = time.monotonic() + self.patience
        while not true(seen := driver.observe(name)):
            assert time.monotonic() < deadline, seen
            time.sleep(0.05)
        return seen

    def test_apply_returns_before_the_model_is_ready_and_says_so(
        self, driver: ServingDriver, name: str, variants: tuple[Variant, Variant]
    ) -> None:
        wanted = Endpoint(name, "contract", 1, "x", 1, (variants[0],))
        seen = driver.apply(wanted)
        assert (seen.name, seen.revision, seen.fencing_token) == (name, 1, 1)
        assert [(one.name, one.version) for one in seen.variants] == [
            (variants[0].name, variants[0].version)
        ]
        assert seen.variants[0].health is not Health.READY
        assert seen.variants[0].weight == 0

    def test_a_variant_becomes_ready_and_then_has_its_weight(
        self, driver: ServingDriver, live: Endpoint
    ) -> None:
        seen = driver.observe(live.name).variants[0]
        assert (seen.health, seen.weight, seen.restarts) == (Health.READY, 100, 0)
        assert seen.url.startswith("http")

    def test_the_same_state_again_is_no_change(self, driver: ServingDriver, live: Endpoint) -> None:
        before = driver.observe(live.name)
        assert driver.apply(live) == before

    def test_an_older_token_is_fenced_out_and_changes_nothing(
        self, driver: ServingDriver, live: Endpoint
    ) -> None:
        before = driver.observe(live.name)
        with pytest.raises(FencedOut):
            driver.apply(replace(live, fencing_token=2, revision=99, variants=()))
        assert driver.observe(live.name) == before

    def test_an_older_revision_is_a_conflict(self, driver: ServingDriver, live: Endpoint) -> None:
        with pytest.raises(Conflict):
            driver.apply(replace(live, revision=4, variants=()))

    def test_one_revision_has_one_content(self, driver: ServingDriver, live: Endpoint) -> None:
        with pytest.raises(Conflict):
            driver.apply(replace(live, owner="somebody else"))

    def test_a_newer_token_takes_over(self, driver: ServingDriver, live: Endpoint) -> None:
        taken = replace(live, fencing_token=4, revision=6, owner="rollout-6")
        assert driver.apply(taken).fencing_token == 4
        with pytest.raises(FencedOut):
            driver.apply(replace(live, revision=7))

    def test_a_dark_candidate_is_ready_without_weight(
        self, driver: ServingDriver, live: Endpoint, variants: tuple[Variant, Variant]
    ) -> None:
        driver.apply(replace(live, revision=6, variants=variants))
        seen = self.until(
            driver, live.name, lambda seen: all(one.health is Health.READY for one in seen.variants)
        )
        assert [(one.name, one.weight) for one in seen.variants] == [
            (variants[0].name, 100),
            (variants[1].name, 0),
        ]

    def test_weights_move(
        self, driver: ServingDriver, live: Endpoint, variants: tuple[Variant, Variant]
    ) -> None:
        stable, candidate = variants
        split = (replace(stable, weight=75), replace(candidate, weight=25))
        driver.apply(replace(live, revision=6, variants=split))
        self.until(
            driver, live.name, lambda seen: [one.weight for one in seen.variants] == [75, 25]
        )
        driver.apply(replace(live, revision=7))
        seen = driver.observe(live.name)
        assert [(one.name, one.weight) for one in seen.variants] == [(stable.name, 100)]

    def test_an_endpoint_can_be_emptied(self, driver: ServingDriver, live: Endpoint) -> None:
        driver.apply(replace(live, revision=6, variants=()))
        assert driver.observe(live.name).variants == ()

    def test_weights_that_make_no_sense_are_refused(
        self, driver: ServingDriver, live: Endpoint, variants: tuple[Variant, Variant]
    ) -> None:
        before = driver.observe(live.name)
        for wrong in (
            (replace(variants[0], weight=60),),
            (variants[0], variants[0]),
            (replace(variants[0], weight=-100), replace(variants[1], weight=200)),
        ):
            with pytest.raises(BadInput):
                driver.apply(replace(live, revision=6, variants=wrong))
        assert driver.observe(live.name) == before

    @pytest.mark.parametrize("wrong", ["../etc", "a/b", "", "A", "x" * 80, "a%2fb", "a?b"])
    def test_names_that_lead_elsewhere_are_refused(
        self, driver: ServingDriver, live: Endpoint, wrong: str
    ) -> None:
        with pytest.raises(BadInput):
            driver.apply(replace(live, name=wrong))
        with pytest.raises(BadInput):
            driver.observe(wrong)

    def test_a_package_from_elsewhere_is_refused(
        self, driver: ServingDriver, live: Endpoint, variants: tuple[Variant, Variant]
    ) -> None:
        for uri in ("file:///etc", "http://127.0.0.1/x", variants[0].package_uri + "/../../.."):
            strange = replace(variants[0], package_uri=uri)
            with pytest.raises(BadInput):
                driver.apply(replace(live, revision=6, variants=(strange,)))

    def test_an_unknown_endpoint(self, driver: ServingDriver) -> None:
        with pytest.raises(BadInput, match="no such endpoint"):
            driver.observe("nobody")

    def test_the_other_side_is_away(self, unreachable: ServingDriver, live: Endpoint) -> None:
        with pytest.raises(ServingUnavailable):
            unreachable.observe(live.name)
        with pytest.raises(ServingUnavailable):
            unreachable.apply(live)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path_factory.mktemp("serving"))
    yield daemon.start()
    daemon.close()


class TestLocalDriver(DriverContract):
    @pytest.fixture
    def daemon(self, running: Daemon) -> Iterator[Daemon]:
        """The daemon of the module, its fakes well-behaved again after each test."""
        yield running
        running.behave("2.0.0")

    @pytest.fixture
    def driver(self, daemon: Daemon) -> ServingDriver:
        return daemon.driver

    @pytest.fixture
    def unreachable(self) -> Iterator[ServingDriver]:
        driver = LocalDriver(f"http://127.0.0.1:{free_port()}", "token")
        yield driver
        driver.close()

    @pytest.fixture
    def variants(self, daemon: Daemon) -> tuple[Variant, Variant]:
        return daemon.variant("stable", "1.0.0", 100), daemon.variant("candidate", "2.0.0", 0)

    def test_a_smoke_request_reaches_the_dark_candidate(
        self, daemon: Daemon, live: Endpoint, variants: tuple[Variant, Variant]
    ) -> None:
        daemon.driver.apply(replace(live, revision=6, variants=variants))
        self.until(
            daemon.driver,
            live.name,
            lambda seen: all(one.health is Health.READY for one in seen.variants),
        )
        answer = daemon.driver.smoke(live.name, "candidate", '{"inputs": []}')
        assert answer.status == 200
        assert answer.latency_ms > 0
        assert '"model_version": "2.0.0"' in answer.body
        daemon.behave("2.0.0", status=422)
        assert daemon.driver.smoke(live.name, "candidate", "{}").status == 422
        with pytest.raises(BadInput, match="no such variant"):
            daemon.driver.smoke(live.name, "nobody", "{}")

    def test_observing_from_an_event_loop(self, daemon: Daemon, live: Endpoint) -> None:
        assert asyncio.run(daemon.driver.observe_async(live.name)) == daemon.observe(live.name)
        with pytest.raises(BadInput):
            asyncio.run(daemon.driver.observe_async("nobody"))

    def test_a_wrong_token_is_not_an_unknown_endpoint(self, daemon: Daemon) -> None:
        stranger = LocalDriver(f"http://127.0.0.1:{daemon.admin_port}", "wrong")
        with pytest.raises(Forbidden, match="no valid token"):
            stranger.observe("any")
        stranger.close()


class TestKServeDriver(DriverContract):
    @pytest.fixture
    def cluster(self) -> MemoryCluster:
        return MemoryCluster()

    @pytest.fixture
    def driver(self, cluster: MemoryCluster) -> ServingDriver:
        return KServeDriver(cluster, INSTALLATION)

    @pytest.fixture
    def unreachable(self) -> ServingDriver:
        away = MemoryCluster()
        away.conduct.down = True
        return KServeDriver(away, INSTALLATION)

    @pytest.fixture
    def variants(self) -> tuple[Variant, Variant]:
        return (
            Variant("stable", "1.0.0", "s3://models/packages/1", "a" * 64, 100),
            Variant("candidate", "2.0.0", "s3://models/packages/2", "b" * 64, 0),
        )
