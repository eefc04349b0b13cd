from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from include.pods.manifest import manifest
from include.pods.settings import read
from include.spec.compute import Profile, Toleration

if TYPE_CHECKING:
    from include.pods.manifest import StepPod
    from include.pods.settings import PodSettings

GOLDEN = Path(__file__).parent / "golden"
FULL = {
    "AIRWORTHY_STEPS_IMAGE": "registry.example/airworthy-steps:1",
    "AIRWORTHY_STEPS_IMAGE_FULL": "registry.example/airworthy-steps-full:1",
    "AIRWORTHY_STORE_CLAIM": "store",
    "AIRWORTHY_STORE_SECRET": "s3",
    "AIRWORTHY_POD_NAMESPACE": "steps",
    "AIRWORTHY_POD_SERVICE_ACCOUNT": "airworthy-step",
    "AIRWORTHY_POD_PULL_SECRET": "registry",
}
LARGE = Profile(
    cpu="3500m",
    cpu_limit="8",
    memory="16Gi",
    scratch="20Gi",
    node_selector={"pool": "training"},
    tolerations=(
        Toleration(key="training", value="yes", effect="NoSchedule"),
        Toleration(key="spot"),
    ),
)


def check(name: str, found: dict[str, Any]) -> None:
    """Compare with the golden file; delete it to have it written anew."""
    path = GOLDEN / f"{name}.json"
    text = json.dumps(found, indent=1) + "\n"
    if not path.exists():
        path.write_text(text)
        pytest.fail(f"{path.name} was missing and is written: read it")
    assert json.loads(path.read_text()) == found


def test_a_pod_by_default(step_pod: StepPod, settings: PodSettings) -> None:
    check("default", manifest(step_pod, settings))


def test_a_pod_with_everything(step_pod: StepPod) -> None:
    pod = replace(step_pod, profile=LARGE, environ=(("AIRWORTHY_TENANT", "t"),))
    check("full", manifest(pod, read(FULL)))


def test_equal_steps_give_equal_pods(step_pod: StepPod, settings: PodSettings) -> None:
    assert manifest(step_pod, settings) == manifest(replace(step_pod), settings)


def test_what_the_installation_says_cannot_undo_what_a_pod_needs(
    step_pod: StepPod, settings: PodSettings
) -> None:
    pod = replace(step_pod, environ=(("HOME", "/root-of-all"), ("AIRWORTHY_RUN", "x")))
    container = manifest(pod, settings)["spec"]["containers"][0]
    environ = {one["name"]: one["value"] for one in container["env"]}
    assert environ["HOME"] == "/tmp"
    assert environ["AIRWORTHY_RUN"] == step_pod.identity.run_id


def test_kubernetes_fills_in_nothing(step_pod: StepPod, settings: PodSettings) -> None:
    call = replace(step_pod.call, options=(("script", "echo $(HOME)"),))
    container = manifest(replace(step_pod, call=call), settings)["spec"]["containers"][0]
    assert "--option=script=echo $$(HOME)" in container["command"]


def test_the_command_is_that_of_a_local_process(step_pod: StepPod, settings: PodSettings) -> None:
    container = manifest(step_pod, settings)["spec"]["containers"][0]
    assert container["command"] == step_pod.call.argv("python")
