"""What every other test here stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.cluster import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.cluster import Cluster

STEP = "include.steps.scripted"


def test_an_image_of_ours_runs_without_root(
    cluster: Cluster, namespace: str, image: Callable[[str], str]
) -> None:
    nobody = {"runAsNonRoot": True, "runAsUser": 65532}
    container = {
        "name": "step",
        "image": image("scripted-steps"),
        "command": ["python", "-m", STEP, "--spec=nothing"],
    }
    spec = {"restartPolicy": "Never", "securityContext": nobody, "containers": [container]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", "namespace": namespace}}
    cluster.apply(pod | {"spec": spec})

    def ended() -> bool:
        status = cluster.read("pod", "one", "-n", namespace)["status"]
        return status["phase"] in {"Succeeded", "Failed"}

    wait_until(ended, 60)
    assert '"step_failed"' in cluster.kubectl("logs", "one", "-n", namespace)


def test_a_namespace_goes_with_all_that_is_in_it(cluster: Cluster) -> None:
    name = cluster.open_namespace()
    cluster.kubectl("create", "configmap", "kept", "-n", name)
    cluster.close_namespace(name)
    assert cluster.read("namespace", name) is None
