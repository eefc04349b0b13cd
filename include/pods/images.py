"""Which image a step needs: most do without TensorFlow and the libraries of the heavy reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.steps.weight import is_light

if TYPE_CHECKING:
    from include.pods.settings import PodSettings
    from include.steps.contract import StepCall


def image(call: StepCall, settings: PodSettings) -> str:
    """Return the image that a call needs."""
    algorithm = dict(call.options).get("algorithm", "")
    return settings.image if is_light(call.step, algorithm) else settings.image_full
