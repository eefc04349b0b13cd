"""The fixtures of KServe, the chart, and a namespace that a live suite serves in."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.cluster.chart.conftest import chart as chart
from tests.support.kserve_fixtures import held_back as held_back
from tests.support.kserve_fixtures import stand_in as stand_in
from tests.support.live_kserve import LiveKServe
from tests.support.live_release import LiveRelease
from tests.support.product_images import product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.cluster import Cluster
    from tests.support.installation import Installation
    from tests.support.kserve_controller.process import StandIn

SEED = 20261128


@pytest.fixture
def kserve(cluster: Cluster, stand_in: StandIn | None, held_back: None) -> Iterator[LiveKServe]:
    """Return where a suite's models are served."""
    namespace = cluster.open_namespace("live", stand_in.label if stand_in else {})
    found = LiveKServe(cluster, namespace, product(cluster, "serving"))
    yield found
    cluster.close_namespace(namespace)
    found.clear()


@pytest.fixture
def release(suite: Installation) -> Iterator[LiveRelease]:
    """Return the release DAG of the suite's model."""
    found = LiveRelease(suite, "toy_release", random.Random(SEED))
    yield found
    found.close()
