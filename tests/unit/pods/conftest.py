from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from include.pods.labels import PodIdentity
from include.pods.manifest import StepPod
from include.pods.observed import Pod
from include.pods.settings import PodSettings, read
from include.spec.compute import Profile
from include.steps.contract import StepCall, StepInput

ENVIRON = {"AIRWORTHY_STEPS_IMAGE": "registry.example/airworthy-steps:1"}
KEY = "5e" * 32


@pytest.fixture
def settings() -> PodSettings:
    return read(ENVIRON)


@pytest.fixture
def call() -> StepCall:
    return StepCall(
        step="fit_candidate",
        store="s3://models/store",
        spec_uri="s3://models/store/specs/ab.json",
        spec_digest="ab" * 32,
        code_digest="cd" * 32,
        inputs=(StepInput("plan", "s3://models/store/results/plan/1/result.json", "ef"),),
        options=(("algorithm", "forest"),),
    )


@pytest.fixture
def identity() -> PodIdentity:
    return PodIdentity(
        model="mortgage_approval",
        step="fit_candidate",
        key=KEY,
        spec_digest="ab" * 32,
        dag_id="mortgage_approval_train",
        run_id="manual__2026-01-01T00:00:00+00:00",
        task_id="fit",
        map_index=3,
        try_number=2,
    )


@pytest.fixture
def step_pod(call: StepCall, identity: PodIdentity) -> StepPod:
    return StepPod(call=call, identity=identity, profile=Profile(), seconds=1800)


@dataclass(frozen=True)
class Described:
    """Pods as the API server describes them, cut down to what was recorded of a real one."""

    def pod(self, phase: str, state: dict[str, Any] | None = None, **status: Any) -> Pod:
        statuses = [{"name": "step", "state": state}] if state is not None else []
        going = status.pop("going", None)
        return Pod.of({
            "metadata": {
                "name": "one",
                "labels": {"airworthy.dev/key": KEY[:32]},
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "deletionTimestamp": going,
            },
            "spec": {"nodeName": "somewhere"},
            "status": {"phase": phase, "containerStatuses": statuses, **status},
        })

    def over(self, code: int, *, reason: str = "Error", message: str = "", **status: Any) -> Pod:
        over = {
            "exitCode": code,
            "reason": reason,
            "message": message,
            "finishedAt": "2026-01-01T01:00:00Z",
        }
        phase = "Succeeded" if code == 0 else "Failed"
        return self.pod(phase, {"terminated": over}, **status)

    def waiting(self, reason: str, message: str = "", **status: Any) -> Pod:
        return self.pod("Pending", {"waiting": {"reason": reason, "message": message}}, **status)


@pytest.fixture
def described() -> Described:
    return Described()
