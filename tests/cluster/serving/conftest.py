"""KServe: its own controller where the cluster has one, the stand-in where it has not."""

from __future__ import annotations

import os
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest

from tests.support.kserve_controller.process import StandIn
from tests.support.serving_zone import ServingZone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.cluster import Cluster


@pytest.fixture(scope="session")
def stand_in(
    cluster: Cluster, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StandIn | None]:
    """Return the stand-in for KServe's controller; None where a controller runs."""
    manager = cluster.read("deployment", "kserve-controller-manager", "-n", "kserve")
    if manager is not None and manager["status"].get("readyReplicas"):
        yield None
        return
    host = os.environ.get("AIRWORTHY_TEST_WEBHOOK_HOST") or "127.0.0.1"
    folder = tmp_path_factory.mktemp("stand-in")
    playing = StandIn(kubeconfig, token_hex(4), folder, host).start()
    yield playing
    playing.close()


@pytest.fixture(scope="module")
def zone(
    cluster: Cluster, stand_in: StandIn | None, image: Callable[[str], str]
) -> Iterator[ServingZone]:
    """Return a namespace in which InferenceServices are reconciled."""
    labels = stand_in.label if stand_in else {}
    namespace = cluster.open_namespace("kserve", labels)
    made = ServingZone(cluster, namespace, image("scripted-serving"))
    try:
        made.furnish()
        yield made
    finally:
        cluster.close_namespace(namespace)
        made.clear()
