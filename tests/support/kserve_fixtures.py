"""Fixtures of KServe: its own controller where the cluster has one, the stand-in where not."""

from __future__ import annotations

import json
import os
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest

from include.serving.kserve import records
from tests.support import kserve_endpoint
from tests.support.kserve_controller.process import StandIn
from tests.support.kserve_endpoint import KServeEndpoint
from tests.support.serving_zone import ServingZone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.serving.kserve.driver import KServeDriver
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


@pytest.fixture(scope="session")
def held_back(cluster: Cluster, stand_in: StandIn | None) -> Iterator[None]:
    """Keep KServe from handing our annotations on to pods, as the driver's preflight asks."""
    if stand_in is not None:
        yield  # it configures itself so
        return
    where = ("configmap", "inferenceservice-config", "-n", "kserve")
    before = cluster.read(*where)["data"]["inferenceService"]
    told = json.loads(before)
    key = "serviceAnnotationDisallowedList"
    told[key] = sorted({*told.get(key, ()), *records.KEYS})
    write(cluster, where, json.dumps(told))
    yield
    write(cluster, where, before)


def write(cluster: Cluster, where: tuple[str, ...], text: str) -> None:
    """Write what KServe is told about its services."""
    change = json.dumps({"data": {"inferenceService": text}})
    cluster.kubectl("patch", *where, "--type=merge", "-p", change)


@pytest.fixture(scope="session")
def zone(
    cluster: Cluster, stand_in: StandIn | None, held_back: None, image: Callable[[str], str]
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


@pytest.fixture
def driver(zone: ServingZone, kubeconfig: Path) -> Iterator[KServeDriver]:
    """Return a driver of the zone."""
    opened = kserve_endpoint.driver(kubeconfig, zone.namespace)
    yield opened
    opened.close()


@pytest.fixture
def endpoints(zone: ServingZone, driver: KServeDriver) -> Iterator[Callable[[], KServeEndpoint]]:
    """Return a maker of endpoints of this test's own; they are removed afterwards."""
    made: list[KServeEndpoint] = []

    def another() -> KServeEndpoint:
        made.append(KServeEndpoint(zone, driver, f"e{token_hex(3)}"))
        return made[-1]

    yield another
    for one in made:
        words = ("inferenceservice", one.name, "-n", zone.namespace, "--ignore-not-found")
        zone.cluster.kubectl("delete", *words)


@pytest.fixture
def endpoint(endpoints: Callable[[], KServeEndpoint]) -> KServeEndpoint:
    """Return one of them."""
    return endpoints()
