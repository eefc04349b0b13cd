"""What a serving driver is asked for and what it reports, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from include.evidence.tally import Evidence


class Health(StrEnum):
    """State of a variant, as its driver sees it."""

    STARTING = "starting"
    READY = "ready"
    UNHEALTHY = "unhealthy"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Variant:
    """One model version behind an endpoint."""

    name: str
    version: str
    package_uri: str
    package_digest: str
    weight: int
    replicas: int = 1
    mirror: int = 0


@dataclass(frozen=True)
class Endpoint:
    """The wanted state of an endpoint. Weights are whole percent and sum to 100, or to 0."""

    name: str
    model: str
    revision: int
    owner: str
    fencing_token: int
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class VariantState:
    """What a driver observed of one variant."""

    name: str
    version: str
    weight: int
    health: Health
    url: str
    restarts: int
    message: str


@dataclass(frozen=True)
class Observation:
    """What a driver observed of one endpoint."""

    name: str
    revision: int
    fencing_token: int
    url: str
    variants: tuple[VariantState, ...]


class EvidenceSource(Protocol):
    """Counts what the variants of an endpoint do."""

    async def evidence(self, name: str, revision: int) -> Evidence:
        """Return what was counted under a revision; zero counts where nothing was yet.

        Raises:
            BadInput: no such endpoint.
            ServingUnavailable: the source did not answer: nothing is known, which is no zero.
        """


class ServingDriver(Protocol):
    """Brings an endpoint to a wanted state and says what is there."""

    def apply(self, endpoint: Endpoint) -> Observation:
        """Want this state from now on; returns at once.

        Raises:
            FencedOut: a newer token has been seen for this endpoint.
            ServingUnavailable: the driver's other side did not answer.
        """

    def observe(self, name: str) -> Observation:
        """Return what is there now.

        Raises:
            BadInput: no such endpoint.
            ServingUnavailable: the driver's other side did not answer.
        """
