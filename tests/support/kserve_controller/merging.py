"""How KServe lays a canary over the stable predictor, and a predictor over its runtime."""

from __future__ import annotations

import copy
from typing import Any

# The fields of a predictor that are no part of a pod's spec.
OWN_FIELDS = frozenset({
    "name", "model", "minReplicas", "maxReplicas", "scaleTarget", "scaleMetric", "autoScaling",
    "containerConcurrency", "timeout", "canaryTrafficPercent", "logger", "batcher", "labels",
    "annotations", "deploymentStrategy", "workerSpec", "storageUris", "storageContainerName",
    "schedulingGroup", "scaleMetricType", "containers",
})  # fmt: skip
# The fields of a predictor's model that are no part of its container.
MODEL_FIELDS = frozenset({
    "modelFormat", "runtime", "storageUri", "storage", "runtimeVersion", "protocolVersion",
    "confidential",
})  # fmt: skip
RUNTIME_POD_FIELDS = (
    "nodeSelector", "affinity", "tolerations", "volumes", "imagePullSecrets", "schedulerName",
)  # fmt: skip
# Lists that a strategic merge joins by a key; all others are replaced.
KEYS = {"env": "name", "ports": "containerPort", "volumeMounts": "mountPath", "volumes": "name"}
SCALING = ("maxReplicas", "scaleTarget", "scaleMetric", "autoScaling")


def canary_predictor(
    stable: dict[str, Any], canary: dict[str, Any], replicas: int
) -> dict[str, Any]:
    """Return the predictor of a canary: its non-empty fields over the stable ones."""
    merged = overlaid(stable, canary)
    for field in SCALING:
        merged.pop(field, None)
    merged["minReplicas"] = replicas
    return merged


def overlaid(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Lay one object over another: objects merge, lists are replaced, zero values do nothing."""
    merged = copy.deepcopy(under)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = overlaid(merged[key], value)
        elif value:
            merged[key] = copy.deepcopy(value)
    return merged


def strategic(under: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Merge as the API server's strategic merge does for the fields of a pod and its containers."""
    merged = copy.deepcopy(under)
    for key, value in patch.items():
        there = merged.get(key)
        if isinstance(value, dict) and isinstance(there, dict):
            merged[key] = strategic(there, value)
        elif key in KEYS and isinstance(there, list):
            merged[key] = _joined(there, value, KEYS[key])
        elif value is not None:
            merged[key] = copy.deepcopy(value)
    return merged


def container(runtime: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    """Return the container of a runtime with what a predictor's model says; arguments add up."""
    patch = {key: value for key, value in model.items() if key not in MODEL_FIELDS}
    merged = strategic(runtime, patch)
    merged["name"] = runtime["name"]
    if args := [*runtime.get("args", []), *model.get("args", [])]:
        merged["args"] = args
    return merged


def pod_fields(runtime: dict[str, Any], predictor: dict[str, Any]) -> dict[str, Any]:
    """Return a pod's spec without its containers."""
    base = {key: runtime[key] for key in RUNTIME_POD_FIELDS if runtime.get(key)}
    patch = {key: value for key, value in predictor.items() if key not in OWN_FIELDS}
    return strategic(base, patch)


def _joined(there: list[Any], wanted: list[Any], key: str) -> list[Any]:
    joined = {one[key]: one for one in there}
    for one in wanted:
        joined[one[key]] = strategic(joined.get(one[key], {}), one)
    return list(joined.values())
