"""The driver against an API server in memory, with a controller, pods and routes behind it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include import digest
from include.errors import BadInput, Rejected, ServingUnavailable
from include.evidence.tally import Evidence
from include.serving.endpoint import Health
from include.serving.kserve.driver import KServeDriver
from include.serving.kserve.ledger import Manifests
from include.serving.kserve.naming import workload
from include.store.open import open_store
from tests.unit.serving.kserve.conftest import INSTALLATION, variant

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.support.memory_cluster import MemoryCluster
    from tests.unit.serving.kserve.conftest import Scene

DEPLOYMENTS = "/apis/apps/v1/namespaces/models/deployments"


def deployment(cluster: MemoryCluster, predictor: str) -> dict[str, Any]:
    return cluster.store.objects[f"{DEPLOYMENTS}/{workload('loans', predictor)}"]


def test_a_release_from_dark_to_promoted_keeps_the_pods(live: Scene) -> None:
    live.want(v1=100, v2=0)
    seen = live.until_ready()
    assert [one.weight for one in seen.variants] == [100, 0]
    candidate = next(iter(live.percents()))
    before = deployment(live.cluster, candidate)
    for percent in (5, 50, 100):
        live.want(v1=100 - percent, v2=percent)
        live.until(lambda _, wanted=percent: live.weights() == {"1": 100 - wanted, "2": wanted})
    live.want(v2=100)
    live.until(lambda _: live.weights() == {"2": 100})
    after = deployment(live.cluster, candidate)
    assert live.stable == candidate
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["spec"] == before["spec"], "a changed template starts pods anew"
    assert not [path for path in live.cluster.store.objects if "v1-0-0" in path]


def test_the_stable_version_has_its_pods_all_the_way(live: Scene) -> None:
    live.want(v1=100, v2=0)
    live.until_ready()
    live.want(v1=5, v2=95)
    live.until(lambda _: live.weights() == {"1": 5, "2": 95})
    live.want(v1=100)
    counts = [
        made["status"]["availableReplicas"]
        for objects in live.cluster.history
        for path, made in objects.items()
        if path.endswith("loans-v1-0-0-10000000-predictor") and made.get("status")
    ]
    first = counts.index(1)
    assert min(counts[first:]) == 1
    assert deployment(live.cluster, live.stable)["spec"]["replicas"] == 1


def test_no_route_ever_names_a_predictor_that_is_gone(live: Scene) -> None:
    live.want(v1=100, v2=0)
    live.until_ready()
    live.want(v1=50, v2=50)
    live.until(lambda _: live.weights() == {"1": 50, "2": 50})
    live.want(v1=100)
    live.want(v1=100, v3=0)
    live.until_ready()
    live.want(v3=100)
    for objects in live.cluster.history:
        for path, route in objects.items():
            if "/httproutes/" in path:
                for ref in route["spec"]["rules"][0]["backendRefs"]:
                    there = f"{DEPLOYMENTS}/{ref['name']}" in objects
                    assert there or ref.get("weight", 100) == 0, ref


@pytest.mark.parametrize("last", [{"v1": 100}, {"v2": 100}, {"v1": 25, "v2": 75}, {}], ids=str)
def test_a_driver_that_dies_after_every_write_ends_where_one_that_lives_does(
    live: Scene, last: dict[str, int]
) -> None:
    live.survive(v1=100, v2=0)
    live.until_ready()
    live.survive(v1=50, v2=50)
    live.until(lambda _: live.weights() == {"1": 50, "2": 50})
    deaths = live.survive(**last)
    assert deaths >= 1
    if last:
        live.until(lambda _: live.weights() == {name[1]: share for name, share in last.items()})
    assert live.driver.observe("loans").revision == live.wanted.revision


def test_going_back_gives_the_former_version_a_name_that_nobody_had(live: Scene) -> None:
    former = live.stable
    live.want(v1=100, v2=0)
    live.until_ready()
    live.want(v2=100)
    live.want(token=2, v2=100, v1=0)
    live.until_ready()
    assert list(live.percents()) == [f"{former}-2"]
    live.want(v1=100)
    assert live.stable == f"{former}-2"


def test_a_first_version_is_dark_until_it_has_traffic(scene: Scene) -> None:
    scene.want(v1=0)
    seen = scene.until_ready()
    assert seen.variants[0].weight == 0
    assert not [path for path in scene.cluster.store.objects if "/httproutes/" in path]
    scene.want(v1=100)
    scene.until(lambda _: scene.weights() == {"1": 100})


def test_a_version_that_never_starts_never_has_traffic_and_can_go(live: Scene) -> None:
    live.cluster.conduct.broken.add("s3://models/packages/2.0.0")
    live.want(v1=100, v2=0)
    live.want(v1=75, v2=25)
    live.driver.observe("loans")
    seen = {one.version: one for one in live.driver.observe("loans").variants}
    assert seen["2.0.0"].health is Health.STARTING
    assert seen["2.0.0"].weight == 0
    live.want(v1=100)
    assert live.percents() == {}


def test_while_the_controller_is_away_nobody_leaves(live: Scene) -> None:
    live.want(v1=100, v2=0)
    live.until_ready()
    live.want(v1=50, v2=50)
    live.until(lambda _: live.weights() == {"1": 50, "2": 50})
    live.cluster.conduct.paused = True
    live.driver = KServeDriver(live.cluster, replace(INSTALLATION, patience_seconds=0.1))
    with pytest.raises(ServingUnavailable, match="the routes still lead to"):
        live.want(v1=100)
    assert list(live.percents().values()) == [0]
    live.cluster.conduct.paused = False
    live.want(live.wanted.revision, v1=100)
    assert live.percents() == {}


def test_what_cannot_work_is_refused_before_anything_is_written(scene: Scene) -> None:
    own = "/api/v1/namespaces/kserve/configmaps/inferenceservice-config"
    scene.cluster.store.objects[own]["data"] = {"ingress": "{}"}
    scene.cluster.conduct.forbidden.add("patch inferenceservices")
    with pytest.raises(Rejected) as refused:
        scene.want(v1=100)
    for reason in ("Gateway API", "hand our annotations on", "may not patch inferenceservices"):
        assert reason in str(refused.value)
    assert scene.cluster.writes == 0


def test_a_shadow_stage_is_refused_with_its_remedy(live: Scene) -> None:
    mirrored = replace(variant("2.0.0", 0), mirror=100)
    wanted = replace(live.wanted, revision=9, variants=(variant("1.0.0", 100), mirrored))
    with pytest.raises(BadInput, match=r"shadow\.enabled to false"):
        live.driver.preflight(wanted)
    with pytest.raises(BadInput, match="mirror nothing"):
        live.driver.apply(wanted)


def test_two_endpoints_of_one_name_in_kubernetes(live: Scene) -> None:
    wanted = replace(live.wanted, name="a_b", revision=1)
    live.driver.apply(wanted)
    with pytest.raises(BadInput, match="the same name in Kubernetes"):
        live.driver.apply(replace(wanted, name="a-b"))
    assert live.driver.endpoints() == ("a_b", "loans")


def test_what_is_wanted_of_nobody_needs_no_object(scene: Scene) -> None:
    assert scene.want().variants == ()
    assert scene.cluster.writes == 0


def test_every_manifest_is_kept_by_its_digest(live: Scene, tmp_path: Path) -> None:
    kept = Manifests(open_store(), f"file://{tmp_path}/manifests")
    live.driver = KServeDriver(live.cluster, INSTALLATION, None, kept)
    live.want(v1=100, v2=0)
    written = live.cluster.service("loans")["metadata"]["annotations"][
        "airworthy.dev/manifest-digest"
    ]
    (file,) = (tmp_path / "manifests" / "loans").iterdir()
    manifest = json.loads(file.read_bytes())
    assert digest.of_json(manifest["spec"]) == written
    assert file.name == f"000002-{digest.of_bytes(file.read_bytes())}.json"


def test_evidence_is_asked_of_its_source(live: Scene) -> None:
    class Source:
        async def evidence(self, name: str, revision: int) -> Evidence:
            return Evidence(name, revision, 1.0)

    with pytest.raises(ServingUnavailable, match="nobody counts"):
        asyncio.run(live.driver.evidence("loans", 1))
    counting = KServeDriver(live.cluster, INSTALLATION, Source())
    assert asyncio.run(counting.evidence("loans", 1)).seconds == 1.0


def test_an_event_loop_goes_on_while_it_is_observed(live: Scene) -> None:
    async def both() -> int:
        looking = asyncio.create_task(live.driver.observe_async("loans"))
        turns = 0
        while not looking.done():
            turns += 1
            await asyncio.sleep(0.001)
        assert looking.result() == live.driver.observe("loans")
        return turns

    assert asyncio.run(both()) >= 1
