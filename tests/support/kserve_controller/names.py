"""Names that KServe derives from an InferenceService's name and its predictors' names."""

from __future__ import annotations

import re
from typing import Any

# Label of a namespace whose InferenceServices are a stand-in's.
OURS = "airworthy.dev/kserve-stand-in"
CONTAINER = "kserve-container"
INFERENCE_SERVICE = "serving.kserve.io/inferenceservice"
COMPONENT = "component"
MODE = "serving.kserve.io/deploymentMode"
AUTOSCALER_CLASS = "serving.kserve.io/autoscalerClass"
NO_AUTO_UPDATE = "serving.kserve.io/disable-auto-update"
STOP = "serving.kserve.io/stop"
VISIBILITY = "networking.kserve.io/visibility"
CLUSTER_LOCAL = "cluster-local"
SOURCE_URI = "internal.serving.kserve.io/storage-initializer-sourceuri"
MODEL_FORMAT = "modelFormat"
INFERENCE_SERVICE_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def predictor(service: str, name: str = "") -> str:
    """Return the name of a predictor's Deployment, Service and autoscaler."""
    return f"{service}-{name}-predictor" if name else f"{service}-predictor"


def selector(predictor_name: str) -> str:
    """Return the value of the label ``app`` by which a Deployment and a Service find their pods."""
    return f"isvc.{predictor_name}"


def is_stopped(service: dict[str, Any]) -> bool:
    """Say whether a service is told to have no pods and no routes."""
    return (service["metadata"].get("annotations") or {}).get(STOP) == "true"
