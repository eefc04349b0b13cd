"""What a serving driver is asked for and what it reports, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from include.spec.serving import DEFAULT, Serving

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
    """The wanted state of an endpoint. Weights are whole percent and sum to 100, or to 0.

    The sizing is for variants that are new; those that are there keep theirs.
    """

    name: str
    model: str
    revision: int
    owner: str
    fencing_token: int
    variants: tuple[Variant, ...]
    sizing: Serving = DEFAULT


@dataclass(frozen=True)
class VariantState:
    """What a driver observed of one variant.

    The weight is what is in effect and verified: 0 while nobody answers, or while routes do not
    say what is wanted yet.
    """

    name: str
    version: str
    weight: int
    health: Health
    url: str
    restarts: int
    message: str


@dataclass(frozen=True)
class Observation:
    """What a driver observed of one endpoint.

    A change by somebody else has a revision of its own; ``foreign`` says which change, and whose,
    where the driver knows.
    """

    name: str
    revision: int
    fencing_token: int
    url: str
    variants: tuple[VariantState, ...]
    foreign: str = ""


@dataclass(frozen=True)
class SmokeAnswer:
    """What a variant answered to a smoke request.

    Attributes:
        status: HTTP status.
        latency_ms: Milliseconds from sending to the whole answer.
        body: The answer as text.
    """

    status: int
    latency_ms: float
    body: str


class EvidenceSource(Protocol):
    """Counts what the variants of an endpoint do."""

    async def evidence(self, name: str, revision: int) -> Evidence:
        """Return what was counted under a revision; zero counts where nothing was yet.

        Raises:
            BadInput: no such endpoint.
            ServingUnavailable: the source did not answer: nothing is known, which is no zero.
        """


class ServingDriver(EvidenceSource, Protocol):
    """Brings an endpoint to a wanted state, says what is there, and asks its variants.

    Every method raises `ServingUnavailable` where the driver's other side did not answer.
    """

    def preflight(self, endpoint: Endpoint) -> None:
        """Refuse what can never be there, before anything is changed for it.

        Raises:
            BadInput: no endpoint of this driver can be what is wanted.
        """

    def apply(self, endpoint: Endpoint) -> Observation:
        """Want this state from now on; model servers that start are not waited for.

        Raises:
            FencedOut: a newer token has been seen for this endpoint.
            Conflict: the revision is older, or taken by another content.
            BadInput: no endpoint can be what is wanted.
        """

    def observe(self, name: str) -> Observation:
        """Return what is there now.

        Raises:
            BadInput: no such endpoint.
        """

    async def observe_async(self, name: str) -> Observation:
        """Return what is there now, without blocking the event loop. Raises as `observe`."""

    def endpoints(self) -> tuple[str, ...]:
        """Return the names of all endpoints."""

    def smoke(self, name: str, variant: str, request_json: str) -> SmokeAnswer:
        """Ask one variant, whatever its weight. An answer that is no success is an answer too.

        Raises:
            BadInput: no such endpoint or variant.
        """

    def close(self) -> None:
        """Close the connections."""
