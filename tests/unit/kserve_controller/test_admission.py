"""KServe's refusals: their words, and which comes first where several would."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.kserve_controller import admission, settings
from tests.support.kserve_controller.admission import Refused

# In the order in which they are looked for: each also breaks every rule after it.
WRONGS: list[tuple[str, dict[str, Any]]] = [
    ("canary[0] predictor.name is required", {"name": ""}),
    ('canary predictor.name "v1" conflicts with stable predictor name', {"name": "v1"}),
    ('canary "v2" trafficPercent must be between 0 and 100, got 101', {"percent": 101}),
    ('canary "v2" predictor: exactly one of [Name, SKLearn, XGBoost, ', {"sklearn": {"a": 1}}),
    ("canary \"v2\" predictor: 'MinReplicas' cannot be less than 0", {"minReplicas": -1}),
    (
        'canary "v2" must not set workerSpec (multi-node is not yet supported for canary)',
        {"workerSpec": {}},
    ),
    ('canary "v2" must not set maxReplicas (canary uses fixed replicas)', {"maxReplicas": 9}),
    ('canary "v2" must not set scaleTarget (canary uses fixed replicas)', {"scaleTarget": 50}),
    ('canary "v2" must not set scaleMetric (canary uses fixed replicas)', {"scaleMetric": "cpu"}),
    ('canary "v2" must not set autoScaling (canary uses fixed replicas)', {"autoScaling": {}}),
    (
        'canary "v2" minReplicas (5) must not exceed stable predictor minReplicas (4)',
        {"minReplicas": 5},
    ),
]


def refusal(service: dict[str, Any], before: dict[str, Any] | None = None) -> str:
    with pytest.raises(Refused) as refused:
        admission.validate(service, before)
    return str(refused.value)


def test_a_service_with_canaries_is_admitted(services: Any) -> None:
    admission.validate(services.service(services.canary("v2", 20), services.canary("v3", 80)))


@pytest.mark.parametrize("first", range(len(WRONGS)), ids=[said for said, _ in WRONGS])
def test_each_refusal_comes_before_those_after_it(services: Any, first: int) -> None:
    wrong: dict[str, Any] = {"percent": 20, "name": "v2"}
    for _, change in reversed(WRONGS[first:]):
        wrong |= change
    percent, name = wrong.pop("percent"), wrong.pop("name")
    said = refusal(services.service(services.canary(name, percent, **wrong)))
    assert said.startswith(WRONGS[first][0])


def test_the_mode_comes_first_and_has_to_be_written(services: Any) -> None:
    service = services.service(services.canary("", 200))
    said = "canary is only supported in Standard deployment mode"
    for given in ({"serving.kserve.io/deploymentMode": "Knative"}, {}, None):
        service["metadata"]["annotations"] = given
        assert refusal(service) == said


def test_a_custom_container_has_no_canary(services: Any) -> None:
    service = services.service(
        services.canary("v2", 20), model=None, containers=[{"name": "kserve-container"}]
    )
    assert refusal(service).startswith("canary requires a stable predictor with a model")


def test_names_are_used_once(services: Any) -> None:
    twice = services.service(services.canary("v2", 20), services.canary("v2", 20))
    assert refusal(twice) == 'canary predictor.name "v2" is duplicated'


def test_percentages_are_a_hundred_at_most(services: Any) -> None:
    service = services.service(services.canary("v2", 60), services.canary("v3", 41))
    assert refusal(service) == "sum of canary trafficPercent values (101) must be <= 100"


def test_the_stable_number_of_pods_is_one_where_none_is_given(services: Any) -> None:
    service = services.service(services.canary("v2", 20, minReplicas=2), minReplicas=None)
    assert refusal(service).endswith("must not exceed stable predictor minReplicas (1)")


def test_a_new_name_needs_a_new_model(services: Any) -> None:
    before, after = services.service(), services.service(name="v2")
    assert (
        refusal(after, before) == "predictor.name change requires a model change (e.g. storageUri)"
    )
    after["spec"]["predictor"]["model"]["storageUri"] = "pvc://models/v2"
    admission.validate(after, before)


def test_the_mode_stays_once_it_is_recorded(services: Any) -> None:
    before, after = services.service(), services.service()
    before["status"] = {"deploymentMode": "Standard"}
    after["metadata"]["annotations"]["serving.kserve.io/deploymentMode"] = "Knative"
    assert refusal(after, before) == (
        "update rejected: deploymentMode cannot be changed from 'Standard' to 'Knative'"
    )
    after["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    admission.validate(after, before)


@pytest.mark.parametrize("name", ["1toy", "Toy", "toy-", "to_y"])
def test_names_of_services(services: Any, name: str) -> None:
    service = services.service()
    service["metadata"]["name"] = name
    assert "is invalid: a InferenceService name must consist of lower case" in refusal(service)


def test_classes_of_autoscalers(services: Any) -> None:
    service = services.service()
    service["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] = "vpa"
    assert refusal(service) == "[vpa] is not a supported autoscaler class type"


@pytest.mark.parametrize(
    ("given", "default", "expected"),
    [
        ("RawDeployment", "Knative", "Standard"),
        ("Serverless", "Standard", "Knative"),
        (None, "Standard", "Standard"),
        (None, "Knative", None),
    ],
)
def test_the_defaulter_writes_the_mode(
    services: Any, given: str | None, default: str, expected: str | None
) -> None:
    service = services.service()
    service["metadata"]["annotations"] = (
        {"serving.kserve.io/deploymentMode": given} if given else {}
    )
    made = admission.defaulted(service, settings.Settings(default_mode=default))
    annotations = made["metadata"]["annotations"]
    assert annotations.get("serving.kserve.io/deploymentMode") == expected
    assert annotations["modelFormat"] == "airworthy"


def test_the_defaulter_changes_nothing_twice(services: Any) -> None:
    once = admission.defaulted(services.service(services.canary("v2", 20)), settings.Settings())
    assert admission.defaulted(once, settings.Settings()) == once


def test_the_defaulter_names_no_model_which_the_schema_of_a_canary_asks_for(services: Any) -> None:
    made = admission.defaulted(services.service(services.canary("v2", 20)), settings.Settings())
    for predictor in (made["spec"]["predictor"], made["spec"]["canary"][0]["predictor"]):
        assert (predictor["model"]["name"], predictor["model"]["resources"]) == ("", {})
    admission.validate(made)
