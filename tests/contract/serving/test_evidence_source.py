"""What every source of evidence has to keep, whoever counts."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import httpx
import pytest

from include.errors import BadInput, ServingUnavailable
from include.evidence.tally import Evidence, Tally, output_bin
from include.serving.local_driver import LocalDriver
from include.serving.prometheus.building import source
from include.serving.prometheus.configuration import configured
from include.serving.prometheus.phases import Arm, Phase
from tests.support.exposing_server import ExposingServer
from tests.support.fake_prometheus import Counters, FakePrometheus, Phased
from tests.support.serving_daemon import Daemon, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.serving.endpoint import EvidenceSource


class Scene:
    """An endpoint with one variant, whoever counts: move it to a revision, send it requests."""

    name = "loans"
    source: EvidenceSource

    def move(self, revision: int) -> None:
        raise NotImplementedError

    def send(self, count: int, *, fail: bool = False) -> None:
        raise NotImplementedError

    def evidence(self, revision: int, name: str = "") -> Evidence:
        return asyncio.run(self.source.evidence(name or self.name, revision))


class EvidenceContract:
    """The contract; a subclass gives a scene at revision 1 and a source that is away."""

    @pytest.fixture
    def scene(self) -> Scene:
        raise NotImplementedError

    @pytest.fixture
    def away(self) -> EvidenceSource:
        raise NotImplementedError

    def test_nothing_was_sent_yet(self, scene: Scene) -> None:
        seen = scene.evidence(1)
        assert (seen.endpoint, seen.revision) == (scene.name, 1)
        assert (seen.tallies, seen.pairings) == ((), ())

    def test_requests_and_errors_are_counted(self, scene: Scene) -> None:
        scene.send(7)
        scene.send(3, fail=True)
        (tally,) = scene.evidence(1).tallies
        assert (tally.requests, tally.errors) == (10, 3)
        assert sum(count for _, count in tally.outputs) == 7

    def test_counts_never_go_down_and_looking_changes_nothing(self, scene: Scene) -> None:
        scene.send(2)
        before = scene.evidence(1)
        assert scene.evidence(1).tallies == before.tallies
        scene.send(1)
        after = scene.evidence(1)
        assert after.tallies[0].requests == 3
        assert after.seconds >= before.seconds

    def test_a_revision_has_counts_of_its_own(self, scene: Scene) -> None:
        scene.send(2)
        scene.move(2)
        scene.send(3)
        assert [scene.evidence(one).tallies[0].requests for one in (1, 2)] == [2, 3]
        first = scene.evidence(1).seconds
        scene.send(1)
        assert scene.evidence(1).seconds == first

    def test_an_unknown_revision_is_zero_counts(self, scene: Scene) -> None:
        scene.send(1)
        assert scene.evidence(99) == Evidence(scene.name, 99, 0.0)

    def test_an_unknown_endpoint_is_told(self, scene: Scene) -> None:
        with pytest.raises(BadInput):
            scene.evidence(1, "nobody")

    def test_no_answer_is_no_zero(self, away: EvidenceSource) -> None:
        with pytest.raises(ServingUnavailable):
            asyncio.run(away.evidence("loans", 1))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path_factory.mktemp("evidence"))
    yield daemon.start()
    daemon.close()


class _Routed(Scene):
    """An endpoint of a real daemon, over a fake model server."""

    def __init__(self, daemon: Daemon) -> None:
        self.name = f"contract-{uuid.uuid4().hex[:8]}"
        self.source, self._daemon = daemon.driver, daemon
        variants = (daemon.variant("stable", "1.0.0", 100),)
        self._wanted = replace(daemon.endpoint(*variants), name=self.name)
        daemon.driver.apply(self._wanted)
        daemon.until(lambda: daemon.ready(self.name), "ready")

    def move(self, revision: int) -> None:
        self._wanted = replace(self._wanted, revision=revision)
        self._daemon.driver.apply(self._wanted)

    def send(self, count: int, *, fail: bool = False) -> None:
        if fail:
            self._daemon.behave("1.0.0", status=500)
        with httpx.Client(base_url=self._daemon.router, trust_env=False) as client:
            for _ in range(count):
                client.post(f"/v2/models/{self.name}/infer", json={"inputs": []})
        self._daemon.behave("1.0.0")

    def over(self) -> None:
        self._daemon.driver.apply(replace(self._wanted, revision=1, fencing_token=9, variants=()))


class TestLocalDriver(EvidenceContract):
    @pytest.fixture
    def scene(self, running: Daemon) -> Iterator[Scene]:
        scene = _Routed(running)
        yield scene
        scene.over()

    @pytest.fixture
    def away(self) -> Iterator[EvidenceSource]:
        driver = LocalDriver(f"http://127.0.0.1:{free_port()}", "token")
        yield driver
        driver.close()


@dataclass
class Counted:
    """Evidence in memory: the fake for tests of those who read it."""

    name: str
    counted: dict[int, Evidence] = field(default_factory=dict)
    reachable: bool = True

    async def evidence(self, name: str, revision: int) -> Evidence:
        if not self.reachable:
            raise ServingUnavailable("away")
        if name != self.name:
            raise BadInput("no such endpoint", value=name)
        return self.counted.get(revision, Evidence(name, revision, 0.0))


class _Scripted(Scene):
    def __init__(self) -> None:
        self.source = self._counted = Counted(self.name)
        self._revision = 1

    def move(self, revision: int) -> None:
        self._revision = revision

    def send(self, count: int, *, fail: bool = False) -> None:
        counted, revision = self._counted.counted, self._revision
        now = counted.get(revision, Evidence(self.name, revision, 0.0))
        former = now.tally("1.0.0") or Tally("stable", "1.0.0")
        good = sum(number for _, number in former.outputs) + (0 if fail else count)
        tally = replace(
            former,
            requests=former.requests + count,
            errors=former.errors + (count if fail else 0),
            outputs=((output_bin(0.25), good),),
        )
        counted[revision] = replace(now, seconds=now.seconds + 1, tallies=(tally,))


class TestInMemory(EvidenceContract):
    @pytest.fixture
    def scene(self) -> Scene:
        return _Scripted()

    @pytest.fixture
    def away(self) -> EvidenceSource:
        return Counted("loans", reachable=False)


class _Watched(Scene):
    """An endpoint of one variant whose process is watched through metrics."""

    def __init__(self) -> None:
        self.counters = Counters(self.name, "1.0.0", began=time.time() - 60)
        self.phases = Phased(self.name)

    def begin(self, *addresses: str) -> None:
        self._addresses = addresses
        self._begin(1)

    def _begin(self, revision: int) -> None:
        arm = Arm("stable", "1.0.0", 100, addresses=self._addresses)
        self.phases.phases[revision] = Phase(self.name, revision, time.time(), (arm,))
        self.looked(revision)

    def move(self, revision: int) -> None:
        time.sleep(0.01)
        phases = self.phases.phases
        phases[revision - 1] = replace(phases[revision - 1], until=time.time())
        time.sleep(0.01)
        self._begin(revision)

    def send(self, count: int, *, fail: bool = False) -> None:
        self.counters.answer(count, "500" if fail else "200")
        self.looked(max(self.phases.phases))

    def looked(self, revision: int) -> None:
        """Let whoever looks at the process do so now."""
        raise NotImplementedError


class _Scraped(_Watched):
    def __init__(self, prometheus: FakePrometheus) -> None:
        super().__init__()
        self._prometheus = prometheus
        prometheus.targets = [self.counters]
        options = configured({"kind": "prometheus", "url": prometheus.url, "scrape_seconds": 1})
        self.source = source(options, self.phases)
        self.begin()

    def looked(self, revision: int) -> None:
        time.sleep(0.002)  # its times are whole milliseconds
        self._prometheus.scrape()
        time.sleep(0.002)


class TestPrometheus(EvidenceContract):
    @pytest.fixture
    def scene(self) -> Iterator[Scene]:
        prometheus = FakePrometheus()
        yield _Scraped(prometheus)
        prometheus.close()

    @pytest.fixture
    def away(self) -> EvidenceSource:
        phases = Phased("loans", {1: Phase("loans", 1, time.time(), ())})
        url = f"http://127.0.0.1:{free_port()}"
        return source(configured({"kind": "prometheus", "url": url}), phases)


class _Read(_Watched):
    def __init__(self, server: ExposingServer) -> None:
        super().__init__()
        server.counters = [self.counters]
        self.source = source(configured({"kind": "pods"}), self.phases)
        self.begin(server.url)

    def looked(self, revision: int) -> None:
        self.evidence(revision)


class TestPods(EvidenceContract):
    @pytest.fixture
    def scene(self) -> Iterator[Scene]:
        server = ExposingServer()
        yield _Read(server)
        server.close()

    @pytest.fixture
    def away(self) -> EvidenceSource:
        arm = Arm("stable", "1.0.0", 100, addresses=(f"http://127.0.0.1:{free_port()}",))
        phases = Phased("loans", {1: Phase("loans", 1, time.time(), (arm,))})
        return source(configured({"kind": "pods"}), phases)
