"""What a source has to be told of an endpoint before it can count: whose requests, since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Arm:
    """A variant whose requests are counted.

    Attributes:
        variant: Name of the variant.
        version: The model version behind it.
        weight: Its percent of the requests. Where it is 0, missing metrics are no trouble.
        service: Name of the Kubernetes Service in front of its pods; empty where there is none.
        addresses: Addresses of its pods' servers, ``http://10.0.0.7:8080``, for a source that
            reads them itself.
    """

    variant: str
    version: str
    weight: int
    service: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Phase:
    """A revision of an endpoint as it is watched.

    Attributes:
        endpoint: Name of the endpoint.
        revision: The revision.
        since: When its split was verified to be there, in seconds since 1970: what came before
            belongs to the split before.
        until: When the next one was wanted; None for the one that is there.
        arms: Its variants.
        namespace: Namespace of its pods; empty where there is none.
        model: Name in the request paths of its servers; empty where it is the endpoint's.
    """

    endpoint: str
    revision: int
    since: float
    arms: tuple[Arm, ...]
    until: float | None = None
    namespace: str = ""
    model: str = ""


class Phases(Protocol):
    """Whoever knows what is live: a serving driver."""

    async def phase(self, name: str, revision: int) -> Phase | None:
        """Return a revision as it is watched; None where it is not known, or not there yet.

        Raises:
            BadInput: no such endpoint.
            ServingUnavailable: nobody answered.
        """
