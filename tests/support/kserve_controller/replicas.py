"""How many pods a canary gets, and how many it takes from the stable predictor."""

from __future__ import annotations

import math
from typing import Any


def of_canary(spec: dict[str, Any], canary: dict[str, Any]) -> int:
    """Return a canary's pods: its own number, or its share of the stable ones, rounded up."""
    own: int | None = canary["predictor"].get("minReplicas")
    if own is not None:
        return own
    stable: int = spec["predictor"].get("minReplicas", 1)
    return math.ceil(stable * canary["trafficPercent"] / 100)


def of_stable(spec: dict[str, Any], ready: dict[str, bool]) -> int | None:
    """Return the stable predictor's pods, less those of ready canaries whatever their share."""
    wanted: int | None = spec["predictor"].get("minReplicas")
    canaries = [c for c in spec.get("canary") or [] if ready.get(c["predictor"]["name"])]
    taken = sum(of_canary(spec, canary) for canary in canaries)
    if wanted is None or not taken:
        return wanted
    return max(wanted - taken, 1)
