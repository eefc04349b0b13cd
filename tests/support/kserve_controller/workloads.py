"""The Deployment, Service and autoscaler of one predictor."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.kserve_controller import merging, names

if TYPE_CHECKING:
    from tests.support.kserve_controller.settings import Settings

READABLE = ("pvc", "s3", "gs", "oci", "http", "https", "hf")


class Unbuildable(Exception):
    """A predictor of which no pod can be made; its text is KServe's."""


@dataclass(frozen=True)
class Workload:
    """The objects of one predictor; all carry the same metadata."""

    meta: dict[str, Any]
    pod: dict[str, Any]
    replicas: int | None
    strategy: dict[str, Any] | None
    scaling: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.meta["name"])

    @property
    def autoscaler_class(self) -> str:
        return str(self.meta["annotations"].get(names.AUTOSCALER_CLASS, "hpa"))

    @property
    def deployment(self) -> dict[str, Any]:
        """Return the Deployment; without a number of replicas where an autoscaler sets it."""
        rolling = {"maxUnavailable": "25%", "maxSurge": "25%"}
        spec: dict[str, Any] = {
            "selector": {"matchLabels": {"app": names.selector(self.name)}},
            "template": {"metadata": self._copied(), "spec": self.pod},
            "strategy": self.strategy or {"type": "RollingUpdate", "rollingUpdate": rolling},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        }
        if self.replicas is not None and self.autoscaler_class == "none":
            spec["replicas"] = self.replicas
        return self._object("apps/v1", "Deployment", spec)

    @property
    def service(self) -> dict[str, Any]:
        """Return the Service: port 80 to the container's first port."""
        ports = self.pod["containers"][0].get("ports") or [{"containerPort": 8080}]
        first, *more = ports
        listed = [{"name": first.get("name", self.name), "port": 80, **_target(first)}]
        listed += [
            {"name": port.get("name", ""), "port": port["containerPort"], **_target(port)}
            for port in more
        ]
        selector = {"app": names.selector(self.name)}
        return self._object("v1", "Service", {"selector": selector, "ports": listed})

    @property
    def autoscaler(self) -> dict[str, Any]:
        """Return the HorizontalPodAutoscaler; at least one pod, at most the larger number."""
        least = max(self.replicas or 1, 1)
        return self._object(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            {
                "scaleTargetRef": {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": self.name,
                },
                "minReplicas": least,
                "maxReplicas": max(self.scaling.get("maxReplicas", 0), least),
                "metrics": _metrics(self.scaling),
            },
        )

    def _object(self, version: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
        return {"apiVersion": version, "kind": kind, "metadata": self.meta, "spec": spec}

    def _copied(self) -> dict[str, Any]:
        # The template has the Deployment's own metadata: each annotation of it is one of the pods.
        return {key: self.meta[key] for key in ("name", "namespace", "labels", "annotations")}


def build(
    service: dict[str, Any], predictor: dict[str, Any], runtime: dict[str, Any], settings: Settings
) -> Workload:
    """Build what KServe makes of a predictor.

    Raises:
        Unbuildable: the runtime or the model's address does not do.
    """
    model = predictor["model"]
    name = names.predictor(service["metadata"]["name"], predictor.get("name", ""))
    found = next((c for c in runtime["containers"] if c["name"] == names.CONTAINER), None)
    if found is None:
        raise Unbuildable(f"failed to find {names.CONTAINER} in ServingRuntime containers")
    container = _filled(merging.container(found, model), service["metadata"])
    environment = [
        one for one in container.get("env", []) if one["name"] != "INFERENCE_SERVICE_NAME"
    ]
    container["env"] = [
        *environment, {"name": "INFERENCE_SERVICE_NAME", "value": service["metadata"]["name"]}
    ]  # fmt: skip
    container.setdefault("readinessProbe", _probe(container))
    others = [c for c in predictor.get("containers", []) if c["name"] != names.CONTAINER]
    pod = {**merging.pod_fields(runtime, predictor), "containers": [container, *others]}
    _mount(pod, model.get("storageUri", ""))
    return Workload(
        meta=_metadata(service, predictor, name, settings),
        pod=pod,
        replicas=predictor.get("minReplicas"),
        strategy=predictor.get("deploymentStrategy"),
        scaling={key: predictor[key] for key in merging.SCALING if key in predictor},
    )


def _metadata(
    service: dict[str, Any], predictor: dict[str, Any], name: str, settings: Settings
) -> dict[str, Any]:
    own = service["metadata"]
    annotations = {
        key: value
        for key, value in {
            **(own.get("annotations") or {}), **predictor.get("annotations", {})
        }.items()
        if key not in settings.hidden_annotations
    }  # fmt: skip
    if uri := predictor["model"].get("storageUri"):
        annotations[names.SOURCE_URI] = uri
    return {
        "name": name,
        "namespace": own["namespace"],
        "labels": {
            **(own.get("labels") or {}),
            **predictor.get("labels", {}),
            names.INFERENCE_SERVICE: own["name"],
            names.COMPONENT: "predictor",
            "app": names.selector(name),
        },
        "annotations": annotations,
        "ownerReferences": [owner(service)],
    }


def owner(service: dict[str, Any]) -> dict[str, Any]:
    """Return the reference by which an object goes with its InferenceService."""
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "name": service["metadata"]["name"],
        "uid": service["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _filled(container: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    values = {"Name": metadata["name"], "Namespace": metadata["namespace"]}
    text = re.sub(
        r"\{\{\s*\.(Name|Namespace)\s*\}\}", lambda found: values[found[1]], json.dumps(container)
    )
    found: dict[str, Any] = json.loads(text)
    return found


def _mount(pod: dict[str, Any], uri: str) -> None:
    scheme, _, rest = uri.partition("://")
    if uri and rest and scheme not in READABLE:
        listed = ", ".join(f"{one}://" for one in READABLE)
        raise Unbuildable(
            f"StorageURI not supported: storageUri, must be one of: [{listed}] or match"
            f" https://{{}}.blob.core.windows.net/{{}}/{{}} or be an absolute or relative local"
            f" path. StorageUri [{uri}] is not supported"
        )
    if scheme != "pvc" or not rest:
        return
    claim, _, path = rest.partition("/")
    volume = {
        "name": "kserve-pvc-source",
        "persistentVolumeClaim": {"claimName": claim, "readOnly": True},
    }
    mount = {"name": volume["name"], "mountPath": "/mnt/models", "subPath": path, "readOnly": True}
    container = pod["containers"][0]
    pod["volumes"] = [*pod.get("volumes", []), volume]
    container["volumeMounts"] = [*container.get("volumeMounts", []), mount]


def _probe(container: dict[str, Any]) -> dict[str, Any]:
    port = (container.get("ports") or [{"containerPort": 8080}])[0]["containerPort"]
    return {"tcpSocket": {"port": port}, "timeoutSeconds": 1, "periodSeconds": 10}


def _target(port: dict[str, Any]) -> dict[str, Any]:
    return {"targetPort": port["containerPort"], "protocol": port.get("protocol", "TCP")}


def _metrics(scaling: dict[str, Any]) -> list[dict[str, Any]]:
    resource = scaling.get("scaleMetric", "cpu")
    target = {"type": "Utilization", "averageUtilization": scaling.get("scaleTarget", 80)}
    return [{"type": "Resource", "resource": {"name": resource, "target": target}}]
