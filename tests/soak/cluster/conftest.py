"""The fixtures of a cluster and of KServe; the slice of what is repeated is the layer `cluster`."""

import pytest

# pytest finds fixtures by the names that a conftest.py has.
from tests.cluster.conftest import cluster as cluster
from tests.cluster.conftest import image as image
from tests.cluster.conftest import kubeconfig as kubeconfig
from tests.support.kserve_fixtures import driver as driver
from tests.support.kserve_fixtures import endpoint as endpoint
from tests.support.kserve_fixtures import endpoints as endpoints
from tests.support.kserve_fixtures import held_back as held_back
from tests.support.kserve_fixtures import stand_in as stand_in
from tests.support.kserve_fixtures import zone as zone

SKIPPED = pytest.mark.skip(reason="the layer cluster is the slice of what is repeated on a cluster")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these tests out of the slice, before a cluster is asked for."""
    if config.getoption("--slice"):
        for item in items:
            if "soak/cluster" in item.path.as_posix():
                item.add_marker(SKIPPED)
