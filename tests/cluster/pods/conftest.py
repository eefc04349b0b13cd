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
        store: Folder of the test's own store, here and in the pods.
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
        found = self.cluster.read("pods", "-n", self.namespace)
        return list(found["items"]) if found else []

    def running(self) -> list[dict[str, Any]]:
        """Return the pods whose step runs."""
        return [pod for pod in self.all() if pod["status"]["phase"] == "Running"]


def with_compute(spec: CompiledSpec, compute: Compute) -> CompiledSpec:
    """Return a compiled spec whose steps run with other means; its digest is the same."""
    changed = spec.spec.model_copy(update={"compute": compute})
    return spec.model_copy(update={"spec": changed})


@pytest.fixture(scope="session")
def shared_folder() -> Iterator[Path]:
    """Return a folder that the node finds at the same place."""
    above = os.environ.get("AIRWORTHY_TEST_SHARED_FOLDER") or tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="airworthy-store-", dir=above))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def pod_namespace(cluster: Cluster, shared_folder: Path) -> Iterator[str]:
    """Return a namespace that takes restricted pods only, with a claim on the folder."""
    namespace = cluster.open_namespace("test-pods", RESTRICTED)
    claim(cluster, namespace, shared_folder)
    yield namespace
    cluster.close_namespace(namespace)
    cluster.kubectl("delete", "persistentvolume", namespace, "--ignore-not-found")


def claim(cluster: Cluster, namespace: str, folder: Path) -> None:
    """Make a volume of a folder of the node, and the claim ``store`` on it."""
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


def connect(monkeypatch: pytest.MonkeyPatch, kubeconfig: Path) -> None:
    """Make the Airflow connection of a cluster."""
    extra = {"kube_config_path": str(kubeconfig)}
    connection = json.dumps({"conn_type": "kubernetes", "extra": extra})
    monkeypatch.setenv("AIRFLOW_CONN_KUBERNETES_DEFAULT", connection)


@pytest.fixture
def pods(
    cluster: Cluster,
    pod_namespace: str,
    shared_folder: Path,
    compiled: CompiledSpec,
    settings: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Pods]:
    """Return the namespace without a pod, with an empty store of the test's own."""
    store = Path(tempfile.mkdtemp(dir=shared_folder))
    store.chmod(0o777)
    monkeypatch.setenv("AIRWORTHY_STORE", f"file://{store}")
    spec = with_compute(compiled, Compute(default=SMALL))
    made = Pods(cluster, pod_namespace, store, spec)
    yield made
    if made.names():
        at_once = ("--force", "--grace-period=0")
        cluster.kubectl("delete", "pods", "--all", "-n", pod_namespace, *at_once)


@pytest.fixture
def settings(
    pod_namespace: str,
    image: Callable[[str], str],
    cluster: Cluster,
    shared_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Set the installation to pods in the namespace."""
    said = {
        "AIRWORTHY_RUNTIME": "kubernetes",
        "AIRWORTHY_STORE_CLAIM": "store",
        "AIRWORTHY_STORE_MOUNT": str(shared_folder),
        "AIRWORTHY_STEPS_IMAGE": image("scripted-steps"),
        "AIRWORTHY_POD_NAMESPACE": pod_namespace,
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    connect(monkeypatch, cluster.kubeconfig)
