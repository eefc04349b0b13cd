"""Which steps run where only the light libraries are: without TensorFlow and those of reports.

Light, like the contract: operators ask it, and import no step for it.
"""

from __future__ import annotations

_LIGHT = frozenset({"acquire", "fit_candidate", "gate", "plan", "quarantine", "select", "train"})
_HEAVY_ALGORITHMS = frozenset({"network"})


def is_light(step: str, algorithm: str = "") -> bool:
    """Say whether the slim image has all that a step needs.

    Args:
        step: Name of the step.
        algorithm: What it fits, where it fits something.
    """
    return step in _LIGHT and algorithm not in _HEAVY_ALGORITHMS
