"""Which image a step needs: most do without TensorFlow and the libraries of the heavy reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.pods.settings import PodSettings
    from include.steps.contract import StepCall

# tests/unit/pods/test_images.py holds these against what the steps import.
SLIM = frozenset({"acquire", "quarantine", "plan", "fit_candidate", "select", "gate"})
FULL_ALGORITHM = "network"


def image(call: StepCall, settings: PodSettings) -> str:
    """Return the image that a call needs."""
    algorithm = dict(call.options).get("algorithm", "")
    is_slim = call.step in SLIM and algorithm != FULL_ALGORITHM
    return settings.image if is_slim else settings.image_full
