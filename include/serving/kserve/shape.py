"""What an InferenceService says, as a value: who is stable, who stands beside, who is reached."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from include import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

ALL_TRAFFIC = 100


class Exposure(StrEnum):
    """Who reaches an InferenceService."""

    PUBLIC = "public"
    DARK = "dark"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Entry:
    """One predictor.

    Attributes:
        name: Its name within the InferenceService.
        variant: Variant that it serves.
        uri: Where its package is.
        percent: Its share of the traffic; of the stable one, what the others leave.
        replicas: How many pods it needs of its own.
        body: Canonical JSON of everything else, which makes its pods.
    """

    name: str
    variant: str
    uri: str
    percent: int
    replicas: int
    body: str


@dataclass(frozen=True)
class Scaling:
    """How the stable predictor grows; a canary has a fixed number of pods.

    Attributes:
        most: Most replicas; 0 for a fixed number.
        metric: What is looked at: ``cpu`` or ``memory``.
        target: Percent of it that a pod should use.
    """

    most: int = 0
    metric: str = "cpu"
    target: int = 80


FIXED = Scaling()


@dataclass(frozen=True)
class Shape:
    """One InferenceService: the stable predictor, and its canaries in the order of their names."""

    stable: Entry
    canaries: tuple[Entry, ...] = ()
    exposure: Exposure = Exposure.PUBLIC
    scaling: Scaling = FIXED

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All predictors, the stable one first."""
        return (self.stable, *self.canaries)

    @property
    def stable_percent(self) -> int:
        """Share of the traffic that the canaries leave to the stable predictor."""
        return ALL_TRAFFIC - sum(canary.percent for canary in self.canaries)

    def canary(self, name: str) -> Entry | None:
        """Return a canary by its predictor's name."""
        return next((canary for canary in self.canaries if canary.name == name), None)


def shaped(
    stable: Entry,
    canaries: tuple[Entry, ...] = (),
    exposure: Exposure = Exposure.PUBLIC,
    scaling: Scaling = FIXED,
) -> Shape:
    """Return a shape; equal ones are equal values."""
    ordered = tuple(sorted(canaries, key=lambda canary: canary.name))
    rest = ALL_TRAFFIC - sum(canary.percent for canary in ordered)
    share = rest if exposure is Exposure.PUBLIC else 0
    return Shape(replace(stable, percent=share), ordered, exposure, scaling)


def merged(stable: str, canary: str) -> str:
    """Return the body that KServe makes of a canary's, laid over the stable one's.

    What the canary leaves out, or has empty, is the stable predictor's; lists are replaced.
    """
    return digest.canonical(_merged(json.loads(stable), json.loads(canary))).decode()


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(under)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value)
        elif value or key not in result:
            result[key] = value
    return result
