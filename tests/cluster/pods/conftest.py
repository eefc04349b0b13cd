"""Steps as pods: a store that this machine and the cluster's node share, and tasks to play."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from include.spec.compute import Compute, Profile
from tests.support.airflow_tasks import Task
from tests.support.pod_tasks import PodTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from include.spec.model import CompiledSpec
    from tests.support.cluster import Cluster

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
SMALL = Profile(cpu="50m", memory="160Mi", scratch="64Mi")


@dataclass(frozen=True)
class Pods:
    """A namespace that takes restricted pods only, with a store on a claim.

    Attributes:
        cluster: The cluster.
        namespace: The namespace.
        store: Folder of the store, here and in the pods.
        spec: Compiled spec, with a small profile.
    """

    cluster: Cluster
    namespace: str
    store: Path
    spec: CompiledSpec

    def task(self, script: str = "", **more: Any) -> PodTask:
        """Return a task whose step does as the script says."""
        task_id, map_index = more.pop("task_id", "fit"), more.pop("map_index", -1)
        compute = more.pop("compute", None)
        spec = self.spec if compute is None else with_compute(self.spec, compute)
        ti = Task(task_id=task_id, map_index=map_index)
        return PodTask(spec=spec, script=script, ti=ti, **more)

    def names(self) -> list[str]:
        """Return the names of the pods that are there."""
        return [pod["metadata"]["name"] for pod in self.all()]

    def all(self) -> list[dict[str, Any]]:
        """Return the pods that are there."""
        return list(self.cluster.read("pods", "-n", self.namespace)["items"])

    def running(self) -> list[dict[str, Any]]:
        """Return the pods whose step runs."""
        return [pod for pod in self.all() if pod["status"]["phase"] == "Running"]


def with_compute(spec: CompiledSpec, compute: Compute) -> CompiledSpec:
    """Return a compiled spec whose steps run with other means; its digest is the same."""
    changed = spec.spec.model_copy(update={"compute": compute})
    return spec.model_copy(update={"spec": changed})


@pytest.fixture
def store() -> Iterator[Path]:
    """Return a folder for the store that the node finds at the same place."""
    above = os.environ.get("AIRWORTHY_TEST_SHARED_FOLDER") or tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="airworthy-store-", dir=above))
    for place in (folder, folder / "store"):
        place.mkdir(exist_ok=True)
        place.chmod(0o777)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def claim(cluster: Cluster, namespace: str, folder: Path) -> str:
    """Make a volume of a folder of the node and a claim of it; both are called as the namespace."""
    size = {"storage": "1Gi"}
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": namespace, "labels": {"airworthy.dev/test": "true"}},
        "spec": {
            "capacity": size,
            "accessModes": ["ReadWriteMany"],
            "hostPath": {"path": str(folder)},
            "storageClassName": "",
            "claimRef": {"namespace": namespace, "name": "store"},
        },
    }
    wanted = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "store", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": "",
            "volumeName": namespace,
            "resources": {"requests": size},
        },
    }
    cluster.apply(volume, wanted)
    return "store"


def connect(monkeypatch: pytest.MonkeyPatch, kubeconfig: Path) -> None:
    """Make the Airflow connection of a cluster."""
    extra = {"kube_config_path": str(kubeconfig)}
    connection = json.dumps({"conn_type": "kubernetes", "extra": extra})
    monkeypatch.setenv("AIRFLOW_CONN_KUBERNETES_DEFAULT", connection)


@pytest.fixture
def pods(
    cluster: Cluster,
    image: Callable[[str], str],
    compiled: CompiledSpec,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Pods]:
    """Return a namespace with a store, and the settings that lead there."""
    namespace = cluster.open_namespace("test-pods", RESTRICTED)
    settings = {
        "AIRWORTHY_RUNTIME": "kubernetes",
        "AIRWORTHY_STORE": f"file://{store}/store",
        "AIRWORTHY_STORE_CLAIM": claim(cluster, namespace, store),
        "AIRWORTHY_STORE_MOUNT": str(store),
        "AIRWORTHY_STEPS_IMAGE": image("scripted-steps"),
        "AIRWORTHY_POD_NAMESPACE": namespace,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    connect(monkeypatch, cluster.kubeconfig)
    spec = with_compute(compiled, Compute(default=SMALL))
    yield Pods(cluster, namespace, store, spec)
    cluster.close_namespace(namespace)
    cluster.kubectl("delete", "persistentvolume", namespace, "--ignore-not-found")
