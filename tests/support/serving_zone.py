"""A namespace in which KServe serves a model server that misbehaves on request."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.support.cluster import wait_until

if TYPE_CHECKING:
    from tests.support.cluster import Cluster

RUNTIME, CLAIM, BEHAVIOURS = "scripted", "models", "behaviours"
# Requests and limits of one server; a stable version and two canaries fit beside everything else.
SIZE = {
    "requests": {"cpu": "10m", "memory": "24Mi"},
    "limits": {"cpu": "1", "memory": "96Mi"},
}


def gateway() -> str:
    """Return where the cluster's gateway answers."""
    return os.environ.get("AIRWORTHY_TEST_GATEWAY") or "http://127.0.0.1:8081"


@dataclass(frozen=True)
class ServingZone:
    """A claim for models, a runtime around the scripted server, and what is served.

    Args:
        cluster: The cluster.
        namespace: An empty namespace that whoever plays KServe's controller looks after.
        image: The scripted server.
    """

    cluster: Cluster
    namespace: str
    image: str

    def furnish(self) -> None:
        """Make what an InferenceService needs."""
        own = {"namespace": self.namespace}
        volume = [] if self._provisions() else [self._volume()]
        claim: dict[str, Any] = {
            "accessModes": ["ReadWriteMany" if volume else "ReadWriteOnce"],
            "resources": {"requests": {"storage": "64Mi"}},
        }
        if volume:
            claim |= {"storageClassName": "", "volumeName": volume[0]["metadata"]["name"]}
        self.cluster.apply(
            *volume,
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": CLAIM, **own},
                "spec": claim,
            },
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": BEHAVIOURS, **own}},
            self._runtime(),
        )

    def clear(self) -> None:
        """Remove what lies outside the namespace."""
        volume = self._volume()
        name = volume["metadata"]["name"]
        self.cluster.kubectl("delete", "pv", name, "--ignore-not-found", "--wait=false")
        # There is something to remove where the node is this machine.
        shutil.rmtree(volume["spec"]["hostPath"]["path"], ignore_errors=True)

    def will(self, variant: str, **how: Any) -> None:
        """Say how servers of a variant behave that start from now on."""
        data = {"data": {f"{variant}.json": json.dumps(how)}}
        self._kubectl("patch", "configmap", BEHAVIOURS, "--type=merge", "-p", json.dumps(data))

    def behave(self, variant: str, **how: Any) -> None:
        """Change how the servers of a variant behave that are there."""
        for pod in self.pods(variant):
            path = f"/api/v1/namespaces/{self.namespace}/pods/{pod}:8080/proxy/behave"
            self.cluster.kubectl("get", "--raw", f"{path}?{urlencode({'how': json.dumps(how)})}")

    def pods(self, variant: str, service: str = "") -> dict[str, str]:
        """Return the pods of a variant, by name, with their UIDs; those that end are left out.

        Tests of one zone have variants of the same names: say the service where that matters.
        """
        labels = f"endpoint={variant}"
        if service:
            labels += f",serving.kserve.io/inferenceservice={service}"
        return {
            pod["metadata"]["name"]: pod["metadata"]["uid"]
            for pod in self.listed("pods", "-n", self.namespace, "-l", labels)
            if not pod["metadata"].get("deletionTimestamp")
        }

    def listed(self, *words: str) -> list[dict[str, Any]]:
        """Return objects; none where there are none."""
        found = self.cluster.read(*words)
        return list(found["items"]) if found else []

    def service(self, name: str) -> dict[str, Any]:
        """Return an InferenceService as it is."""
        found: dict[str, Any] = self.cluster.read("inferenceservice", name, "-n", self.namespace)
        return found

    def patch(self, name: str, change: dict[str, Any]) -> None:
        """Merge a change into an InferenceService, as a person would."""
        words = ("inferenceservice", name, "--type=merge", "-p", json.dumps(change))
        self._kubectl("patch", *words)

    def weights(self, name: str) -> dict[str, int]:
        """Return the weights of the top level route by backend; a single one has all of it."""
        route = self.cluster.read("httproute", name, "-n", self.namespace)
        if route is None:
            return {}
        backends = route["spec"]["rules"][0]["backendRefs"]
        if len(backends) == 1:
            return {backends[0]["name"]: 100}
        return {one["name"]: one["weight"] for one in backends}

    def until_weights(self, name: str, expected: dict[str, int], seconds: float = 30) -> None:
        """Wait until the route has these weights."""
        wait_until(lambda: self.weights(name) == expected, seconds, every=0.1)

    def host(self, name: str) -> str:
        """Return the host under which the gateway finds a service."""
        route = self.cluster.read("httproute", name, "-n", self.namespace)
        return str(route["spec"]["hostnames"][0])

    def _kubectl(self, *words: str) -> str:
        return self.cluster.kubectl("-n", self.namespace, *words)

    def _provisions(self) -> bool:
        key = "storageclass.kubernetes.io/is-default-class"
        classes = self.listed("storageclasses")
        return any((c["metadata"].get("annotations") or {}).get(key) == "true" for c in classes)

    def _volume(self) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"{self.namespace}-{CLAIM}"},
            "spec": {
                "capacity": {"storage": "64Mi"},
                "accessModes": ["ReadWriteMany"],
                "storageClassName": "",
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {
                    "path": f"/var/tmp/airworthy-tests/{self.namespace}",
                    "type": "DirectoryOrCreate",
                },
                "claimRef": {"namespace": self.namespace, "name": CLAIM},
            },
        }

    def _runtime(self) -> dict[str, Any]:
        variant = {"fieldRef": {"fieldPath": "metadata.labels['endpoint']"}}
        container = {
            "name": "kserve-container",
            "image": self.image,
            "ports": [{"containerPort": 8080, "protocol": "TCP"}],
            "env": [{"name": "VARIANT", "valueFrom": variant}],
            "readinessProbe": {
                "httpGet": {"path": "/v2/health/ready", "port": 8080},
                "periodSeconds": 1,
            },
            "volumeMounts": [{"name": BEHAVIOURS, "mountPath": "/behaviours"}],
            "resources": SIZE,
        }
        return {
            "apiVersion": "serving.kserve.io/v1alpha1",
            "kind": "ServingRuntime",
            "metadata": {"name": RUNTIME, "namespace": self.namespace},
            "spec": {
                "supportedModelFormats": [{"name": RUNTIME, "version": "1"}],
                "protocolVersions": ["v2"],
                "containers": [container],
                "volumes": [{"name": BEHAVIOURS, "configMap": {"name": BEHAVIOURS}}],
            },
        }


def predictor(name: str, replicas: int = 1, **more: Any) -> dict[str, Any]:
    """Return a predictor of the scripted runtime, as a person would write it."""
    model = {
        "modelFormat": {"name": RUNTIME},
        "runtime": RUNTIME,
        "protocolVersion": "v2",
        "storageUri": f"pvc://{CLAIM}/{name}",
    }
    labels = {"endpoint": name}
    return {"name": name, "minReplicas": replicas, "labels": labels, "model": model, **more}


def canary(name: str, percent: int, replicas: int = 1) -> dict[str, Any]:
    """Return an entry of ``spec.canary``."""
    return {"trafficPercent": percent, "predictor": predictor(name, replicas)}
