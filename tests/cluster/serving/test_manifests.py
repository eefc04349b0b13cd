"""Our manifests by the schemas that the cluster has, field by field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cluster import ROOT

if TYPE_CHECKING:
    from tests.support.cluster import Cluster

GOLDEN = ROOT / "tests" / "unit" / "serving" / "kserve" / "golden"


@pytest.mark.parametrize("name", ["live", "dark", "stage_25", "dark_first_and_stopped", "budget"])
def test_the_cluster_takes_it_and_knows_every_field(
    cluster: Cluster, namespace: str, name: str
) -> None:
    text = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    strict = ("apply", "-n", namespace, "--server-side", "--dry-run=server", "--validate=strict")
    for part in text.replace("}\n{", "}\n---\n{").split("\n---\n"):
        cluster.kubectl(*strict, "-f", "-", text=part)


def test_a_field_that_nobody_knows_is_refused(cluster: Cluster, namespace: str) -> None:
    made = json.loads((GOLDEN / "live.json").read_text(encoding="utf-8"))
    made["spec"]["predictor"]["canaryTraffic"] = 5
    strict = ("apply", "-n", namespace, "--server-side", "--dry-run=server", "--validate=strict")
    with pytest.raises(RuntimeError, match="canaryTraffic"):
        cluster.kubectl(*strict, "-f", "-", text=json.dumps(made))
