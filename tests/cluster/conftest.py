"""A real Kubernetes. What a test makes lives in a namespace of its own, which goes with it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from tests.support import cluster as clusters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# The first image of a session waits for the base images to be made.
LONGEST_SECONDS = 420


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the time that bringing a cluster up and building an image takes."""
    for item in items:
        ours = item.path.is_relative_to(clusters.ROOT / "tests" / "cluster")
        if ours and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))


@pytest.fixture(scope="session")
def kubeconfig() -> Path:
    """Return the kubeconfig of a cluster that answers."""
    return clusters.kubeconfig()


@pytest.fixture(scope="session")
def cluster(kubeconfig: Path) -> clusters.Cluster:
    """Return the cluster."""
    made = clusters.Cluster(kubeconfig)
    made.kubectl("get", "--raw", "/readyz")
    return made


@pytest.fixture
def namespace(cluster: clusters.Cluster) -> Iterator[str]:
    """Return an empty namespace; it goes with all that is in it."""
    name = cluster.open_namespace()
    yield name
    cluster.close_namespace(name)


@pytest.fixture(scope="session")
def image(cluster: clusters.Cluster) -> Callable[[str], str]:
    """Return a maker of references to images of ours, built and loaded when first asked for."""
    return functools.cache(lambda name: clusters.image(cluster, name))
