"""Shapes as manifests and back: KServe's InferenceService in Standard mode with ``spec.canary``.

``canaryTrafficPercent`` is never written: in Standard mode it is ignored without a word
(kserve/kserve#5335). Every predictor is written as ``model``, since KServe gives defaults to the
stable one only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from include import digest
from include.serving.kserve.objects import at
from include.serving.kserve.quantities import resources_of
from include.serving.kserve.records import MODEL
from include.serving.kserve.shape import ALL_TRAFFIC, Entry, Exposure, Scaling, Shape, shaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.serving.kserve.installation import Installation
    from include.serving.kserve.objects import InferenceService
    from include.serving.kserve.records import Record
    from include.spec.serving import Serving

API_VERSION = "serving.kserve.io/v1beta1"
KIND = "InferenceService"
SERVING = "serving.kserve.io/"
MODE = f"{SERVING}deploymentMode"
AUTOSCALER = f"{SERVING}autoscalerClass"
STOP = f"{SERVING}stop"
NO_UPDATE = f"{SERVING}disable-auto-update"
VISIBILITY = "networking.kserve.io/visibility"
VARIANT = "endpoint"
"""Label of a predictor's pods that KServe's payload logger tells as the endpoint."""

_SCALING = ("minReplicas", "maxReplicas", "scaleMetric", "scaleTarget", "autoScaling", "name")


def body_of(variant: str, uri: str, installation: Installation, sizing: Serving) -> str:
    """Return what makes the pods of a predictor: the same whether it is stable or a canary."""
    body: dict[str, Any] = {
        "labels": {VARIANT: variant},
        "model": {
            # The schema of a canary asks for the container's name, that of a predictor does not.
            "name": "",
            "modelFormat": {"name": installation.model_format},
            "runtime": installation.runtime,
            "protocolVersion": "v2",
            "storageUri": uri,
            "resources": resources_of(sizing),
        },
    }
    if installation.service_account:
        body["serviceAccountName"] = installation.service_account
    return _text(body)


def spec_of(shape: Shape) -> str:
    """Return the spec of a shape as canonical JSON.

    The stable predictor asks for the canaries' replicas on top of its own: the controller takes
    as many from it as there are canaries that are ready, whatever their share.
    """
    extra = sum(canary.replicas for canary in shape.canaries)
    least = shape.stable.replicas + extra
    stable = {**_predictor(shape.stable, least), **_growth(shape.scaling, extra)}
    canaries = [
        {"trafficPercent": canary.percent, "predictor": _predictor(canary, canary.replicas)}
        for canary in shape.canaries
    ]
    # An empty list is written too: a list that is left out stays as somebody else made it.
    return _text({"predictor": stable, "canary": canaries})


def manifest_of(name: str, shape: Shape, record: Record, resource_version: str) -> str:
    """Return the whole object as it is applied.

    Args:
        name: Of the InferenceService.
        shape: What it says from now on.
        record: What we keep on it.
        resource_version: Of the object that this follows; empty for a new one.
    """
    metadata: dict[str, Any] = {
        "name": name,
        "labels": {MODEL: record.wanted.model, **labels(shape)},
        "annotations": {**switches(shape), **record.annotations()},
    }
    if resource_version:
        metadata["resourceVersion"] = resource_version
    return _text({
        "apiVersion": API_VERSION, "kind": KIND, "metadata": metadata,
        "spec": json.loads(record.written),
    })  # fmt: skip


def switches(shape: Shape) -> dict[str, str]:
    """Return the annotations by which KServe's controller is told how to work."""
    told = {MODE: "Standard", AUTOSCALER: "hpa" if shape.scaling.most else "none"}
    return {**told, STOP: "true"} if shape.exposure is Exposure.STOPPED else told


def labels(shape: Shape) -> dict[str, str]:
    """Return the labels by which KServe's controller is told how to work."""
    return {VISIBILITY: "cluster-local"} if shape.exposure is Exposure.DARK else {}


def shape_of(spec: Mapping[str, Any], exposure: Exposure, *, grows: bool) -> Shape:
    """Return what the spec of an InferenceService says, whoever wrote it.

    Args:
        spec: The spec.
        exposure: Who reaches it, by its annotations and labels.
        grows: Whether its stable predictor has an autoscaler.
    """
    canaries = tuple(
        _entry(at(entry, "predictor") or {}, int(at(entry, "trafficPercent") or 0))
        for entry in spec.get("canary") or ()
    )
    predictor = spec.get("predictor") or {}
    extra = sum(canary.replicas for canary in canaries)
    stable = _entry(predictor, ALL_TRAFFIC, extra)
    return shaped(stable, canaries, exposure, _scaling(predictor, extra) if grows else Scaling())


def exposure_of(live: InferenceService) -> Exposure:
    """Return who reaches an InferenceService."""
    if live.metadata.annotations.get(STOP) == "true":
        return Exposure.STOPPED
    is_local = live.metadata.labels.get(VISIBILITY) == "cluster-local"
    return Exposure.DARK if is_local else Exposure.PUBLIC


def _predictor(entry: Entry, replicas: int) -> dict[str, Any]:
    return {**json.loads(entry.body), "name": entry.name, "minReplicas": replicas}


def _growth(scaling: Scaling, extra: int) -> dict[str, Any]:
    if not scaling.most:
        return {}
    return {
        "maxReplicas": scaling.most + extra,
        "scaleMetric": scaling.metric,
        "scaleTarget": scaling.target,
    }


def _entry(predictor: Mapping[str, Any], percent: int, extra: int = 0) -> Entry:
    body = {key: value for key, value in predictor.items() if key not in _SCALING}
    return Entry(
        name=predictor.get("name") or "",
        variant=str(at(dict(predictor), "labels", VARIANT) or ""),
        uri=str(at(dict(predictor), "model", "storageUri") or ""),
        percent=percent,
        replicas=max(1, int(predictor.get("minReplicas") or 1) - extra),
        body=_text(body),
    )


def _scaling(predictor: Mapping[str, Any], extra: int) -> Scaling:
    most = int(predictor.get("maxReplicas") or 0)
    return Scaling(
        most=max(1, most - extra),
        metric=str(predictor.get("scaleMetric") or "cpu"),
        target=int(predictor.get("scaleTarget") or 80),
    )


def _text(tree: Mapping[str, Any]) -> str:
    return digest.canonical(tree).decode()
