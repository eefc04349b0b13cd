"""A PodDisruptionBudget beside an InferenceService: KServe makes none.

One for all its predictors, by how many pods may be away: a least number of pods that have to stay
would mean something else at each stage, since every canary brings its own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from include import digest
from include.serving.kserve.cluster import POLICY, member
from include.serving.kserve.records import MODEL

if TYPE_CHECKING:
    from include.serving.kserve.cluster import Cluster
    from include.serving.kserve.records import Record


def keep_budget(
    cluster: Cluster, namespace: str, applied: str, record: Record, before: Record | None
) -> None:
    """Bring the budget to what is wanted; one that is not wanted any more goes.

    Args:
        cluster: The API server.
        namespace: Where the InferenceService is.
        applied: The InferenceService as it was just applied, as JSON.
        record: What we keep on it now.
        before: What we kept on it before; None for a new one.
    """
    own: dict[str, Any] = json.loads(applied)["metadata"]
    path = member(POLICY, namespace, "poddisruptionbudgets", own["name"])
    most = record.wanted.sizing.max_unavailable
    if most is not None:
        if before is None or before.wanted.sizing.max_unavailable != most:
            cluster.apply(path, manifest_of(own["name"], own["uid"], record.wanted.model, most))
    elif before is not None and before.wanted.sizing.max_unavailable is not None:
        cluster.delete(path)


def manifest_of(name: str, uid: str, model: str, most: int) -> str:
    """Return the budget of an InferenceService; it goes with it."""
    owner = {
        "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "name": name,
        "uid": uid,
    }  # fmt: skip
    chosen = {"serving.kserve.io/inferenceservice": name, "component": "predictor"}
    return digest.canonical({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "labels": {MODEL: model}, "ownerReferences": [owner]},
        "spec": {"maxUnavailable": most, "selector": {"matchLabels": chosen}},
    }).decode()
