"""What a canary of KServe does, whoever plays its controller: the ground the driver stands on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.cluster import wait_until
from tests.support.serving_zone import canary, gateway, predictor
from tests.support.traffic import Traffic

if TYPE_CHECKING:
    from tests.support.serving_zone import ServingZone

ANNOTATIONS = {
    "serving.kserve.io/deploymentMode": "Standard",
    "serving.kserve.io/autoscalerClass": "none",
}


def create(zone: ServingZone, name: str, stable: dict[str, Any], **annotations: str) -> None:
    """Create an InferenceService and wait until the gateway leads to it."""
    zone.cluster.apply({
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {
            "name": name,
            "namespace": zone.namespace,
            "annotations": {**ANNOTATIONS, **annotations},
        },
        "spec": {"predictor": stable},
    })
    wait_until(lambda: is_ready(zone, name), 40)
    wait_until(lambda: ask(zone, name).status_code == 200, 10)


def is_ready(zone: ServingZone, name: str) -> bool:
    listed = zone.service(name).get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in listed)


def ask(zone: ServingZone, name: str) -> httpx.Response:
    url, headers = f"{gateway()}/v2/models/{name}/infer", {"host": zone.host(name)}
    return httpx.post(url, content=b'{"inputs": []}', headers=headers, trust_env=False)


def answered(zone: ServingZone, name: str, requests: int) -> Counter[str]:
    """Return how many of so many requests each variant answered."""
    url, headers = f"{gateway()}/v2/models/{name}/infer", {"host": zone.host(name)}
    with httpx.Client(headers=headers, trust_env=False) as client:
        answers = [client.post(url, content=b"{}") for _ in range(requests)]
    assert {answer.status_code for answer in answers} == {200}
    return Counter(answer.headers["x-airworthy-variant"] for answer in answers)


def workload(name: str, variant: str) -> str:
    return f"{name}-{variant}-predictor"


def test_the_webhook_refuses_in_kserves_words(zone: ServingZone) -> None:
    create(zone, "strict", predictor("v1"))
    wrong = {
        "conflicts with stable predictor name": {"canary": [canary("v1", 20)]},
        "must not set maxReplicas": {
            "canary": [{"trafficPercent": 1, "predictor": predictor("v2", maxReplicas=3)}]
        },
        "must not exceed stable predictor minReplicas (1)": {"canary": [canary("v2", 20, 2)]},
        "sum of canary trafficPercent values (110) must be <= 100": {
            "canary": [canary("v2", 60), canary("v3", 50)]
        },
        "predictor.name change requires a model change": {"predictor": {"name": "v2"}},
    }
    for said, spec in wrong.items():
        with pytest.raises(RuntimeError, match=said.replace("(", r"\(").replace(")", r"\)")):
            zone.patch("strict", {"spec": spec})
    assert zone.service("strict")["metadata"]["generation"] == 1


def test_a_canary_gets_its_share_and_leaves_without_a_lost_request(zone: ServingZone) -> None:
    create(zone, "shared", predictor("v1"))
    url, headers = f"{gateway()}/v2/models/shared/infer", {"host": zone.host("shared")}
    with Traffic(url, rate=40, headers=headers) as traffic:
        zone.patch("shared", {"spec": {"canary": [canary("v2", 20)]}})
        zone.until_weights("shared", {workload("shared", "v1"): 80, workload("shared", "v2"): 20})
        # The gateway follows its route a moment later.
        wait_until(lambda: answered(zone, "shared", 10)["v2"], 10)
        counted = answered(zone, "shared", 100)
        generation = zone.service("shared")["metadata"]["generation"]
        zone.patch("shared", {"spec": {"canary": [canary("v2", 0)]}})
        zone.until_weights("shared", {workload("shared", "v1"): 100, workload("shared", "v2"): 0})
        zone.patch("shared", {"spec": {"canary": []}})
        wait_until(lambda: not zone.pods("v2", "shared"), 20)
        zone.until_weights("shared", {workload("shared", "v1"): 100})
    assert 10 <= counted["v2"] <= 30, counted
    assert set(traffic.statuses) == {200}, traffic.statuses
    seen = zone.service("shared")
    assert generation == 2
    assert seen["status"]["observedGeneration"] == 1, "a Deployment's own counter, not ours"


def test_a_canary_that_is_not_ready_gets_nothing_while_its_status_shows_a_share(
    zone: ServingZone,
) -> None:
    zone.will("sick", never_ready=True)
    create(zone, "patient", predictor("v1"))
    zone.patch("patient", {"spec": {"canary": [canary("sick", 20)]}})
    wait_until(lambda: zone.service("patient")["status"].get("canaryStatuses"), 10)
    status = zone.service("patient")["status"]
    told = status["canaryStatuses"][0]
    assert (told["name"], told["ready"], told["trafficPercent"]) == ("sick", False, 20)
    assert zone.weights("patient") == {workload("patient", "v1"): 100}
    assert answered(zone, "patient", 20) == {"v1": 20}
    by_type = {one["type"]: one["status"] for one in status["conditions"]}
    assert (by_type["CanaryPredictorReady"], by_type["Ready"]) == ("False", "True")


def test_a_ready_canary_takes_pods_from_the_stable_version(zone: ServingZone) -> None:
    create(zone, "crowded", predictor("c1", 2))
    wait_until(lambda: len(zone.pods("c1")) == 2, 20)
    zone.patch("crowded", {"spec": {"canary": [canary("c2", 0)]}})
    wait_until(lambda: len(zone.pods("c1")) == 1, 30)
    assert zone.weights("crowded")[workload("crowded", "c1")] == 100


def test_a_promotion_from_all_traffic_keeps_pods_and_loses_nothing(zone: ServingZone) -> None:
    create(zone, "heir", predictor("h1"))
    url, headers = f"{gateway()}/v2/models/heir/infer", {"host": zone.host("heir")}
    with Traffic(url, rate=40, headers=headers) as traffic:
        zone.patch("heir", {"spec": {"canary": [canary("h2", 100)]}})
        zone.until_weights("heir", {workload("heir", "h1"): 0, workload("heir", "h2"): 100})
        before = zone.pods("h2")
        zone.patch("heir", {"spec": {"predictor": predictor("h2"), "canary": []}})
        wait_until(lambda: not zone.pods("h1"), 20)
        zone.until_weights("heir", {workload("heir", "h2"): 100})
    assert zone.pods("h2") == before
    assert set(traffic.statuses) == {200}, traffic.statuses
    services = zone.listed("services", "-n", zone.namespace)
    assert workload("heir", "h1") not in {one["metadata"]["name"] for one in services}


def test_annotations_of_the_service_are_the_pods_own(zone: ServingZone) -> None:
    create(zone, "noted", predictor("n1"))
    before = zone.pods("n1")
    zone.patch("noted", {"metadata": {"annotations": {"example.com/note": "new"}}})
    wait_until(lambda: zone.pods("n1") and not set(zone.pods("n1")) & set(before), 40)


def test_autoscalers_of_removed_canaries_stay(zone: ServingZone) -> None:
    create(zone, "scaled", predictor("s1"), **{"serving.kserve.io/autoscalerClass": "hpa"})
    zone.patch("scaled", {"spec": {"canary": [canary("s2", 0)]}})
    zone.until_weights("scaled", {workload("scaled", "s1"): 100, workload("scaled", "s2"): 0})
    zone.patch("scaled", {"spec": {"canary": []}})
    zone.until_weights("scaled", {workload("scaled", "s1"): 100})
    found = zone.listed("hpa", "-n", zone.namespace)
    named = {one["metadata"]["name"]: one["spec"] for one in found}
    for variant in ("s1", "s2"):
        spec = named[workload("scaled", variant)]
        assert (spec["minReplicas"], spec["maxReplicas"]) == (1, 1)


def test_a_service_that_is_not_updated_stays_as_it_is(zone: ServingZone) -> None:
    create(zone, "frozen", predictor("f1"))
    zone.patch(
        "frozen",
        {"metadata": {"annotations": {"serving.kserve.io/disable-auto-update": "true"}}},
    )
    zone.patch("frozen", {"spec": {"canary": [canary("f2", 50)]}})
    with pytest.raises(TimeoutError):
        wait_until(lambda: zone.service("frozen")["status"].get("canaryStatuses"), 3)
    assert zone.weights("frozen") == {workload("frozen", "f1"): 100}
