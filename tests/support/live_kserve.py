"""KServe as a suite on this machine uses it: a namespace, the suite's store as a claim in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.support.serving_zone import gateway

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cluster import Cluster
    from tests.support.helm import Chart

CLAIM, RUNTIME = "store", "airworthy-model"


def inference(name: str) -> str:
    """Return where the gateway takes an endpoint's requests."""
    return f"{gateway()}/v2/models/{name}/infer"


@dataclass(frozen=True)
class LiveKServe:
    """Where the suite's models are served. The node has to see this machine's folders.

    Args:
        cluster: The cluster.
        namespace: A namespace that whoever plays KServe's controller looks after.
        image: Our serving image.
    """

    cluster: Cluster
    namespace: str
    image: str

    def furnish(self, chart: Chart, home: Path) -> None:
        """Make the runtime of the chart, and a claim over the suite's home."""
        own = {"namespace": self.namespace}
        size = {"storage": "1Gi"}
        binding = {"storageClassName": "", "accessModes": ["ReadWriteMany"]}
        self.cluster.apply(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": self.volume},
                "spec": {
                    **binding,
                    "capacity": size,
                    "persistentVolumeReclaimPolicy": "Retain",
                    "hostPath": {"path": str(home), "type": "Directory"},
                    "claimRef": {"namespace": self.namespace, "name": CLAIM},
                },
            },
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": CLAIM, **own},
                "spec": {**binding, "volumeName": self.volume, "resources": {"requests": size}},
            },
            self._runtime(chart),
        )

    @property
    def volume(self) -> str:
        """Return the name of the volume, which lies outside the namespace."""
        return f"{self.namespace}-{CLAIM}"

    def connect(self, settings: Path, home: Path, kubeconfig: Path) -> None:
        """Name the driver in ``airflow_settings.yaml``, as a platform team would."""
        told = yaml.safe_load(settings.read_text())
        (mine,) = (
            one for one in told["airflow"]["connections"] if one["conn_id"] == "airworthy_serving"
        )
        mine.clear()
        mine |= {
            "conn_id": "airworthy_serving",
            "conn_type": "airworthy",
            "conn_extra": self.extra(home, kubeconfig),
        }
        settings.write_text(yaml.safe_dump(told))

    def extra(self, home: Path, kubeconfig: Path) -> dict[str, Any]:
        """Return what the connection says."""
        return {
            "driver": "kserve",
            "namespace": self.namespace,
            "kubeconfig": str(kubeconfig),
            "claim": CLAIM,
            "mount": str(home),
            "smoke_address": "http://{pod_ip}:8080",
            # Neither the stand-in nor a manager that was built for a test tells a release.
            "kserve_version": "0.21.0",
            "evidence": {"kind": "pods", "notes": f"file://{home}/evidence"},
        }

    def host(self, name: str) -> str:
        """Return the host under which the gateway finds an endpoint; empty before it has one."""
        route = self.cluster.read("httproute", name, "-n", self.namespace)
        return str(route["spec"]["hostnames"][0]) if route else ""

    def headers(self, name: str) -> dict[str, str]:
        """Return what a request to an endpoint through the gateway needs."""
        return {"host": self.host(name), "content-type": "application/json"}

    def answers(self, name: str, body: bytes) -> bool:
        """Say whether an endpoint answers a request through the gateway."""
        headers = self.headers(name)
        if not headers["host"]:
            return False
        answer = httpx.post(inference(name), content=body, headers=headers, trust_env=False)
        return answer.status_code == 200

    def service(self, name: str) -> dict[str, Any]:
        """Return an InferenceService as it is."""
        found: dict[str, Any] = self.cluster.read("inferenceservice", name, "-n", self.namespace)
        return found

    def clear(self) -> None:
        """Remove what lies outside the namespace."""
        self.cluster.kubectl("delete", "pv", self.volume, "--ignore-not-found", "--wait=false")

    def _runtime(self, chart: Chart) -> dict[str, Any]:
        values = {"serving__clusterWide": False, "serving__namespace": self.namespace}
        made = chart.render(**values).one("ServingRuntime", RUNTIME)
        made["spec"]["containers"][0]["image"] = self.image
        return made
