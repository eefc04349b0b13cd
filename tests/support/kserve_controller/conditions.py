"""The status of an InferenceService, with what is wrong about it in KServe."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LIVING = ("PredictorReady", "IngressReady")


@dataclass
class Status:
    """A status that is being written."""

    content: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, service: dict[str, Any]) -> Status:
        """Continue the status that is there; one without conditions begins as unknown."""
        found = cls(copy.deepcopy(service.get("status") or {}))
        for kind in LIVING:
            if not found.condition(kind):
                found.set(kind, "Unknown")
        return found

    def condition(self, kind: str) -> dict[str, Any] | None:
        return next((c for c in self.content.get("conditions", []) if c["type"] == kind), None)

    def is_true(self, kind: str) -> bool:
        found = self.condition(kind)
        return found is not None and found["status"] == "True"

    def set(self, kind: str, state: str, reason: str = "", message: str = "") -> None:
        """Set a condition; those that do not make `Ready` are for information."""
        self._put(kind, state, reason, message)
        if kind in LIVING:
            self._put("Ready", *self._happiness())

    def stop(self) -> None:
        """Forget all but the mode, as KServe does once a service is stopped."""
        found = self.condition("PredictorReady")
        if found is None or (found["status"], found.get("reason")) != ("False", "Stopped"):
            self.content = {"deploymentMode": self.content["deploymentMode"]}
        self.set("PredictorReady", "False", "Stopped")
        self.set("IngressReady", "False", "Stopped")
        self.set("Stopped", "True")

    def clear(self, kind: str) -> None:
        kept = [one for one in self.content.get("conditions", []) if one["type"] != kind]
        self.content["conditions"] = kept

    def _happiness(self) -> tuple[str, str, str]:
        found = [c for kind in LIVING if (c := self.condition(kind)) and c["status"] != "True"]
        worst = sorted(found, key=lambda one: one["status"] != "False")
        if not worst:
            return "True", "", ""
        return worst[0]["status"], worst[0].get("reason", ""), worst[0].get("message", "")

    def _put(self, kind: str, state: str, reason: str, message: str) -> None:
        new = {"type": kind, "status": state, "reason": reason, "message": message}
        if kind not in {*LIVING, "Ready"}:
            new["severity"] = "Info"
        new = {key: value for key, value in new.items() if value}
        old = self.condition(kind)
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if old is not None and {k: v for k, v in old.items() if k != "lastTransitionTime"} == new:
            moment = old["lastTransitionTime"]
        others = [one for one in self.content.get("conditions", []) if one["type"] != kind]
        new["lastTransitionTime"] = moment
        self.content["conditions"] = sorted([*others, new], key=lambda one: one["type"])


def predictor(status: Status, deployment: dict[str, Any], url: str) -> None:
    """Write what the stable Deployment says of itself.

    `observedGeneration` is the Deployment's own counter, as in KServe: it says nothing about the
    InferenceService.
    """
    seen = deployment.get("status", {})
    by_type = {one["type"]: one for one in seen.get("conditions", [])}
    told = _readiness(by_type)
    status.set("PredictorReady", *told)
    component = status.content.setdefault("components", {}).setdefault("predictor", {})
    if told[0] == "True":
        component["url"] = url
    status.content["observedGeneration"] = seen.get("observedGeneration", 0)


def canaries(
    status: Status, spec: dict[str, Any], ready: dict[str, bool], *, is_stopped: bool = False
) -> None:
    """Write one status a canary; its percentage is what is wanted, not what is routed."""
    listed = [
        {
            "name": canary["predictor"]["name"],
            "ready": ready[canary["predictor"]["name"]],
            "trafficPercent": canary["trafficPercent"],
            "modelStatus": {"transitionStatus": ""},
        }
        for canary in spec.get("canary") or []
    ]
    if not listed:
        status.content.pop("canaryStatuses", None)
        status.clear("CanaryPredictorReady")
        return
    status.content["canaryStatuses"] = listed
    if is_stopped:
        status.set("CanaryPredictorReady", "False", "Stopped")
    elif all(one["ready"] for one in listed):
        status.set("CanaryPredictorReady", "True", "AllCanariesReady")
    else:
        status.set("CanaryPredictorReady", "False", "CanariesNotReady")


def model(status: Status, pods: list[dict[str, Any]]) -> None:
    """Write whether the stable model is loaded, by its service's readiness and its pods."""
    told = status.content.setdefault("modelStatus", {})
    told["copies"] = {"failedCopies": 0, "totalCopies": sum(map(_is_ready, pods))}
    states = told.setdefault("states", {})
    if status.is_true("Ready") and pods:
        states.update(activeModelState="Loaded", targetModelState="Loaded")
        told["transitionStatus"] = "UpToDate"
    elif any(map(_is_broken, pods)):
        states.update(targetModelState="FailedToLoad")
        told["transitionStatus"] = "BlockedByFailedLoad"
    else:
        states.update(targetModelState="Pending")
        told["transitionStatus"] = "InProgress"
    states.setdefault("activeModelState", "")


def _readiness(by_type: dict[str, dict[str, Any]]) -> tuple[str, str, str]:
    available = by_type.get("Available", {})
    progressing = by_type.get("Progressing", {})
    told = ("True", *_words(available)) if available.get("status") == "True" else ("False", "", "")
    if progressing.get("status") == "False" and progressing.get("message"):
        told = ("False", *_words(progressing))
    elif progressing.get("status") == "True":
        if progressing.get("reason") == "NewReplicaSetAvailable":
            told = ("True", *_words(progressing))
        elif available.get("status") != "True":
            told = ("Unknown", *_words(progressing))
    if available.get("status") == "False":
        told = ("False", *_words(available))
    failing = by_type.get("ReplicaFailure", {})
    return ("False", *_words(failing)) if failing.get("status") == "True" else told


def _words(condition: dict[str, Any]) -> tuple[str, str]:
    return condition.get("reason", ""), condition.get("message", "")


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _is_broken(pod: dict[str, Any]) -> bool:
    states = [one.get("state", {}) for one in pod.get("status", {}).get("containerStatuses", [])]
    return any(
        state.get("terminated", {}).get("reason") == "Error"
        or state.get("waiting", {}).get("reason") == "CrashLoopBackOff"
        for state in states
    )
