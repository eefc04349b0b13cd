"""An InferenceService to begin with."""

from __future__ import annotations

import copy
from typing import Any

import pytest

STABLE: dict[str, Any] = {
    "name": "v1",
    "minReplicas": 4,
    "model": {
        "modelFormat": {"name": "airworthy"},
        "runtime": "airworthy-model",
        "storageUri": "pvc://models/v1",
        "env": [{"name": "VERSION", "value": "v1"}],
    },
}


class Services:
    """Makes InferenceServices with any canaries."""

    def canary(self, name: str, percent: int, **predictor: Any) -> dict[str, Any]:
        model = {**STABLE["model"], "storageUri": f"pvc://models/{name}"}
        return {"trafficPercent": percent, "predictor": {"name": name, "model": model, **predictor}}

    def service(self, *canaries: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Return a service; ``changes`` replace fields of its stable predictor."""
        predictor = {**copy.deepcopy(STABLE), **changes}
        predictor = {key: value for key, value in predictor.items() if value is not None}
        return {
            "metadata": {
                "name": "toy",
                "namespace": "models",
                "uid": "1",
                "annotations": {"serving.kserve.io/deploymentMode": "Standard"},
            },
            "spec": {"predictor": predictor, "canary": list(canaries)},
        }


@pytest.fixture
def services() -> Services:
    """Return the maker of InferenceServices."""
    return Services()
