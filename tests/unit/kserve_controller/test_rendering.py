"""What KServe makes of an InferenceService: pods, weights, names, status."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from include.serving.kserve.records import KEYS
from tests.support.kserve_controller import (
    conditions,
    merging,
    names,
    replicas,
    routes,
    settings,
    workloads,
)
from tests.support.kserve_controller.conditions import Status

RUNTIME: dict[str, Any] = {
    "containers": [
        {
            "name": "kserve-container",
            "image": "server:1",
            "args": ["--name={{.Name}}"],
            "ports": [{"containerPort": 8080}],
            "env": [{"name": "VERSION", "value": "none"}, {"name": "MODE", "value": "a"}],
        }
    ],
    "nodeSelector": {"disk": "fast"},
}


def weights(service: dict[str, Any], **ready: bool) -> list[int | None]:
    return [one.get("weight") for one in routes.backends(service, ready)]


def test_weights_as_upstream_tests_them(services: Any) -> None:
    one = services.service(services.canary("v2", 20))
    two = services.service(services.canary("v2", 20), services.canary("v3", 30))
    assert weights(one, v2=True) == [80, 20]
    assert weights(two, v2=True, v3=True) == [50, 20, 30]
    assert weights(services.service(services.canary("v2", 100)), v2=True) == [0, 100]
    assert weights(services.service()) == [None]


def test_a_canary_that_is_not_ready_has_no_backend_and_its_share_is_the_stable_ones(
    services: Any,
) -> None:
    two = services.service(services.canary("v2", 20), services.canary("v3", 30))
    assert weights(two, v2=True, v3=False) == [80, 20]
    assert weights(two) == [100]
    listed = routes.backends(two, {"v3": True})
    assert [one["name"] for one in listed] == ["toy-v1-predictor", "toy-v3-predictor"]


def test_a_dark_canary_that_is_ready_has_the_weight_zero(services: Any) -> None:
    assert weights(services.service(services.canary("v2", 0)), v2=True) == [100, 0]


def test_names_of_routes_do_not_follow_the_predictor(services: Any) -> None:
    for name in ("v1", "v2"):
        made = routes.routes(services.service(name=name), {}, settings.Settings())
        assert [one["metadata"]["name"] for one in made] == ["toy-predictor", "toy"]
        assert [one["spec"]["hostnames"] for one in made] == [
            ["toy-predictor-models.example.com"],
            ["toy-models.example.com"],
        ]
        backends = [one["spec"]["rules"][0]["backendRefs"][0]["name"] for one in made]
        assert backends == [f"toy-{name}-predictor"] * 2


def test_which_differences_of_a_route_are_seen(services: Any) -> None:
    wanted = routes.routes(services.service(), {}, settings.Settings())[0]
    there = copy.deepcopy(wanted)
    there["metadata"]["labels"] = {"somebody": "added this"}
    there["spec"]["rules"][0]["backendRefs"][0]["weight"] = 100
    assert routes.same(wanted, there), "an extra label and a leftover weight are none"
    there["spec"]["rules"][0]["backendRefs"].append({"name": "else", "port": 80})
    assert not routes.same(wanted, there)
    canary = services.service(services.canary("v2", 20))
    split = routes.routes(canary, {"v2": True}, settings.Settings())[0]
    edited = copy.deepcopy(split)
    edited["spec"]["rules"][0]["backendRefs"][0]["weight"] = 0
    assert not routes.same(split, edited)


@pytest.mark.parametrize(
    ("stable", "own", "percent", "expected"),
    [(4, None, 20, 1), (4, None, 26, 2), (4, None, 0, 0), (None, None, 1, 1), (4, 3, 0, 3)],
)
def test_pods_of_a_canary(
    services: Any, stable: int | None, own: int | None, percent: int, expected: int
) -> None:
    more = {} if own is None else {"minReplicas": own}
    service = services.service(services.canary("v2", percent, **more), minReplicas=stable)
    assert replicas.of_canary(service["spec"], service["spec"]["canary"][0]) == expected


def test_a_ready_canary_takes_pods_from_the_stable_predictor_whatever_its_share(
    services: Any,
) -> None:
    spec = services.service(services.canary("v2", 0, minReplicas=2))["spec"]
    assert replicas.of_stable(spec, {"v2": False}) == 4
    assert replicas.of_stable(spec, {"v2": True}) == 2
    many = services.service(*(services.canary(f"v{n}", 1, minReplicas=4) for n in (2, 3)))["spec"]
    assert replicas.of_stable(many, {"v2": True, "v3": True}) == 1, "one pod stays"
    unsaid = services.service(services.canary("v2", 50), minReplicas=None)["spec"]
    assert replicas.of_stable(unsaid, {"v2": True}) is None


def test_a_canary_is_laid_over_the_stable_predictor(services: Any) -> None:
    stable = {
        **services.service()["spec"]["predictor"],
        "maxReplicas": 9,
        "scaleTarget": 50,
        "timeout": 30,
        "labels": {"endpoint": "v1", "team": "a"},
    }
    own = {
        "name": "v2",
        "timeout": 0,
        "labels": {"endpoint": "v2"},
        "model": {"storageUri": "pvc://models/v2", "env": [{"name": "FAIL", "value": "1"}]},
    }
    merged = merging.canary_predictor(stable, own, 2)
    assert "maxReplicas" not in merged
    assert "scaleTarget" not in merged
    assert (merged["name"], merged["minReplicas"]) == ("v2", 2)
    assert merged["timeout"] == 30, "a zero value overrides nothing"
    assert merged["labels"] == {"endpoint": "v2", "team": "a"}
    assert merged["model"]["env"] == own["model"]["env"], "lists are replaced"
    assert merged["model"]["runtime"] == "airworthy-model"


def work(service: dict[str, Any], told: settings.Settings | None = None) -> workloads.Workload:
    predictor = service["spec"]["predictor"]
    return workloads.build(service, predictor, RUNTIME, told or settings.Settings())


def test_a_workload_has_the_names_and_labels_of_kserve(services: Any) -> None:
    made = work(services.service(labels={"endpoint": "v1"}))
    deployment, service = made.deployment, made.service
    for one in (deployment, service, deployment["spec"]["template"]):
        assert one["metadata"]["name"] == "toy-v1-predictor"
        assert one["metadata"]["labels"] == {
            "app": "isvc.toy-v1-predictor",
            "component": "predictor",
            "endpoint": "v1",
            "serving.kserve.io/inferenceservice": "toy",
        }
        uri = "internal.serving.kserve.io/storage-initializer-sourceuri"
        assert one["metadata"]["annotations"][uri] == "pvc://models/v1"
    assert service["spec"]["selector"] == {"app": "isvc.toy-v1-predictor"}
    assert [(p["port"], p["targetPort"]) for p in service["spec"]["ports"]] == [(80, 8080)]
    assert names.predictor("toy") == "toy-predictor"


def test_the_container_is_the_runtimes_with_what_the_model_says(services: Any) -> None:
    (container,) = work(services.service()).pod["containers"]
    assert container["args"] == ["--name=toy"]
    assert container["env"] == [
        {"name": "VERSION", "value": "v1"},
        {"name": "MODE", "value": "a"},
        {"name": "INFERENCE_SERVICE_NAME", "value": "toy"},
    ]
    assert container["volumeMounts"] == [
        {
            "name": "kserve-pvc-source",
            "mountPath": "/mnt/models",
            "subPath": "v1",
            "readOnly": True,
        }
    ]
    assert work(services.service()).pod["nodeSelector"] == {"disk": "fast"}


def test_only_the_class_none_sets_the_number_of_pods(services: Any) -> None:
    service = services.service(maxReplicas=6, scaleTarget=70)
    assert "replicas" not in work(service).deployment["spec"]
    scaler = work(service).autoscaler["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (4, 6)
    assert scaler["metrics"][0]["resource"]["target"]["averageUtilization"] == 70
    service["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] = "none"
    assert work(service).deployment["spec"]["replicas"] == 4


def test_every_annotation_of_the_service_reaches_the_pods_unless_it_is_hidden(
    services: Any,
) -> None:
    service = services.service()
    service["metadata"]["annotations"] |= {
        "airworthy.dev/revision": "7",
        "modelFormat": "airworthy",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
    }
    template = work(service).deployment["spec"]["template"]["metadata"]["annotations"]
    assert template["airworthy.dev/revision"] == "7"
    assert "modelFormat" not in template
    assert "kubectl.kubernetes.io/last-applied-configuration" not in template
    hidden = {"serviceAnnotationDisallowedList": ["airworthy.dev/revision"]}
    told = settings.read({"inferenceService": json.dumps(hidden)})
    template = work(service, told).deployment["spec"]["template"]["metadata"]["annotations"]
    assert "airworthy.dev/revision" not in template


def test_addresses_that_kserve_cannot_read_are_refused(services: Any) -> None:
    service = services.service()
    service["spec"]["predictor"]["model"]["storageUri"] = "ftp://models/v1"
    with pytest.raises(workloads.Unbuildable, match=r"StorageUri \[ftp://models/v1\]"):
        work(service)


def deployment(**by_type: tuple[str, str, str]) -> dict[str, Any]:
    listed = [
        {"type": kind, "status": state, "reason": reason, "message": message}
        for kind, (state, reason, message) in by_type.items()
    ]
    return {"status": {"conditions": listed, "observedGeneration": 7}}


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (deployment(), "False"),
        (deployment(Progressing=("True", "ReplicaSetUpdated", "")), "Unknown"),
        (deployment(Progressing=("True", "NewReplicaSetAvailable", "")), "True"),
        (
            deployment(
                Progressing=("True", "NewReplicaSetAvailable", ""),
                Available=("False", "MinimumReplicasUnavailable", "none"),
            ),
            "False",
        ),
        (deployment(Progressing=("False", "ProgressDeadlineExceeded", "too long")), "False"),
        (
            deployment(
                Available=("True", "", ""), ReplicaFailure=("True", "FailedCreate", "quota")
            ),
            "False",
        ),
    ],
)
def test_whether_a_predictor_is_ready_is_what_its_deployment_says(
    seen: dict[str, Any], state: str
) -> None:
    status = Status.of({})
    conditions.predictor(status, seen, "http://x")
    found = status.condition("PredictorReady")
    assert found is not None
    assert found["status"] == state
    assert status.content["observedGeneration"] == 7, "the Deployment's, as in KServe"


def test_ready_does_not_look_at_canaries(services: Any) -> None:
    status = Status.of({})
    status.set("PredictorReady", "True")
    status.set("IngressReady", "True")
    spec = services.service(services.canary("v2", 20))["spec"]
    conditions.canaries(status, spec, {"v2": False})
    canary = status.condition("CanaryPredictorReady")
    assert canary is not None
    assert (canary["status"], canary["reason"]) == ("False", "CanariesNotReady")
    assert canary["severity"] == "Info"
    assert status.is_true("Ready")
    (told,) = status.content["canaryStatuses"]
    assert (told["name"], told["ready"], told["trafficPercent"]) == ("v2", False, 20)
    conditions.canaries(status, services.service()["spec"], {})
    assert status.condition("CanaryPredictorReady") is None
    assert "canaryStatuses" not in status.content


def test_the_configuration_of_a_cluster_that_says_little_is_kserves_own() -> None:
    told = settings.read({})
    assert (told.default_mode, told.has_routes) == ("Knative", False)
    written = settings.manifest("kserve", {})["data"]
    hidden = settings.Settings().hidden_annotations + KEYS
    assert settings.read(written) == settings.Settings(hidden_annotations=hidden)
