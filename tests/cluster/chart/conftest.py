"""The chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.helm import Chart

if TYPE_CHECKING:
    from tests.support.cluster import Cluster


@pytest.fixture(scope="session")
def chart(cluster: Cluster) -> Chart:
    """Return the chart of this repository."""
    return Chart(cluster)
